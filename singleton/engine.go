package singleton

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"
)

// An engine makes instances: one build a key at a time, for which all wait who want it. The
// three singletons differ in where they keep what was built. No lock is held while the
// caller's functions run.
type engine[K comparable, T any] struct {
	build   func(context.Context, K) (T, error)
	discard func(T) error // closes an instance
	store   store[K, T]
	pause   pause
	room    func(flying int) bool // under the lock: whether one more may be built

	mu       sync.Mutex // guards all below, and the store
	sites    sites[K, T]
	sweepAt  int           // the number of sites at which those of the past are forgotten
	flying   int           // builds under way
	closed   chan struct{} // made by the first Close, closed at its end
	counters counters

	closeErr error // set before closed is closed
}

// A store keeps instances. Its methods are called under the engine's lock.
type store[K comparable, T any] interface {
	// find returns the instance of key. Of one that is dead it returns dead, and forgets it.
	find(key K) (value T, ok, dead bool)
	// keep adds an instance. It returns another one that had to make room.
	keep(key K, value T) (victim K, evicted T, ok bool)
	// take removes the instance of key.
	take(key K) (value T, ok bool)
	// takeAll removes all instances and returns them in the order of their creation.
	takeAll() []T
}

// A site is what there is of a key without an instance: a flight, or past failures.
type site[T any] struct {
	flight *flight[T]
	fails  int       // in a row
	until  time.Time // when the next build may begin
	last   outcome[T]
}

// A pause is how long the error of a build is repeated before another is tried.
type pause struct{ first, most time.Duration }

const doublings = 6 // of a pause, if it is not said how long it may become

func newPause(first, most time.Duration) pause {
	switch {
	case first < 0 || most < 0:
		panic("singleton: a negative back-off")
	case most == 0:
		most = first << doublings
	case most < first:
		panic("singleton: MaxBackoff is less than Backoff")
	}
	return pause{first, max(first, most)}
}

// after returns the pause after a number of failures in a row.
func (p pause) after(fails int) time.Duration {
	d := p.first
	for range fails - 1 {
		if d >= p.most/2 {
			return p.most
		}
		d *= 2
	}
	return d
}

// equal is ==, which only NaN, and what has it inside, does not have with itself.
func equal[K comparable](a, b K) bool { return a == b }

// get returns the instance of key, built if there is none.
func (e *engine[K, T]) get(ctx context.Context, key K) (none T, err error) {
	if !equal(key, key) {
		return none, ErrKey
	}
	for {
		if err := ctx.Err(); err != nil {
			return none, err
		}
		e.mu.Lock()
		value, ok, dead := e.store.find(key)
		switch {
		case e.closed != nil:
			e.mu.Unlock()
			return none, ErrClosed
		case ok:
			e.mu.Unlock()
			return value, nil
		case dead:
			e.counters.leaks++
			_ = e.retire(key, value) // counted there
			continue
		}
		if f := e.flightOf(key); f != nil {
			if again, value, err := e.wait(ctx, f); !again {
				return value, err
			}
			continue
		}
		if o, ok := e.refused(key); ok {
			e.mu.Unlock()
			return o.answer()
		}
		if again, value, err := e.start(ctx, key); !again {
			return value, err
		}
	}
}

// flightOf returns the flight of key, nil if there is none.
func (e *engine[K, T]) flightOf(key K) *flight[T] {
	if s := e.sites.at(key); s != nil {
		return s.flight
	}
	return nil
}

// refused returns the answer for a key that must not be built now.
func (e *engine[K, T]) refused(key K) (o outcome[T], ok bool) {
	if s := e.sites.at(key); s != nil && time.Now().Before(s.until) {
		e.counters.refused++
		return s.last, true
	}
	if e.room != nil && !e.room(e.flying) {
		return outcome[T]{err: ErrFull}, true
	}
	return o, false
}

// start builds the instance of key, in this goroutine if ctx cannot be cancelled. It is
// called with the lock, which it gives back. If again is true the caller has to try again.
func (e *engine[K, T]) start(ctx context.Context, key K) (again bool, value T, err error) {
	s := e.sites.at(key)
	if s == nil {
		s = e.sites.add(key)
	}
	c := &buildContext{from: ctx}
	f := &flight[T]{ctx: c, waiter: &c.waiter}
	s.flight = f
	e.flying++
	if ctx.Done() != nil {
		landed := f.join()
		e.mu.Unlock()
		go e.fly(key, f)
		return e.await(ctx, f, landed)
	}
	f.waiting++
	e.mu.Unlock()
	parent := builderIn(ctx)
	parent.await(f.waiter) // nobody waits for it yet, so there is no circle
	defer parent.done(f.waiter)
	e.fly(key, f)
	if f.void {
		return true, value, nil
	}
	value, err = f.answer()
	return false, value, err
}

// wait waits for f, which another one began. It is called with the lock, which it gives back.
func (e *engine[K, T]) wait(ctx context.Context, f *flight[T]) (again bool, value T, err error) {
	landed := f.join()
	e.counters.waits++
	e.mu.Unlock()
	return e.await(ctx, f, landed)
}

// await waits for f, which the caller has joined.
func (e *engine[K, T]) await(ctx context.Context, f *flight[T], landed <-chan struct{}) (again bool, value T, err error) {
	parent := builderIn(ctx)
	if !parent.await(f.waiter) {
		e.leave(f)
		return false, value, ErrCycle
	}
	defer parent.done(f.waiter)
	select {
	case <-landed:
	case <-ctx.Done():
		e.leave(f)
		return false, value, ctx.Err()
	}
	if f.void {
		return true, value, nil
	}
	value, err = f.answer()
	return false, value, err
}

func (e *engine[K, T]) leave(f *flight[T]) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f.leave()
}

// epoch is only there to be compared with: time.Since takes half of what time.Now does.
var epoch = time.Now()

// fly builds the instance of key and lands, however the build ends.
func (e *engine[K, T]) fly(key K, f *flight[T]) {
	began := time.Since(epoch)
	returned := false
	defer func() {
		if !returned {
			f.panicked, f.err = caught(recover())
		}
		e.land(key, f, time.Since(epoch)-began)
	}()
	f.value, f.err = e.build(f.ctx, key)
	returned = true
}

// land ends a build: what it brought is kept, unless something overtook it.
func (e *engine[K, T]) land(key K, f *flight[T], took time.Duration) {
	e.mu.Lock()
	if f.reset && !f.failed() { // closed before another may be built
		e.mu.Unlock()
		_ = e.dispose(f.value) // counted there
		e.mu.Lock()
	}
	e.flying--
	e.counters.built(f.failed(), f.reset || f.left, took)
	s := e.sites.at(key)
	s.flight = nil
	f.void = f.reset || f.left && f.failed()
	switch {
	case !f.void && f.failed():
		e.failed(key, s, f)
	case f.void && s.fails > 0 && !f.reset:
		// as it was
	default:
		e.sites.remove(key)
	}
	var victim K
	var evicted T
	var evicts bool
	if !f.void && !f.failed() {
		victim, evicted, evicts = e.store.keep(key, f.value)
	}
	f.land()
	if evicts {
		e.counters.evictions++
		_ = e.retire(victim, evicted) // counted there
		return
	}
	e.mu.Unlock()
}

// failed notes a failure, so that the next build waits, if one is to.
func (e *engine[K, T]) failed(key K, s *site[T], f *flight[T]) {
	if e.pause.first == 0 {
		e.sites.remove(key)
		return
	}
	s.fails++
	s.last = f.outcome
	s.until = time.Now().Add(e.pause.after(s.fails))
	if e.sites.len() >= max(e.sweepAt, sweepFrom) {
		e.sweep()
	}
}

// sweepFrom is how many sites there must be for a sweep.
const sweepFrom = 64

// sweep forgets failures that are so long ago that they do not matter. It is done each time
// that the number of sites has doubled.
func (e *engine[K, T]) sweep() {
	past := time.Now().Add(-e.pause.most)
	for key, s := range e.sites.all {
		if s.flight == nil && s.until.Before(past) {
			e.sites.remove(key)
		}
	}
	e.sweepAt = 2 * e.sites.len()
}

// retire closes an instance of key that is in the store no more; who wants another waits
// meanwhile. It is called with the lock, which it gives back.
func (e *engine[K, T]) retire(key K, value T) error {
	f := e.retiring(key)
	e.mu.Unlock()
	return e.retired(key, f, value)
}

// retiring keeps key busy until an instance of it is closed. Under the lock.
func (e *engine[K, T]) retiring(key K) *flight[T] {
	f := &flight[T]{waiter: new(waiter)}
	e.sites.add(key).flight = f
	return f
}

// retired closes value, for which key was kept busy by f.
func (e *engine[K, T]) retired(key K, f *flight[T], value T) error {
	err := e.dispose(value)
	e.mu.Lock()
	defer e.mu.Unlock()
	f.void = true
	e.sites.remove(key)
	f.land()
	return err
}

// dispose closes an instance. A panic in that is an error.
func (e *engine[K, T]) dispose(value T) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, debug.Stack()}
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.counters.discarded(err)
	}()
	return e.discard(value)
}

// reset forgets the instance of key and closes it, and overtakes its build.
func (e *engine[K, T]) reset(key K) error {
	if !equal(key, key) {
		return nil
	}
	e.mu.Lock()
	if value, ok := e.store.take(key); ok {
		return e.retire(key, value)
	}
	defer e.mu.Unlock()
	if s := e.sites.at(key); s != nil {
		if s.flight != nil {
			s.flight.overtake()
		} else {
			e.sites.remove(key)
		}
	}
	return nil
}

// close closes all instances, the last one first.
func (e *engine[K, T]) close() error {
	e.mu.Lock()
	if e.closed != nil { // a channel, as a goroutine that waits for a lock stops the time of a synctest bubble
		e.mu.Unlock()
		<-e.closed
		return e.closeErr
	}
	e.closed = make(chan struct{})
	defer close(e.closed)
	e.closeErr = e.closeAll()
	return e.closeErr
}

// closeAll is called with the lock, which it gives back.
func (e *engine[K, T]) closeAll() error {
	var ends []<-chan struct{}
	for _, s := range e.sites.all {
		if s.flight != nil {
			s.flight.overtake()
			ends = append(ends, s.flight.end())
		}
	}
	values := e.store.takeAll()
	e.mu.Unlock()
	for _, end := range ends {
		<-end
	}
	var errs []error
	for i := len(values) - 1; i >= 0; i-- {
		errs = append(errs, e.dispose(values[i]))
	}
	return errors.Join(errs...)
}
