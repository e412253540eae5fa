package cache

import (
	"sync/atomic"
	"time"
)

// Counters count what happens in a shard.
//
// An atomic addition on every hit would cost as much as half the hit. So the first
// exactHits hits are counted one by one, and after that one in sampleRate, and for
// sampleRate: those whose hash shows a pattern, which changes with every hit counted, so
// that no key is favoured. Everything else is counted exactly.
type counters struct {
	hits, misses atomic.Uint64

	// Under the shard's lock.
	missedLoads                        uint64 // misses of GetOrLoad
	insertions, evictions, expirations uint64
	loads, loadFailures, shared, stale uint64
	loadTime                           int64
}

const (
	exactHits  = 1 << 16
	sampleRate = 64
)

// counted reports whether a hit on a key of hash h is to be counted. The upper half of
// sample is a mask for the hash, the lower half what it must leave.
func counted(h, sample uint64) bool {
	return uint32(h>>20)&uint32(sample>>32) == uint32(sample)
}

// hit counts a hit for which counted held.
func (c *counters) hit(sample *atomic.Uint64) {
	old := sample.Load()
	n := c.hits.Add(old>>32 + 1)
	if n < exactHits {
		return
	}
	next := n * 0x9e3779b97f4a7c15 >> 40 & (sampleRate - 1)
	sample.CompareAndSwap(old, (sampleRate-1)<<32|next)
}

// Stats says what a cache has done since it was made, and what it holds.
type Stats struct {
	// Hits and Misses count Get and GetOrLoad. Hits are exact up to 65,536 a shard and
	// sampled from there on, with a standard error of about 8·√Hits.
	Hits, Misses uint64

	Insertions  uint64 // of keys that were not there
	Evictions   uint64 // to make room
	Expirations uint64

	Loads        uint64        // calls of a loader
	LoadFailures uint64        // that returned an error or panicked
	LoadTime     time.Duration // spent in loaders, from a clock of a millisecond
	Shared       uint64        // calls that waited for another one's load
	Stale        uint64        // answers past their lifetime because loading failed

	Len      int
	Weight   uint64 // Len, if entries have no weights
	Capacity uint64
}

// HitRatio returns the part of the look-ups that were hits, 0 before the first.
func (s Stats) HitRatio() float64 {
	if s.Hits+s.Misses == 0 {
		return 0
	}
	return float64(s.Hits) / float64(s.Hits+s.Misses)
}

// add adds what o counted, when its shard is given up.
func (c *counters) add(o *counters) {
	c.hits.Add(o.hits.Load())
	c.misses.Add(o.misses.Load())
	c.missedLoads += o.missedLoads
	c.insertions += o.insertions
	c.evictions += o.evictions
	c.expirations += o.expirations
	c.loads += o.loads
	c.loadFailures += o.loadFailures
	c.shared += o.shared
	c.stale += o.stale
	c.loadTime += o.loadTime
}

// Stats adds up the counters of all shards, one after the other.
func (c *Cache[K, V]) Stats() Stats {
	st := Stats{Weight: uint64(c.weight.Load()), Capacity: uint64(c.capacity.Load())}
	for s := range c.shards.Load().each {
		s.lock()
		n := &s.counters
		st.Len += s.live
		st.Hits += n.hits.Load()
		st.Misses += n.misses.Load() + n.missedLoads
		st.Insertions += n.insertions
		st.Evictions += n.evictions
		st.Expirations += n.expirations
		st.Loads += n.loads
		st.LoadFailures += n.loadFailures
		st.LoadTime += time.Duration(n.loadTime)
		st.Shared += n.shared
		st.Stale += n.stale
		s.mu.Unlock()
	}
	return st
}
