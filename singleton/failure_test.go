package singleton_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/singleton"
)

// TestFailureIsTriedAgain by the next Get; those who waited are told.
func TestFailureIsTriedAgain(t *testing.T) {
	inEachContext(t, func(t *testing.T, ctx context.Context) {
		builds := 0
		v := singleton.New(func(context.Context) (int, error) {
			builds++
			time.Sleep(time.Second)
			if builds < 3 {
				return 7, fmt.Errorf("no. %d: %w", builds, errBuild)
			}
			return builds, nil
		}, nil)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if n, err := v.Get(ctx); err == nil || err.Error() != "no. 1: cannot build" {
					t.Errorf("got %d (%v)", n, err)
				}
			})
		}
		wg.Wait()
		_, err := v.Get(ctx)
		n, err3 := v.Get(ctx)
		if !errors.Is(err, errBuild) || n != 3 || err3 != nil {
			t.Errorf("got error %v, then %d (%v)", err, n, err3)
		}
		if s := v.Stats(); s.Failures != 2 || s.Builds != 1 || s.Waits != 4 {
			t.Errorf("%+v", s)
		}
	})
}

// TestBackoff: within the back-off, which doubles, the error is repeated without a build.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		builds := 0
		v := singleton.New(func(context.Context) (int, error) {
			if builds++; builds == 8 {
				return 1, nil
			}
			return 0, errBuild
		}, &singleton.Options[int]{Backoff: time.Second, MaxBackoff: 5 * time.Second})
		for i, pause := range []time.Duration{1, 2, 4, 5, 5, 5, 5} {
			for _, wait := range []time.Duration{0, pause*time.Second - time.Nanosecond} {
				time.Sleep(wait)
				if _, err := v.Get(t.Context()); err != errBuild || builds != i+1 {
					t.Fatalf("pause %d, after %v: %d builds (%v)", i, wait, builds, err)
				}
			}
			time.Sleep(time.Nanosecond)
		}
		if n, err := v.Get(t.Context()); n != 1 || err != nil {
			t.Errorf("got %d (%v) after %d builds", n, err, builds)
		}
		if s := v.Stats(); s.Failures != 7 || s.Refused != 7 || s.Builds != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// TestBackoffForgotten by Reset, and by a success.
func TestBackoffForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails, builds := true, 0
		k := singleton.NewKeyed(func(context.Context, string) (int, error) {
			if builds++; fails {
				return 0, errBuild
			}
			return builds, nil
		}, &singleton.KeyedOptions[int]{Backoff: time.Hour})
		get := func(key string) (int, error) { return k.Get(t.Context(), key) }
		_, _ = get("a")
		_, _ = get("a")
		if _, err := get("b"); err != errBuild || builds != 2 {
			t.Errorf("%d builds: keys wait for each other", builds)
		}
		fails = false
		if _, err := get("a"); err != errBuild {
			t.Errorf("got %v", err)
		}
		_ = k.Reset("a")
		if n, err := get("a"); n != 3 || err != nil {
			t.Errorf("got %d (%v)", n, err)
		}
		time.Sleep(time.Hour)
		if n, err := get("b"); n != 4 || err != nil {
			t.Errorf("got %d (%v)", n, err)
		}
		fails = true
		_ = k.Reset("b")
		_, _ = get("b")
		time.Sleep(time.Hour) // not two: the success is in between
		fails = false
		if _, err := get("b"); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

// TestPanicReachesAll who wait, with the stack of the build, and is not kept.
func TestPanicReachesAll(t *testing.T) {
	inEachContext(t, func(t *testing.T, ctx context.Context) {
		builds := 0
		v := singleton.New(func(context.Context) (int, error) {
			time.Sleep(time.Second)
			if builds++; builds == 1 {
				panic(errBuild)
			}
			return builds, nil
		}, nil)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				p, ok := panicked(func() { _, _ = v.Get(ctx) }).(*singleton.PanicError)
				if !ok || p.Value != errBuild || !errors.Is(p, errBuild) || !strings.Contains(p.Error(), "TestPanicReachesAll") {
					t.Errorf("got %v", p)
				}
			})
		}
		wg.Wait()
		if n, err := v.Get(ctx); n != 2 || err != nil {
			t.Errorf("got %d (%v)", n, err)
		}
		if s := v.Stats(); s.Failures != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// TestGoexit: who waits is told.
func TestGoexit(t *testing.T) {
	inEachContext(t, func(t *testing.T, ctx context.Context) {
		v := singleton.New(func(context.Context) (int, error) {
			time.Sleep(time.Second)
			runtime.Goexit()
			return 1, nil
		}, nil)
		go func() { _, _ = v.Get(ctx) }()
		synctest.Wait()
		if _, err := v.Get(ctx); err != singleton.ErrGoexit {
			t.Errorf("got %v", err)
		}
	})
}
