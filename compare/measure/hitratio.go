package measure

import (
	"context"

	"github.com/whetgo/whet/compare/peers"
	"github.com/whetgo/whet/compare/workload"
)

// A HitRatio is the share of a trace's requests that a peer had: one goroutine, a Get,
// and a Set after a miss.
type HitRatio struct {
	Trace    string  `json:"trace"`
	Requests int     `json:"requests"`
	Cap      int     `json:"capacity"`
	Peer     string  `json:"peer"`
	Hit      float64 `json:"hit_percent"`
	Settled  float64 `json:"settled_percent"` // the same with the background work waited for after every 64 requests
	Largest  float64 `json:"largest_percent"` // Len of the first replay, looked at every 1024 requests, of the capacity
}

// MeasureHitRatio replays the generated traces, and those of the plan's folder.
func MeasureHitRatio(ctx context.Context, p Plan) ([]HitRatio, error) {
	var figures []HitRatio
	replay := func(t workload.Trace) error {
		p.progress("hit-ratio: %s, %d requests", t.Name, len(t.Keys))
		for _, size := range t.Sizes {
			u, err := replayAll(ctx, p, u64(), t, size, func(peer peers.Peer[uint64, uint64]) bool { return true })
			if err != nil {
				return err
			}
			figures = append(figures, u...)
			// Those that have string keys only.
			s, err := replayAll(ctx, p, str(), t, size, func(peer peers.Peer[string, []byte]) bool { return peer.TTL == peers.Always })
			if err != nil {
				return err
			}
			figures = append(figures, s...)
		}
		return nil
	}
	for _, t := range workload.Generated(2_000_000 / p.Scale) {
		if err := replay(t); err != nil {
			return nil, err
		}
	}
	if p.Traces == "" {
		return figures, nil
	}
	return figures, workload.Files(p.Traces, replay)
}

func replayAll[K comparable, V any](ctx context.Context, p Plan, k kind[K, V], t workload.Trace, size int, keep func(peers.Peer[K, V]) bool) ([]HitRatio, error) {
	var figures []HitRatio
	ps := selected(p, k, func(peer peers.Peer[K, V]) bool { return !peer.OnlyTTL && peer.Bounded && keep(peer) })
	if len(ps) == 0 {
		return nil, nil
	}
	keys := workload.Keys(t.Keys, k.key)
	for _, peer := range ps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h := HitRatio{Trace: t.Name, Requests: len(keys), Cap: size, Peer: peer.Name}
		h.Hit, h.Largest = replayOne(peer, keys, k.value(), size, false)
		h.Settled = h.Hit
		if peer.Async {
			h.Settled, _ = replayOne(peer, keys, k.value(), size, true)
		}
		figures = append(figures, h)
	}
	return figures, nil
}

// replayOne returns the hits in per cent of the requests and the largest Len in per cent
// of the capacity.
func replayOne[K comparable, V any](peer peers.Peer[K, V], keys []K, value V, size int, settle bool) (hit, largest float64) {
	c := peer.New(peers.Config[K, V]{Cap: size})
	defer c.Close()
	hits, most := 0, 0
	for i, key := range keys {
		if _, ok := c.Get(key); ok {
			hits++
		} else {
			c.Set(key, value)
		}
		if settle && i%64 == 63 {
			c.Settle()
		}
		if i%1024 == 1023 {
			most = max(most, c.Len())
		}
	}
	return 100 * float64(hits) / float64(len(keys)), 100 * float64(max(most, c.Len())) / float64(size)
}
