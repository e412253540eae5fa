package cache

import "sync"

// A Cause says why an entry was removed.
type Cause uint8

const (
	Evicted  Cause = iota + 1 // to make room, or because it weighed more than the cache holds
	Expired                   // its lifetime was over, whatever else happened to it then
	Replaced                  // by another value for its key
	Deleted                   // by Delete, DeleteFunc, DeleteTag, Clear, or a lifetime below 0
)

func (c Cause) String() string {
	switch c {
	case Evicted:
		return "evicted"
	case Expired:
		return "expired"
	case Replaced:
		return "replaced"
	case Deleted:
		return "deleted"
	}
	return "unknown"
}

// A Removal tells of an entry that is no longer in the cache.
type Removal[K comparable, V any] struct {
	Key   K
	Value V
	Cause Cause
}

// Events holds the removals that the listener has not been told of. They are added under
// the lock of their shard, so those of a key are in order. One goroutine at a time tells
// them, with no lock held; what happens meanwhile, even by the listener's own calls, is
// told after.
type events[K comparable, V any] struct {
	mu      sync.Mutex
	waiting []Removal[K, V]
	telling bool
}

func (e *events[K, V]) add(r Removal[K, V]) {
	e.mu.Lock()
	e.waiting = append(e.waiting, r)
	e.mu.Unlock()
}

// tell calls the listener with all that waits, unless another goroutine is at it. If the
// listener panics, the rest is told by the next call.
func (e *events[K, V]) tell(listener func(Removal[K, V])) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.telling {
		return
	}
	e.telling = true
	defer func() { e.telling = false }()
	for len(e.waiting) > 0 {
		r := e.waiting[0]
		e.waiting[0] = Removal[K, V]{}
		e.waiting = e.waiting[1:]
		func() {
			e.mu.Unlock()
			defer e.mu.Lock()
			listener(r)
		}()
	}
	e.waiting = nil
}
