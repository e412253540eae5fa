package cache

import (
	"fmt"
	"maps"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/whetgo/whet/internal/keyhash"
)

// TestCollisions: keys whose hashes are all the same cost time, but no answer is wrong and
// the bound holds. No key can do that from outside: see TestHashIsSeeded.
func TestCollisions(t *testing.T) {
	for _, capacity := range []int{1, 7, 9, 500, 100_000} {
		c := New[uint64, uint64](capacity, nil)
		c.hasher = keyhash.Seeded[uint64](1, 0)
		if h := c.hasher.Hash(1); h != c.hasher.Hash(2) {
			t.Fatal("the hashes are not all the same")
		}
		random, want := rand.New(rand.NewPCG(1, uint64(capacity))), map[uint64]uint64{}
		for i := range uint64(20_000) {
			k := random.Uint64N(600)
			switch random.IntN(4) {
			case 0:
				c.Delete(k)
				delete(want, k)
			case 1:
				c.Set(k, i)
				want[k] = i
			default:
				if v, ok := c.Get(k); ok && v != want[k] {
					t.Fatalf("key %d: %d, want %d", k, v, want[k])
				}
			}
			if c.Len() > capacity {
				t.Fatalf("%d entries of %d", c.Len(), capacity)
			}
		}
		if got := maps.Collect(c.All()); capacity > 600 && !maps.Equal(got, want) {
			t.Errorf("%d entries, want %d", len(got), len(want))
		}
	}
}

// TestHashIsSeeded: keys that collide in one cache don't in the next.
func TestHashIsSeeded(t *testing.T) {
	testSeeded(t, func(i int) uint64 { return uint64(i) })
	testSeeded(t, func(i int) int32 { return int32(i) })
	testSeeded(t, func(i int) string { return fmt.Sprint(i) })
	testSeeded(t, func(i int) [2]uint8 { return [2]uint8{uint8(i), uint8(i >> 8)} })
}

func testSeeded[K comparable](t *testing.T, key func(int) K) {
	t.Helper()
	a, b := New[K, int](1, nil), New[K, int](1, nil)
	const few = 16 // buckets
	bucket := func(c *Cache[K, int], k K) uint64 { return c.hasher.Hash(k) >> 8 % few }
	chosen, again := 0, 0
	for i := range 1 << 15 {
		if k := key(i); bucket(a, k) == 0 {
			chosen++
			if bucket(b, k) == 0 {
				again++
			}
		}
	}
	if again > chosen/4 || chosen < 1<<15/few/2 {
		t.Errorf("%T: of %d keys chosen to collide %d do so under another seed", key(0), chosen, again)
	}
}

// TestHashSpreads: regular keys spread over shards, buckets and tags about as random ones do.
func TestHashSpreads(t *testing.T) {
	const n = 1 << 14
	sets := map[string]func(i uint64) uint64{
		"counted":        func(i uint64) uint64 { return i },
		"from the top":   func(i uint64) uint64 { return -i },
		"one bit":        func(i uint64) uint64 { return 1<<(i%64) ^ i/64<<(i%64) },
		"gray":           func(i uint64) uint64 { return i ^ i>>1 },
		"reversed":       bits.Reverse64,
		"golden":         func(i uint64) uint64 { return i * 0x9e3779b97f4a7c15 },
		"golden, undone": func(i uint64) uint64 { return i * 0xf1de83e19937733d }, // its inverse
	}
	for shift := range 50 {
		sets[fmt.Sprint("by 1<<", shift)] = func(i uint64) uint64 { return i << shift }
	}
	for name, key := range sets {
		h := keyhash.New[uint64]()
		for part, of := range map[string]func(uint64) uint64{
			"shard":  func(h uint64) uint64 { return h >> 58 },
			"bucket": func(h uint64) uint64 { return uint64(uint32(h>>8)) * 1000 >> 32 },
			"tag":    tagOf,
			"sample": func(h uint64) uint64 { return uint64(sampleBits(h)) >> 24 },
			"mixed":  func(h uint64) uint64 { return mix(h) >> 56 },
			"ghost":  func(h uint64) uint64 { return uint64(uint32(mix(h))) * 700 >> 32 },
		} {
			seen, loads := map[uint64]bool{}, map[uint64]int{}
			for i := range uint64(n) {
				if k := key(i); !seen[k] {
					seen[k] = true
					loads[of(h.Hash(k))]++
				}
			}
			most, classes := 0, map[string]int{"shard": 64, "bucket": 1000, "tag": 254, "sample": 256, "mixed": 256, "ghost": 700}[part]
			for _, load := range loads {
				most = max(most, load)
			}
			// A binomial load is beyond that once in many millions; tag 2 has three times
			// the share of others.
			mean := float64(len(seen)) / float64(classes)
			if limit := 3*mean + 40; float64(most) > limit+2*mean*float64(strings.Count(part, "tag")) {
				t.Errorf("%s: a %s has %d keys, on average one has %.0f", name, part, most, mean)
			}
		}
	}
}
