package lru_test

import (
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

	"github.com/whetgo/whet/lru"
)

func keys[K comparable, V any](c *lru.Cache[K, V]) []K {
	var ks []K
	for k := range c.All() {
		ks = append(ks, k)
	}
	return ks
}

func wantKeys[K comparable, V any](t *testing.T, c *lru.Cache[K, V], want ...K) {
	t.Helper()
	if got := keys(c); !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
}

func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); got != want {
			t.Errorf("panic %q, want %q", got, want)
		}
	}()
	f()
}

func TestUses(t *testing.T) {
	for _, tt := range []struct {
		name string
		use  func(c *lru.Cache[string, int])
		want string // most recent first
	}{
		{"nothing", func(c *lru.Cache[string, int]) {}, "cba"},
		{"get", func(c *lru.Cache[string, int]) { c.Get("a") }, "acb"},
		{"get the first", func(c *lru.Cache[string, int]) { c.Get("c") }, "cba"},
		{"get a missing one", func(c *lru.Cache[string, int]) { c.Get("x") }, "cba"},
		{"peek", func(c *lru.Cache[string, int]) { c.Peek("a") }, "cba"},
		{"set", func(c *lru.Cache[string, int]) { c.Set("b", 7) }, "bca"},
		{"set a new one", func(c *lru.Cache[string, int]) { c.Set("d", 7) }, "dcb"},
		{"get or set", func(c *lru.Cache[string, int]) { c.GetOrSet("a", 7) }, "acb"},
		{"get or set a new one", func(c *lru.Cache[string, int]) { c.GetOrSet("d", 7) }, "dcb"},
		{"delete", func(c *lru.Cache[string, int]) { c.Delete("b") }, "ca"},
		{"iterate", func(c *lru.Cache[string, int]) { keys(c) }, "cba"},
		{"resize down", func(c *lru.Cache[string, int]) { c.Resize(2) }, "cb"},
		{"resize up", func(c *lru.Cache[string, int]) { c.Resize(4); c.Set("d", 7) }, "dcba"},
		{"clear", func(c *lru.Cache[string, int]) { c.Clear() }, ""},
	} {
		c := lru.New[string, int](3, nil)
		for i, k := range []string{"a", "b", "c"} {
			c.Set(k, i)
		}
		tt.use(c)
		if got := strings.Join(keys(c), ""); got != tt.want {
			t.Errorf("%s: order %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNilIsAValue(t *testing.T) {
	c := lru.New[int, error](2, nil)
	c.Set(1, nil)
	if v, ok := c.Get(1); v != nil || !ok {
		t.Errorf("Get = %v, %v, want nil, true", v, ok)
	}
	if _, loaded := c.GetOrSet(1, fmt.Errorf("other")); !loaded {
		t.Error("GetOrSet replaced a nil value")
	}
}

func TestMisusePanics(t *testing.T) {
	wantPanic(t, "lru: capacity below 1", func() { lru.New[int, int](0, nil) })
	wantPanic(t, "lru: capacity below 1", func() { lru.New[int, int](1, nil).Resize(-1) })
	wantPanic(t, "lru: negative TTL -1s", func() { lru.New(1, &lru.Options[int, int]{TTL: -time.Second}) })

	c := lru.New(1, &lru.Options[int, int]{Weight: func(_, v int) int { return v }})
	wantPanic(t, "lru: negative weight", func() { c.Set(1, -1) })
	if c.Set(1, 1); c.Len() != 1 {
		t.Error("the cache is of no use after a panic of Set")
	}
}

func TestUnhashableKeyPanics(t *testing.T) {
	c := lru.New[any, int](1, nil)
	func() {
		defer func() { recover() }()
		c.Set([]int{1}, 1)
		t.Error("no panic")
	}()
	c.Set("k", 1)
	wantKeys(t, c, any("k"))
}

func TestWeight(t *testing.T) {
	c := lru.New(10, &lru.Options[string, int]{Weight: func(_ string, v int) int { return v }})
	c.Set("a", 4)
	c.Set("b", 4)
	if !c.Set("c", 3) {
		t.Error("Set that evicts reports false")
	}
	wantKeys(t, c, "c", "b")
	if c.Set("b", 11) {
		t.Error("Set that is rejected reports an eviction")
	}
	wantKeys(t, c, "c")
	c.Set("c", 9) // grows in place: nothing else is there to evict
	c.Set("zero", 0)
	if c.Weight() != 10 {
		t.Errorf("weight %d, want 10", c.Weight())
	}
	wantKeys(t, c, "zero", "c")
}

func TestHugeWeights(t *testing.T) {
	c := lru.New(math.MaxInt, &lru.Options[int, int]{Weight: func(_, v int) int { return v }})
	c.Set(1, math.MaxInt)
	c.Set(2, math.MaxInt)
	wantKeys(t, c, 2)
}

func TestTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := lru.New(3, &lru.Options[string, int]{TTL: time.Minute})
		c.Set("a", 1)
		c.Set("b", 1)
		time.Sleep(time.Minute - 1)
		c.Set("b", 2)
		if _, ok := c.Get("a"); !ok {
			t.Error("a expired early")
		}
		time.Sleep(time.Nanosecond)
		if _, ok := c.Get("a"); ok {
			t.Error("a lives on: reading prolonged its life")
		}
		if _, ok := c.Peek("b"); !ok {
			t.Error("b did not live longer by being set again")
		}
		time.Sleep(time.Minute)
		if n := c.Len(); n != 0 {
			t.Errorf("len %d, want 0", n)
		}
		if want := (lru.Stats{Hits: 1, Misses: 1, Expirations: 2}); c.Stats() != want {
			t.Errorf("stats %+v, want %+v", c.Stats(), want)
		}
	})
}

func TestLongestTTL(t *testing.T) {
	c := lru.New(1, &lru.Options[int, int]{TTL: math.MaxInt64})
	c.Set(1, 1)
	wantKeys(t, c, 1)
}

// The expired goes before the least recently used.
func TestExpiredMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := lru.New(2, &lru.Options[string, int]{TTL: time.Minute})
		c.Set("old", 1)
		time.Sleep(30 * time.Second)
		c.Set("young", 1)
		c.Get("old")
		time.Sleep(30 * time.Second)
		if c.Set("new", 1) {
			t.Error("evicted although an expired entry made room")
		}
		wantKeys(t, c, "new", "young")
	})
}

func TestNaN(t *testing.T) {
	c := lru.New[float64, int](2, nil)
	for i := range 100 {
		c.Set(math.NaN(), i)
		c.GetOrSet(math.NaN(), i)
	}
	c.Set(math.Copysign(0, -1), 1)
	if _, ok := c.Get(0); !ok {
		t.Error("0 is not -0")
	}
	if s := c.Stats(); c.Len() != 1 || s.Rejections != 200 || s.Evictions != 0 {
		t.Errorf("len %d, stats %+v, want 1 entry, 200 rejections and no eviction", c.Len(), s)
	}
	if c.Delete(math.NaN()) {
		t.Error("deleted NaN")
	}
	if err := c.Check(); err != nil {
		t.Error(err)
	}
}

func TestHitRatio(t *testing.T) {
	for _, tt := range []struct {
		s    lru.Stats
		want float64
	}{
		{lru.Stats{}, 0},
		{lru.Stats{Misses: 1}, 0},
		{lru.Stats{Hits: 1}, 1},
		{lru.Stats{Hits: 3, Misses: 1}, 0.75},
		{lru.Stats{Hits: math.MaxUint64, Misses: math.MaxUint64}, 0.5},
	} {
		if got := tt.s.HitRatio(); got != tt.want {
			t.Errorf("%+v: ratio %v, want %v", tt.s, got, tt.want)
		}
	}
}

func TestAllIsASnapshot(t *testing.T) {
	c := lru.New[int, int](4, nil)
	all := c.All()
	for i := range 4 {
		c.Set(i, i)
	}
	var got []int
	for k := range all {
		got = append(got, k)
		c.Delete(k - 1)
		c.Set(k+10, 0)
		if k == 1 {
			break
		}
	}
	if want := []int{3, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("yielded %v, want %v", got, want)
	}
	wantKeys(t, c, 11, 12, 13, 3)
}

func TestCauses(t *testing.T) {
	var got []string
	synctest.Test(t, func(t *testing.T) {
		c := lru.New(2, &lru.Options[string, int]{
			TTL:    time.Minute,
			Weight: func(_ string, v int) int { return v / 10 },
			OnEvict: func(k string, v int, cause lru.Cause) {
				got = append(got, fmt.Sprint(k, v, " ", cause))
			},
		})
		c.Set("a", 1)
		c.Set("a", 2)
		c.Set("b", 3)
		c.Set("c", 4)
		c.Set("c", 99)
		c.Delete("b")
		c.Set("d", 5)
		time.Sleep(time.Minute)
		c.Get("d")
		c.Set("e", 6)
		c.Set("f", 7)
		c.Resize(1)
		c.Clear()
	})
	want := []string{"a1 replaced", "a2 evicted", "c4 replaced", "c99 rejected", "b3 deleted",
		"d5 expired", "e6 evicted", "f7 cleared"}
	if !slices.Equal(got, want) {
		t.Errorf("told  %q\nwant %q", got, want)
	}
	if s := lru.Cause(0).String() + lru.Cause(200).String(); s != "unknownunknown" {
		t.Errorf("causes that are none are %q", s)
	}
}

func TestOnEvictMayUseTheCache(t *testing.T) {
	var c *lru.Cache[int, int]
	var got []int
	c = lru.New(2, &lru.Options[int, int]{OnEvict: func(k, v int, _ lru.Cause) {
		if _, ok := c.Peek(k); ok {
			t.Errorf("%d is still there when its removal is told", k)
		}
		got = append(got, k)
		if k < 5 {
			c.Set(k+10, 0) // evicts the next one
			got = append(got, -k)
		}
	}})
	for k := range 3 {
		c.Set(k, k)
	}
	// 0 goes for 2, then 1 for 10, then 2 for 11, then 10 for 12.
	if want := []int{0, -0, 1, -1, 2, -2, 10}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	wantKeys(t, c, 12, 11)
}

func TestOnEvictPanics(t *testing.T) {
	var got []int
	c := lru.New(3, &lru.Options[int, int]{OnEvict: func(k, _ int, _ lru.Cause) {
		got = append(got, k)
		if k == 1 {
			panic("of OnEvict")
		}
	}})
	for k := range 3 {
		c.Set(k, k)
	}
	wantPanic(t, "of OnEvict", c.Clear)
	if want := []int{0, 1}; !slices.Equal(got, want) {
		t.Errorf("told %v before the panic, want %v", got, want)
	}
	c.Len()
	if want := []int{0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestSlowOnEvictHoldsNoLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int
		c := lru.New(1, &lru.Options[int, int]{OnEvict: func(k, _ int, _ lru.Cause) {
			time.Sleep(time.Second)
			got = append(got, k)
		}})
		c.Set(0, 0)
		go c.Set(1, 1)
		synctest.Wait() // inside OnEvict for 0
		start := time.Now()
		c.Set(2, 2)
		c.Delete(2)
		if d := time.Since(start); d != 0 {
			t.Errorf("Set and Delete waited %v for another's OnEvict", d)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []int{0, 1, 2}; !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	})
}

// Several goroutines set, read and delete. Each key has one writer, whose values grow.
func TestConcurrent(t *testing.T) {
	const writers, rounds, perWriter, capacity = 4, 3000, 40, 64
	last := map[int]int{} // of each key, the last value told; OnEvict runs one at a time
	told := map[int]int{}
	inside := atomic.Int32{}
	var c *lru.Cache[int, int]
	c = lru.New(capacity, &lru.Options[int, int]{
		Weight: func(_, v int) int { return v%3 + 1 },
		TTL:    time.Millisecond,
		OnEvict: func(k, v int, _ lru.Cause) {
			if inside.Add(1) != 1 {
				t.Error("two calls of OnEvict at once")
			}
			if v <= last[k] {
				t.Errorf("key %d: %d told after %d", k, v, last[k])
			}
			last[k] = v
			told[v]++
			c.Peek(k)
			inside.Add(-1)
		},
	})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := 1; i <= rounds; i++ {
				k := w + writers*(i*i%perWriter)
				c.Set(k, w+writers*i)
				c.Get((k + i) % (writers * perWriter))
				if i%7 == 0 {
					c.Delete((k + 1) % (writers * perWriter))
				}
				if used, n := c.Weight(), c.Len(); used > capacity || n > capacity {
					t.Errorf("%d entries of weight %d, capacity %d", n, used, capacity)
				}
				if err := c.Check(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	c.Clear()
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	for w := range writers {
		for i := 1; i <= rounds; i++ {
			if n := told[w+writers*i]; n != 1 {
				t.Fatalf("value %d was told %d times, want once", w+writers*i, n)
			}
		}
	}
}

func TestAllocs(t *testing.T) {
	told := 0
	for name, opts := range map[string]*lru.Options[uint64, int]{
		"plain": nil,
		"all": {
			TTL:     time.Hour,
			Weight:  func(uint64, int) int { return 1 },
			OnEvict: func(uint64, int, lru.Cause) { told++ },
		},
	} {
		c := lru.New(100, opts)
		next := uint64(0)
		set := func() { c.Set(next, 1); next++ }
		for range 1000 {
			set()
		}
		for what, f := range map[string]func(){
			"Get":               func() { c.Get(next - 50) },
			"Get of a miss":     func() { c.Get(next + 50) },
			"Set of an old key": func() { c.Set(next-1, 2) },
			"Set that evicts":   set,
			"Delete and Set":    func() { c.Delete(next - 1); set() },
		} {
			if n := testing.AllocsPerRun(1000, f); n != 0 {
				t.Errorf("%s, %s: %v allocations, want 0", name, what, n)
			}
		}
	}
	if told == 0 {
		t.Error("OnEvict was not called")
	}
}

func TestMemoryFollowsTheContent(t *testing.T) {
	c := lru.New[int, int](math.MaxInt, nil)
	if n := c.Places(); n > 8 {
		t.Errorf("an empty cache has memory for %d entries", n)
	}
	for k := range 10_000 {
		c.Set(k, k)
	}
	if c.Resize(100); c.Places() > 200 {
		t.Errorf("after Resize(100) memory for %d entries", c.Places())
	}
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	for k := range 10_000 {
		c.Set(k, k)
	}
	if c.Places() > 200 {
		t.Errorf("100 entries take memory for %d", c.Places())
	}
	if c.Clear(); c.Places() > 8 {
		t.Errorf("after Clear memory for %d entries", c.Places())
	}
}

func TestRemovedValuesAreFreed(t *testing.T) {
	var freed atomic.Int32
	c := lru.New(1, &lru.Options[int, *[64]byte]{OnEvict: func(int, *[64]byte, lru.Cause) {}})
	for k := range 10 {
		v := new([64]byte)
		runtime.AddCleanup(v, func(int) { freed.Add(1) }, 0)
		c.Set(k, v)
	}
	c.Delete(9)
	for end := time.Now().Add(10 * time.Second); freed.Load() < 10 && time.Now().Before(end); {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if n := freed.Load(); n != 10 {
		t.Errorf("%d of 10 removed values were freed", n)
	}
	runtime.KeepAlive(c)
}

func TestHashIsSeeded(t *testing.T) {
	a, b := lru.New[int, int](1, nil), lru.New[int, int](1, nil)
	same := 0
	for k := range 100 {
		if a.Hash(k) == b.Hash(k) {
			same++
		}
	}
	if same > 10 {
		t.Errorf("%d of 100 keys have the same hash in two caches", same)
	}
}
