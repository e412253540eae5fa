package storetest

import (
	"math/rand/v2"
	"time"

	"github.com/whetgo/whet/store"
)

// Begin is when the bars of MakeBars begin if not told otherwise: a Monday, at midnight.
var Begin = store.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))

// MakeBars returns n bars that look like a market, always the same for a seed.
func MakeBars(seed uint64, from store.Time, interval time.Duration, n int) []store.Bar {
	rng := rand.New(rand.NewPCG(seed, 0x62617273))
	bars := make([]store.Bar, n)
	price := store.Price(100 * store.Unit)
	step := func() store.Price { return store.Price(rng.Int64N(store.Unit/2)) / 100 * 100 }
	for i := range bars {
		o := price
		c := max(o+step()-step(), store.Unit/100)
		bars[i] = store.Bar{Time: from.Add(time.Duration(i) * interval), Open: o, Close: c,
			High: max(o, c) + step(), Low: max(min(o, c)-step(), 1), Volume: store.Volume(rng.IntN(1_000_000)) / 4}
		price = c
	}
	return bars
}

// MakeTicks returns n ticks numbered from first, always the same for a seed.
func MakeTicks(seed, first uint64, n int) []store.Tick {
	rng := rand.New(rand.NewPCG(seed, 0x7469636b))
	ticks := make([]store.Tick, n)
	for i := range ticks {
		last := store.Price(100*store.Unit + rng.Int64N(store.Unit))
		ticks[i] = store.Tick{Time: Begin.Add(time.Duration(first+uint64(i)) * time.Millisecond), Seq: first + uint64(i),
			Last: last, Size: store.Lots(1 + rng.Int64N(100)), Bid: last - store.Unit/100, Ask: last + store.Unit/100}
	}
	return ticks
}
