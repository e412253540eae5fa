package cache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// A flight is a load of one key that is under way. Others that want the key wait for it.
type flight[K comparable, V any] struct {
	key   K
	hash  uint64
	began int64

	// Under the shard's lock.
	waiting  int                // how many want the answer, without one who loads in person
	landed   chan struct{}      // made by the first who waits, closed at the end
	cancel   context.CancelFunc // if nobody waits any more
	detached bool               // the key was set or deleted meanwhile: the answer is not kept
	lent     bool               // the loader runs with the context of the one who loads
	again    bool               // a refresh: the key has a value
	told     bool               // the second tier was told the value

	outcome[V] // set before landed is closed
}

// Flights are the loads of a shard that others may join: few at a time.
type flights[K comparable, V any] struct {
	list  []*flight[K, V]
	spare *flight[K, V] // one that nobody refers to, to be used again
}

func (fs *flights[K, V]) find(h uint64, key K) *flight[K, V] {
	for _, f := range fs.list {
		if f.hash == h && f.key == key {
			return f
		}
	}
	return nil
}

func (fs *flights[K, V]) start(h uint64, key K) *flight[K, V] {
	f := fs.spare
	if f == nil {
		f = new(flight[K, V])
	}
	fs.spare = nil
	f.key, f.hash = key, h
	fs.list = append(fs.list, f)
	return f
}

// detach takes the flight of key out of the list, so that nobody joins it any more.
func (fs *flights[K, V]) detach(h uint64, key K) {
	if len(fs.list) == 0 {
		return
	}
	if f := fs.find(h, key); f != nil {
		f.detached = true
		fs.drop(f)
	}
}

func (fs *flights[K, V]) detachAll() {
	for _, f := range fs.list {
		f.detached = true
	}
	clear(fs.list)
	fs.list = fs.list[:0]
}

func (fs *flights[K, V]) drop(f *flight[K, V]) {
	for i, g := range fs.list {
		if g == f {
			last := len(fs.list) - 1
			fs.list[i], fs.list[last] = fs.list[last], nil
			fs.list = fs.list[:last]
			return
		}
	}
}

// recycle keeps a flight that nobody has waited for.
func (fs *flights[K, V]) recycle(f *flight[K, V]) {
	*f = flight[K, V]{}
	fs.spare = f
}

// join counts the caller among those who wait. Under the shard's lock.
func (f *flight[K, V]) join() <-chan struct{} {
	f.waiting++
	if f.landed == nil {
		f.landed = make(chan struct{})
	}
	return f.landed
}

// A PanicError is what a loader panicked with. It is what GetOrLoad panics with, in all who
// wanted the value.
type PanicError struct {
	Value any
	Stack []byte // of the loader
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("cache: the loader panicked: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns the value of the panic if it was an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// ErrGoexit is what those get who wait for a loader that called runtime.Goexit.
var ErrGoexit = errors.New("cache: the loader called runtime.Goexit")

// caught says how a loader ended that did not return, given what recover returned.
func caught(v any) (*PanicError, error) {
	if v == nil {
		return nil, ErrGoexit
	}
	return &PanicError{v, debug.Stack()}, nil
}

// An outcome is how a flight ended.
type outcome[V any] struct {
	value    V
	err      error
	panicked *PanicError
}

// answer returns the outcome to one who wanted it.
func (o *outcome[V]) answer() (V, error) {
	if o.panicked != nil {
		panic(o.panicked)
	}
	return o.value, o.err
}
