package cache

import (
	"context"
	"fmt"
	"math"
	"slices"
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

// BenchmarkCount is what counting adds to a hit: hits of which one in sampleRate is counted,
// less the same hits of which none is, in turns. Reported are the median and the 95 % interval
// of the differences.
func BenchmarkCount(b *testing.B) {
	const keys, part, never = 1 << 16, 1 << 12, math.MaxUint32 - 1
	c := New[uint64, uint64](2*keys, nil)
	for k := range uint64(keys) {
		c.Set(k, k)
		c.Get(k)
	}
	get := func(from uint64, counting uint32) float64 {
		for s := range c.shards.Load().each {
			s.counting.Store(counting)
		}
		start := time.Now()
		for k := from; k < from+part; k++ {
			c.Get(k)
		}
		return float64(time.Since(start)) / part
	}
	hits := func() uint64 { return c.Stats().Hits }
	before := hits()
	if get(0, never); hits() > before+sampleRate {
		b.Errorf("%d hits were counted, want none", hits()-before)
	}
	before = hits()
	var more []float64
	for i := uint64(0); b.Loop(); i++ {
		from := i * part % keys
		get(from, never) // so that both find the entries where the other left them
		if i%2 == 0 {
			d := get(from, countSome)
			more = append(more, d-get(from, never))
		} else {
			d := get(from, never)
			more = append(more, get(from, countSome)-d)
		}
	}
	if hits() == before {
		b.Error("nothing was counted")
	}
	reportMiddle(b, more, "count")
}

// BenchmarkLone is what a load costs that nobody else waits for, the loader's part apart: a
// GetOrLoad that misses, less a Get that misses and a Set, in turns.
func BenchmarkLone(b *testing.B) {
	const keys, part = 1 << 16, 1 << 10
	loading, setting := New[uint64, uint64](keys/2, nil), New[uint64, uint64](keys/2, nil)
	loads := 0
	load := func(_ context.Context, k uint64) (uint64, error) { loads++; return k, nil }
	timed := func(from uint64, do func(k uint64)) float64 {
		start := time.Now()
		for k := from; k < from+part; k++ {
			do(k)
		}
		return float64(time.Since(start)) / part
	}
	missed := func(k uint64) { loading.GetOrLoad(context.Background(), k, load) }
	set := func(k uint64) {
		if _, ok := setting.Get(k); !ok {
			setting.Set(k, k)
		}
	}
	var more []float64
	next := uint64(0)
	for i := 0; b.Loop(); i++ { // keys that were never there
		if i%2 == 0 {
			d := timed(next, missed)
			more = append(more, d-timed(next, set))
		} else {
			d := timed(next, set)
			more = append(more, timed(next, missed)-d)
		}
		next += part
	}
	if loads != len(more)*part {
		b.Errorf("%d loads, want %d", loads, len(more)*part)
	}
	reportMiddle(b, more, "flight")
}

// reportMiddle reports the median of xs and its 95 % interval, in nanoseconds.
func reportMiddle(b *testing.B, xs []float64, unit string) {
	slices.Sort(xs)
	n, off := len(xs), int(math.Sqrt(float64(len(xs))))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(xs[n/2], "ns/"+unit)
	b.ReportMetric(xs[max(0, n/2-off)], "ns/low")
	b.ReportMetric(xs[min(n-1, n/2+off)], "ns/high")
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
