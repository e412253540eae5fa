package peers

import (
	"github.com/hashicorp/golang-lru/arc/v2"
	"github.com/hashicorp/golang-lru/v2"
	"github.com/hashicorp/golang-lru/v2/expirable"
)

// LRU adapts github.com/hashicorp/golang-lru/v2.
type LRU[K comparable, V any] struct {
	c    *lru.Cache[K, V]
	load func(K) V
}

func newLRU[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return LRU[K, V]{must(lru.New[K, V](cfg.Cap)), cfg.Load}
}

func (c LRU[K, V]) Get(key K) (V, bool) { return c.c.Get(key) }
func (c LRU[K, V]) Set(key K, value V)  { c.c.Add(key, value) }
func (c LRU[K, V]) Len() int            { return c.c.Len() }
func (c LRU[K, V]) Settle()             {}
func (c LRU[K, V]) Close()              {}

func (c LRU[K, V]) Load(key K) V {
	if value, ok := c.c.Get(key); ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}

// TwoQueue adapts the 2Q of golang-lru.
type TwoQueue[K comparable, V any] struct {
	c    *lru.TwoQueueCache[K, V]
	load func(K) V
}

func newTwoQueue[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return TwoQueue[K, V]{must(lru.New2Q[K, V](cfg.Cap)), cfg.Load}
}

func (c TwoQueue[K, V]) Get(key K) (V, bool) { return c.c.Get(key) }
func (c TwoQueue[K, V]) Set(key K, value V)  { c.c.Add(key, value) }
func (c TwoQueue[K, V]) Len() int            { return c.c.Len() }
func (c TwoQueue[K, V]) Settle()             {}
func (c TwoQueue[K, V]) Close()              {}

func (c TwoQueue[K, V]) Load(key K) V {
	if value, ok := c.c.Get(key); ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}

// ARC adapts the adaptive replacement cache of golang-lru.
type ARC[K comparable, V any] struct {
	c    *arc.ARCCache[K, V]
	load func(K) V
}

func newARC[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return ARC[K, V]{must(arc.NewARC[K, V](cfg.Cap)), cfg.Load}
}

func (c ARC[K, V]) Get(key K) (V, bool) { return c.c.Get(key) }
func (c ARC[K, V]) Set(key K, value V)  { c.c.Add(key, value) }
func (c ARC[K, V]) Len() int            { return c.c.Len() }
func (c ARC[K, V]) Settle()             {}
func (c ARC[K, V]) Close()              {}

func (c ARC[K, V]) Load(key K) V {
	if value, ok := c.c.Get(key); ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}

// Expirable adapts the LRU with a time-out of golang-lru. It starts a goroutine that
// nothing can stop, which keeps the cache too, so that Close empties it.
type Expirable[K comparable, V any] struct {
	c    *expirable.LRU[K, V]
	load func(K) V
}

func newExpirable[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return Expirable[K, V]{expirable.NewLRU[K, V](cfg.Cap, nil, cfg.TTL), cfg.Load}
}

func (c Expirable[K, V]) Get(key K) (V, bool) { return c.c.Get(key) }
func (c Expirable[K, V]) Set(key K, value V)  { c.c.Add(key, value) }
func (c Expirable[K, V]) Len() int            { return c.c.Len() }
func (c Expirable[K, V]) Settle()             {}
func (c Expirable[K, V]) Close()              { c.c.Purge() }

func (c Expirable[K, V]) Load(key K) V {
	if value, ok := c.c.Get(key); ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}
