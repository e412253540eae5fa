package singleton_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/singleton"
)

// TestLastWaiterLeaves: a build goes on while one waits for it, and is cancelled with the last.
func TestLastWaiterLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cancelled atomic.Int32
		v := singleton.New(func(ctx context.Context) (string, error) {
			if ctx.Value(errBuild) != "value" {
				t.Error("the context lacks the values of the first")
			}
			select {
			case <-ctx.Done():
				cancelled.Add(1)
				time.Sleep(time.Minute) // slow to notice
				return "", ctx.Err()
			case <-time.After(time.Hour):
				return "built", nil
			}
		}, nil)
		ctx := context.WithValue(t.Context(), errBuild, "value")
		for _, seconds := range []time.Duration{1, 2, 3} {
			go func() {
				own, cancel := context.WithTimeout(ctx, seconds*time.Second)
				defer cancel()
				began := time.Now()
				if _, err := v.Get(own); err != context.DeadlineExceeded || time.Since(began) != seconds*time.Second {
					t.Errorf("got %v after %v", err, time.Since(began))
				}
			}()
			synctest.Wait()
		}
		time.Sleep(2500 * time.Millisecond)
		if cancelled.Load() != 0 {
			t.Error("cancelled while one waits")
		}
		time.Sleep(time.Second)
		if cancelled.Load() != 1 {
			t.Error("not cancelled though nobody waits")
		}
		if s, err := v.Get(ctx); s != "built" || err != nil { // after the minute, by another build
			t.Errorf("got %q (%v)", s, err)
		}
		if s := v.Stats(); s.Cancels != 1 || s.Builds != 1 || s.Failures != 0 || s.BuildTime != time.Hour+time.Minute+3*time.Second {
			t.Errorf("%+v", s)
		}
	})
}

// TestBuildThatCannotBeCancelled runs on, and is kept.
func TestBuildThatCannotBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &factory{t: t}
		v := singleton.New(func(context.Context) (*thing, error) {
			time.Sleep(time.Minute)
			return f.build(context.Background())
		}, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := v.Get(ctx); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
		if x, err := v.Get(t.Context()); x == nil || err != nil || f.builds.Load() != 1 || x.closed.Load() != 0 {
			t.Errorf("got %v (%v)", x, err)
		}
	})
}

// TestEndedContext: who comes with one does not begin a build, but gets what is there.
func TestEndedContext(t *testing.T) {
	f := &factory{t: t}
	v := singleton.New(f.build, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Get(ctx); err != context.Canceled || f.builds.Load() != 0 {
		t.Errorf("got %v of %d builds", err, f.builds.Load())
	}
	_, _ = v.Get(t.Context())
	if x, err := v.Get(ctx); x == nil || err != nil {
		t.Errorf("got %v (%v)", x, err)
	}
}
