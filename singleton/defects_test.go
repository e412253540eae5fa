package singleton_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/singleton"
)

// TestTenGoroutinesAtFirstAccess: the original's unsynchronised metaclass built ten stores.
func TestTenGoroutinesAtFirstAccess(t *testing.T) {
	inEachContext(t, func(t *testing.T, ctx context.Context) {
		f := &factory{t: t, slow: time.Second}
		v := singleton.New(f.build, nil)
		got := make([]*thing, 10)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() { got[i], _ = v.Get(ctx) })
		}
		wg.Wait()
		for _, x := range got {
			if x == nil || x != got[0] {
				t.Errorf("got %p and %p", x, got[0])
			}
		}
		if s := v.Stats(); f.builds.Load() != 1 || s.Builds != 1 || s.Waits != 9 || s.BuildTime != time.Second || s.Instances != 1 {
			t.Errorf("%d builds, %+v", f.builds.Load(), s)
		}
	})
}

// TestFirstConstructionDeadlock: the original's first construction took its lock twice. A
// build may use other singletons, and other keys of the same.
func TestFirstConstructionDeadlock(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			ctx := makes(t)
			var k *singleton.Keyed[int, int]
			k = singleton.NewKeyed(func(ctx context.Context, n int) (int, error) {
				if n < 2 {
					return n, nil
				}
				a, err := k.Get(ctx, n-1)
				if err != nil {
					return 0, err
				}
				b, err := k.Get(context.Background(), n-2)
				return a + b, err
			}, nil)
			v := singleton.New(func(ctx context.Context) (int, error) { return k.Get(ctx, 30) }, nil)
			if n, err := v.Get(ctx); n != 832040 || err != nil {
				t.Errorf("got %d (%v)", n, err)
			}
			if s := k.Stats(); s.Builds != 31 {
				t.Errorf("%d builds of 31 keys", s.Builds)
			}
		})
	}
}

// TestEndlessRecursion: the original's optimised singleton called its own constructor without
// end. Here whoever needs itself is told, over several singletons and goroutines as well.
func TestEndlessRecursion(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			ctx := makes(t)
			var v, a, b *singleton.Value[int]
			v = singleton.New(func(ctx context.Context) (int, error) { return v.Get(ctx) }, nil)
			if _, err := v.Get(ctx); !errors.Is(err, singleton.ErrCycle) {
				t.Errorf("of itself: got error %v", err)
			}
			a = singleton.New(func(ctx context.Context) (int, error) { return b.Get(ctx) }, nil)
			b = singleton.New(func(ctx context.Context) (int, error) { return a.Get(ctx) }, nil)
			if _, err := a.Get(ctx); !errors.Is(err, singleton.ErrCycle) {
				t.Errorf("of another: got error %v", err)
			}
		})
	}
	t.Run("two goroutines", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var k *singleton.Keyed[int, int]
			k = singleton.NewKeyed(func(ctx context.Context, n int) (int, error) {
				time.Sleep(time.Second)
				return k.Get(ctx, 1-n)
			}, nil)
			var errs [2]error
			var wg sync.WaitGroup
			for n := range 2 {
				wg.Go(func() { _, errs[n] = k.Get(t.Context(), n) })
			}
			wg.Wait()
			if !errors.Is(errs[0], singleton.ErrCycle) || !errors.Is(errs[1], singleton.ErrCycle) {
				t.Errorf("got errors %v", errs)
			}
		})
	})
}

// TestAccessRunsInitAgain: each access of the original ran __init__ once more, which replaced
// the live store's notifications, connection and positions.
func TestAccessRunsInitAgain(t *testing.T) {
	type store struct{ notes []string }
	k := singleton.NewKeyed(func(context.Context, string) (*store, error) { return &store{}, nil }, nil)
	for i := range 100 {
		s, _ := k.Get(t.Context(), "a")
		s.notes = append(s.notes, "note")
		if len(s.notes) != i+1 {
			t.Fatalf("%d notes after %d", len(s.notes), i+1)
		}
	}
}

// TestHalfBuiltInstance: the original published an instance before __init__. Nobody sees one
// here: not by Get, Peek or All.
func TestHalfBuiltInstance(t *testing.T) {
	type pair struct{ a, b int }
	k := singleton.NewKeyed(func(_ context.Context, n int) (*pair, error) {
		p := &pair{a: n}
		runtime.Gosched()
		p.b = -n
		return p, nil
	}, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 500 {
				if p, ok := k.Peek(n); ok && p.a != -p.b {
					t.Errorf("Peek: %+v", p)
				}
				if p, _ := k.Get(t.Context(), n); p.a != n || p.b != -n {
					t.Errorf("Get: %+v", p)
				}
				if n%100 == 0 {
					for key, p := range k.All() {
						if p.a != key || p.b != -key {
							t.Errorf("All: %+v", p)
						}
					}
				}
				if n%50 == 0 {
					_ = k.Reset(n)
				}
			}
		})
	}
	wg.Wait()
}

// TestRegistryNeverReleased: 10,000 unused stores of the original stayed for ever.
func TestRegistryNeverReleased(t *testing.T) {
	k := singleton.NewKeyed(func(_ context.Context, n int) (*thing, error) { return &thing{n: n}, nil }, nil)
	var collected atomic.Int32
	for n := range 10_000 {
		x, _ := k.Get(t.Context(), n)
		runtime.AddCleanup(x, func(int) { collected.Add(1) }, 0)
	}
	for n := range 10_000 {
		if err := k.Reset(n); err != nil {
			t.Fatal(err)
		}
	}
	until(t, func() bool { runtime.GC(); return collected.Load() == 10_000 })
	if s := k.Stats(); s.Instances != 0 || s.Closed != 10_000 {
		t.Errorf("%+v", s)
	}
}
