// Package workload makes the keys that caches are compared on. The same seed always gives
// the same keys.
package workload

import (
	"math"
	"math/rand/v2"
	"sort"
)

// mix is the finalizer of splitmix64, a bijection, so that neighbouring ranks are not
// neighbouring keys.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// U64 returns the key of a rank.
func U64(rank uint32) uint64 { return mix(uint64(rank)) }

// Str returns the key of a rank as a string of 24 bytes, of which the first five and the
// last three are the same in all.
func Str(rank uint32) string {
	const hex = "0123456789abcdef"
	b := []byte("user:0123456789abcdef:v1")
	for i, x := 0, mix(uint64(rank)); i < 16; i++ {
		b[5+i] = hex[x>>(60-4*i)&15]
	}
	return string(b)
}

// A zipf draws ranks in [0,n) of which rank r has the weight 1/(r+1)^theta; theta may be
// below 1, which the standard library's cannot.
type zipf struct {
	cumulated []float64
	r         *rand.Rand
}

func newZipf(n int, theta float64, r *rand.Rand) zipf {
	z := zipf{make([]float64, n), r}
	sum := 0.0
	for i := range z.cumulated {
		sum += math.Pow(float64(i+1), -theta)
		z.cumulated[i] = sum
	}
	return z
}

func (z zipf) draw() uint32 {
	n := len(z.cumulated)
	return uint32(min(n-1, sort.SearchFloat64s(z.cumulated, z.r.Float64()*z.cumulated[n-1])))
}

// Zipf returns count ranks in [0,n), drawn with the exponent theta.
func Zipf(n, count int, theta float64, seed uint64) []uint32 {
	z := newZipf(n, theta, rand.New(rand.NewPCG(seed, 0)))
	ranks := make([]uint32, count)
	for i := range ranks {
		ranks[i] = z.draw()
	}
	return ranks
}

// Keys returns the ranks' keys. Equal ranks share one key, which for strings is another
// copy than the one that is in a cache, unless that was made by the same call.
func Keys[K any](ranks []uint32, key func(rank uint32) K) []K {
	made := make(map[uint32]K)
	keys := make([]K, len(ranks))
	for i, r := range ranks {
		k, ok := made[r]
		if !ok {
			k = key(r)
			made[r] = k
		}
		keys[i] = k
	}
	return keys
}
