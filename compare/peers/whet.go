package peers

import (
	"context"

	whetcache "github.com/whetgo/whet/cache"
	whetlru "github.com/whetgo/whet/lru"
)

// WhetCache adapts package cache of this repository.
type WhetCache[K comparable, V any] struct {
	c    *whetcache.Cache[K, V]
	load whetcache.Loader[K, V]
}

func newWhetCache[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return WhetCache[K, V]{
		whetcache.New(cfg.Cap, &whetcache.Options[K, V]{TTL: cfg.TTL}),
		func(_ context.Context, key K) (V, error) { return cfg.Load(key), nil },
	}
}

func (c WhetCache[K, V]) Get(key K) (V, bool) { return c.c.Get(key) }
func (c WhetCache[K, V]) Set(key K, value V)  { c.c.Set(key, value) }
func (c WhetCache[K, V]) Len() int            { return c.c.Len() }
func (c WhetCache[K, V]) Settle()             {}
func (c WhetCache[K, V]) Close()              {}
func (c WhetCache[K, V]) Hits() uint64        { return c.c.Stats().Hits }

func (c WhetCache[K, V]) Load(key K) V {
	value, _ := c.c.GetOrLoad(context.Background(), key, c.load)
	return value
}

// WhetLRU adapts package lru of this repository.
type WhetLRU[K comparable, V any] struct {
	c    *whetlru.Cache[K, V]
	load func(K) V
}

func newWhetLRU[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return WhetLRU[K, V]{whetlru.New(cfg.Cap, &whetlru.Options[K, V]{TTL: cfg.TTL}), cfg.Load}
}

func (c WhetLRU[K, V]) Get(key K) (V, bool) { return c.c.Get(key) }
func (c WhetLRU[K, V]) Set(key K, value V)  { c.c.Set(key, value) }
func (c WhetLRU[K, V]) Len() int            { return c.c.Len() }
func (c WhetLRU[K, V]) Settle()             {}
func (c WhetLRU[K, V]) Close()              {}
func (c WhetLRU[K, V]) Hits() uint64        { return c.c.Stats().Hits }

func (c WhetLRU[K, V]) Load(key K) V {
	if value, ok := c.c.Get(key); ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}
