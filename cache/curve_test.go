package cache

import (
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/whetgo/whet/internal/keyhash"
)

// exactCurve returns the hits of LRU caches of every capacity (Mattson et al., 1970).
func exactCurve(keys []uint64) (hits []float64) {
	last := make(map[uint64]int)
	tree := make([]int, len(keys)+1)
	add := func(i, n int) {
		for i++; i < len(tree); i += i & -i {
			tree[i] += n
		}
	}
	upTo := func(i int) (n int) {
		for i++; i > 0; i -= i & -i {
			n += tree[i]
		}
		return n
	}
	for i, key := range keys {
		if p, ok := last[key]; ok {
			d := upTo(i) - upTo(p-1)
			for len(hits) <= d {
				hits = append(hits, 0)
			}
			hits[d]++
			add(p, -1)
		}
		add(i, 1)
		last[key] = i
	}
	for d := 1; d < len(hits); d++ {
		hits[d] += hits[d-1]
	}
	return hits
}

// curveError returns the mean and the largest difference over 100 sizes up to largest, in
// points.
func curveError(c Curve, hits []float64, references, largest int) (mean, worst float64) {
	for i := range 100 {
		size := max(1, largest*(i+1)/100)
		exact := 0.
		if len(hits) > 0 {
			exact = hits[min(size, len(hits)-1)] / float64(references)
		}
		e := 100 * math.Abs(c.HitRatio(size)-exact)
		mean += e / 100
		worst = max(worst, e)
	}
	return mean, worst
}

// watch returns the curve of keys, as a cache of that capacity would see them, without
// pauses.
func watch(keys []uint64, capacity int, seed uint64) Curve {
	r := rand.New(rand.NewPCG(seed, 2))
	h := keyhash.Seeded[uint64](r.Uint64(), r.Uint64()|1)
	n := uint64(0)
	c := newCurve(capacity, func() usage { return usage{misses: n, entries: capacity} })
	c.burst = math.MaxUint64
	for _, key := range keys {
		n++
		c.observe(h.Hash(key))
	}
	return c.read(1)
}

func zipfKeys(n, universe int, s float64, seed uint64) []uint64 {
	sums := make([]float64, universe)
	sum := 0.
	for i := range sums {
		sum += math.Pow(float64(i+1), -s)
		sums[i] = sum
	}
	r := rand.New(rand.NewPCG(seed, 1))
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = uint64(sort.SearchFloat64s(sums, r.Float64()*sum))
	}
	return keys
}

func loopKeys(n, length int) []uint64 {
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = uint64(i % length)
	}
	return keys
}

// mixKeys puts a scan of new keys between those of a.
func mixKeys(a []uint64, every int) (keys []uint64) {
	for i, key := range a {
		keys = append(keys, key)
		if i%every == 0 {
			keys = append(keys, 1<<40+uint64(i))
		}
	}
	return keys
}

func shiftKeys(a []uint64, parts int) []uint64 {
	keys := make([]uint64, len(a))
	for i, key := range a {
		keys[i] = key + uint64(i*parts/len(a))<<40
	}
	return keys
}

func distinct(keys []uint64) int {
	m := make(map[uint64]struct{})
	for _, key := range keys {
		m[key] = struct{}{}
	}
	return len(m)
}

// TestCurveError holds the curve to an error of half a point on average, and to one point
// for each kind of traffic.
func TestCurveError(t *testing.T) {
	const seeds = 2
	sum, n := 0., 0.
	for _, x := range []struct {
		name string
		keys []uint64
	}{
		{"zipf 0.99 of 10k", zipfKeys(200_000, 10_000, .99, 1)},
		{"zipf 0.7 of 100k", zipfKeys(400_000, 100_000, .7, 1)},
		{"zipf 0.99 of 1M", zipfKeys(500_000, 1_000_000, .99, 3)},
		{"loop of 5k", loopKeys(50_000, 5000)},
		{"loop of 50k", loopKeys(300_000, 50_000)},
		{"zipf and scan", mixKeys(zipfKeys(300_000, 100_000, .9, 4), 4)},
		{"shifting zipf", shiftKeys(zipfKeys(300_000, 50_000, .9, 5), 5)},
	} {
		u := distinct(x.keys)
		hits := exactCurve(x.keys)
		for _, capacity := range []int{u, u / 8} {
			mean, worst := 0., 0.
			for seed := range uint64(seeds) {
				c := watch(x.keys, capacity, seed)
				m, w := curveError(c, hits, len(x.keys), min(u, 4*capacity))
				mean += m / seeds
				worst = max(worst, w)
				if c.Keys > curveKeys {
					t.Errorf("%s: %d keys sampled", x.name, c.Keys)
				}
			}
			t.Logf("%s, capacity %d: mean error %.3f points, worst %.2f", x.name, capacity, mean, worst)
			if mean > 1 {
				t.Errorf("%s, capacity %d: mean error %.3f points", x.name, capacity, mean)
			}
			sum += mean
			n++
		}
	}
	if sum/n > .5 {
		t.Errorf("mean error %.3f points", sum/n)
	}
}
