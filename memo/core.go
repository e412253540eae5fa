package memo

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/whetgo/whet/cache"
)

// A core is the memory of a function of a key, which every wrapper makes of its function.
type core[K comparable, V any] struct {
	cache     *cache.Cache[K, V]
	load      cache.Loader[K, V] // calls the function
	failures  *failures[K, V]    // nil: errors are not remembered
	refreshes bool
	name      string

	_        [64]byte // what precedes is read by every call
	counters counters
}

func newCore[K comparable, V any](f func(context.Context, K) (V, error), opts *Options) *core[K, V] {
	o := opts.withDefaults()
	m := &core[K, V]{
		cache:     cache.New(o.Capacity, cacheOptions[K, V](&o)),
		failures:  newFailures[K, V](&o),
		refreshes: o.Refresh > 0,
		name:      o.Name,
	}
	m.load = func(ctx context.Context, key K) (V, error) { return m.call(ctx, key, f) }
	return m
}

// call calls f, unless there is an error of it to remember.
func (m *core[K, V]) call(ctx context.Context, key K, f func(context.Context, K) (V, error)) (V, error) {
	if past, ok := m.failures.recall(key); ok {
		m.counters.hits.Add(1)
		m.counters.misses.Add(-1)
		return past.value, past.err
	}
	begun := m.failures.begin()
	value, err := m.timed(ctx, key, f)
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrRecursion) {
		m.failures.remember(key, failure[V]{value, err}, begun)
	}
	return value, err
}

func (m *core[K, V]) timed(ctx context.Context, key K, f func(context.Context, K) (V, error)) (value V, err error) {
	began, returned := time.Now(), false
	defer func() { m.counters.called(began, returned && err == nil) }()
	value, err = f(ctx, key)
	returned = true
	return value, err
}

// sure returns the answer of a function that cannot fail. That is, it can end the goroutine
// that it runs in, and then it would have ended this one.
func sure[V any](value V, err error) V {
	if err != nil {
		runtime.Goexit()
	}
	return value
}

// do returns the answer to key in a context that others may wait in, too.
func (m *core[K, V]) do(ctx context.Context, key K) (V, error) {
	if !m.refreshes { // or GetOrLoad has to see the hits
		if value, ok := m.cache.Get(key); ok {
			return value, nil
		}
		m.counters.misses.Add(-1)
	}
	return m.miss(ctx, key, m.load)
}

// miss returns the answer to key if it was not there.
func (m *core[K, V]) miss(ctx context.Context, key K, load cache.Loader[K, V]) (V, error) {
	if caller := callerIn(ctx); caller != nil && !m.refreshed(key) {
		wanted := call{m, key}
		if !waits.add(*caller, wanted) {
			var none V
			return none, ErrRecursion
		}
		defer waits.remove(*caller, wanted)
	}
	if past, ok := m.failures.recall(key); ok && !m.refreshes { // saves a goroutine
		m.counters.hits.Add(1)
		return past.value, past.err
	}
	return m.cache.GetOrLoad(ctx, key, load)
}

// refreshed reports whether miss was called for an answer that is there.
func (m *core[K, V]) refreshed(key K) bool {
	if !m.refreshes {
		return false
	}
	_, ok := m.cache.Peek(key)
	return ok
}

func (m *core[K, V]) forget(key K) bool {
	failed := m.failures.forget(func(c *cache.Cache[K, failure[V]]) bool { return c.Delete(key) })
	return m.cache.Delete(key) || failed
}

func (m *core[K, V]) clear() {
	m.failures.forget(func(c *cache.Cache[K, failure[V]]) bool { c.Clear(); return true })
	m.cache.Clear()
}

func (m *core[K, V]) resize(capacity int) int {
	if m.failures != nil {
		m.failures.cache.Resize(capacity)
	}
	return m.cache.Resize(capacity)
}

func (m *core[K, V]) stats() Stats {
	n := &m.counters
	hits, misses := n.hits.Load(), n.misses.Load()
	st := m.cache.Stats()
	return Stats{
		Name:      m.name,
		Hits:      uint64(max(0, int64(st.Hits)+hits)),
		Misses:    uint64(max(0, int64(st.Misses)+misses)),
		Shared:    st.Shared,
		Calls:     n.calls.Load(),
		Failures:  n.failures.Load(),
		Time:      time.Duration(n.time.Load()),
		Evictions: st.Evictions,
		Len:       st.Len,
		Capacity:  int(st.Capacity),
	}
}
