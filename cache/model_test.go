package cache_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/whetgo/whet/cache"
)

// TestBound has all processors set, delete and resize at once, and looks at the bound all
// the time.
func TestBound(t *testing.T) {
	for _, capacity := range []int{1, 7, 100, 1000, 40_000} {
		c := cache.New[int, int](capacity, nil)
		stop := make(chan struct{})
		var over sync.WaitGroup
		over.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if n := c.Len(); n > capacity {
					t.Errorf("capacity %d: %d entries", capacity, n)
					return
				}
			}
		})
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(g), 1))
				for range 10_000 {
					k := r.IntN(3*capacity + 10)
					switch r.IntN(8) {
					case 0:
						c.Delete(k)
					case 1, 2:
						if v, ok := c.Get(k); ok && v != k {
							t.Errorf("key %d has value %d", k, v)
						}
					default:
						c.Set(k, k)
					}
				}
			})
		}
		wg.Wait()
		close(stop)
		over.Wait()
		n := 0
		for k, v := range c.All() {
			if k != v {
				t.Errorf("key %d has value %d", k, v)
			}
			n++
		}
		if n != c.Len() {
			t.Errorf("%d entries, Len %d", n, c.Len())
		}
	}
}

func TestResize(t *testing.T) {
	c := cache.New[int, int](100, nil)
	for i := range 1000 {
		c.Set(i, i)
	}
	if n := c.Len(); n != 100 {
		t.Fatalf("%d entries", n)
	}
	c.Resize(300_000)
	for i := range 300_000 {
		c.Set(i, i)
	}
	if n := c.Len(); n != 300_000 {
		t.Fatalf("%d entries", n)
	}
	for i := range 300_000 {
		if v, ok := c.Get(i); !ok || v != i {
			t.Fatalf("key %d: %d %v", i, v, ok)
		}
	}
	if n := c.Resize(10); n != 299_990 || c.Len() != 10 {
		t.Fatalf("%d evicted, %d left", n, c.Len())
	}
}
