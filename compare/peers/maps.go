package peers

import (
	"sync"

	"github.com/puzpuzpuz/xsync/v4"
)

// Map is a plain map, which only one goroutine may use while it is written.
type Map[K comparable, V any] struct {
	m    map[K]V
	load func(K) V
}

func newMap[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return Map[K, V]{make(map[K]V, cfg.Cap), cfg.Load}
}

func (c Map[K, V]) Get(key K) (V, bool) { value, ok := c.m[key]; return value, ok }
func (c Map[K, V]) Set(key K, value V)  { c.m[key] = value }
func (c Map[K, V]) Len() int            { return len(c.m) }
func (c Map[K, V]) Settle()             {}
func (c Map[K, V]) Close()              {}

func (c Map[K, V]) Load(key K) V {
	if value, ok := c.m[key]; ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}

// MutexMap is a map under a sync.Mutex.
type MutexMap[K comparable, V any] struct {
	mu   *sync.Mutex // guards m
	m    map[K]V
	load func(K) V
}

func newMutexMap[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return MutexMap[K, V]{new(sync.Mutex), make(map[K]V, cfg.Cap), cfg.Load}
}

func (c MutexMap[K, V]) Get(key K) (V, bool) {
	c.mu.Lock()
	value, ok := c.m[key]
	c.mu.Unlock()
	return value, ok
}

func (c MutexMap[K, V]) Set(key K, value V) {
	c.mu.Lock()
	c.m[key] = value
	c.mu.Unlock()
}

func (c MutexMap[K, V]) Load(key K) V {
	if value, ok := c.Get(key); ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}

func (c MutexMap[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.m)
}

func (c MutexMap[K, V]) Settle() {}
func (c MutexMap[K, V]) Close()  {}

// RWMutexMap is a map under a sync.RWMutex.
type RWMutexMap[K comparable, V any] struct {
	mu   *sync.RWMutex // guards m
	m    map[K]V
	load func(K) V
}

func newRWMutexMap[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return RWMutexMap[K, V]{new(sync.RWMutex), make(map[K]V, cfg.Cap), cfg.Load}
}

func (c RWMutexMap[K, V]) Get(key K) (V, bool) {
	c.mu.RLock()
	value, ok := c.m[key]
	c.mu.RUnlock()
	return value, ok
}

func (c RWMutexMap[K, V]) Set(key K, value V) {
	c.mu.Lock()
	c.m[key] = value
	c.mu.Unlock()
}

func (c RWMutexMap[K, V]) Load(key K) V {
	if value, ok := c.Get(key); ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}

func (c RWMutexMap[K, V]) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.m)
}

func (c RWMutexMap[K, V]) Settle() {}
func (c RWMutexMap[K, V]) Close()  {}

// SyncMap is a sync.Map.
type SyncMap[K comparable, V any] struct {
	m    *sync.Map
	load func(K) V
}

func newSyncMap[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return SyncMap[K, V]{new(sync.Map), cfg.Load}
}

func (c SyncMap[K, V]) Get(key K) (value V, ok bool) {
	x, ok := c.m.Load(key)
	if !ok {
		return value, false
	}
	return x.(V), true
}

func (c SyncMap[K, V]) Set(key K, value V) { c.m.Store(key, value) }

func (c SyncMap[K, V]) Load(key K) V {
	if value, ok := c.Get(key); ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}

func (c SyncMap[K, V]) Len() int {
	n := 0
	for range c.m.Range {
		n++
	}
	return n
}

func (c SyncMap[K, V]) Settle() {}
func (c SyncMap[K, V]) Close()  {}

// XSync adapts the Map of github.com/puzpuzpuz/xsync/v4.
type XSync[K comparable, V any] struct {
	m    *xsync.Map[K, V]
	load func(K) V
}

func newXSync[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return XSync[K, V]{xsync.NewMap[K, V](xsync.WithPresize(cfg.Cap)), cfg.Load}
}

func (c XSync[K, V]) Get(key K) (V, bool) { return c.m.Load(key) }
func (c XSync[K, V]) Set(key K, value V)  { c.m.Store(key, value) }
func (c XSync[K, V]) Len() int            { return c.m.Size() }
func (c XSync[K, V]) Settle()             {}
func (c XSync[K, V]) Close()              {}

func (c XSync[K, V]) Load(key K) V {
	value, _ := c.m.LoadOrCompute(key, func() (V, bool) { return c.load(key), false })
	return value
}

// None keeps nothing: what it costs is what the measuring costs.
type None[K comparable, V any] struct{ value V }

func newNone[K comparable, V any](Config[K, V]) Cache[K, V] { return None[K, V]{} }

//go:noinline
func (c None[K, V]) Get(K) (V, bool) { return c.value, true }

//go:noinline
func (c None[K, V]) Set(K, V) {}

//go:noinline
func (c None[K, V]) Load(K) V { return c.value }
func (c None[K, V]) Len() int { return 0 }
func (c None[K, V]) Settle()  {}
func (c None[K, V]) Close()   {}
