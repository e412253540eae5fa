package peers

import (
	"context"
	"time"

	"github.com/Yiling-J/theine-go"
)

// Theine adapts github.com/Yiling-J/theine-go without a loader.
type Theine[K comparable, V any] struct {
	c   *theine.Cache[K, V]
	ttl time.Duration
}

// TheineLoading adapts its loading variant, whose Get always loads.
type TheineLoading[K comparable, V any] struct {
	c   *theine.LoadingCache[K, V]
	ttl time.Duration
}

func newTheine[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	b := theine.NewBuilder[K, V](int64(cfg.Cap))
	if cfg.Load == nil {
		return Theine[K, V]{must(b.Build()), cfg.TTL}
	}
	return TheineLoading[K, V]{must(b.BuildWithLoader(func(_ context.Context, key K) (theine.Loaded[V], error) {
		return theine.Loaded[V]{Value: cfg.Load(key), Cost: 1, TTL: cfg.TTL}, nil
	})), cfg.TTL}
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func (c Theine[K, V]) Get(key K) (V, bool) { return c.c.Get(key) }
func (c Theine[K, V]) Set(key K, value V)  { c.c.SetWithTTL(key, value, 1, c.ttl) }
func (c Theine[K, V]) Load(K) V            { panic("peers: theine was made without a loader") }
func (c Theine[K, V]) Len() int            { return c.c.Len() }
func (c Theine[K, V]) Settle()             { c.c.Wait() }
func (c Theine[K, V]) Close()              { c.c.Close() }
func (c Theine[K, V]) Hits() uint64        { return c.c.Stats().Hits() }

func (c TheineLoading[K, V]) Get(key K) (V, bool) { return c.Load(key), true }
func (c TheineLoading[K, V]) Set(key K, value V)  { c.c.SetWithTTL(key, value, 1, c.ttl) }
func (c TheineLoading[K, V]) Len() int            { return c.c.Len() }
func (c TheineLoading[K, V]) Settle()             { c.c.Wait() }
func (c TheineLoading[K, V]) Close()              { c.c.Close() }

func (c TheineLoading[K, V]) Load(key K) V {
	value, _ := c.c.Get(context.Background(), key)
	return value
}
