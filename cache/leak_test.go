package cache_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
)

// TestNoGoroutines: a cache has no goroutine, whatever its options, and those of loads are
// gone when the loads are.
func TestNoGoroutines(t *testing.T) {
	c := cache.New(1000, &cache.Options[int, int]{
		TTL: 20 * time.Millisecond, Refresh: 2 * time.Millisecond, Stale: time.Millisecond, NotFound: time.Millisecond, Curve: true,
		Tags: func(int, int) []string { return []string{"a"} }, OnRemove: func(cache.Removal[int, int]) {},
	})
	ctx, cancel := context.WithCancel(t.Context())
	load := func(ctx context.Context, k int) (int, error) {
		if k%10 == 0 {
			<-ctx.Done()
			return 0, ctx.Err()
		}
		return k, nil
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 300 {
				k := i*8 + g
				if k%10 == 0 {
					own, leave := context.WithTimeout(ctx, 100*time.Microsecond)
					_, _ = c.GetOrLoad(own, k, load)
					leave()
					continue
				}
				_, _ = c.GetOrLoad(ctx, k%200*10+1, func(context.Context, int) (int, error) { return k, errors.Join() })
			}
		})
	}
	wg.Wait()
	cancel()
	var stacks strings.Builder
	for range 200 {
		stacks.Reset()
		if err := pprof.Lookup("goroutine").WriteTo(&stacks, 1); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(stacks.String(), "cache.(*Cache[") {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("goroutines are left:\n%s", stacks.String())
}

// TestForgotten: a cache that nobody refers to is collected with all it holds, though its
// timers are set.
func TestForgotten(t *testing.T) {
	var caches, values atomic.Int64
	for range 10 {
		func() {
			c := cache.New(1000, &cache.Options[int, *[64]int]{TTL: time.Hour, Refresh: time.Minute, NotFound: time.Hour, Curve: true, OnRemove: func(cache.Removal[int, *[64]int]) {}})
			runtime.AddCleanup(c, func(int) { caches.Add(1) }, 0)
			for k := range 100 {
				v := new([64]int)
				runtime.AddCleanup(v, func(int) { values.Add(1) }, 0)
				c.Set(k, v)
				c.Get(k)
			}
			_, _ = c.GetOrLoad(t.Context(), -1, func(context.Context, int) (*[64]int, error) { return nil, cache.ErrNotFound })
		}()
	}
	for range 200 {
		runtime.GC()
		if time.Sleep(5 * time.Millisecond); caches.Load() == 10 && values.Load() == 1000 {
			return
		}
	}
	t.Errorf("%d of 10 caches and %d of 1000 values were collected", caches.Load(), values.Load())
}
