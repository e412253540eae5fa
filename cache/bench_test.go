package cache

import (
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
