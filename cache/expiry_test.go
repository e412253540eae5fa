package cache_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/cache"
)

// TestSweep: what expired gives its room back though nobody asks for it, within a second of
// its end or, if one that ends later was set first, within a minute.
func TestSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := map[cache.Cause]int{}
		c := cache.New(10_000, &cache.Options[int, int]{
			Lifetime: func(_, v int) time.Duration { return time.Duration(v) * time.Second },
			OnRemove: func(r cache.Removal[int, int]) { gone[r.Cause]++ },
		})
		wait := func(d time.Duration, left int) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if c.Len() != left {
				t.Errorf("%d entries, want %d", c.Len(), left)
			}
		}
		for i := range 2000 {
			c.Set(i, 5)
		}
		wait(4*time.Second, 2000)
		wait(2100*time.Millisecond, 0)
		for i := range 2000 {
			c.Set(i, 600)
		}
		c.Set(-1, 1)
		c.Set(-2, 0) // for ever
		wait(61*time.Second, 2001)
		wait(9*time.Minute+5*time.Second, 1)
		if st := c.Stats(); gone[cache.Expired] != 4001 || len(gone) != 1 || st.Expirations != 4001 || st.Evictions != 0 {
			t.Errorf("told of %v; %+v", gone, st)
		}
	})
}

// TestIdle: reading puts the end off, peeking does not, and SetTTL is exact whatever is read.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(10, &cache.Options[int, int]{Idle: time.Minute})
		for k := range 4 {
			c.Set(k, k)
		}
		c.SetTTL(4, 4, time.Minute)
		c.SetTTL(5, 5, time.Minute+1) // an odd number of nanoseconds
		c.SetTTL(6, 6, 0)
		for range 10 {
			time.Sleep(20 * time.Second)
			c.Get(0)
			_, _ = c.GetOrLoad(t.Context(), 1, brings(-1, nil))
			c.Peek(2)
			for range c.All() {
			}
			c.Get(4)
			c.Get(5)
		}
		want := map[int]int{0: 0, 1: 1, 6: 6}
		if got := maps.Collect(c.All()); !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// TestRefresh: past the age for it the old value is given out at once, and loaded again once
// however many ask.
func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(10, &cache.Options[int, int]{TTL: time.Hour, Refresh: 10 * time.Minute})
		var calls atomic.Int32
		load := func(context.Context, int) (int, error) {
			n := calls.Add(1)
			time.Sleep(time.Second)
			return int(n), nil
		}
		get := func(want int) {
			t.Helper()
			start := time.Now()
			if v, err := c.GetOrLoad(t.Context(), 1, load); v != want || err != nil {
				t.Errorf("%d %v, want %d", v, err, want)
			}
			if calls.Load() > 1 && time.Since(start) > 0 {
				t.Errorf("waited %v", time.Since(start))
			}
		}
		get(1)
		time.Sleep(9 * time.Minute)
		get(1)
		time.Sleep(2 * time.Minute)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { get(1) })
		}
		wg.Wait()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		get(2)
		if n := calls.Load(); n != 2 {
			t.Errorf("%d loads, want 2", n)
		}
		time.Sleep(11 * time.Minute)
		c.Get(1) // only GetOrLoad has a loader
		synctest.Wait()
		if calls.Load() != 2 {
			t.Error("Get has refreshed")
		}
	})
}

// TestRefreshFails: the old value stays until its end, and the refresh is tried again after
// a tenth of what remains; with and without Stale.
func TestRefreshFails(t *testing.T) {
	for _, stale := range []time.Duration{0, time.Hour} {
		for name, fails := range map[string]func() (int, error){
			"error":  func() (int, error) { return 0, errors.New("down") },
			"panic":  func() (int, error) { panic("down") },
			"nobody": func() (int, error) { return 0, cache.ErrNotFound },
		} {
			t.Run(fmt.Sprint(name, " ", stale), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := cache.New(10, &cache.Options[int, int]{TTL: 60 * time.Minute, Refresh: 10 * time.Minute, Stale: stale})
					var calls atomic.Int32
					load := func(context.Context, int) (int, error) { calls.Add(1); return fails() }
					c.Set(1, 1)
					time.Sleep(11 * time.Minute)
					for range 48 * 60 { // to the 59th minute
						if v, err := c.GetOrLoad(t.Context(), 1, load); v != 1 || err != nil {
							t.Fatal(v, err)
						}
						time.Sleep(time.Second)
					}
					if n := calls.Load(); n < 9 || n > 11 {
						t.Errorf("%d tries in 48 minutes, want one in 5", n)
					}
					c.Set(2, 2)
					time.Sleep(2 * time.Minute)
					if _, ok := c.Get(1); ok {
						t.Error("there past its end")
					}
				})
			})
		}
	}
}

// TestRefreshOvertaken: what is set or deleted while it is loaded again stands.
func TestRefreshOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(10, &cache.Options[int, int]{TTL: time.Hour, Refresh: time.Minute})
		for key, overtake := range []func(int){
			func(k int) { c.Set(k, 5) },
			func(k int) { c.Delete(k) },
			func(int) { c.Clear() },
		} {
			gate := make(chan bool)
			c.Set(key, 1)
			time.Sleep(2 * time.Minute)
			_, _ = c.GetOrLoad(t.Context(), key, brings(2, gate))
			overtake(key)
			close(gate)
			synctest.Wait()
			if v, ok := c.Get(key); ok != (key == 0) || ok && v != 5 {
				t.Errorf("case %d: %d %v", key, v, ok)
			}
		}
	})
}

// TestStale: past its end a value is given out if loading fails, but no longer than Stale,
// and not by Get; a loader that panics, or knows that there is none, is believed.
func TestStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(10, &cache.Options[int, int]{TTL: time.Minute, Stale: time.Hour})
		down := errors.New("down")
		fails := func(context.Context, int) (int, error) { return 0, down }
		for k := range 4 {
			c.Set(k, 10+k)
		}
		time.Sleep(30 * time.Minute)
		if v, ok := c.Get(0); ok {
			t.Error("Get gives out", v)
		}
		c.DeleteFunc(func(int, int) bool { return false })
		if v, err := c.GetOrLoad(t.Context(), 0, fails); v != 10 || err != nil {
			t.Errorf("stale: %d %v", v, err)
		}
		if o := outcomeOf(c, t.Context(), 1, func(context.Context, int) (int, error) { panic(down) }); o.panic == nil {
			t.Errorf("a panic: %+v", o)
		}
		if _, err := c.GetOrLoad(t.Context(), 2, func(context.Context, int) (int, error) { return 0, cache.ErrNotFound }); !errors.Is(err, cache.ErrNotFound) {
			t.Errorf("not found: %v", err)
		}
		if v, err := c.GetOrLoad(t.Context(), 3, brings(3, nil)); v != 3 || err != nil {
			t.Errorf("loaded: %d %v", v, err)
		}
		if st := c.Stats(); st.Stale != 1 || st.LoadFailures != 3 || st.Loads != 4 {
			t.Errorf("%+v", st)
		}
		time.Sleep(32 * time.Minute)
		if v, err := c.GetOrLoad(t.Context(), 0, fails); !errors.Is(err, down) {
			t.Errorf("past Stale: %d %v", v, err)
		}
		if time.Sleep(2 * time.Hour); c.Len() != 0 {
			t.Errorf("%d entries take room past Stale", c.Len())
		}
	})
}

// TestNotFound: remembered for its time, or until the key has a value.
func TestNotFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(10, &cache.Options[int, int]{NotFound: time.Minute})
		calls := 0
		none := func(context.Context, int) (int, error) {
			calls++
			return 0, fmt.Errorf("row: %w", cache.ErrNotFound)
		}
		look := func(key, want int) {
			t.Helper()
			if _, err := c.GetOrLoad(t.Context(), key, none); !errors.Is(err, cache.ErrNotFound) {
				t.Error(err)
			}
			if calls != want {
				t.Errorf("%d loads, want %d", calls, want)
			}
		}
		look(1, 1)
		look(1, 1)
		time.Sleep(59 * time.Second)
		look(1, 1)
		time.Sleep(2 * time.Second)
		look(1, 2)
		for i, give := range []func(){
			func() { c.Set(1, 1) },
			func() { c.GetOrSet(1, 1) },
			func() { c.SetTTL(1, 1, time.Hour) },
			func() {}, // Delete alone
		} {
			give()
			c.Delete(1)
			look(1, 3+i)
		}
		c.Clear()
		look(1, 7)
		if v, loaded := c.GetOrSet(1, 5); v != 5 || loaded {
			t.Error("GetOrSet:", v, loaded)
		}
		if v, err := c.GetOrLoad(t.Context(), 1, none); v != 5 || err != nil {
			t.Error("after GetOrSet:", v, err)
		}
		if st := c.Stats(); st.Misses != 9+2 {
			t.Errorf("%d misses, want 9 of GetOrLoad and 2 of GetOrSet", st.Misses)
		}
	})
}

// TestNotFoundForgotten: what is not kept, being too heavy or dead at once, still says that the
// key has a value.
func TestNotFoundForgotten(t *testing.T) {
	c := cache.New(2, &cache.Options[int, int]{NotFound: time.Hour, Weight: func(_, v int) int { return v }})
	none := func(context.Context, int) (int, error) { return 0, cache.ErrNotFound }
	for name, give := range map[string]func(){
		"too heavy": func() { c.Set(1, 3) },
		"dead":      func() { c.SetTTL(1, 1, -1) },
	} {
		if _, err := c.GetOrLoad(t.Context(), 1, none); !errors.Is(err, cache.ErrNotFound) {
			t.Fatal(err)
		}
		give()
		if v, err := c.GetOrLoad(t.Context(), 1, brings(2, nil)); v != 2 || err != nil {
			t.Errorf("%s: %d %v", name, v, err)
		}
		c.Delete(1)
	}
}

// A tier is a second cache that fails and tarries as told.
type tier struct {
	values map[int]int
	ttl    time.Duration
	fails  error
	slow   time.Duration
	panics bool
	calls  []string
}

func (s *tier) call(format string, args ...any) error {
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
	time.Sleep(s.slow)
	if s.panics {
		panic("tier")
	}
	return s.fails
}

func (s *tier) Get(ctx context.Context, key int) (int, error) {
	if err := errors.Join(s.call("get %d", key), ctx.Err()); err != nil {
		return 0, err
	}
	if v, ok := s.values[key]; ok {
		return v, nil
	}
	return 0, cache.ErrNotFound
}

func (s *tier) Set(_ context.Context, key, value int, ttl time.Duration) error {
	err := s.call("set %d %d", key, value)
	if err == nil {
		s.values[key], s.ttl = value, ttl
	}
	return err
}

func (s *tier) Delete(_ context.Context, key int) error {
	err := s.call("delete %d", key)
	if err == nil {
		delete(s.values, key)
	}
	return err
}

func TestTier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		second := &tier{values: map[int]int{1: 10}}
		c := cache.New(10, &cache.Options[int, int]{TTL: time.Hour, Refresh: time.Minute, Tier: second})
		want := func(key, value int, load int) {
			t.Helper()
			if v, err := c.GetOrLoad(t.Context(), key, brings(load, nil)); v != value || err != nil {
				t.Errorf("%d: %d %v, want %d", key, v, err, value)
			}
			synctest.Wait()
		}
		want(1, 10, -1) // of the tier
		want(2, 20, 20) // of the loader
		if second.values[2] != 20 || second.ttl != time.Hour {
			t.Errorf("the tier was told %v, for %v", second.values, second.ttl)
		}
		time.Sleep(2 * time.Minute)
		want(2, 20, 21) // refreshed: the tier has but the old value
		want(2, 21, -1)
		if second.values[2] != 21 {
			t.Errorf("after a refresh the tier has %v", second.values)
		}

		if err := c.Invalidate(t.Context(), 2); err != nil || second.values[2] != 0 {
			t.Errorf("%v, %v", err, second.values)
		}
		want(2, 22, 22)

		second.fails = errors.New("tier is down")
		if err := c.Invalidate(t.Context(), 2); !errors.Is(err, second.fails) {
			t.Errorf("Invalidate: %v", err)
		}
		want(2, 23, 23)
		if second.values[2] != 22 {
			t.Errorf("%v", second.values)
		}
		second.fails, second.panics = nil, true
		if o := outcomeOf(c, t.Context(), 7, brings(7, nil)); o.panic == nil {
			t.Errorf("the tier's panic is lost: %+v", o)
		}
		second.panics = false
		want(7, 7, 7)
	})
}

// TestTierSlow: whoever is cancelled does not wait for the tier; and what is invalidated
// while a load is under way is in neither cache when all is quiet.
func TestTierSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		second := &tier{values: map[int]int{1: 10}, slow: time.Hour}
		c := cache.New(10, &cache.Options[int, int]{Tier: second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.GetOrLoad(ctx, 1, brings(1, nil)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		time.Sleep(3 * time.Hour)
		synctest.Wait()

		second.slow, second.values = 0, map[int]int{}
		gate := make(chan bool)
		go c.GetOrLoad(t.Context(), 2, brings(2, gate))
		synctest.Wait()
		if err := c.Invalidate(t.Context(), 2); err != nil {
			t.Error(err)
		}
		close(gate)
		synctest.Wait()
		if v, ok := second.values[2]; ok {
			t.Errorf("the tier has %d, which was invalidated", v)
		}
		if v, ok := c.Get(2); ok {
			t.Errorf("the cache has %d, which was invalidated", v)
		}
	})
}

// TestSetTTL: of caches with and without lifetimes, 0 is for ever and below 0 is never.
func TestSetTTL(t *testing.T) {
	for name, opts := range map[string]*cache.Options[int, int]{
		"plain": nil, "ttl": {TTL: time.Minute}, "idle": {Idle: time.Minute}, "weighted": {Weight: func(int, int) int { return 2 }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := cache.New(20, opts)
				c.Set(0, 0)
				c.SetTTL(1, 1, time.Second)
				c.SetTTL(2, 2, 0)
				c.SetTTL(3, 3, 1<<63-1)
				c.SetTTL(0, 4, -1)
				c.SetTTL(4, 4, -1)
				if _, ok := c.Get(0); ok || c.Len() != 3 {
					t.Errorf("below 0: %v, %d entries", ok, c.Len())
				}
				time.Sleep(500 * time.Millisecond)
				if v, ok := c.Get(1); !ok || v != 1 {
					t.Error("gone before its time")
				}
				time.Sleep(505 * time.Millisecond)
				if _, ok := c.Get(1); ok {
					t.Error("there past its time")
				}
				time.Sleep(1000 * time.Hour)
				if got, want := maps.Collect(c.All()), (map[int]int{2: 2, 3: 3}); !maps.Equal(got, want) {
					t.Errorf("%v, want %v", got, want)
				}
			})
		})
	}
}

func TestOptions(t *testing.T) {
	for name, do := range map[string]func(){
		"capacity 0":            func() { cache.New[int, int](0, nil) },
		"Resize(0)":             func() { cache.New[int, int](1, nil).Resize(0) },
		"negative TTL":          func() { cache.New(1, &cache.Options[int, int]{TTL: -1}) },
		"TTL and Idle":          func() { cache.New(1, &cache.Options[int, int]{TTL: 1, Idle: 1}) },
		"Refresh without TTL":   func() { cache.New(1, &cache.Options[int, int]{Refresh: 1}) },
		"Refresh not below TTL": func() { cache.New(1, &cache.Options[int, int]{TTL: 2, Refresh: 2}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			do()
		}()
	}
}
