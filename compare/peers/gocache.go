package peers

import "github.com/patrickmn/go-cache"

// GoCache adapts github.com/patrickmn/go-cache, which has string keys and values of any
// type, and no bound.
type GoCache[V any] struct {
	c    *cache.Cache
	load func(string) V
}

// newGoCache starts no goroutine that looks for what has expired. A TTL of 0 is none.
func newGoCache[V any](cfg Config[string, V]) Cache[string, V] {
	ttl := cfg.TTL
	if ttl == 0 {
		ttl = cache.NoExpiration
	}
	return GoCache[V]{cache.New(ttl, 0), cfg.Load}
}

func (c GoCache[V]) Get(key string) (value V, ok bool) {
	x, ok := c.c.Get(key)
	if !ok {
		return value, false
	}
	return x.(V), true
}

func (c GoCache[V]) Set(key string, value V) { c.c.SetDefault(key, value) }
func (c GoCache[V]) Len() int                { return c.c.ItemCount() }
func (c GoCache[V]) Settle()                 {}
func (c GoCache[V]) Close()                  {}

func (c GoCache[V]) Load(key string) V {
	if value, ok := c.Get(key); ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}
