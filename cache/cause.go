package cache

import "sync"

// A Cause says why an entry was removed.
type Cause uint8

const (
	Evicted  Cause = iota + 1 // to make room, or because it weighed more than the cache holds
	Expired                   // its lifetime was over
	Replaced                  // by another value for its key
	Deleted                   // by Delete, DeleteFunc, DeleteTag or Clear
)

func (c Cause) String() string {
	return [...]string{"none", "evicted", "expired", "replaced", "deleted"}[min(c, 5)%5]
}

// A Removal tells of an entry that is no longer in the cache.
type Removal[K comparable, V any] struct {
	Key   K
	Value V
	Cause Cause
}

// Events holds the removals of a shard that the listener has not been told of. One
// goroutine at a time tells it, with no lock held, so that it hears of each removal once
// and in order; what happens meanwhile, even by the listener's own calls, is told after.
type events[K comparable, V any] struct {
	waiting    []Removal[K, V]
	delivering bool
}

func (e *events[K, V]) idle() bool { return len(e.waiting) == 0 || e.delivering }

// deliver calls tell with all that waits. It is called with mu locked and returns with it
// unlocked.
func (e *events[K, V]) deliver(mu *sync.Mutex, tell func(Removal[K, V])) {
	e.delivering = true
	for len(e.waiting) > 0 {
		next := e.waiting
		e.waiting = nil
		mu.Unlock()
		e.tell(mu, next, tell)
		mu.Lock()
	}
	e.delivering = false
	mu.Unlock()
}

// tell calls the listener with each of next. If it panics, what it was not told of yet is
// told by the next operation.
func (e *events[K, V]) tell(mu *sync.Mutex, next []Removal[K, V], tell func(Removal[K, V])) {
	told := 0
	defer func() {
		if told < len(next) {
			mu.Lock()
			e.waiting = append(next[told:], e.waiting...)
			e.delivering = false
			mu.Unlock()
		}
	}()
	for _, r := range next {
		told++
		tell(r)
	}
}
