package cache

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkGet compares hits with and without lifetimes, on keys that fit the processor's
// caches.
func BenchmarkGet(b *testing.B) {
	for name, opts := range map[string]*Options[uint64, uint64]{"plain": nil, "ttl": {TTL: time.Hour}} {
		b.Run(name, func(b *testing.B) {
			c := New(4096, opts)
			for k := range uint64(1024) {
				c.Set(k, k)
			}
			k := uint64(0)
			for b.Loop() {
				if _, ok := c.Get(k % 1024); !ok {
					b.Fatal("missed")
				}
				k++
			}
		})
	}
}

// BenchmarkCount is what counting adds to a hit; BenchmarkCount/nothing is the loop.
func BenchmarkCount(b *testing.B) {
	c := New[uint64, uint64](4096, nil)
	c.Set(1, 1)
	for range exactHits {
		c.Get(1)
	}
	s := c.shards.Load().of(0)
	h := uint64(0)
	b.Run("nothing", func(b *testing.B) {
		for b.Loop() {
			h += 0x9e3779b97f4a7c15
		}
	})
	b.Run("hit", func(b *testing.B) {
		for b.Loop() {
			h += 0x9e3779b97f4a7c15
			s.counters.count(&s.sampled, h, c.clock.read())
		}
	})
	if c.Stats().Hits < exactHits {
		b.Error("nothing was counted")
	}
}

// BenchmarkWatched is what the curve adds to a hit, bursts and rests together: rounds with
// and without it take turns, and the difference of the means is told. It takes seconds to
// come by some bursts: -benchtime 5s. Where the sample can hold all keys, every Get is
// sampled until the curve rests.
func BenchmarkWatched(b *testing.B) {
	for _, keys := range []uint64{1000, 100_000} {
		b.Run(fmt.Sprint(keys), func(b *testing.B) {
			plain, watched := New[uint64, uint64](int(2*keys), nil), New(int(2*keys), &Options[uint64, uint64]{Curve: true})
			for k := range keys {
				plain.Set(k, k)
				watched.Set(k, k)
			}
			const gets = 1 << 16
			x := uint64(1)
			round := func(c *Cache[uint64, uint64]) time.Duration {
				began := time.Now()
				for range gets {
					x = x*6364136223846793005 + 1442695040888963407
					if _, ok := c.Get(x >> 32 % keys); !ok {
						b.Fatal("missed")
					}
				}
				return time.Since(began)
			}
			var without, with time.Duration
			for i := 0; b.Loop(); i++ {
				if i%2 == 0 {
					without += round(plain)
					with += round(watched)
				} else {
					with += round(watched)
					without += round(plain)
				}
			}
			each := float64(b.N) * gets
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(without)/each, "ns/Get")
			b.ReportMetric(float64(with-without)/each, "ns-more/Get")
			b.ReportMetric(float64(watched.Curve().References)/each*100, "%sampled")
			if c := watched.Curve(); c.Keys > curveKeys {
				b.Errorf("%d keys sampled", c.Keys)
			}
		})
	}
}
