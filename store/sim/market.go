package sim

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math"
	"time"

	"github.com/whetgo/whet/store"
)

// A path is the price of a generated symbol over all time: a sum of waves of random heights,
// from a second to a generation long, so that the price at any time is known without those
// before it, and looks like a random walk at any scale.
type path struct{ seed uint64 }

const (
	shortest = 1 << 30 // nanoseconds, about a second
	octaves  = 30
	rough    = 0.00002 // of the price in a second, about
)

func (v *Venue) path(symbol string) path {
	h := fnv.New64a()
	h.Write(binary.LittleEndian.AppendUint64(nil, v.config.Seed))
	h.Write([]byte(symbol))
	return path{h.Sum64()}
}

// mix is the finalizer of SplitMix64 [1].
//
// [1] Steele, Lea, Flood (2014). "Fast splittable pseudorandom number generators". OOPSLA.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit returns a random number in [-1,1) of a place.
func (p path) unit(octave, at uint64) float64 {
	return float64(int64(mix(p.seed^mix(octave)^mix(at))>>11))/(1<<52) - 1
}

// at returns the price at a time, in hundredths.
func (p path) at(t store.Time) store.Price {
	sum, height := 0.0, rough
	for k := range uint64(octaves) {
		period := int64(shortest) << k
		if period <= 0 {
			break
		}
		n := int64(t.Floor(time.Duration(period))) / period
		x := float64(int64(t)-n*period) / float64(period)
		a, b := p.unit(k, uint64(n)), p.unit(k, uint64(n+1))
		sum += height * (a + (b-a)*x)
		height *= math.Sqrt2
	}
	base := 10 + float64(mix(p.seed)%49_000)/100
	hundredths := math.Round(base * math.Exp(sum) * 100)
	return store.Price(max(hundredths, 1)) * (store.Unit / 100)
}

const samples = 8 // of the price within a bar

// bar returns the bar that begins at t.
func (p path) bar(t store.Time, interval time.Duration) store.Bar {
	b := store.Bar{Time: t, Open: p.at(t), Close: p.at(t.Add(interval))}
	b.High, b.Low = max(b.Open, b.Close), min(b.Open, b.Close)
	for i := 1; i < samples; i++ {
		x := p.at(t.Add(interval / samples * time.Duration(i)))
		b.High, b.Low = max(b.High, x), min(b.Low, x)
	}
	b.Volume = store.Volume(100 + mix(p.seed^uint64(t))%10_000)
	return b
}

const maxGenerated = 1 << 20 // bars of one query

// generated returns the bars of a query that are closed.
func (v *Venue) generated(q store.Query, closed store.Time) []store.Bar {
	p := v.path(q.Symbol)
	t := q.From.Floor(q.Interval)
	if t < q.From {
		t = t.Add(q.Interval)
	}
	var bars []store.Bar
	for ; t < q.To && t <= closed && len(bars) < maxGenerated; t = t.Add(q.Interval) {
		if t == 0 {
			continue // no time
		}
		bars = append(bars, p.bar(t, q.Interval))
	}
	return bars
}

// generate makes the market until ctx ends.
func (v *Venue) generate(ctx context.Context) {
	sent := make(map[store.Sub]store.Time) // where the next bar begins
	for sleep(ctx, v.config.Every) == nil {
		v.mu.Lock()
		if ctx.Err() == nil {
			v.step(store.At(time.Now()), sent)
		}
		v.mu.Unlock()
	}
}

// step publishes what a moment has to say to those who are subscribed.
func (v *Venue) step(now store.Time, sent map[store.Sub]store.Time) {
	wanted := make(map[store.Sub]bool)
	for s := range v.open {
		for sub := range s.subs {
			wanted[sub] = true
		}
	}
	for sub := range wanted {
		if sub.Kind == store.Ticks {
			v.ticks(v.symbols[sub.Symbol], []store.Tick{v.tick(sub.Symbol, now)})
			continue
		}
		next, ok := sent[sub]
		if !ok {
			next = now.Floor(sub.Interval)
		}
		bars := v.generated(store.Query{Symbol: sub.Symbol, Interval: sub.Interval, From: next, To: now}, now.Add(-sub.Interval))
		if len(bars) > 0 {
			next = bars[len(bars)-1].Time.Add(sub.Interval)
			v.sendBars(sub, bars)
		}
		sent[sub] = next
	}
}

// tick returns the quote and trade of a generated symbol.
func (v *Venue) tick(name string, now store.Time) store.Tick {
	p := v.path(name)
	price := p.at(now)
	return store.Tick{Time: now, Last: price, Size: store.Lots(int64(1 + mix(p.seed^uint64(now))%100)),
		Bid: max(price-store.Unit/100, 1), Ask: price + store.Unit/100}
}
