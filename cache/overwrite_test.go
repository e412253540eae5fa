package cache_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
)

// TestOverwriteMoves: a Set of a key that is there is not lost while the tables grow and the
// entries are dealt to other shards.
func TestOverwriteMoves(t *testing.T) {
	const keys, others, most = 64, 16_000, 1 << 17
	for round := range 2 {
		c := cache.New[int, int](1<<10, nil)
		for k := range keys {
			c.Set(k, 0)
		}
		var stop atomic.Bool
		var wg sync.WaitGroup
		for part := range 2 {
			wg.Go(func() {
				for v := 1; !stop.Load(); v++ {
					for k := part; k < keys; k += 2 {
						c.Set(k, v)
						if got, ok := c.Get(k); !ok || got != v {
							t.Errorf("round %d: Get(%d) = %d, %v after a Set of %d", round, k, got, ok, v)
							stop.Store(true)
							return
						}
					}
				}
			})
		}
		c.Resize(most)
		for k := range others {
			c.Set(keys+k, k)
			if k%(others/4) == 0 {
				c.Resize(most + k)
				runtime.Gosched()
			}
		}
		stop.Store(true)
		wg.Wait()
	}
}

// TestOverwriteEvicted: a Set never changes the value of another key, which may have been
// given the entry meanwhile.
func TestOverwriteEvicted(t *testing.T) {
	const keys, capacity, sets = 64, 16, 20_000
	c := cache.New[int, int](capacity, nil)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range sets {
				k := (i*7 + g*i) % keys
				c.Set(k, i*keys+k)
				if v, ok := c.Get(k); ok && v%keys != k {
					t.Errorf("key %d has the value of key %d", k, v%keys)
					return
				}
			}
		})
	}
	wg.Wait()
	if n := c.Len(); n > capacity {
		t.Errorf("%d entries, capacity %d", n, capacity)
	}
}

// TestOverwriteDeleteFunc: what DeleteFunc deletes is what it asked about, not what was set
// while it asked.
func TestOverwriteDeleteFunc(t *testing.T) {
	c := cache.New[int, int](10, nil)
	c.Set(1, 1)
	set := make(chan struct{})
	c.DeleteFunc(func(_, value int) bool {
		go func() {
			c.Set(1, 2)
			close(set)
		}()
		select {
		case <-set: // before DeleteFunc has decided, so it must not delete this
		case <-time.After(20 * time.Millisecond):
		}
		return value == 1
	})
	<-set
	if v, ok := c.Get(1); !ok || v != 2 {
		t.Errorf("Get = %d, %v, want the 2 that was set", v, ok)
	}
}
