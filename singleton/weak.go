package singleton

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"weak"
)

// A Weak has one instance a key, like [Keyed], but does not hold it: when nobody else does,
// the instance is collected, stopped and forgotten. Any number of goroutines may use it at
// the same time.
//
// What is collected is the handle, the *T that Get returns. What it stands for, a
// connection and its goroutines say, is stopped by a function that build returns beside
// it. That function, and whatever goes on without the handle being held, must not refer to
// the handle, or it will never be collected.
//
// A handle whose memory is shared with others lives as long as they do: T should have a
// pointer or at least 16 bytes.
type Weak[K comparable, T any] struct {
	table  table[K, tie[T]]
	count  *tally
	name   string
	engine engine[K, grip[T]]
}

// A grip holds an instance; a tie does not.
type grip[T any] struct {
	handle *T
	stop   func() error
}

type tie[T any] struct {
	handle weak.Pointer[T]
	stop   func() error
}

// NewWeak returns a Weak whose instances are made by build. A stop that is not nil is called
// once, when the handle has been collected, or by Reset or Close. If opts is nil, the zero
// WeakOptions hold. It panics if the options make no sense.
//
// The context that build gets has the values of that of the Get that began it, but is
// cancelled only when nobody waits any more, or by Reset or Close.
func NewWeak[K comparable, T any](build func(context.Context, K) (handle *T, stop func() error, err error), opts *WeakOptions) *Weak[K, T] {
	o := WeakOptions{}
	if opts != nil {
		o = *opts
	}
	w := &Weak[K, T]{count: newTally(o.Count), name: o.Name}
	w.table.init(2)
	w.engine = engine[K, grip[T]]{
		build: func(ctx context.Context, key K) (g grip[T], err error) {
			if g.handle, g.stop, err = build(ctx, key); err == nil && g.handle == nil {
				err = errors.New("singleton: the build returned no handle")
			}
			return g, err
		},
		discard: func(g grip[T]) error {
			if g.stop == nil {
				return nil
			}
			return g.stop()
		},
		store: (*weakStore[K, T])(w),
		pause: newPause(o.Backoff, o.MaxBackoff),
	}
	return w
}

// Get returns the handle of key, and builds one if there is none; see [Keyed.Get]. If an
// instance before it was collected, that is stopped first.
func (w *Weak[K, T]) Get(ctx context.Context, key K) (*T, error) {
	if n := w.table.get(key); n != nil {
		if handle := n.value.handle.Value(); handle != nil {
			if w.count != nil {
				w.count.add()
			}
			return handle, nil
		}
	}
	g, err := w.engine.get(ctx, key)
	return g.handle, err
}

// Peek returns the handle of key if there is one, else nil. It never builds, waits or counts.
func (w *Weak[K, T]) Peek(key K) *T {
	if n := w.table.get(key); n != nil {
		return n.value.handle.Value()
	}
	return nil
}

// Reset stops the instance of key and forgets it, whoever holds its handle; see
// [Value.Reset].
func (w *Weak[K, T]) Reset(key K) error { return w.engine.reset(key) }

// Len returns the number of instances that were not stopped.
func (w *Weak[K, T]) Len() int {
	w.engine.mu.Lock()
	defer w.engine.mu.Unlock()
	return w.table.len
}

// All returns the instances that are held when the iteration comes to them, in the order in
// which they were built.
func (w *Weak[K, T]) All() iter.Seq2[K, *T] {
	return func(yield func(K, *T) bool) {
		w.engine.mu.Lock()
		list := w.table.inOrder()
		w.engine.mu.Unlock()
		for _, n := range list {
			if handle := n.value.handle.Value(); handle != nil && !yield(n.key, handle) {
				return
			}
		}
	}
}

// Close stops all instances, for good; see [Keyed.Close].
func (w *Weak[K, T]) Close() error { return w.engine.close() }

// Stats returns the statistics of all keys together.
func (w *Weak[K, T]) Stats() Stats {
	w.engine.mu.Lock()
	defer w.engine.mu.Unlock()
	return w.engine.stats(w.name, w.table.len, w.count)
}

// collected is the cleanup of the handle of n.
func (w *Weak[K, T]) collected(n *node[K, tie[T]]) {
	e := &w.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	if w.table.remove(n) {
		e.counters.leaks++
		f := e.retiring(n.key)
		go func() { _ = e.retired(n.key, f, grip[T]{stop: n.value.stop}) }() // cleanups must not block; counted there
	}
}

// A weakStore is a Weak as the engine's store.
type weakStore[K comparable, T any] Weak[K, T]

func (s *weakStore[K, T]) find(key K) (g grip[T], ok, dead bool) {
	n := s.table.get(key)
	if n == nil {
		return g, false, false
	}
	g = grip[T]{n.value.handle.Value(), n.value.stop}
	if g.handle == nil {
		s.table.remove(n)
		return g, false, true
	}
	return g, true, false
}

func (s *weakStore[K, T]) keep(key K, g grip[T]) (victim K, evicted grip[T], ok bool) {
	n := s.table.put(key, tie[T]{weak.Make(g.handle), g.stop})
	runtime.AddCleanup(g.handle, (*Weak[K, T])(s).collected, n)
	return victim, evicted, false
}

func (s *weakStore[K, T]) take(key K) (g grip[T], ok bool) {
	n := s.table.get(key)
	if n == nil {
		return g, false
	}
	s.table.remove(n)
	return grip[T]{stop: n.value.stop}, true
}

func (s *weakStore[K, T]) takeAll() (grips []grip[T]) {
	for _, n := range s.table.inOrder() {
		grips = append(grips, grip[T]{stop: n.value.stop})
	}
	s.table.clear()
	return grips
}
