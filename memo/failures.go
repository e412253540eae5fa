package memo

import (
	"sync"

	"github.com/whetgo/whet/cache"
)

// Failures remember the errors of a function. They are looked at only when there is no
// answer.
type failures[K comparable, V any] struct {
	cache *cache.Cache[K, failure[V]]

	mu sync.Mutex
	// forgets counts Forget and Clear, so that a call that one of them overtook does not
	// put an error back. It is one count for all keys: an error lost is only a call more.
	forgets uint64
}

// A failure is an error and the answer that came with it.
type failure[V any] struct {
	value V
	err   error
}

func newFailures[K comparable, V any](o *Options) *failures[K, V] {
	if o.Errors == 0 {
		return nil
	}
	return &failures[K, V]{cache: cache.New(o.Capacity, &cache.Options[K, failure[V]]{TTL: o.Errors})}
}

// recall returns the error that is remembered of key. It works on a nil f, as all below do.
func (f *failures[K, V]) recall(key K) (past failure[V], ok bool) {
	if f == nil {
		return past, false
	}
	return f.cache.Get(key)
}

// begin returns the count that remember wants, at the beginning of a call.
func (f *failures[K, V]) begin() uint64 {
	if f == nil {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.forgets
}

func (f *failures[K, V]) remember(key K, now failure[V], begun uint64) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.forgets == begun {
		f.cache.Set(key, now)
	}
}

// forget forgets by means of the given method of the cache.
func (f *failures[K, V]) forget(how func(*cache.Cache[K, failure[V]]) bool) bool {
	if f == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forgets++
	return how(f.cache)
}
