package singleton

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// A flight is what a key is busy with: a build, or the closing of an instance before the
// next one may be built. Others that want the key wait for it.
type flight[T any] struct {
	ctx     *buildContext // nil if it is no build
	*waiter               // of the graph of those who wait for each other

	// Under the engine's lock.
	waiting  int           // how many want the answer; who builds in person counts for ever
	landed   chan struct{} // made by the first who waits, closed at the end
	left     bool          // nobody waited any more, so it was cancelled
	reset    bool          // Reset or Close overtook it: what it brings is closed
	void     bool          // set at the end: who waited tries again
	finished bool

	outcome[T] // set before landed is closed
}

// join counts the caller among those who wait.
func (f *flight[T]) join() <-chan struct{} {
	f.waiting++
	return f.end()
}

// end returns what is closed when the flight has landed.
func (f *flight[T]) end() <-chan struct{} {
	if f.landed == nil {
		f.landed = make(chan struct{})
	}
	return f.landed
}

// leave takes the caller from those who wait, and cancels a build for which nobody waits.
func (f *flight[T]) leave() {
	if f.waiting--; f.waiting == 0 && !f.finished && f.ctx != nil {
		f.left = true
		f.ctx.cancel()
	}
}

// overtake makes what the flight brings worth nothing.
func (f *flight[T]) overtake() {
	f.reset = true
	if f.ctx != nil {
		f.ctx.cancel()
	}
}

// land ends the flight.
func (f *flight[T]) land() {
	f.finished = true
	if f.landed != nil {
		close(f.landed)
	}
	if f.ctx != nil {
		f.ctx.cancel()
	}
}

// An outcome is how a build ended.
type outcome[T any] struct {
	value    T
	err      error
	panicked *PanicError
}

func (o *outcome[T]) failed() bool { return o.err != nil || o.panicked != nil }

// answer returns the outcome to one who wanted it.
func (o *outcome[T]) answer() (T, error) {
	if o.panicked != nil {
		panic(o.panicked)
	}
	return o.value, o.err
}

// A PanicError is what a build panicked with. Get panics with it, for all who waited.
type PanicError struct {
	Value any
	Stack []byte // of the build
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("singleton: the build panicked: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns the value of the panic if it was an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

var (
	// ErrClosed is what Get returns after Close.
	ErrClosed = errors.New("singleton: closed")
	// ErrGoexit is what those get who waited for a build that called runtime.Goexit.
	ErrGoexit = errors.New("singleton: the build called runtime.Goexit")
	// ErrCycle is what a Get returns, within a build, whose answer depends on that build.
	ErrCycle = errors.New("singleton: the instance depends on itself")
	// ErrFull is what Get returns for a new key when there are as many instances as
	// KeyedOptions.Capacity allows, and none may be evicted.
	ErrFull = errors.New("singleton: as many instances as are allowed")
	// ErrKey is what Get returns for a key that does not equal itself, such as NaN: its
	// instance could never be found again.
	ErrKey = errors.New("singleton: the key does not equal itself")
)

// caught says how a build ended that did not return, given what recover returned.
func caught(v any) (*PanicError, error) {
	if v == nil {
		return nil, ErrGoexit
	}
	return &PanicError{v, debug.Stack()}, nil
}
