package measure

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/whetgo/whet/compare/peers"
)

// A Latency is how long single operations of a peer take: two goroutines, three Gets to a
// Set, Zipf 0.99 over 1,000,000 uint64 keys, capacity 100,000.
type Latency struct {
	Peer string       `json:"peer"`
	Op   string       `json:"op"`        // "get" or "set"
	Ns   [4][]float64 `json:"quantiles"` // p50, p99, p99.9 and p99.99, a round each; with the reading of the clock
}

var quantiles = [4]float64{.5, .99, .999, .9999}

// MeasureLatency times single operations. All peers are called through an interface, as
// "none" is.
func MeasureLatency(ctx context.Context, p Plan) ([]Latency, error) {
	k := u64()
	ps := selected(p, k, func(peer peers.Peer[uint64, uint64]) bool { return !peer.OnlyTTL && !peer.Unlocked })
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	runtime.GOMAXPROCS(2)
	row := Row{Name: "latency", op: mixed, keys: 1_000_000, cap: 100_000}
	t := newTrial(p, row, k)
	ops := max(20_000, int(p.Sample/time.Microsecond)*10)
	figures := make([]Latency, 2*len(ps))
	for i, peer := range ps {
		figures[2*i], figures[2*i+1] = Latency{Peer: peer.Name, Op: "get"}, Latency{Peer: peer.Name, Op: "set"}
	}
	for round := range p.Rounds {
		p.progress("latency: round %d of %d", round+1, p.Rounds)
		for _, i := range shuffled(len(ps), round) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			t.fill(ps[i])
			runtime.GC()
			gets, sets := t.time(2, ops)
			t.cache.Close()
			for j, q := range quantiles {
				figures[2*i].Ns[j] = append(figures[2*i].Ns[j], gets.quantile(q))
				figures[2*i+1].Ns[j] = append(figures[2*i+1].Ns[j], sets.quantile(q))
			}
		}
	}
	return figures, nil
}

// time times ops operations of each of so many goroutines.
func (t *trial[K, V]) time(procs, ops int) (gets, sets *hist) {
	var wg sync.WaitGroup
	hists := make([][2]hist, procs)
	value, base := t.value(), time.Now()
	for g := range hists {
		from := g * len(t.keys) / procs
		wg.Go(func() {
			gets, sets := &hists[g][0], &hists[g][1]
			for i := range ops {
				k := t.keys[(from+i)%len(t.keys)]
				start := time.Since(base)
				if i&3 == 3 {
					t.cache.Set(k, value)
					sets.add(int64(time.Since(base) - start))
				} else {
					t.cache.Get(k)
					gets.add(int64(time.Since(base) - start))
				}
			}
		})
	}
	wg.Wait()
	gets, sets = new(hist), new(hist)
	for g := range hists {
		for i := range gets {
			gets[i] += hists[g][0][i]
			sets[i] += hists[g][1][i]
		}
	}
	return gets, sets
}
