package singleton_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A thing is an instance that knows how often it was closed.
type thing struct {
	n      int
	closed atomic.Int32
}

func (x *thing) Close() error { x.closed.Add(1); return nil }

// A factory makes things, after some time, and checks that no two builds run at once.
type factory struct {
	t       *testing.T
	slow    time.Duration
	builds  atomic.Int32
	running atomic.Int32
}

func (f *factory) build(ctx context.Context) (*thing, error) {
	if f.running.Add(1) > 1 {
		f.t.Error("two builds at once")
	}
	defer f.running.Add(-1)
	n := f.builds.Add(1)
	if f.slow > 0 {
		select {
		case <-time.After(f.slow):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return &thing{n: int(n)}, nil
}

var errBuild = errors.New("cannot build")

// contexts returns, for a test or its bubble, a context that can't be cancelled and one that
// can. Everything must hold with both.
var contexts = map[string]func(*testing.T) context.Context{
	"in person": func(*testing.T) context.Context { return context.Background() },
	"apart":     func(t *testing.T) context.Context { return t.Context() },
}

// inEachContext runs a test with each of contexts, in a synctest bubble of its own.
func inEachContext(t *testing.T, test func(t *testing.T, ctx context.Context)) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, makes(t)) })
		})
	}
}

func panicked(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// until waits for what must come, however busy the machine.
func until(t *testing.T, done func() bool) {
	t.Helper()
	for range 3000 {
		if done() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("it does not come to that")
}
