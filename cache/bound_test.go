package cache_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
)

// during calls watch again and again while users run, each in a goroutine of its own.
func during(watch func(), users ...func()) {
	var stop atomic.Bool
	var watcher, working sync.WaitGroup
	watcher.Go(func() {
		for !stop.Load() {
			watch()
		}
	})
	for _, user := range users {
		working.Go(user)
	}
	working.Wait()
	stop.Store(true)
	watcher.Wait()
}

// TestBoundOfWeight has all processors set entries of very different weights while the
// capacity changes, and looks at the weight all the time.
func TestBoundOfWeight(t *testing.T) {
	weights := map[string]func(_, v int) int{
		"zero":     func(_, v int) int { return 0 },
		"negative": func(_, v int) int { return -v },
		"few":      func(_, v int) int { return v % 10 },
		"heavy":    func(_, v int) int { return 1 << (v % 20) },
		"huge":     func(_, v int) int { return []int{math.MaxInt, 1, 0, math.MinInt}[v%4] },
	}
	for name, weight := range weights {
		for _, capacity := range []int{1, 2, 3, 1000, 1 << 20} {
			t.Run(fmt.Sprint(name, " ", capacity), func(t *testing.T) {
				c := cache.New(capacity, &cache.Options[int, int]{Weight: weight})
				testBound(t, c, capacity, func(_, v int) int64 { return min(max(int64(weight(0, v)), 0), math.MaxUint32) })
			})
		}
	}
}

// TestBoundOfEntries is the same without weights, of capacities that one or two keys reach.
func TestBoundOfEntries(t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 100, 100_000} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			testBound(t, cache.New[int, int](capacity, nil), capacity, func(int, int) int64 { return 1 })
		})
	}
}

func testBound(t *testing.T, c *cache.Cache[int, int], capacity int, weight func(k, v int) int64) {
	var limit atomic.Int64 // the largest capacity that may be in force
	limit.Store(int64(capacity))
	watch := func() {
		before := limit.Load()
		st := c.Stats()
		if most := max(before, limit.Load()); int64(st.Weight) > most {
			t.Errorf("weight %d above the bound, %d", st.Weight, most)
		}
	}
	use := func() {
		random := rand.New(rand.NewPCG(rand.Uint64(), 1))
		for range 4000 {
			k := random.IntN(2*min(capacity, 5000) + 10)
			switch random.IntN(8) {
			case 0:
				c.Delete(k)
			case 1:
				c.Get(k)
			default:
				c.Set(k, random.IntN(1000))
			}
		}
	}
	resize := func() {
		limit.Store(2 * int64(capacity))
		for range 30 {
			c.Resize(1 + rand.IntN(2*capacity))
			time.Sleep(50 * time.Microsecond)
		}
		c.Resize(capacity)
		limit.Store(int64(capacity))
	}
	during(watch, use, use, resize, use)
	var sum int64
	n := 0
	for k, v := range c.All() {
		sum += weight(k, v)
		n++
	}
	if st := c.Stats(); sum != int64(st.Weight) || sum > int64(capacity) || n != c.Len() || st.Len != n {
		t.Errorf("weight %d of capacity %d, Stats say %d; %d entries, Len %d, Stats say %d", sum, capacity, st.Weight, n, c.Len(), st.Len)
	}
	c.Clear()
	if st := c.Stats(); st.Weight != 0 || st.Len != 0 || c.Len() != 0 {
		t.Errorf("empty it weighs %d and has %d entries, Len %d", st.Weight, st.Len, c.Len())
	}
}

// TestHeavyEntry: an entry as heavy as the cache takes the place of all others, in whatever
// shards they are; a heavier one is not kept, nor what its key had.
func TestHeavyEntry(t *testing.T) {
	const capacity = 1 << 20
	gone := map[int]cache.Cause{}
	c := cache.New(capacity, &cache.Options[int, int]{
		Weight:   func(_, v int) int { return v },
		OnRemove: func(r cache.Removal[int, int]) { gone[r.Key] = r.Cause },
	})
	for k := range 1024 {
		c.Set(k, 1024)
	}
	c.Set(-1, capacity)
	if v, ok := c.Get(-1); !ok || v != capacity || c.Len() != 1 || len(gone) != 1024 {
		t.Fatalf("%d %v, %d entries, %d removed", v, ok, c.Len(), len(gone))
	}
	c.Set(-1, capacity+1)
	if _, ok := c.Get(-1); ok || c.Len() != 0 || gone[-1] != cache.Evicted || c.Stats().Weight != 0 {
		t.Errorf("too heavy, yet %v; %d entries, %v", ok, c.Len(), gone[-1])
	}
}

// TestNoUpdateLost: when all is quiet, what Get finds is what was set last. Each goroutine
// has keys of its own and reads them back at once, while the others push at its entries.
func TestNoUpdateLost(t *testing.T) {
	for _, capacity := range []int{1, 50, 1000, 100_000} {
		c := cache.New[int, [3]int](capacity, nil)
		const each = 300
		user := func(g int) func() {
			return func() {
				random := rand.New(rand.NewPCG(uint64(g), 7))
				last := map[int]int{}
				check := func(k int) {
					v, ok := c.Get(k)
					if want, set := last[k]; ok && (!set || v != [3]int{k, want, k ^ want}) {
						t.Errorf("key %d: %v, want %d (set: %v)", k, v, want, set)
					}
				}
				for i := range 10_000 {
					k := g*each + random.IntN(each)
					switch random.IntN(6) {
					case 0:
						c.Delete(k)
						delete(last, k)
					case 1, 2:
						last[k] = i
						c.Set(k, [3]int{k, i, k ^ i})
					case 3:
						if v, loaded := c.GetOrSet(k, [3]int{k, i, k ^ i}); !loaded {
							last[k] = i
						} else if v[1] != last[k] {
							t.Errorf("key %d: %v, want %d", k, v, last[k])
						}
					default:
						check(k)
					}
				}
				for k := g * each; k < (g+1)*each; k++ {
					check(k)
				}
			}
		}
		during(func() {
			for k, v := range c.All() {
				if v[0] != k || v[2] != k^v[1] {
					t.Errorf("key %d has %v", k, v)
				}
			}
			time.Sleep(time.Millisecond)
		}, user(0), user(1), user(2), user(3))
		if capacity >= 4*each && c.Stats().Evictions > 0 {
			t.Errorf("%d evictions with room for all", c.Stats().Evictions)
		}
	}
}

// TestPresentKeyIsFound: a key that is there all the time is found all the time, while its
// neighbours come and go, the table grows and is dealt anew, and its value changes.
func TestPresentKeyIsFound(t *testing.T) {
	c := cache.New[int, [2]int](1<<20, nil)
	for k := range 100 {
		c.Set(k, [2]int{k, 0})
	}
	find := func() {
		for k := range 100 {
			if v, ok := c.Get(k); !ok || v[0] != k {
				t.Errorf("key %d: %v %v", k, v, ok)
			}
		}
	}
	churn := func() {
		for i := range 60_000 {
			c.Set(1000+i, [2]int{i, i})
			if i%3 == 0 {
				c.Delete(1000 + i/2)
			}
		}
	}
	replace := func() {
		for i := range 60_000 {
			c.Set(i%100, [2]int{i % 100, i})
		}
	}
	change := func() {
		c.SetTTL(-1, [2]int{}, time.Hour)
		for i := range 5 {
			c.Resize(1 << (21 + i))
		}
	}
	during(find, churn, replace, change, find)
}
