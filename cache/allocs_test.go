package cache_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
)

// TestAllocations: no operation that readers and writers repeat allocates.
func TestAllocations(t *testing.T) {
	var words [4096]string
	for i := range words {
		words[i] = "key " + strconv.Itoa(i)
	}
	t.Run("uint64", func(t *testing.T) {
		testAllocations(t, func(i int) uint64 { return uint64(i) % 4096 }, uint64(7))
	})
	t.Run("string", func(t *testing.T) {
		testAllocations(t, func(i int) string { return words[i%4096] }, "value")
	})
	t.Run("string of struct", func(t *testing.T) {
		testAllocations(t, func(i int) string { return words[i%4096] }, record{})
	})
}

func testAllocations[K comparable, V any](t *testing.T, key func(int) K, value V) {
	for name, opts := range map[string]*cache.Options[K, V]{
		"plain":  nil,
		"ttl":    {TTL: time.Hour},
		"weight": {Weight: func(K, V) int { return 1 }},
	} {
		c := cache.New(1000, opts)
		for i := range 20_000 {
			c.Set(key(i), value)
		}
		load := func(context.Context, K) (V, error) { return value, nil }
		ctx := context.Background()
		i := 0
		for what, do := range map[string]func(){
			"Get that hits":         func() { c.Get(key(1)) },
			"Get that misses":       func() { i++; c.Get(key(i)) },
			"Peek":                  func() { c.Peek(key(1)) },
			"Set of what is there":  func() { c.Set(key(1), value) },
			"Set of what is not":    func() { i++; c.Set(key(i), value) },
			"GetOrSet":              func() { i++; c.GetOrSet(key(i), value) },
			"Delete and Set":        func() { i++; c.Delete(key(i)); c.Set(key(i), value) },
			"GetOrLoad that hits":   func() { _, _ = c.GetOrLoad(ctx, key(1), load) },
			"GetOrLoad that misses": func() { i++; _, _ = c.GetOrLoad(ctx, key(i), load) },
		} {
			c.Set(key(1), value)
			if n := testing.AllocsPerRun(5000, do); n != 0 {
				t.Errorf("%s, %s: %v allocations", name, what, n)
			}
		}
		if name != "ttl" && c.Len() != c.Cap() {
			t.Errorf("%s: %d of %d entries: nothing was evicted", name, c.Len(), c.Cap())
		}
	}
}
