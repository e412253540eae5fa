// Package contention finds where goroutines wait for each other: locks held for too
// long, too often or for too much, and loops that spin instead of waiting.
//
// Before, where a mutex profile of BenchmarkBarsParallel lays 99 % of the waiting to
// this function:
//
//	func (s *Store) Bars(symbol string) ([]Bar, error) {
//		s.mu.Lock()
//		defer s.mu.Unlock()
//		bars, err := loadBars(symbol + ".csv")
//		…
//		s.requests++
//
// After:
//
//	bars, err := loadBars(symbol + ".csv")
//	…
//	s.mu.Lock()
//	s.requests++
//	s.mu.Unlock()
//
// Prerequisites: a mutex profile, whose stacks are the holders', and for waits per
// operation a sweep over GOMAXPROCS; for lock operations and for spinning a CPU
// profile. The lock is told by the field or variable in the source, through embedding
// and one level of methods that wrap it; without source, by the function that holds
// it. A predicted saving rests on waits that were measured; that work would run at once
// on more cores is claimed only where scaling can be measured.
//
// Its rules, the first that holds of a lock: wait-under-lock, where the block profile
// shows that who holds it waits for others; io-under-lock; read-mostly, where the code
// that the profiles show only reads; hot-lock for the rest. And spin, of a loop.
//
// It is silent on locks that nobody waits for, unless taking them, or copying under a
// read lock, is a great part of the time; of readers, who do not wait for each other,
// also where the lock is one of many in a list; on the locks inside the runtime,
// sync.Once, sync.Pool and sync.Map; on channels and wait groups, by which goroutines
// wait as they should; and on loops that block for each message, that try once for each
// thing they go through, that work until they are told to stop, or whose
// compare-and-swap fails only because another's succeeded.
package contention
