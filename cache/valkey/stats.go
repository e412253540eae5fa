package valkey

import "sync/atomic"

// Stats says what a tier has done since it was made.
type Stats struct {
	Hits, Misses uint64 // of Get
	Garbage      uint64 // misses because the codec did not know what was there
	Stores       uint64 // by Set
	Overtaken    uint64 // calls of Set that found the key written since Get missed it
	Deletes      uint64

	Failures   uint64 // calls that the server failed or refused, or did not answer in time
	Skipped    uint64 // calls while the tier rested
	Recoveries uint64 // rests that ended

	Invalidations uint64 // keys that others wrote or deleted, or that expired
	Clears        uint64 // of the attached caches

	Resting bool // now
}

type counts struct {
	hits, misses, garbage, stores, overtaken, deletes atomic.Uint64
	failures, skipped, recoveries                     atomic.Uint64
	invalidations, clears                             atomic.Uint64
}

// Stats returns the counts, each exact, not all of the same moment.
func (t *Tier[K, V]) Stats() Stats {
	n := &t.counts
	return Stats{
		Hits: n.hits.Load(), Misses: n.misses.Load(), Garbage: n.garbage.Load(),
		Stores: n.stores.Load(), Overtaken: n.overtaken.Load(), Deletes: n.deletes.Load(),
		Failures: n.failures.Load(), Skipped: n.skipped.Load(), Recoveries: n.recoveries.Load(),
		Invalidations: n.invalidations.Load(), Clears: n.clears.Load(),
		Resting: t.health.resting.Load(),
	}
}
