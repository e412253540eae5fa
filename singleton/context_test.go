package singleton_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/singleton"
)

// TestBuildContext: the context of a build has the values of the caller's and no more of it,
// and ends, with all that was made of it, when the build is overtaken.
func TestBuildContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		cause := errors.New("the caller's")
		caller, leave := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))
		other := context.Background()
		first := true
		v := singleton.New(func(ctx context.Context) (*thing, error) {
			if !first {
				return &thing{}, nil
			}
			first = false
			if _, ok := ctx.Deadline(); ok || ctx.Err() != nil || ctx.Value(key{}) != "value" {
				t.Errorf("%v: ended by %v, value %v", ctx, ctx.Err(), ctx.Value(key{}))
			}
			child, stop := context.WithTimeout(ctx, time.Hour)
			defer stop()
			var after atomic.Bool
			context.AfterFunc(ctx, func() { after.Store(true) })
			time.Sleep(time.Second) // the caller leaves, another one waits
			if ctx.Err() != nil || context.Cause(ctx) != nil || child.Err() != nil {
				t.Errorf("ended by %v, %v, %v though one waits", ctx.Err(), context.Cause(ctx), child.Err())
			}
			<-child.Done() // by Reset
			time.Sleep(time.Second)
			if ctx.Err() != context.Canceled || child.Err() != context.Canceled || context.Cause(ctx) != context.Canceled || !after.Load() {
				t.Errorf("ended by %v, the child by %v, cause %v; AfterFunc ran: %v", ctx.Err(), child.Err(), context.Cause(ctx), after.Load())
			}
			return nil, ctx.Err()
		}, nil)
		go func() {
			if _, err := v.Get(caller); err != context.Canceled {
				t.Errorf("the first got %v", err)
			}
		}()
		synctest.Wait()
		go func() {
			if x, err := v.Get(other); x == nil || err != nil { // of the next build
				t.Errorf("the second got %v (%v)", x, err)
			}
		}()
		synctest.Wait()
		leave(cause)
		time.Sleep(2 * time.Second)
		if err := v.Reset(); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second)
	})
}

// TestContextAskedLate: a context that is asked for the first time when its build is over has
// ended.
func TestContextAskedLate(t *testing.T) {
	var kept context.Context
	v := singleton.New(func(ctx context.Context) (int, error) { kept = ctx; return 1, nil }, nil)
	if _, err := v.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kept.Err() != context.Canceled {
		t.Errorf("ended by %v", kept.Err())
	}
	<-kept.Done()
	child, stop := context.WithCancel(kept)
	defer stop()
	if child.Err() != context.Canceled {
		t.Errorf("the child ended by %v", child.Err())
	}
}

// TestContextHoldsNothing: who keeps the context of a build does not keep the instance.
func TestContextHoldsNothing(t *testing.T) {
	var kept context.Context
	w := singleton.NewWeak(func(ctx context.Context, _ int) (*thing, func() error, error) {
		kept = ctx
		return &thing{n: 1}, nil, nil
	}, nil)
	for _, ctx := range contexts {
		if x, err := w.Get(ctx(t), 1); x == nil || err != nil {
			t.Fatalf("got %v (%v)", x, err)
		}
		until(t, func() bool { runtime.GC(); return w.Len() == 0 })
	}
	runtime.KeepAlive(kept)
}
