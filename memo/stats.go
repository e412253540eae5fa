package memo

import (
	"sync/atomic"
	"time"
)

// Stats say what a wrapped function has done since it was wrapped.
type Stats struct {
	Name string // Options.Name

	// Hits are the calls that were answered from memory, Misses the others. Hits are
	// sampled beyond 65,536, as cache.Stats says.
	Hits, Misses uint64
	// Shared are the misses that waited for a call under way.
	Shared uint64

	Calls    uint64        // of the function itself, refreshes among them
	Failures uint64        // calls of it that returned an error, panicked or ended their goroutine
	Time     time.Duration // spent in them; a call within a call counts in both

	Evictions uint64 // answers forgotten to make room
	Len       int    // answers remembered, without errors
	Capacity  int
}

// HitRatio returns the part of the calls that was answered from memory, 0 before the first.
func (s Stats) HitRatio() float64 {
	if s.Hits+s.Misses == 0 {
		return 0
	}
	return float64(s.Hits) / float64(s.Hits+s.Misses)
}

// Saved estimates the time that was saved: the hits times the mean time of a call.
func (s Stats) Saved() time.Duration {
	if s.Calls == 0 {
		return 0
	}
	return time.Duration(float64(s.Hits) * float64(s.Time) / float64(s.Calls))
}

// Counters count what the cache beneath does not.
type counters struct {
	calls, failures atomic.Uint64
	time            atomic.Int64
	hits            atomic.Int64 // beside those the cache counted: remembered errors, less what was another argument's
	misses          atomic.Int64 // beside those the cache counted, less what it counted twice
}

// called counts a call of the function that began at the given time.
func (c *counters) called(began time.Time, good bool) {
	c.calls.Add(1)
	c.time.Add(int64(time.Since(began)))
	if !good {
		c.failures.Add(1)
	}
}
