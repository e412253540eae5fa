package singleton

import (
	"context"
	"iter"
)

// A Keyed has one instance a key, built by the first Get of the key and shared by all. Any
// number of goroutines may use it at the same time, and those that want other keys never
// wait for a build.
//
// Keys are compared by ==, and never made into text: 1 and "1" are two keys of a Keyed[any,
// T], and two equal structs are one. 0.0 and -0.0 are equal, so they are one key.
type Keyed[K comparable, T any] struct {
	table    table[K, T]
	count    *tally
	bounded  bool // whether touches are noted
	capacity int  // 0: any number
	evict    bool
	name     string
	engine   engine[K, T]
}

// NewKeyed returns a Keyed whose instances are made by build. If opts is nil, the zero
// KeyedOptions hold. It panics if the options make no sense.
//
// The context that build gets has the values of that of the Get that began it, but is
// cancelled only when nobody waits any more, or by Reset or Close.
func NewKeyed[K comparable, T any](build func(context.Context, K) (T, error), opts *KeyedOptions[T]) *Keyed[K, T] {
	o := KeyedOptions[T]{}
	if opts != nil {
		o = *opts
	}
	if o.Capacity < 0 || o.Evict && o.Capacity == 0 {
		panic("singleton: a Capacity of at least 1 is needed to evict, and none is negative")
	}
	k := &Keyed[K, T]{count: newTally(o.Count), bounded: o.Evict, capacity: o.Capacity, evict: o.Evict, name: o.Name}
	k.table.init(3)
	k.engine = engine[K, T]{
		build:   build,
		discard: closerOf(o.Close),
		store:   (*keyedStore[K, T])(k),
		pause:   newPause(o.Backoff, o.MaxBackoff),
	}
	if o.Capacity > 0 && !o.Evict {
		k.engine.room = func(flying int) bool { return k.table.len+flying < o.Capacity }
	}
	return k
}

// Get returns the instance of key, and builds it if there is none; see [Value.Get], of which
// everything holds for each key by itself. It returns ErrKey for a key that does not equal
// itself, and ErrFull if there is no room. A key that has no ==, as an interface that holds a
// slice, panics as in a map. A Get that finds an instance takes a few nanoseconds, takes no
// lock and allocates nothing.
func (k *Keyed[K, T]) Get(ctx context.Context, key K) (T, error) {
	// This is table.get, written out: a call is a fifth of the time.
	h := k.table.hasher.Hash(key)
	s := k.table.slots.Load()
	for i := h & s.mask; ; i = (i + 1) & s.mask {
		n := s.at[i].Load()
		if n == nil {
			return k.engine.get(ctx, key)
		}
		if n.key == key && n != s.gone {
			k.accessed(n)
			return n.value, nil
		}
	}
}

// accessed notes and counts an access, if that is wanted.
func (k *Keyed[K, T]) accessed(n *node[K, T]) {
	if k.bounded {
		n.touch()
	}
	if k.count != nil {
		k.count.add()
	}
}

// Peek returns the instance of key if there is one. It never builds, waits or counts.
func (k *Keyed[K, T]) Peek(key K) (value T, ok bool) {
	if n := k.table.get(key); n != nil {
		return n.value, true
	}
	return value, false
}

// Reset closes the instance of key and forgets it; see [Value.Reset].
func (k *Keyed[K, T]) Reset(key K) error { return k.engine.reset(key) }

// Len returns the number of instances.
func (k *Keyed[K, T]) Len() int {
	k.engine.mu.Lock()
	defer k.engine.mu.Unlock()
	return k.table.len
}

// All returns the instances there were when the iteration began, in the order in which they
// were built. They may be closed meanwhile.
func (k *Keyed[K, T]) All() iter.Seq2[K, T] {
	return func(yield func(K, T) bool) {
		k.engine.mu.Lock()
		list := k.table.inOrder()
		k.engine.mu.Unlock()
		for _, n := range list {
			if !yield(n.key, n.value) {
				return
			}
		}
	}
}

// Close closes all instances, for good, in the reverse order of their building, so that one
// which another was built with is closed after that. Builds under way are cancelled and
// waited for. From here on Get returns ErrClosed. It returns the errors of the closings
// joined, each time it is called.
func (k *Keyed[K, T]) Close() error { return k.engine.close() }

// Stats returns the statistics of all keys together.
func (k *Keyed[K, T]) Stats() Stats {
	k.engine.mu.Lock()
	defer k.engine.mu.Unlock()
	return k.engine.stats(k.name, k.table.len, k.count)
}

// A keyedStore is a Keyed as the engine's store.
type keyedStore[K comparable, T any] Keyed[K, T]

func (s *keyedStore[K, T]) find(key K) (value T, ok, dead bool) {
	if n := s.table.get(key); n != nil {
		return n.value, true, false
	}
	return value, false, false
}

func (s *keyedStore[K, T]) keep(key K, value T) (victim K, evicted T, ok bool) {
	if s.evict && s.table.len == s.capacity {
		n := s.table.victim()
		s.table.remove(n)
		victim, evicted, ok = n.key, n.value, true
	}
	s.table.put(key, value)
	return victim, evicted, ok
}

func (s *keyedStore[K, T]) take(key K) (value T, ok bool) {
	n := s.table.get(key)
	if n == nil {
		return value, false
	}
	s.table.remove(n)
	return n.value, true
}

func (s *keyedStore[K, T]) takeAll() (values []T) {
	for _, n := range s.table.inOrder() {
		values = append(values, n.value)
	}
	s.table.clear()
	return values
}
