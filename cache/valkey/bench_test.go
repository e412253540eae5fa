package valkey_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/whetgo/whet/cache/valkey"
)

func BenchmarkGet(b *testing.B) {
	s := startServer(b)
	for _, par := range []int{1, 16} {
		b.Run(map[int]string{1: "par=1", 16: "par=16"}[par], func(b *testing.B) {
			tier := newTier(b, s.address, "p", &valkey.Options[int, string]{Timeout: 10 * time.Second})
			if err := tier.Set(ctx, 1, "some value", 0); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetParallelism(par)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := tier.Get(ctx, 1); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func BenchmarkResting(b *testing.B) {
	s := startServer(b)
	tier := newTier[int, string](b, s.address, "p", nil)
	s.kill()
	eventually(b, "rests", func() bool { return tier.Stats().Resting })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tier.Get(ctx, 1); err == nil {
			b.Fatal("found")
		}
	}
}

// From a write by one process to the end of the other's entry.
func BenchmarkInvalidation(b *testing.B) {
	s := startServer(b)
	reader, writer := newProcess[int, int](b, s.address, "p", nil), newProcess[int, int](b, s.address, "p", nil)
	for n := 0; b.Loop(); n++ {
		reader.cache.Set(1, n)
		if err := writer.tier.Set(ctx, 1, n, 0); err != nil {
			b.Fatal(err)
		}
		for reader.has(1) {
			runtime.Gosched()
		}
	}
}
