package singleton

import (
	"context"
	"slices"
	"sync/atomic"
)

// A Value is one instance that is built by the first Get and shared by all. Any number of
// goroutines may use it at the same time.
//
// If building cannot fail, sync.OnceValue is simpler: a Value exists to try again after a
// failure, to stop waiting, to close, and to tell what it did.
type Value[T any] struct {
	ready  atomic.Pointer[box[T]] // what Get returns: the last of swaps, or own
	count  *tally
	name   string
	engine engine[struct{}, T]

	// Under the engine's lock.
	own   *box[T]
	swaps []*box[T]
}

// A box is an instance that is ready.
type box[T any] struct {
	value T
	count *tally // nil: accesses are not counted
}

// New returns a Value whose instance is made by build. If opts is nil, the zero Options hold.
// It panics if the options make no sense.
//
// The context that build gets has the values of that of the Get that began it, but is
// cancelled only when nobody waits any more, or by Reset or Close.
func New[T any](build func(context.Context) (T, error), opts *Options[T]) *Value[T] {
	o := Options[T]{}
	if opts != nil {
		o = *opts
	}
	v := &Value[T]{count: newTally(o.Count), name: o.Name}
	v.engine = engine[struct{}, T]{
		build:   func(ctx context.Context, _ struct{}) (T, error) { return build(ctx) },
		discard: closerOf(o.Close),
		store:   (*valueStore[T])(v),
		pause:   newPause(o.Backoff, o.MaxBackoff),
		sites:   map[struct{}]*site[T]{},
	}
	return v
}

// Get returns the instance, and builds it if there is none. However many want it, one build
// runs at a time. A failed one is tried again by the next Get, after the back-off if the
// options have one. A panic in it reaches all who wait, as a *PanicError.
//
// If ctx can be cancelled, the build runs in a goroutine of its own and the caller stops
// waiting when ctx ends; the build is cancelled as soon as nobody waits. If ctx can't be
// cancelled, the build runs in the caller's goroutine.
//
// Once there is an instance, Get takes less than a nanosecond and allocates nothing, whatever
// the state of ctx. After Close it returns ErrClosed. Within the build itself, with its
// context, it returns ErrCycle.
func (v *Value[T]) Get(ctx context.Context) (T, error) {
	b := v.ready.Load()
	if b == nil {
		return v.engine.get(ctx, struct{}{})
	}
	if b.count != nil {
		b.count.add()
	}
	return b.value, nil
}

// Peek returns the instance if there is one. It never builds, waits or counts.
func (v *Value[T]) Peek() (value T, ok bool) {
	if b := v.ready.Load(); b != nil {
		return b.value, true
	}
	return value, false
}

// Reset closes the instance and forgets it, and past failures: the next Get builds another,
// when the closing has ended. A build under way is cancelled, and what it still brings is
// closed; those who wait for it wait for the next one. It returns the error of the closing.
func (v *Value[T]) Reset() error { return v.engine.reset(struct{}{}) }

// Swap puts value in the place of the instance until restore is called: for tests. The
// instance itself, and its building, Reset and Close go on behind it, and value is never
// closed. Of several Swaps the last one counts that is not restored. After Close it does
// nothing.
func (v *Value[T]) Swap(value T) (restore func()) {
	b := &box[T]{value, v.count}
	v.engine.mu.Lock()
	defer v.engine.mu.Unlock()
	if v.engine.closed == nil {
		v.swaps = append(v.swaps, b)
		v.publish()
	}
	return func() {
		v.engine.mu.Lock()
		defer v.engine.mu.Unlock()
		v.swaps = slices.DeleteFunc(v.swaps, func(x *box[T]) bool { return x == b })
		v.publish()
	}
}

// Close closes the instance, for good: from here on Get returns ErrClosed. A build under way
// is cancelled and waited for. It returns the error of the closing, each time it is called.
func (v *Value[T]) Close() error { return v.engine.close() }

// Stats returns the statistics.
func (v *Value[T]) Stats() Stats {
	v.engine.mu.Lock()
	defer v.engine.mu.Unlock()
	n := 0
	if v.own != nil {
		n = 1
	}
	return v.engine.stats(v.name, n, v.count)
}

// publish lets Get see what it should.
func (v *Value[T]) publish() {
	if n := len(v.swaps); n > 0 {
		v.ready.Store(v.swaps[n-1])
	} else {
		v.ready.Store(v.own)
	}
}

// A valueStore is a Value as the engine's store.
type valueStore[T any] Value[T]

func (s *valueStore[T]) find(struct{}) (value T, ok, dead bool) {
	if b := s.ready.Load(); b != nil {
		return b.value, true, false
	}
	return value, false, false
}

func (s *valueStore[T]) keep(_ struct{}, value T) (victim struct{}, evicted T, ok bool) {
	s.own = &box[T]{value, s.count}
	(*Value[T])(s).publish()
	return victim, evicted, false
}

func (s *valueStore[T]) take(struct{}) (value T, ok bool) {
	if s.own == nil {
		return value, false
	}
	value, s.own = s.own.value, nil
	(*Value[T])(s).publish()
	return value, true
}

func (s *valueStore[T]) takeAll() []T {
	s.swaps = nil
	if value, ok := s.take(struct{}{}); ok {
		return []T{value}
	}
	s.ready.Store(nil)
	return nil
}
