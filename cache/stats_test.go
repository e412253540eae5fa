package cache_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/cache"
)

// TestStatsExact: everything is counted exactly, hits while they are few.
func TestStatsExact(t *testing.T) {
	c := cache.New[int, int](100, nil)
	for i := range 150 {
		c.Set(i, i)
	}
	left := c.Len()
	var hits, misses uint64
	for range 400 {
		for i := range 150 {
			if _, ok := c.Get(i); ok {
				hits++
			} else {
				misses++
			}
			c.Peek(i)
		}
	}
	load := func(_ context.Context, k int) (int, error) {
		if k%2 == 0 {
			return 0, errors.New("even")
		}
		return k, nil
	}
	for i := range 1000 {
		_, _ = c.GetOrLoad(t.Context(), 10_000+i, load)
		misses++
	}
	st := c.Stats()
	if left != 100 || st.Hits != hits || st.Misses != misses || st.Insertions != 150+500 || st.Evictions != 550 ||
		st.Loads != 1000 || st.LoadFailures != 500 || st.Len != 100 || st.Weight != 100 || st.Capacity != 100 {
		t.Errorf("%d hits, %d misses: %+v", hits, misses, st)
	}
	if want := float64(hits) / float64(hits+misses); math.Abs(st.HitRatio()-want) > 1e-12 {
		t.Errorf("hit ratio %v, want %v", st.HitRatio(), want)
	}
	if (cache.Stats{}).HitRatio() != 0 {
		t.Error("a hit ratio before the first look-up")
	}
	c.Resize(500_000) // the counts survive
	if after := c.Stats(); after.Hits != hits || after.Misses != misses || after.Insertions != st.Insertions || after.Evictions != st.Evictions {
		t.Errorf("dealt anew: %+v, want %+v", after, st)
	}
}

// TestStatsSampled: beyond 65,536 hits the count is an estimate, for many keys and for one.
// The documented error is of what is counted in a second; this counts for a shorter time,
// whose error is larger as its root is smaller.
func TestStatsSampled(t *testing.T) {
	for _, keys := range []int{1, 1000} {
		t.Run(fmt.Sprint(keys), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testSampled(t, keys) })
		})
	}
}

// testSampled has a hundred hits in each millisecond of some seconds.
func testSampled(t *testing.T, keys int) {
	c := cache.New[int, int](1000, nil)
	for k := range keys {
		c.Set(k, k)
	}
	const exact = 1 << 16
	for i := range exact {
		c.Get(i % keys)
	}
	if n := c.Stats().Hits; n != exact {
		t.Fatalf("%d hits counted as %d", exact, n)
	}
	const seconds = 5
	hits := 0
	for range seconds * 1000 {
		for range 100 {
			c.Get(hits % keys)
			hits++
		}
		time.Sleep(time.Millisecond)
	}
	counted := float64(c.Stats().Hits - exact)
	ofSecond := 0.08
	if keys > 1 {
		ofSecond = 0.01
	}
	sigma := ofSecond / math.Sqrt(seconds)
	if off := math.Abs(counted/float64(hits) - 1); off > 6*sigma {
		t.Errorf("%d hits counted as %.0f: %.1f %% off, more than six times the documented %.1f %%", hits, counted, 100*off, 100*sigma)
	}
}
