package cache_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/cache"
)

// An account keeps what was set and what was removed, by key.
type account struct {
	mu      sync.Mutex
	set     map[int]map[int]bool // the values given to a key that are not removed
	last    map[int]int          // the value of a key that was removed last
	telling int
	broken  []string
}

func (a *account) sets(key, value int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.set[key] == nil {
		a.set[key] = map[int]bool{}
	}
	a.set[key][value] = true
}

func (a *account) removed(r cache.Removal[int, int]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.telling++; a.telling > 1 {
		a.broken = append(a.broken, "told by two goroutines at once")
	}
	if !a.set[r.Key][r.Value] {
		a.broken = append(a.broken, "told of a value that was not set, or twice")
	}
	if r.Value <= a.last[r.Key] {
		a.broken = append(a.broken, "removals of a key out of order")
	}
	a.last[r.Key] = r.Value
	delete(a.set[r.Key], r.Value)
}

func (a *account) returns() {
	a.mu.Lock()
	a.telling--
	a.mu.Unlock()
}

// TestRemovals: each value given to the cache is either there at the end or was told of
// once; those of a key in the order of their setting. Each key has one goroutine, so that
// the order is known.
func TestRemovals(t *testing.T) {
	a := &account{set: map[int]map[int]bool{}, last: map[int]int{}}
	c := cache.New(200, &cache.Options[int, int]{OnRemove: func(r cache.Removal[int, int]) {
		a.removed(r)
		if r.Value%64 == 0 {
			runtime.Gosched()
		}
		a.returns()
	}})
	user := func(g int) func() {
		return func() {
			random := rand.New(rand.NewPCG(uint64(g), 3))
			for i := 1; i <= 15_000; i++ {
				key := random.IntN(100)*4 + g
				switch random.IntN(8) {
				case 0:
					c.Delete(key)
				case 1:
					c.Get(key)
				case 2:
					a.sets(key, i)
					c.SetTTL(key, i, time.Duration(random.IntN(2000))*time.Microsecond)
				default:
					a.sets(key, i)
					c.Set(key, i)
				}
			}
		}
	}
	during(func() {
		c.Resize([]int{20, 200, 100_000}[rand.IntN(3)])
		c.DeleteFunc(func(k, _ int) bool { return k%97 == 0 })
		time.Sleep(time.Millisecond)
	}, user(0), user(1), user(2), user(3))
	c.Clear()
	for _, problem := range a.broken {
		t.Error(problem)
	}
	left := 0
	for _, values := range a.set {
		left += len(values)
	}
	if left > 0 || c.Len() > 0 {
		t.Errorf("nobody was told of %d values; %d entries", left, c.Len())
	}
}

// TestListenerUsesCache: no lock is held while the listener is told, by whatever operation.
func TestListenerUsesCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where a deadlock is an error
		var c *cache.Cache[int, int]
		var calls atomic.Int64
		depth := 0
		c = cache.New(20, &cache.Options[int, int]{Lifetime: func(k, _ int) time.Duration { return time.Duration(k%2) * time.Second }, OnRemove: func(r cache.Removal[int, int]) {
			if depth++; depth > 1 {
				t.Error("the listener is told while it is being told")
			}
			defer func() { depth-- }()
			n := calls.Add(1)
			if n > 5000 {
				return // or it would go on for ever
			}
			switch k := r.Key; n % 9 {
			case 0:
				c.Set(k, -1)
			case 1:
				c.Delete(k + 1)
			case 2:
				c.Get(k)
				c.Peek(k)
			case 3:
				c.GetOrSet(k+1, 1)
			case 4:
				c.SetTTL(k+2, 1, time.Second)
			case 5:
				c.Resize(10 + k%17)
			case 6:
				_, _ = c.GetOrLoad(context.Background(), k, func(_ context.Context, k int) (int, error) { return k, nil })
			case 7:
				for range c.All() {
					break
				}
				c.Stats()
				c.Len()
			case 8:
				c.DeleteFunc(func(k, _ int) bool { return k%5 == 0 })
			}
		}})
		for i := range 3000 {
			c.Set(i%50, i)
			if i%100 == 0 {
				c.Resize(5 + i%40)
				time.Sleep(3 * time.Second)
			}
		}
		c.Clear()
		if n := calls.Load(); n < 3000 {
			t.Errorf("told %d times", n)
		}
	})
}

// TestListenerPanics: the panic reaches the caller, nothing hangs, and what was not told
// yet is told later, once.
func TestListenerPanics(t *testing.T) {
	told := map[int]int{}
	c := cache.New(100, &cache.Options[int, int]{OnRemove: func(r cache.Removal[int, int]) {
		told[r.Key]++
		if r.Key%3 == 0 {
			panic("listener")
		}
	}})
	panics := 0
	try := func(do func()) {
		defer func() {
			if recover() != nil {
				panics++
			}
		}()
		do()
	}
	load := func(_ context.Context, k int) (int, error) { return k, nil }
	for i := range 1000 {
		switch i % 4 {
		case 0:
			try(func() { c.Set(i, i) })
		case 1:
			try(func() { _, _ = c.GetOrLoad(context.Background(), i, load) })
		case 2:
			try(func() { c.GetOrSet(i, i) })
		case 3:
			try(func() {
				_, _ = c.LoadAll(context.Background(), []int{i}, func(_ context.Context, keys []int) (map[int]int, error) {
					return map[int]int{i: i}, nil
				})
			})
		}
	}
	try(func() { c.Resize(50) })
	for c.Len() > 0 {
		try(c.Clear)
	}
	for range 1000 {
		try(func() { c.Delete(0) }) // tells what the panics have left
	}
	for i := range 1000 {
		if told[i] != 1 {
			t.Errorf("told %d times of key %d", told[i], i)
		}
	}
	if panics != 334 {
		t.Errorf("%d panics came through, want 334", panics)
	}
}

// TestListenerBlocks: while the listener is busy, others use the cache, and what they remove
// is told after, in order.
func TestListenerBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan bool)
		var told []int
		c := cache.New(100, &cache.Options[int, int]{OnRemove: func(r cache.Removal[int, int]) {
			if r.Key == 0 {
				<-open
			}
			told = append(told, r.Value)
		}})
		c.Set(0, 1)
		go c.Delete(0)
		synctest.Wait()
		c.Set(1, 2)
		c.Set(1, 3)
		c.Resize(1_000_000) // to other shards
		c.Set(1, 4)
		c.Delete(1)
		if v, ok := c.Get(1); ok {
			t.Error("deleted, yet", v)
		}
		if len(told) != 0 {
			t.Error("told", told, "while it is busy")
		}
		close(open)
		synctest.Wait()
		if want := [...]int{1, 2, 3, 4}; len(told) != 4 || [4]int(told) != want {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}
