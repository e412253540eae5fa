package measure

import (
	"context"
	"runtime"
	"sync"

	"github.com/whetgo/whet/compare/peers"
	"github.com/whetgo/whet/compare/workload"
)

// A Bound is how far a peer goes beyond its capacity while two goroutines set keys that
// it has not seen, as fast as they can: capacity 20,000, ten times as many Sets, Len
// looked at after every 256 of them.
type Bound struct {
	Peer    string  `json:"peer"`
	Largest float64 `json:"largest_percent"` // Len in per cent of the capacity, in any round
	Settled float64 `json:"settled_percent"` // after the background work is done; the largest of the rounds
}

// MeasureBound tests the bounds of the peers that have one.
func MeasureBound(ctx context.Context, p Plan) ([]Bound, error) {
	k := u64()
	ps := selected(p, k, func(peer peers.Peer[uint64, uint64]) bool { return !peer.OnlyTTL && peer.Bounded })
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	runtime.GOMAXPROCS(2)
	capacity := 20_000 / p.Scale
	figures := make([]Bound, len(ps))
	for round := range p.Rounds {
		p.progress("bound: round %d of %d", round+1, p.Rounds)
		for i, peer := range ps {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			c := peer.New(peers.Config[uint64, uint64]{Cap: capacity})
			largest := overfill(c, capacity)
			c.Settle()
			percent := 100 / float64(capacity)
			figures[i].Peer = peer.Name
			figures[i].Largest = max(figures[i].Largest, float64(largest)*percent)
			figures[i].Settled = max(figures[i].Settled, float64(c.Len())*percent)
			c.Close()
		}
	}
	return figures, nil
}

func overfill(c peers.Cache[uint64, uint64], capacity int) (largest int) {
	var wg sync.WaitGroup
	var lens [2]int
	for g := range lens {
		wg.Go(func() {
			for i := range 5 * capacity {
				c.Set(workload.U64(uint32(2*i+g)), 1)
				if i%256 == 255 {
					lens[g] = max(lens[g], c.Len())
				}
			}
		})
	}
	wg.Wait()
	return max(lens[0], lens[1], c.Len())
}
