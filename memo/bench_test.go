package memo_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/memo"
)

const draws = 1 << 20

// zipf returns draws of n keys, the i-th most popular of which is drawn in proportion to
// i^-0.99.
func zipf(n int) []uint64 {
	sums, sum := make([]float64, n), 0.0
	for i := range sums {
		sum += math.Pow(float64(i+1), -0.99)
		sums[i] = sum
	}
	r := rand.New(rand.NewPCG(1, 2))
	keys := make([]uint64, draws)
	for i := range keys {
		x, lo, hi := r.Float64()*sum, 0, n-1
		for lo < hi {
			if mid := (lo + hi) / 2; sums[mid] < x {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		keys[i] = uint64(lo) * 0x9e3779b97f4a7c15
	}
	return keys
}

func square(k uint64) uint64 { return k * k }

// BenchmarkHit compares a hit with what lies beneath it.
func BenchmarkHit(b *testing.B) {
	keys := zipf(100_000)
	opts := &memo.Options{Capacity: 1 << 17}
	run := func(name string, f func(uint64) uint64) {
		for _, k := range keys {
			f(k)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var i, wrong uint64
			for b.Loop() {
				k := keys[i&(draws-1)]
				if f(k) != k*k {
					wrong++
				}
				i++
			}
			if wrong > 0 {
				b.Fatalf("%d wrong answers", wrong)
			}
		})
	}
	c := cache.New[uint64, uint64](1<<17, nil)
	load := func(_ context.Context, k uint64) (uint64, error) { return k * k, nil }
	run("cache=GetOrLoad", func(k uint64) uint64 {
		v, _ := c.GetOrLoad(context.Background(), k, load)
		return v
	})
	run("cache=Get", func(k uint64) uint64 { v, _ := c.Get(k); return v })

	wrapped, _ := memo.Wrap(square, opts)
	run("memo=Wrap", wrapped)
	wrapped2, _ := memo.Wrap2(func(a, b uint64) uint64 { return a * b }, opts)
	run("memo=Wrap2", func(k uint64) uint64 { return wrapped2(k, k) })
	wrappedCtx, _ := memo.WrapCtx(load, opts)
	run("memo=WrapCtx", func(k uint64) uint64 { v, _ := wrappedCtx(context.Background(), k); return v })
	buf := make([]uint64, 4)
	ints, _ := memo.WrapKey(func(s []uint64) uint64 { return s[3] * s[3] }, memo.Slice[[]uint64](), opts)
	run("memo=WrapKey,key=4_ints", func(k uint64) uint64 { buf[3] = k; return ints(buf) })
	names := []string{"a name", "another name"}
	text, _ := memo.WrapKey(func(s []string) uint64 { return uint64(len(s)) }, memo.Slice[[]string](), opts)
	run("memo=WrapKey,key=2_strings", func(k uint64) uint64 { return text(names) - 2 + k*k })
}

// BenchmarkMiss is a call that is not remembered and evicts another.
func BenchmarkMiss(b *testing.B) {
	run := func(name string, f func(uint64) uint64) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var k uint64
			for b.Loop() {
				k++
				if f(k) != k*k {
					b.Fatalf("wrong answer to %d", k)
				}
			}
		})
	}
	opts := &memo.Options{Capacity: 1000}
	wrapped, m := memo.Wrap(square, opts)
	run("memo=Wrap", wrapped)
	if st := m.Stats(); st.Hits > 0 || st.Misses != st.Calls {
		b.Fatalf("%+v", st)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	wrappedCtx, _ := memo.WrapCtx(func(_ context.Context, k uint64) (uint64, error) { return k * k, nil }, opts)
	run("memo=WrapCtx", func(k uint64) uint64 { v, _ := wrappedCtx(ctx, k); return v })
	buf := make([]uint64, 4)
	ints, _ := memo.WrapKey(func(s []uint64) uint64 { return s[3] * s[3] }, memo.Slice[[]uint64](), opts)
	run("memo=WrapKey,key=4_ints", func(k uint64) uint64 { buf[3] = k; return ints(buf) })
}
