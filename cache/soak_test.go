package cache_test

import (
	"context"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
)

// TestSoak has every operation meet every other for a second, or for as many operations as
// WHET_SOAK says, and looks at the values, the bound and the heap.
func TestSoak(t *testing.T) {
	limit, end := int64(1<<62), time.Now().Add(time.Second)
	if s := os.Getenv("WHET_SOAK"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			t.Fatalf("WHET_SOAK is a number of operations: %v", err)
		}
		limit, end = n, time.Now().Add(1000*time.Hour)
	}
	const capacity = 50_000
	opts := &cache.Options[uint64, record]{
		TTL: 200 * time.Millisecond, Refresh: 100 * time.Millisecond, NotFound: 10 * time.Millisecond, Stale: 10 * time.Millisecond,
		Weight: func(k uint64, _ record) int { return int(k % 4) },
		Tags:   func(k uint64, _ record) []string { return []string{strconv.FormatUint(k%50, 10)}[:k%2] },
	}
	var removed atomic.Int64
	opts.OnRemove = func(cache.Removal[uint64, record]) { removed.Add(1) }
	c := cache.New(capacity, opts)
	value := func(k uint64) record { return record{id: k, not: ^k, text: strconv.FormatUint(k, 10)} }
	check := func(k uint64, v record) {
		if v.id != k || v.not != ^k || v.text != strconv.FormatUint(k, 10) {
			t.Errorf("key %d has %+v", k, v)
		}
	}
	load := func(_ context.Context, k uint64) (record, error) {
		if k%16 == 0 {
			return record{}, cache.ErrNotFound
		}
		return value(k), nil
	}
	var done atomic.Int64
	user := func(seed uint64) {
		r := rand.New(rand.NewPCG(seed, 9))
		keys := rand.NewZipf(r, 1.1, 10, 200_000)
		for n := 0; ; n++ {
			if n%512 == 0 && (done.Add(512) > limit || time.Now().After(end) || t.Failed()) {
				return
			}
			k := keys.Uint64()
			switch r.IntN(64) {
			case 0:
				c.Delete(k)
			case 1:
				c.SetTTL(k, value(k), time.Duration(r.IntN(50))*time.Millisecond)
			case 2, 3, 4, 5, 6, 7, 8, 9:
				c.Set(k, value(k))
			case 10, 11:
				if v, err := c.GetOrLoad(t.Context(), k, load); err == nil {
					check(k, v)
				}
			case 12, 13, 14, 15:
				if v, err := c.GetOrLoad(context.Background(), k, load); err == nil {
					check(k, v)
				}
			case 16:
				v, _ := c.GetOrSet(k, value(k))
				check(k, v)
			case 17:
				if n%64 == 0 {
					c.DeleteTag(strconv.FormatUint(k%50, 10))
				}
			default:
				if v, ok := c.Get(k); ok {
					check(k, v)
				}
			}
		}
	}
	var users sync.WaitGroup
	for g := range uint64(4) {
		users.Go(func() { user(g) })
	}
	stopped := make(chan bool)
	go func() { users.Wait(); close(stopped) }()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for round := 0; ; round++ {
		select {
		case <-stopped:
			for k, v := range c.All() {
				check(k, v)
			}
			t.Logf("%d operations, %d removals, %d entries", done.Load(), removed.Load(), c.Len())
			return
		case <-time.After(20 * time.Millisecond):
		}
		if st := c.Stats(); st.Weight > capacity {
			t.Errorf("weight %d", st.Weight)
		}
		if round%25 == 24 {
			runtime.GC()
			if runtime.ReadMemStats(&after); after.HeapAlloc > before.HeapAlloc+128<<20 {
				t.Errorf("the heap has grown from %d MiB to %d MiB", before.HeapAlloc>>20, after.HeapAlloc>>20)
			}
		}
		switch round % 100 {
		case 30:
			c.Resize(capacity / 10)
		case 60:
			c.Resize(capacity)
		case 90:
			c.Clear()
		}
	}
}
