package peers

import (
	"context"

	"github.com/viccon/sturdyc"
)

// Sturdyc adapts github.com/viccon/sturdyc, which has string keys only.
type Sturdyc[V any] struct {
	c    *sturdyc.Client[V]
	load func(string) V
}

// newSturdyc makes 64 shards, fewer if they would hold less than 64 entries each, and no
// goroutine that looks for what has expired.
func newSturdyc[V any](cfg Config[string, V]) Cache[string, V] {
	ttl := cfg.TTL
	if ttl == 0 {
		ttl = TTL
	}
	shards := max(1, min(64, cfg.Cap/64))
	return Sturdyc[V]{sturdyc.New[V](cfg.Cap, shards, ttl, 10, sturdyc.WithNoContinuousEvictions()), cfg.Load}
}

func (c Sturdyc[V]) Get(key string) (V, bool) { return c.c.Get(key) }
func (c Sturdyc[V]) Set(key string, value V)  { c.c.Set(key, value) }
func (c Sturdyc[V]) Len() int                 { return c.c.Size() }
func (c Sturdyc[V]) Settle()                  {}
func (c Sturdyc[V]) Close()                   {}

func (c Sturdyc[V]) Load(key string) V {
	value, _ := c.c.GetOrFetch(context.Background(), key, func(context.Context) (V, error) { return c.load(key), nil })
	return value
}
