package singleton_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/singleton"
)

// A core is what a handle stands for; it goes on without the handle.
type core struct {
	key     int
	started atomic.Bool
	stopped atomic.Int32
}

// A handle is whole if it has a core that was started.
type handle struct {
	core *core
}

// cores builds handles, and fails the test if two cores of a key are alive at once.
type cores struct {
	t     *testing.T
	alive [100]atomic.Int32
	made  atomic.Int32
}

func (c *cores) build(_ context.Context, key int) (*handle, func() error, error) {
	if c.alive[key].Add(1) > 1 {
		c.t.Errorf("a second core of key %d", key)
	}
	c.made.Add(1)
	h := &handle{core: &core{key: key}}
	runtime.Gosched()
	h.core.started.Store(true)
	core := h.core
	return h, func() error {
		if core.stopped.Add(1) > 1 {
			c.t.Errorf("a core of key %d was stopped twice", key)
		}
		c.alive[key].Add(-1)
		return nil
	}, nil
}

// TestWeakIsForgotten: an instance that nobody holds is collected, stopped and counted.
func TestWeakIsForgotten(t *testing.T) {
	c := &cores{t: t}
	w := singleton.NewWeak(c.build, &singleton.WeakOptions{Name: "cores"})
	held, err := w.Get(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	forgotten := func() *core { h, _ := w.Get(t.Context(), 2); return h.core }()
	until(t, func() bool { runtime.GC(); return forgotten.stopped.Load() == 1 && w.Len() == 1 })
	if again, _ := w.Get(t.Context(), 1); again != held || held.core.stopped.Load() != 0 {
		t.Error("what is held was forgotten")
	}
	if w.Peek(1) != held || w.Peek(2) != nil {
		t.Errorf("Peek: %p and %p", w.Peek(1), w.Peek(2))
	}
	s := w.Stats()
	if s.Leaks != 1 || s.Instances != 1 || s.Builds != 2 || s.Closed != 1 || s.Name != "cores" {
		t.Errorf("%+v", s)
	}
	runtime.KeepAlive(held)
}

// TestWeakMixinSharesConfigurations: the original's weak mixin was keyed by the name of the
// type, so that all configurations shared one store.
func TestWeakMixinSharesConfigurations(t *testing.T) {
	type config struct{ list [1]int }
	w := singleton.NewWeak(func(_ context.Context, c config) (*thing, func() error, error) { return &thing{n: c.list[0]}, nil, nil }, nil)
	a, _ := w.Get(t.Context(), config{[1]int{1}})
	b, _ := w.Get(t.Context(), config{[1]int{2}})
	again, _ := w.Get(t.Context(), config{[1]int{1}})
	if a == b || a.n != 1 || b.n != 2 || again != a {
		t.Errorf("got %p, %p and %p", a, b, again)
	}
}

// TestNoStrongHolder: with no other holder the original gave 20 threads 7 or 8 stores, or a
// KeyError. Here everybody gets a whole and started one, of which one is alive at a time,
// while the collector takes away what it can.
func TestNoStrongHolder(t *testing.T) {
	c := &cores{t: t}
	w := singleton.NewWeak(c.build, nil)
	stop := make(chan struct{})
	var collector sync.WaitGroup
	collector.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	})
	var wg sync.WaitGroup
	for g := range 20 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(g)))
			for n := 0; n < 300 || w.Stats().Builds < 40; n++ {
				key := r.IntN(5)
				h, err := w.Get(t.Context(), key)
				if err != nil || h.core.key != key || !h.core.started.Load() || h.core.stopped.Load() != 0 {
					t.Errorf("got %+v (%v)", h, err)
					return
				}
				other, err := w.Get(t.Context(), key)
				if other != h || err != nil {
					t.Errorf("%p and %p at once (%v)", h, other, err)
				}
				if r.IntN(10) == 0 {
					for k, h := range w.All() {
						if h.core.key != k || !h.core.started.Load() {
							t.Errorf("All: %+v", h)
						}
					}
				}
				runtime.KeepAlive(h)
				runtime.Gosched()
			}
		})
	}
	wg.Wait()
	close(stop)
	collector.Wait()
	until(t, func() bool { runtime.GC(); s := w.Stats(); return s.Instances == 0 && s.Closed == s.Builds })
	s := w.Stats()
	if s.Builds != uint64(c.made.Load()) || s.Leaks != s.Builds {
		t.Errorf("%d builds, %+v", c.made.Load(), s)
	}
}

// TestTenThousandOpenedAndForgotten: none is alive, and no goroutine.
func TestTenThousandOpenedAndForgotten(t *testing.T) {
	var running atomic.Int32
	w := singleton.NewWeak(func(_ context.Context, key int) (*handle, func() error, error) {
		end := make(chan struct{})
		running.Add(1)
		go func() { <-end; running.Add(-1) }()
		return &handle{core: &core{key: key}}, func() error { close(end); return nil }, nil
	}, nil)
	for key := range 10_000 {
		if _, err := w.Get(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	until(t, func() bool { runtime.GC(); return running.Load() == 0 && w.Len() == 0 })
	if s := w.Stats(); s.Leaks != 10_000 {
		t.Errorf("%+v", s)
	}
}

// TestWeakReset: what is stopped by hand is no leak, and not stopped again.
func TestWeakReset(t *testing.T) {
	c := &cores{t: t}
	w := singleton.NewWeak(c.build, nil)
	var all []*core
	func() {
		for key := range 10 {
			h, _ := w.Get(t.Context(), key)
			all = append(all, h.core)
			if key < 5 {
				if err := w.Reset(key); err != nil || h.core.stopped.Load() != 1 {
					t.Errorf("got %v", err)
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	var collected atomic.Bool
	runtime.AddCleanup(&handle{}, func(int) { collected.Store(true) }, 0)
	until(t, func() bool { runtime.GC(); return collected.Load() })
	for _, c := range all {
		if c.stopped.Load() != 1 {
			t.Errorf("key %d was stopped %d times", c.key, c.stopped.Load())
		}
	}
	if s := w.Stats(); s.Leaks != 0 || s.Closed != 10 {
		t.Errorf("%+v", s)
	}
	if _, err := w.Get(t.Context(), 1); err != singleton.ErrClosed {
		t.Errorf("got %v", err)
	}
}

// TestWeakNil: a build that succeeds has to return a handle.
func TestWeakNil(t *testing.T) {
	w := singleton.NewWeak(func(context.Context, int) (*handle, func() error, error) { return nil, nil, nil }, nil)
	if _, err := w.Get(t.Context(), 1); err == nil || w.Len() != 0 {
		t.Errorf("got %v", err)
	}
	fails := singleton.NewWeak(func(context.Context, int) (*handle, func() error, error) { return &handle{}, nil, errBuild }, nil)
	if h, err := fails.Get(t.Context(), 1); err != errBuild || fails.Len() != 0 {
		t.Errorf("got %v (%v)", h, err)
	}
}

// TestWeakSharesABuild, and its failures, as a Keyed does.
func TestWeakSharesABuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		builds := 0
		w := singleton.NewWeak(func(context.Context, string) (*handle, func() error, error) {
			time.Sleep(time.Second)
			if builds++; builds == 1 {
				return nil, nil, errBuild
			}
			return &handle{}, nil, nil
		}, &singleton.WeakOptions{Backoff: time.Second})
		for _, want := range []error{errBuild, nil} {
			var wg sync.WaitGroup
			var seen sync.Map
			for range 10 {
				wg.Go(func() {
					h, err := w.Get(t.Context(), "a")
					if !errors.Is(err, want) {
						t.Errorf("got %v, want %v", err, want)
					}
					seen.Store(h, true)
				})
			}
			wg.Wait()
			n := 0
			seen.Range(func(any, any) bool { n++; return true })
			if n != 1 {
				t.Errorf("%d different handles", n)
			}
			if _, err := w.Get(t.Context(), "a"); !errors.Is(err, want) {
				t.Errorf("within the back-off: %v, want %v", err, want)
			}
			time.Sleep(time.Second)
		}
	})
}

// TestNoGoroutines: those of builds are gone when the builds are, and there are no others.
func TestNoGoroutines(t *testing.T) {
	k := singleton.NewKeyed(func(ctx context.Context, n int) (int, error) {
		switch n % 3 {
		case 0:
			<-ctx.Done()
			return 0, ctx.Err()
		case 1:
			return 0, errBuild
		}
		return n, nil
	}, &singleton.KeyedOptions[int]{Backoff: time.Hour, Count: true})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 60 {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Microsecond)
				_, _ = k.Get(ctx, n)
				cancel()
			}
		})
	}
	wg.Wait()
	var stacks strings.Builder
	until(t, func() bool {
		stacks.Reset()
		if err := pprof.Lookup("goroutine").WriteTo(&stacks, 1); err != nil {
			t.Fatal(err)
		}
		return !strings.Contains(stacks.String(), "singleton.(*engine[")
	})
}

// TestManyFailures: keys that fail once each do not stay for ever.
func TestManyFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := singleton.NewKeyed(func(context.Context, int) (int, error) { return 0, errBuild },
			&singleton.KeyedOptions[int]{Backoff: time.Second, MaxBackoff: 2 * time.Second})
		for n := range 10_000 {
			_, _ = k.Get(context.Background(), n)
			time.Sleep(100 * time.Millisecond)
		}
		if n := k.Sites(); n > 200 {
			t.Errorf("%d past failures are kept", n)
		}
	})
}
