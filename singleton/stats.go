package singleton

import "time"

// Stats say what a singleton has done since it was made, and what it holds.
type Stats struct {
	Name string // as in the options

	Instances int // that are there now
	Building  int // builds under way

	// Accesses are the calls of Get that found an instance, if Counted; else they are 0.
	Accesses uint64
	Counted  bool

	Builds   uint64 // that brought an instance which was kept
	Failures uint64 // builds that returned an error, panicked or ended their goroutine
	Cancels  uint64 // builds that were left by all who waited, or overtaken by Reset or Close
	Waits    uint64 // calls of Get that waited for what another one had begun
	Refused  uint64 // calls of Get that were given the error of a failure before, or ErrFull

	BuildTime time.Duration // spent in builds
	Slowest   time.Duration // build
	Last      time.Duration // build

	Closed        uint64 // instances that were closed
	CloseFailures uint64 // of them, those whose closing failed or panicked
	Evictions     uint64 // closed to make room, of a Keyed
	Leaks         uint64 // of a Weak: closed because nobody held them, and not by Reset or Close
}

// MeanBuild returns the mean time of a build, 0 if there was none.
func (s Stats) MeanBuild() time.Duration {
	if n := s.Builds + s.Failures + s.Cancels; n > 0 {
		return s.BuildTime / time.Duration(n)
	}
	return 0
}

// Counters are what is counted under the engine's lock.
type counters struct {
	builds, failures, cancels uint64
	waits, refused            uint64
	closed, closeFailures     uint64
	evictions, leaks          uint64
	buildTime, slowest, last  time.Duration
}

// built counts a build.
func (c *counters) built(failed, overtaken bool, took time.Duration) {
	switch {
	case overtaken:
		c.cancels++
	case failed:
		c.failures++
	default:
		c.builds++
	}
	c.buildTime += took
	c.slowest = max(c.slowest, took)
	c.last = took
}

// discarded counts an instance that was closed.
func (c *counters) discarded(err error) {
	c.closed++
	if err != nil {
		c.closeFailures++
	}
}

// stats returns the statistics of e, which has a number of instances. Under the lock.
func (e *engine[K, T]) stats(name string, instances int, accesses *tally) Stats {
	c := &e.counters
	return Stats{
		Name: name, Instances: instances, Building: e.flying,
		Accesses: accesses.sum(), Counted: accesses != nil,
		Builds: c.builds, Failures: c.failures, Cancels: c.cancels, Waits: c.waits, Refused: c.refused,
		BuildTime: c.buildTime, Slowest: c.slowest, Last: c.last,
		Closed: c.closed, CloseFailures: c.closeFailures, Evictions: c.evictions, Leaks: c.leaks,
	}
}
