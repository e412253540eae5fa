package singleton

import (
	"context"
	"slices"
	"sync/atomic"
	"unsafe"
)

// A Value is one instance that is built by the first Get and shared by all. Any number of
// goroutines may use it at the same time.
//
// If building cannot fail, sync.OnceValue is simpler: a Value exists to try again after a
// failure, to stop waiting, to close, and to tell what it did.
type Value[T any] struct {
	now  unsafe.Pointer // *offer[T], by atomic operations; an atomic.Pointer is too dear for the inliner
	none offer[T]       // what is offered if there is no instance

	count  *tally
	name   string
	engine engine[struct{}, T]

	// Under the engine's lock. What is offered is the last of swaps, or own.
	own   *offer[T]
	swaps []*offer[T]
}

// An offer is what Get finds, and does not change. If there is an instance whose accesses are
// not counted, Get calls nothing, and so is small enough to be inlined where it is called.
type offer[T any] struct {
	ask   func(context.Context) (*offer[T], error) // if not nil: counts, or builds
	value T
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
	v.none.ask = v.build
	v.publish()
	v.engine = engine[struct{}, T]{
		build:   func(ctx context.Context, _ struct{}) (T, error) { return build(ctx) },
		discard: closerOf(o.Close),
		store:   (*valueStore[T])(v),
		pause:   newPause(o.Backoff, o.MaxBackoff),
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
// Once there is an instance, Get takes less than a nanosecond (three if accesses are counted)
// and allocates nothing, whatever the state of ctx. After Close it returns ErrClosed. Within
// the build itself, with its context, it returns ErrCycle.
func (v *Value[T]) Get(ctx context.Context) (value T, err error) {
	p := (*offer[T])(atomic.LoadPointer(&v.now))
	if p.ask != nil {
		p, err = p.ask(ctx)
	}
	return p.value, err
}

func (v *Value[T]) build(ctx context.Context) (*offer[T], error) {
	value, err := v.engine.get(ctx, struct{}{})
	return &offer[T]{value: value}, err
}

// offer returns what is offered while there is value. In a copy of it that is inlined, the
// compiler would not inline add.
//
//go:noinline
func (v *Value[T]) offer(value T) *offer[T] {
	p := &offer[T]{value: value}
	if t := v.count; t != nil {
		p.ask = func(context.Context) (*offer[T], error) { // calls nothing, so it has no frame
			t.add()
			return p, nil
		}
	}
	return p
}

// Peek returns the instance if there is one. It never builds, waits or counts.
func (v *Value[T]) Peek() (value T, ok bool) {
	p := (*offer[T])(atomic.LoadPointer(&v.now))
	return p.value, p != &v.none
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
	p := v.offer(value)
	v.engine.mu.Lock()
	defer v.engine.mu.Unlock()
	if v.engine.closed == nil {
		v.swaps = append(v.swaps, p)
		v.publish()
	}
	return func() {
		v.engine.mu.Lock()
		defer v.engine.mu.Unlock()
		v.swaps = slices.DeleteFunc(v.swaps, func(x *offer[T]) bool { return x == p })
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
	p := &v.none
	if v.own != nil {
		p = v.own
	}
	if n := len(v.swaps); n > 0 {
		p = v.swaps[n-1]
	}
	atomic.StorePointer(&v.now, unsafe.Pointer(p))
}

// A valueStore is a Value as the engine's store.
type valueStore[T any] Value[T]

func (s *valueStore[T]) find(struct{}) (value T, ok, dead bool) {
	value, ok = (*Value[T])(s).Peek()
	return value, ok, false
}

func (s *valueStore[T]) keep(_ struct{}, value T) (victim struct{}, evicted T, ok bool) {
	s.own = (*Value[T])(s).offer(value)
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

func (s *valueStore[T]) takeAll() (values []T) {
	s.swaps = nil
	if value, ok := s.take(struct{}{}); ok {
		values = append(values, value)
	}
	(*Value[T])(s).publish()
	return values
}
