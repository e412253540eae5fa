package cache

import (
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

// BenchmarkCount is what counting adds to a hit: that of keys of which one in sampleRate is
// counted, less that of keys of which none is, in turns. The clock stands, so that none of the
// latter gets its turn. Reported are the median and the 95 % interval of the differences.
func BenchmarkCount(b *testing.B) {
	const keys, part = 1 << 16, 1 << 12
	c := New[uint64, uint64](4*keys, nil)
	var counted, never []uint64
	now := int64(2 * turns) // turn 0
	for k := uint64(0); len(never) < keys; k++ {
		if c.Set(k, k); len(counted) < keys {
			counted = append(counted, k)
		}
		if !mayCount(c.hasher.Hash(k), now, countSome) {
			never = append(never, k)
		}
	}
	get := func(keys []uint64) time.Duration {
		start := time.Now()
		for _, k := range keys {
			c.Get(k)
		}
		return time.Since(start)
	}
	for range 3 {
		get(counted)
		get(never)
	}
	for s := range c.shards.Load().each {
		s.counting.Store(countSome)
	}
	time.Sleep(4 * tick) // until nothing ticks
	c.clock.now.Store(now)
	before := c.Stats().Hits
	var more []float64
	for i := 0; b.Loop(); i++ {
		from := i * part % keys
		with, without := counted[from:from+part], never[from:from+part]
		var d time.Duration
		if i%2 == 0 {
			d = get(with)
			d -= get(without)
		} else {
			d = -get(without)
			d += get(with)
		}
		more = append(more, float64(d)/part)
	}
	if c.Stats().Hits == before {
		b.Error("nothing was counted")
	}
	slices.Sort(more)
	n, off := len(more), int(math.Sqrt(float64(len(more))))
	b.ReportMetric(more[n/2], "ns/count")
	b.ReportMetric(more[max(0, n/2-off)], "ns/low")
	b.ReportMetric(more[min(n-1, n/2+off)], "ns/high")
}
