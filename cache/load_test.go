package cache_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/cache"
)

type intLoader = cache.Loader[int, int]

// brings returns a loader that waits for gate, if there is one, and brings value.
func brings(value int, gate <-chan bool) intLoader {
	return func(context.Context, int) (int, error) {
		if gate != nil {
			<-gate
		}
		return value, nil
	}
}

// contexts make one that can't be cancelled, so that the caller loads, and one that can.
var contexts = map[string]func(*testing.T) context.Context{
	"background":  func(*testing.T) context.Context { return context.Background() },
	"cancellable": (*testing.T).Context,
}

// outcomeOf calls GetOrLoad and tells how it ended.
func outcomeOf(c *cache.Cache[int, int], ctx context.Context, key int, load intLoader) (o struct {
	value   int
	err     error
	panic   *cache.PanicError
	returns bool
}) {
	defer func() {
		if v := recover(); v != nil {
			o.panic = v.(*cache.PanicError)
		}
	}()
	o.value, o.err = c.GetOrLoad(ctx, key, load)
	o.returns = true
	return o
}

// TestSingleFlight: a hundred callers, one load, one answer; whichever context comes first.
func TestSingleFlight(t *testing.T) {
	broken := errors.New("broken")
	endings := map[string]struct {
		load  func() (int, error)
		check func(value int, err error, p *cache.PanicError) bool
	}{
		"loads":  {func() (int, error) { return 7, nil }, func(v int, err error, p *cache.PanicError) bool { return v == 7 && err == nil && p == nil }},
		"fails":  {func() (int, error) { return 7, broken }, func(_ int, err error, p *cache.PanicError) bool { return err == broken && p == nil }},
		"panics": {func() (int, error) { panic(broken) }, func(_ int, _ error, p *cache.PanicError) bool { return p != nil && errors.Is(p, broken) }},
	}
	for name, e := range endings {
		for where, first := range contexts {
			t.Run(name+" "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := cache.New[int, int](10, nil)
					calls, gate := 0, make(chan bool)
					load := func(context.Context, int) (int, error) { calls++; <-gate; return e.load() }
					var wg sync.WaitGroup
					caller := func(ctx context.Context) {
						wg.Go(func() {
							if o := outcomeOf(c, ctx, 1, load); !e.check(o.value, o.err, o.panic) {
								t.Errorf("%+v", o)
							}
						})
					}
					caller(first(t))
					synctest.Wait()
					own, cancel := context.WithCancel(context.Background())
					defer cancel()
					for range 50 {
						caller(context.Background())
						caller(own)
					}
					synctest.Wait()
					close(gate)
					wg.Wait()
					st := c.Stats()
					if calls != 1 || st.Loads != 1 || st.Shared != 100 || st.Misses != 101 || (st.LoadFailures == 1) == (name == "loads") {
						t.Errorf("%d loads; %+v", calls, st)
					}
					if _, ok := c.Get(1); ok != (name == "loads") {
						t.Errorf("kept: %v", ok)
					}
				})
			})
		}
	}
}

// TestOvertakenLoad: what was set, deleted or purged during a load stands, whoever waits for
// the load gets its value, and who comes after gets a load of their own.
func TestOvertakenLoad(t *testing.T) {
	for name, overtake := range map[string]func(*cache.Cache[int, int]){
		"Set":           func(c *cache.Cache[int, int]) { c.Set(1, 5) },
		"SetTTL":        func(c *cache.Cache[int, int]) { c.SetTTL(1, 5, time.Hour) },
		"GetOrSet":      func(c *cache.Cache[int, int]) { c.GetOrSet(1, 5) },
		"Delete":        func(c *cache.Cache[int, int]) { c.Delete(1) },
		"Set, Delete":   func(c *cache.Cache[int, int]) { c.Set(1, 4); c.Delete(1) },
		"Clear":         func(c *cache.Cache[int, int]) { c.Clear() },
		"DeleteFunc":    func(c *cache.Cache[int, int]) { c.DeleteFunc(func(int, int) bool { return false }) },
		"DeleteTag":     func(c *cache.Cache[int, int]) { c.DeleteTag("any") },
		"Delete Resize": func(c *cache.Cache[int, int]) { c.Resize(500_000); c.Delete(1) },
		"Resize Delete": func(c *cache.Cache[int, int]) { c.Delete(1); c.Resize(500_000) },
	} {
		for where, within := range contexts {
			t.Run(name+" "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx := within(t)
					c := cache.New(10, &cache.Options[int, int]{Tags: func(int, int) []string { return nil }})
					gate := make(chan bool)
					var early, late int
					go func() { early, _ = c.GetOrLoad(ctx, 1, brings(1, gate)) }()
					synctest.Wait()
					overtake(c)
					_, set := c.Peek(1)
					go func() { late, _ = c.GetOrLoad(ctx, 1, brings(2, nil)) }()
					synctest.Wait()
					want := 2
					if set {
						want = 5
					}
					if late != want {
						t.Errorf("who came after got %d, want %d", late, want)
					}
					close(gate)
					synctest.Wait()
					if v, ok := c.Get(1); !ok || v != want {
						t.Errorf("kept %d %v, want %d", v, ok, want)
					}
					if early != 1 {
						t.Errorf("who waited got %d, want 1", early)
					}
				})
			})
		}
	}
}

// TestResizeKeepsFlights: a load that is under way when the entries are dealt anew is still
// joined, and kept.
func TestResizeKeepsFlights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int, int](10, nil)
		gate := make(chan bool)
		go c.GetOrLoad(context.Background(), 1, brings(1, gate))
		synctest.Wait()
		c.Resize(1_000_000)
		var joined int
		go func() { joined, _ = c.GetOrLoad(context.Background(), 1, brings(2, nil)) }()
		synctest.Wait()
		close(gate)
		synctest.Wait()
		if v, ok := c.Get(1); joined != 1 || v != 1 || !ok {
			t.Errorf("joined %d, kept %d %v", joined, v, ok)
		}
	})
}

// TestCancelledCallers: a caller returns as soon as its context is cancelled; the load is
// cancelled when the last has left, and not before; who comes then starts another.
func TestCancelledCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int, int](10, nil)
		type traced struct{}
		cancelled := false
		hangs := func(ctx context.Context, _ int) (int, error) {
			if ctx.Value(traced{}) != "first" {
				t.Error("the loader's context lacks the values of the caller's")
			}
			if _, has := ctx.Deadline(); has {
				t.Error("the loader's context has the deadline of the caller's")
			}
			<-ctx.Done()
			cancelled = true
			return 0, ctx.Err()
		}
		first, cancelFirst := context.WithTimeout(context.WithValue(t.Context(), traced{}, "first"), time.Minute)
		second, cancelSecond := context.WithCancel(t.Context())
		defer cancelFirst()
		var errs [2]error
		go func() { _, errs[0] = c.GetOrLoad(first, 1, hangs) }()
		synctest.Wait()
		go func() { _, errs[1] = c.GetOrLoad(second, 1, hangs) }()
		synctest.Wait()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if !errors.Is(errs[0], context.DeadlineExceeded) || errs[1] != nil || cancelled {
			t.Fatalf("after the first has left: %v, %v", errs, cancelled)
		}
		cancelSecond()
		synctest.Wait()
		if !errors.Is(errs[1], context.Canceled) || !cancelled {
			t.Fatalf("after both have left: %v, %v", errs, cancelled)
		}
		if v, err := c.GetOrLoad(t.Context(), 1, brings(3, nil)); v != 3 || err != nil {
			t.Errorf("a new load: %d %v", v, err)
		}
	})
}

// TestDeafLoader: a loader that does not heed its context holds nobody up, and its late
// answer is not kept over the one of the load after it.
func TestDeafLoader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int, int](10, nil)
		gate := make(chan bool)
		ctx, cancel := context.WithCancel(t.Context())
		var err error
		go func() { _, err = c.GetOrLoad(ctx, 1, brings(1, gate)) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if !errors.Is(err, context.Canceled) {
			t.Fatal("the caller still waits:", err)
		}
		if v, _ := c.GetOrLoad(t.Context(), 1, brings(2, nil)); v != 2 {
			t.Error("joined the load that was left:", v)
		}
		close(gate)
		synctest.Wait()
		if v, _ := c.Get(1); v != 2 {
			t.Error("the late answer was kept:", v)
		}
	})
}

// TestCallerLoadsForOthers: callers that can be cancelled leave a load that another makes in
// its own goroutine, which goes on.
func TestCallerLoadsForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int, int](10, nil)
		gate := make(chan bool)
		var own int
		go func() { own, _ = c.GetOrLoad(context.Background(), 1, brings(1, gate)) }()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		var err error
		go func() { _, err = c.GetOrLoad(ctx, 1, brings(2, nil)) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(gate)
		synctest.Wait()
		if v, ok := c.Get(1); !errors.Is(err, context.Canceled) || own != 1 || !ok || v != 1 {
			t.Errorf("%v, %d, %d %v", err, own, v, ok)
		}
	})
}

// TestLoaderUsesCache: a loader may load other keys and use its own key in every way but
// loading it.
func TestLoaderUsesCache(t *testing.T) {
	for where, within := range contexts {
		t.Run(where, func(t *testing.T) {
			ctx := within(t)
			c := cache.New[int, int](100, nil)
			var fibonacci intLoader
			calls := 0
			fibonacci = func(_ context.Context, n int) (int, error) {
				calls++
				if n < 2 {
					return n, nil
				}
				c.Get(n)
				a, _ := c.GetOrLoad(ctx, n-1, fibonacci)
				b, err := c.GetOrLoad(ctx, n-2, fibonacci)
				return a + b, err
			}
			if v, err := c.GetOrLoad(ctx, 40, fibonacci); v != 102334155 || err != nil || calls != 41 {
				t.Errorf("%d %v in %d calls", v, err, calls)
			}
		})
	}
}

// TestGoexit: a loader that ends its goroutine ends the caller's only if it is the same, and
// those who wait get ErrGoexit.
func TestGoexit(t *testing.T) {
	for where, within := range contexts {
		t.Run(where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := within(t)
				c := cache.New[int, int](10, nil)
				gate := make(chan bool)
				exits := func(context.Context, int) (int, error) { <-gate; runtime.Goexit(); return 0, nil }
				returned := false
				go func() {
					_, _ = c.GetOrLoad(ctx, 1, exits)
					returned = true
				}()
				synctest.Wait()
				var err error
				go func() { _, err = c.GetOrLoad(ctx, 1, exits) }()
				synctest.Wait()
				close(gate)
				synctest.Wait()
				if !errors.Is(err, cache.ErrGoexit) || returned == (where == "background") {
					t.Errorf("%v; the first returned: %v", err, returned)
				}
				if v, err := c.GetOrLoad(ctx, 1, brings(3, nil)); v != 3 || err != nil {
					t.Error("the key is lost:", v, err)
				}
			})
		})
	}
}

// TestUserPanics: a panic of Weight, Lifetime or Tags while a load lands is the load's.
func TestUserPanics(t *testing.T) {
	bad := errors.New("bad")
	for name, opts := range map[string]cache.Options[int, int]{
		"Weight":   {Weight: func(int, int) int { panic(bad) }},
		"Lifetime": {Lifetime: func(int, int) time.Duration { panic(bad) }},
		"Tags":     {Tags: func(int, int) []string { panic(bad) }},
	} {
		for where, within := range contexts {
			t.Run(name+" "+where, func(t *testing.T) {
				ctx := within(t)
				c := cache.New(10, &opts)
				for range 2 { // the second would hang if the first had not landed
					if o := outcomeOf(c, ctx, 1, brings(1, nil)); o.panic == nil || !errors.Is(o.panic, bad) {
						t.Errorf("%+v", o)
					}
				}
				defer func() {
					if e, ok := recover().(error); !ok || !errors.Is(e, bad) {
						t.Errorf("LoadAll panics with %v", e)
					}
					o := outcomeOf(c, ctx, 2, func(context.Context, int) (int, error) { return 0, bad })
					if o.err != bad {
						t.Errorf("a key of that LoadAll: %+v", o)
					}
				}()
				_, _ = c.LoadAll(ctx, []int{1, 2, 3}, bulk(1, 2, 3))
			})
		}
	}
}

// bulk returns a loader that has values, ten times their keys, for the given ones.
func bulk(has ...int) cache.BulkLoader[int, int] {
	return func(_ context.Context, keys []int) (map[int]int, error) {
		m := map[int]int{}
		for _, k := range keys {
			if slices.Contains(has, k) {
				m[k] = 10 * k
			}
		}
		return m, nil
	}
}

func TestLoadAll(t *testing.T) {
	c := cache.New(100, &cache.Options[int, int]{NotFound: time.Hour})
	c.Set(1, 11)
	var asked [][]int
	load := func(ctx context.Context, keys []int) (map[int]int, error) {
		asked = append(asked, slices.Clone(keys))
		m, err := bulk(2, 3)(ctx, keys)
		m[99] = 99 // which nobody asked for
		return m, err
	}
	got, err := c.LoadAll(t.Context(), []int{1, 2, 3, 4, 2, 4, 1}, load)
	if want := map[int]int{1: 11, 2: 20, 3: 30}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
	if len(asked) != 1 || !slices.Equal(asked[0], []int{2, 3, 4}) {
		t.Errorf("the loader was asked for %v, want once for [2 3 4]", asked)
	}
	if _, ok := c.Get(99); ok {
		t.Error("kept what nobody asked for")
	}
	got, err = c.LoadAll(t.Context(), []int{1, 2, 3, 4}, load)
	if len(got) != 3 || err != nil || len(asked) != 1 {
		t.Errorf("again: %v %v, asked %v", got, err, asked)
	}
	if _, err := c.GetOrLoad(t.Context(), 4, brings(1, nil)); !errors.Is(err, cache.ErrNotFound) {
		t.Error("4 is not remembered as not found:", err)
	}
	if got, err := c.LoadAll(t.Context(), nil, load); len(got) != 0 || err != nil || len(asked) != 1 {
		t.Error("of no keys:", got, err)
	}
}

func TestLoadAllFails(t *testing.T) {
	broken := errors.New("broken")
	c := cache.New[int, int](100, nil)
	c.Set(1, 11)
	got, err := c.LoadAll(t.Context(), []int{1, 2, 3, 3}, func(context.Context, []int) (map[int]int, error) {
		return map[int]int{2: 20}, broken
	})
	if !errors.Is(err, broken) || got[1] != 11 {
		t.Errorf("%v %v", got, err)
	}
	if _, ok := c.Get(2); ok {
		t.Error("kept a value that came with an error")
	}
	func() {
		defer func() {
			if p, ok := recover().(*cache.PanicError); !ok || !errors.Is(p, broken) {
				t.Errorf("want the loader's panic, have %v", p)
			}
		}()
		_, _ = c.LoadAll(t.Context(), []int{1, 2, 3}, func(context.Context, []int) (map[int]int, error) { panic(broken) })
	}()
	if got, err := c.LoadAll(t.Context(), []int{1, 2, 3}, bulk(2, 3)); len(got) != 3 || err != nil {
		t.Error("after a panic:", got, err)
	}
}

// TestLoadAllJoins: keys that others are loading are waited for, not loaded again, both
// ways; two LoadAll of the same keys in opposite order do not wait for each other.
func TestLoadAllJoins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int, int](100, nil)
		one, many := make(chan bool), make(chan bool)
		go c.GetOrLoad(t.Context(), 1, brings(1, one))
		synctest.Wait()
		var asked [][]int
		slow := func(ctx context.Context, keys []int) (map[int]int, error) {
			asked = append(asked, slices.Clone(keys))
			<-many
			return bulk(1, 2, 3, 4)(ctx, keys)
		}
		var a, b map[int]int
		var single int
		go func() { a, _ = c.LoadAll(t.Context(), []int{1, 2, 3}, slow) }()
		synctest.Wait()
		go func() { b, _ = c.LoadAll(context.Background(), []int{3, 4, 2, 1}, slow) }()
		synctest.Wait()
		go func() { single, _ = c.GetOrLoad(t.Context(), 3, brings(-1, nil)) }()
		synctest.Wait()
		close(many)
		close(one)
		synctest.Wait()
		if len(asked) != 2 || !slices.Equal(asked[0], []int{2, 3}) || !slices.Equal(asked[1], []int{4}) {
			t.Errorf("asked for %v, want [2 3] and [4]", asked)
		}
		if want := map[int]int{1: 1, 2: 20, 3: 30}; !maps.Equal(a, want) {
			t.Errorf("%v, want %v", a, want)
		}
		if want := map[int]int{1: 1, 2: 20, 3: 30, 4: 40}; !maps.Equal(b, want) || single != 30 {
			t.Errorf("%v, want %v; %d", b, want, single)
		}
	})
}

// TestLoadAllCancelled: who waits for a key of a LoadAll whose caller was cancelled loads it
// itself.
func TestLoadAllCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int, int](100, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var all, one error
		var value int
		go func() {
			_, all = c.LoadAll(ctx, []int{1, 2}, func(ctx context.Context, _ []int) (map[int]int, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			})
		}()
		synctest.Wait()
		go func() { value, one = c.GetOrLoad(t.Context(), 1, brings(7, nil)) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if !errors.Is(all, context.Canceled) || one != nil || value != 7 {
			t.Errorf("%v; %d %v", all, value, one)
		}
	})
}

// TestLoadAllOvertaken: a key that is deleted meanwhile is not kept, the others are.
func TestLoadAllOvertaken(t *testing.T) {
	c := cache.New[int, int](100, nil)
	got, err := c.LoadAll(t.Context(), []int{1, 2, 3}, func(ctx context.Context, keys []int) (map[int]int, error) {
		c.Delete(1)
		c.Set(2, -2)
		return bulk(1, 2, 3)(ctx, keys)
	})
	if want := map[int]int{1: 10, 2: 20, 3: 30}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
	kept := maps.Collect(c.All())
	if want := map[int]int{2: -2, 3: 30}; !maps.Equal(kept, want) {
		t.Errorf("kept %v, want %v", kept, want)
	}
}
