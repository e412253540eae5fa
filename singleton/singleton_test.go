package singleton_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/singleton"
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

// TestValue: the first Get builds, all others get the same.
func TestValue(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			ctx := makes(t)
			f := &factory{t: t}
			v := singleton.New(f.build, nil)
			if x, ok := v.Peek(); ok || x != nil {
				t.Errorf("Peek before Get: %v %v", x, ok)
			}
			a, err := v.Get(ctx)
			b, err2 := v.Get(ctx)
			if a == nil || a != b || err != nil || err2 != nil || f.builds.Load() != 1 {
				t.Errorf("got %p (%v) and %p (%v) of %d builds", a, err, b, err2, f.builds.Load())
			}
			if x, ok := v.Peek(); !ok || x != a {
				t.Errorf("Peek after Get: %v %v", x, ok)
			}
		})
	}
}

// TestTenGoroutinesAtFirstAccess: the original's unsynchronised metaclass built ten stores.
func TestTenGoroutinesAtFirstAccess(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := makes(t)
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
		})
	}
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

// TestTextKeys: for the original 1 and "1", and "a=1" and a=1, were one store, and two equal
// configurations were two.
func TestTextKeys(t *testing.T) {
	k := singleton.NewKeyed(func(_ context.Context, key any) (*thing, error) { return &thing{}, nil }, nil)
	type config struct {
		host string
		port int
	}
	type other config
	keys := []any{1, "1", int64(1), 1.0, true, "a=1", [1]string{"a=1"}, config{"a", 1}, other{"a", 1}, config{"a=1", 0}, nil, "", 0}
	seen := map[*thing]any{}
	for _, key := range keys {
		x, err := k.Get(t.Context(), key)
		if again, ok := seen[x]; ok || err != nil {
			t.Errorf("%#v and %#v are one (%v)", key, again, err)
		}
		seen[x] = key
	}
	for _, key := range []any{config{strings.Clone("a"), 1}, "a" + strings.Clone("=1")} {
		if x, _ := k.Get(t.Context(), key); seen[x] != key {
			t.Errorf("%#v is another than an equal key", key)
		}
	}
}

// TestZeroKey: the original treated key 0 and "" as none.
func TestZeroKey(t *testing.T) {
	for _, opts := range []*singleton.KeyedOptions[*thing]{nil, {Capacity: 3, Evict: true}} {
		k := singleton.NewKeyed(func(_ context.Context, key int) (*thing, error) { return &thing{n: key}, nil }, opts)
		for range 3 { // also once a node was removed
			if _, ok := k.Peek(0); ok {
				t.Error("key 0 is there before it was built")
			}
			a, _ := k.Get(t.Context(), 0)
			b, _ := k.Get(t.Context(), 1)
			if x, _ := k.Get(t.Context(), 0); x != a || a == b {
				t.Error("key 0 is none of its own")
			}
			_ = k.Reset(0)
		}
	}
	k := singleton.NewKeyed(func(_ context.Context, key string) (int, error) { return len(key), nil }, nil)
	if _, err := k.Get(t.Context(), ""); err != nil || k.Len() != 1 {
		t.Errorf("got %v", err)
	}
}

// TestFloatKeys: the zeros are one key. NaN cannot be one: each Get would build another.
func TestFloatKeys(t *testing.T) {
	var f factory
	k := singleton.NewKeyed(func(ctx context.Context, _ float64) (*thing, error) { return f.build(ctx) }, nil)
	a, _ := k.Get(t.Context(), 0)
	b, _ := k.Get(t.Context(), math.Copysign(0, -1))
	if a != b {
		t.Error("0.0 and -0.0 are two keys")
	}
	for range 3 {
		if _, err := k.Get(t.Context(), math.NaN()); err != singleton.ErrKey {
			t.Errorf("NaN: got error %v", err)
		}
	}
	if _, ok := k.Peek(math.NaN()); ok || k.Reset(math.NaN()) != nil || f.builds.Load() != 1 {
		t.Errorf("NaN was built")
	}
}

// TestUncomparableKey panics, as a map does, and leaves nothing locked.
func TestUncomparableKey(t *testing.T) {
	k := singleton.NewKeyed(func(context.Context, any) (int, error) { return 1, nil }, nil)
	for name, do := range map[string]func(){
		"Get":   func() { _, _ = k.Get(t.Context(), []int{1}) },
		"Reset": func() { _ = k.Reset([]int{1}) },
		"Peek":  func() { k.Peek([]int{1}) },
	} {
		if panicked(do) == nil {
			t.Errorf("%s does not panic", name)
		}
	}
	if n, err := k.Get(t.Context(), 1); n != 1 || err != nil {
		t.Errorf("got %d (%v)", n, err)
	}
}

func panicked(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// TestKeyedByTypeName: the original's weak mixin took two classes of one name for one.
func TestKeyedByTypeName(t *testing.T) {
	k := singleton.NewKeyed(func(context.Context, any) (*thing, error) { return &thing{}, nil }, nil)
	first := func() any { type config struct{}; return config{} }()
	second := func() any { type config struct{}; return config{} }()
	a, _ := k.Get(t.Context(), first)
	b, _ := k.Get(t.Context(), second)
	if a == b {
		t.Errorf("%T and %T are one", first, second)
	}
}

// TestCreationTimeOfTheBuild: the original timed object.__new__ and said 0.0009 ms for 50 ms.
func TestCreationTimeOfTheBuild(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := makes(t)
				f := &factory{t: t, slow: 50 * time.Millisecond}
				v := singleton.New(f.build, &singleton.Options[*thing]{Name: "clock"})
				_, _ = v.Get(ctx)
				_ = v.Reset()
				f.slow = 10 * time.Millisecond
				_, _ = v.Get(ctx)
				s := v.Stats()
				if s.BuildTime != 60*time.Millisecond || s.Slowest != 50*time.Millisecond || s.Last != 10*time.Millisecond || s.MeanBuild() != 30*time.Millisecond || s.Name != "clock" {
					t.Errorf("%+v", s)
				}
			})
		})
	}
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

// TestExactlyOneBuildAKey: 1,000 goroutines, 100 keys, builds of 20 ms: 100 builds in the
// time of one.
func TestExactlyOneBuildAKey(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := makes(t)
				fs := make([]factory, 100)
				for i := range fs {
					fs[i].t, fs[i].slow = t, 20*time.Millisecond
				}
				k := singleton.NewKeyed(func(ctx context.Context, n int) (*thing, error) { return fs[n].build(ctx) }, nil)
				began := time.Now()
				var wg sync.WaitGroup
				for g := range 1000 {
					wg.Go(func() {
						for i := range 100 {
							key := (i + g) % 100
							if x, err := k.Get(ctx, key); x == nil || err != nil {
								t.Errorf("got %v (%v)", x, err)
							}
							if i == 0 && time.Since(began) != 20*time.Millisecond {
								t.Errorf("the first build took %v", time.Since(began))
							}
						}
					})
				}
				wg.Wait()
				if s := k.Stats(); s.Builds != 100 || s.Instances != 100 || s.Failures+s.Cancels != 0 || s.BuildTime != 2*time.Second {
					t.Errorf("%+v", s)
				}
				if took := time.Since(began); took != 20*time.Millisecond {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// TestFailureIsTriedAgain by the next Get; those who waited are told.
func TestFailureIsTriedAgain(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := makes(t)
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
		})
	}
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
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := makes(t)
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
		})
	}
}

// TestGoexit: who waits is told.
func TestGoexit(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := makes(t)
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
		})
	}
}

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

// TestReset closes what is there, and the next Get builds another once that is closed.
func TestReset(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := makes(t)
				closing := false
				f := &factory{t: t}
				v := singleton.New(func(ctx context.Context) (*thing, error) {
					if closing {
						t.Error("a build while the instance before is being closed")
					}
					return f.build(ctx)
				}, &singleton.Options[*thing]{Close: func(x *thing) error {
					closing = true
					time.Sleep(time.Second)
					closing = false
					_ = x.Close()
					return errBuild
				}})
				if err := v.Reset(); err != nil {
					t.Errorf("Reset of nothing: %v", err)
				}
				a, _ := v.Get(ctx)
				go func() {
					if err := v.Reset(); err != errBuild {
						t.Errorf("got %v", err)
					}
				}()
				synctest.Wait()
				if _, ok := v.Peek(); ok {
					t.Error("Peek sees what is being closed")
				}
				b, err := v.Get(ctx)
				if b == a || err != nil || a.closed.Load() != 1 || b.closed.Load() != 0 {
					t.Errorf("got %v (%v) after %v", b, err, a)
				}
				if s := v.Stats(); s.Builds != 2 || s.Closed != 1 || s.CloseFailures != 1 || s.Instances != 1 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// TestResetOvertakesBuild: what the build still brings is closed, and who waited gets the
// next one.
func TestResetOvertakesBuild(t *testing.T) {
	for name, makes := range contexts {
		for _, heeds := range []bool{true, false} {
			t.Run(fmt.Sprint(name, " heeds=", heeds), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx := makes(t)
					var built []*thing
					f := &factory{t: t, slow: time.Second}
					v := singleton.New(func(ctx context.Context) (*thing, error) {
						if !heeds {
							ctx = context.Background()
						}
						x, err := f.build(ctx)
						built = append(built, x)
						return x, err
					}, nil)
					var wg sync.WaitGroup
					for range 3 {
						wg.Go(func() {
							if x, err := v.Get(ctx); err != nil || x.n != 2 || x.closed.Load() != 0 {
								t.Errorf("got %+v (%v)", x, err)
							}
						})
					}
					synctest.Wait()
					if err := v.Reset(); err != nil {
						t.Error(err)
					}
					wg.Wait()
					if !heeds && built[0].closed.Load() != 1 || heeds && built[0] != nil {
						t.Errorf("the first was %+v", built[0])
					}
					if s := v.Stats(); s.Cancels != 1 || s.Builds != 1 || s.Instances != 1 {
						t.Errorf("%+v", s)
					}
				})
			})
		}
	}
}

// TestSwap: tests see what they put there, and what was there comes back.
func TestSwap(t *testing.T) {
	f := &factory{t: t}
	v := singleton.New(f.build, nil)
	get := func(want *thing) {
		t.Helper()
		if got, err := v.Get(t.Context()); got != want || err != nil {
			t.Errorf("got %p (%v), want %p", got, err, want)
		}
	}
	fake, other := &thing{}, &thing{}
	restore := v.Swap(fake)
	get(fake)
	if f.builds.Load() != 0 {
		t.Error("it was built")
	}
	restoreOther := v.Swap(other)
	get(other)
	restore()
	get(other)
	restoreOther()
	own, _ := v.Get(t.Context())
	if own == fake || own == other || f.builds.Load() != 1 {
		t.Errorf("got %p", own)
	}
	restore() // once more does nothing
	restore = v.Swap(fake)
	get(fake)
	restore()
	get(own)
	restore = v.Swap(fake)
	_ = v.Reset() // of what is behind it
	get(fake)
	restore()
	if again, _ := v.Get(t.Context()); again == own || own.closed.Load() != 1 || fake.closed.Load() != 0 {
		t.Errorf("got %p", again)
	}
	restore = v.Swap(fake)
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	restore()
	v.Swap(fake)
	if _, err := v.Get(t.Context()); err != singleton.ErrClosed || fake.closed.Load() != 0 {
		t.Errorf("got %v", err)
	}
}

// TestClose: nothing that was built is open when it returns.
func TestClose(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := makes(t)
				var built *thing
				v := singleton.New(func(context.Context) (*thing, error) {
					time.Sleep(time.Second)
					built = &thing{}
					return built, nil
				}, nil)
				var wg sync.WaitGroup
				wg.Go(func() {
					if _, err := v.Get(ctx); err != singleton.ErrClosed {
						t.Errorf("got %v", err)
					}
				})
				synctest.Wait()
				for range 2 {
					wg.Go(func() {
						if err := v.Close(); err != nil || built == nil || built.closed.Load() != 1 {
							t.Errorf("Close: %v, built %+v", err, built)
						}
					})
				}
				wg.Wait()
				if _, err := v.Get(ctx); err != singleton.ErrClosed {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// TestCloseInReverseOrder of the building, whatever fails.
func TestCloseInReverseOrder(t *testing.T) {
	var closed []int
	k := singleton.NewKeyed(func(_ context.Context, n int) (int, error) { return n, nil },
		&singleton.KeyedOptions[int]{Close: func(n int) error {
			closed = append(closed, n)
			switch n {
			case 3:
				panic("three")
			case 5:
				return errBuild
			}
			return nil
		}})
	var want []int
	for i := range 100 {
		key := i * 7 % 100
		_, _ = k.Get(t.Context(), key)
		want = append(want, key)
	}
	var all []int
	for key, n := range k.All() {
		if all = append(all, key); n != key {
			t.Errorf("%d has %d", key, n)
		}
	}
	if !slices.Equal(all, want) {
		t.Errorf("All: got %v, want %v", all, want)
	}
	slices.Reverse(want)
	err := k.Close()
	if !slices.Equal(closed, want) {
		t.Errorf("closed %v, want %v", closed, want)
	}
	var p *singleton.PanicError
	if !errors.Is(err, errBuild) || !errors.As(err, &p) || p.Value != "three" {
		t.Errorf("got error %v", err)
	}
	if again := k.Close(); again == nil || len(closed) != 100 {
		t.Errorf("closed again: %v", again)
	}
	if s := k.Stats(); s.Instances != 0 || s.Closed != 100 || s.CloseFailures != 2 {
		t.Errorf("%+v", s)
	}
	for range k.All() {
		t.Error("an instance is left")
	}
}

// TestCapacity: a new key is refused, or room is made for it.
func TestCapacity(t *testing.T) {
	build := func(_ context.Context, n int) (*thing, error) { return &thing{n: n}, nil }
	k := singleton.NewKeyed(build, &singleton.KeyedOptions[*thing]{Capacity: 2})
	for n := range 4 {
		if _, err := k.Get(context.Background(), n); (err == singleton.ErrFull) != (n >= 2) {
			t.Errorf("%d: got %v", n, err)
		}
	}
	_ = k.Reset(0)
	if _, err := k.Get(context.Background(), 3); err != nil || k.Len() != 2 {
		t.Errorf("got %v, %d instances", err, k.Len())
	}

	e := singleton.NewKeyed(build, &singleton.KeyedOptions[*thing]{Capacity: 10, Evict: true})
	var all []*thing
	for n := range 1000 {
		if hot, err := e.Get(context.Background(), -1); err != nil || hot.closed.Load() != 0 {
			t.Fatalf("what is asked for all the time was evicted: %v", err)
		}
		x, err := e.Get(context.Background(), n)
		if err != nil || x.closed.Load() != 0 || e.Len() > 10 {
			t.Fatalf("got %v (%v) of %d", x, err, e.Len())
		}
		all = append(all, x)
	}
	open := 0
	for _, x := range all {
		switch x.closed.Load() {
		case 0:
			open++
		case 1:
		default:
			t.Errorf("%d was closed %d times", x.n, x.closed.Load())
		}
	}
	if s := e.Stats(); open != 9 || s.Evictions != 991 || s.Closed != 991 || s.Instances != 10 {
		t.Errorf("%d of those that were asked for once are open; %+v", open, s)
	}
}

// TestOptionsThatMakeNoSense panic.
func TestOptionsThatMakeNoSense(t *testing.T) {
	for name, make := range map[string]func(){
		"negative back-off":   func() { singleton.New[int](nil, &singleton.Options[int]{Backoff: -1}) },
		"most below first":    func() { singleton.New[int](nil, &singleton.Options[int]{Backoff: 2, MaxBackoff: 1}) },
		"negative capacity":   func() { singleton.NewKeyed[int, int](nil, &singleton.KeyedOptions[int]{Capacity: -1}) },
		"evict without bound": func() { singleton.NewKeyed[int, int](nil, &singleton.KeyedOptions[int]{Evict: true}) },
	} {
		if panicked(make) == nil {
			t.Errorf("%s: no panic", name)
		}
	}
}

// TestCount: accesses are counted exactly, and only if that was asked for.
func TestCount(t *testing.T) {
	v := singleton.New(func(context.Context) (int, error) { return 1, nil }, &singleton.Options[int]{Count: true})
	k := singleton.NewKeyed(func(context.Context, int) (int, error) { return 1, nil }, &singleton.KeyedOptions[int]{Count: true})
	w := singleton.NewWeak(func(context.Context, int) (*thing, func() error, error) { return &thing{}, nil, nil }, &singleton.WeakOptions{Count: true})
	hold, _ := w.Get(t.Context(), 1)
	_, _ = v.Get(t.Context())
	_, _ = k.Get(t.Context(), 1)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 1000 {
				_, _ = v.Get(t.Context())
				_, _ = k.Get(t.Context(), 1)
				_, _ = w.Get(t.Context(), 1)
				v.Peek()
				k.Peek(1)
				w.Peek(1)
			}
		})
	}
	wg.Wait()
	runtime.KeepAlive(hold)
	for _, s := range []singleton.Stats{v.Stats(), k.Stats(), w.Stats()} {
		if s.Accesses != 20_000 || !s.Counted {
			t.Errorf("%+v", s)
		}
	}
	u := singleton.New(func(context.Context) (int, error) { return 1, nil }, nil)
	_, _ = u.Get(t.Context())
	_, _ = u.Get(t.Context())
	if s := u.Stats(); s.Accesses != 0 || s.Counted {
		t.Errorf("%+v", s)
	}
}
