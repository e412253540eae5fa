package measure

import (
	"context"
	"runtime"

	"github.com/whetgo/whet/compare/peers"
	"github.com/whetgo/whet/internal/robust"
)

// A Lifetime is how much longer a Get takes, every key present, if every entry has a TTL. In
// each round a cache with and one without are alive, and used in turns: the difference of two
// rows that were measured one after the other has the noise of both.
type Lifetime struct {
	Key   string    `json:"key"` // "u64" or "str"
	Procs int       `json:"procs"`
	Peer  string    `json:"peer"`
	More  []float64 `json:"ns_more"` // a round each: the median of its pairs of samples
}

// pairs is how many pairs of samples a round has; each is of a part of the plan's length.
const pairs = 8

// MeasureLifetime measures the peers that have a TTL and can do without.
func MeasureLifetime(ctx context.Context, p Plan) ([]Lifetime, error) {
	u, err := lifetimes(ctx, p, u64())
	if err != nil {
		return nil, err
	}
	s, err := lifetimes(ctx, p, str())
	return append(u, s...), err
}

func lifetimes[K comparable, V any](ctx context.Context, p Plan, k kind[K, V]) (all []Lifetime, err error) {
	ps := selected(p, k, func(peer peers.Peer[K, V]) bool { return peer.TTL == peers.Optional && !peer.OnlyTTL })
	if len(ps) == 0 {
		return nil, nil
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	t := newTrial(p, Row{Name: "get-ttl", op: get, keys: 100_000, cap: 1 << 17}, k)
	t.duration = max(p.Sample/pairs, 1)
	for _, procs := range p.Procs {
		for _, peer := range ps {
			all = append(all, Lifetime{Key: k.name, Procs: procs, Peer: peer.Name})
		}
	}
	for round := range p.Rounds {
		p.progress("get-ttl %s, in turns: round %d of %d", k.name, round+1, p.Rounds)
		for _, i := range shuffled(len(ps), round) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			caches := t.both(ps[i])
			for j, procs := range p.Procs {
				x := &all[j*len(ps)+i]
				x.More = append(x.More, t.turns(caches, procs, round))
			}
			caches[0].Close()
			caches[1].Close()
		}
	}
	return all, nil
}

// both returns a cache without a TTL and one with, filled alike.
func (t *trial[K, V]) both(p peers.Peer[K, V]) (caches [2]peers.Cache[K, V]) {
	for i := range caches {
		t.row.ttl = i == 1
		t.fill(p)
		caches[i] = t.cache
	}
	return caches
}

// turns returns the median of how many nanoseconds more a Get of the second cache takes.
func (t *trial[K, V]) turns(caches [2]peers.Cache[K, V], procs, round int) float64 {
	runtime.GOMAXPROCS(procs)
	runtime.GC()
	var more []float64
	for pair := range pairs + 1 {
		from, first := t.offset, (pair+round)%2
		var ns [2]float64
		for _, i := range [2]int{first, 1 - first} {
			t.cache, t.offset = caches[i], from // the same keys
			t.run(procs, t.duration/4)
			t.offset = from
			ns[i] = t.run(procs, t.duration).ns
		}
		if pair > 0 { // the first warms up
			more = append(more, ns[1]-ns[0])
		}
	}
	return robust.Median(more)
}
