package cache

import (
	"sync/atomic"
	"time"
)

// Counters count what happens in a shard.
//
// An atomic addition on every hit would cost as much as a quarter of the hit. So the first
// exactHits hits are counted one by one, and from there on those of one key in sampleRate,
// for sampleRate each: which keys, changes with every tick of the clock, and in as many ticks
// as there are turns each key has its own. Everything else is counted exactly.
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
	sampleRate = turns
	turns      = 16 // has to do with where the clock keeps them, its bits 1 to 4

	countAll  = 0               // of shard.counting: every hit is counted
	countSome = 2 * (turns - 1) // and those whose turn it is
)

// turnOf returns the turn in the n-th tick. Each turn comes once in turns ticks, in an order
// that changes, so that what is asked for at regular times is counted like the rest.
func turnOf(n uint64) uint64 { return n%turns ^ n/turns*0x9e3779b97f4a7c15>>60 }

// mayCount reports whether a hit on a key of hash h at this time of the clock is counted.
func mayCount(h uint64, now int64, counting uint32) bool {
	return (uint32(h>>19)^uint32(now))&counting == 0
}

// count counts a hit that may be counted, for those that may not.
func (s *shard[K, V]) count() {
	if s.counting.Load() != countAll {
		s.counters.hits.Add(sampleRate)
	} else if s.counters.hits.Add(1) >= exactHits {
		s.counting.Store(countSome)
	}
}

// Stats says what a cache has done since it was made, and what it holds.
type Stats struct {
	// Hits and Misses count Get and GetOrLoad. Hits are exact up to 65,536 a shard and
	// sampled from there on: what is counted in a second has a standard error of about 1 %
	// if many keys are asked for and 12 % if it is one, and less the longer it is counted.
	Hits, Misses uint64

	Insertions  uint64 // of keys that were not there
	Evictions   uint64 // to make room
	Expirations uint64

	Loads        uint64        // calls of a loader
	LoadFailures uint64        // that returned an error or panicked
	LoadTime     time.Duration // spent in loaders, from a clock of some milliseconds
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
