package peers

import (
	"time"

	"github.com/dgraph-io/ristretto/v2"
)

// A key is a key that every peer takes.
type key interface {
	comparable
	ristretto.Key
}

// Ristretto adapts github.com/dgraph-io/ristretto/v2.
type Ristretto[K key, V any] struct {
	c    *ristretto.Cache[K, V]
	ttl  time.Duration
	load func(K) V
}

func newRistretto[K key, V any](cfg Config[K, V]) Cache[K, V] {
	return Ristretto[K, V]{must(ristretto.NewCache(&ristretto.Config[K, V]{
		NumCounters: int64(cfg.Cap) * 10, MaxCost: int64(cfg.Cap), BufferItems: 64,
		IgnoreInternalCost: true, Metrics: cfg.Stats,
	})), cfg.TTL, cfg.Load}
}

func (c Ristretto[K, V]) Get(k K) (V, bool) { return c.c.Get(k) }
func (c Ristretto[K, V]) Set(k K, value V)  { c.c.SetWithTTL(k, value, 1, c.ttl) }
func (c Ristretto[K, V]) Len() int          { return int(c.c.MaxCost() - c.c.RemainingCost()) }
func (c Ristretto[K, V]) Settle()           { c.c.Wait() }
func (c Ristretto[K, V]) Close()            { c.c.Close() }
func (c Ristretto[K, V]) Hits() uint64      { return c.c.Metrics.Hits() }

func (c Ristretto[K, V]) Load(k K) V {
	if value, ok := c.c.Get(k); ok {
		return value
	}
	value := c.load(k)
	c.Set(k, value)
	return value
}
