package lru_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"sync"
	"testing"

	"github.com/whetgo/whet/lru"
)

const benchKeys = 100_000

// ranks are drawn from a Zipf distribution of exponent 0.99 over benchKeys.
var ranks = sync.OnceValue(func() []int {
	cdf, sum := make([]float64, benchKeys), 0.0
	for i := range cdf {
		sum += math.Pow(float64(i+1), -0.99)
		cdf[i] = sum
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	rs := make([]int, 1<<20)
	for i := range rs {
		rs[i] = min(sort.SearchFloat64s(cdf, rnd.Float64()*sum), benchKeys-1)
	}
	return rs
})

func uint64Key(rank int) uint64 { return uint64(rank) * 0x9e3779b97f4a7c15 }
func stringKey(rank int) string { return fmt.Sprintf("user:%016x:v1", uint64Key(rank)) }

// bench runs body in parallel on a cache of this capacity that has seen all keys.
func bench[K comparable](b *testing.B, capacity int, key func(int) K, opts *lru.Options[K, int],
	body func(pb *testing.PB, c *lru.Cache[K, int], keys []K, from int)) {
	keys := make([]K, len(ranks()))
	of := make([]K, benchKeys)
	c := lru.New(capacity, opts)
	for rank := benchKeys - 1; rank >= 0; rank-- {
		of[rank] = key(rank)
		c.Set(key(rank), rank)
	}
	for i, rank := range ranks() {
		keys[i] = of[rank]
	}
	before := c.Stats()
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) { body(pb, c, keys, rand.IntN(len(keys))) })
	b.StopTimer()
	s := c.Stats()
	s.Hits, s.Misses = s.Hits-before.Hits, s.Misses-before.Misses
	if c.Len() > capacity || s.Hits+s.Misses > uint64(b.N) {
		b.Fatalf("%d entries, %+v of %d operations", c.Len(), s, b.N)
	}
	if capacity >= benchKeys && s.Hits != uint64(b.N) {
		b.Fatalf("%d hits, want %d", s.Hits, b.N)
	}
	b.ReportMetric(s.HitRatio(), "hits/get")
}

func get[K comparable](pb *testing.PB, c *lru.Cache[K, int], keys []K, i int) {
	for pb.Next() {
		c.Get(keys[i&(len(keys)-1)])
		i++
	}
}

// mixed is three Gets to one Set.
func mixed[K comparable](pb *testing.PB, c *lru.Cache[K, int], keys []K, i int) {
	for pb.Next() {
		if k := keys[i&(len(keys)-1)]; i&3 == 3 {
			c.Set(k, i)
		} else {
			c.Get(k)
		}
		i++
	}
}

// BenchmarkGet finds every key.
func BenchmarkGet(b *testing.B) {
	b.Run("key=uint64", func(b *testing.B) { bench(b, benchKeys, uint64Key, nil, get) })
	b.Run("key=string", func(b *testing.B) { bench(b, benchKeys, stringKey, nil, get) })
}

// BenchmarkMixed has room for a tenth of the keys.
func BenchmarkMixed(b *testing.B) {
	b.Run("key=uint64", func(b *testing.B) { bench(b, benchKeys/10, uint64Key, nil, mixed) })
	b.Run("key=string", func(b *testing.B) { bench(b, benchKeys/10, stringKey, nil, mixed) })
}

// BenchmarkGetTTL is BenchmarkGet with the clock read each time.
func BenchmarkGetTTL(b *testing.B) {
	b.Run("key=uint64", func(b *testing.B) {
		bench(b, benchKeys, uint64Key, &lru.Options[uint64, int]{TTL: math.MaxInt64}, get)
	})
}
