// Package whet is the house of Whet: tools that find what slows a Go program, say what
// to do about it, and prove what they say. The command is cmd/whet.
//
// The folders, from the ground up; floors_test.go keeps the order:
//
//	lru        exact least-recently-used order, one lock
//	cache      the concurrent cache, whose policy chooses itself
//	memo       functions with a memory
//	singleton  instances built once and shared: one, one a key, one while it is held
//	hist       latency distributions, recorded in a few nanoseconds
//	profile    pprof files: read, normalize, attribute to whose code they are
//	bench      build and run benchmarks; what this machine can measure
//	keytrace   key traces of caches: read, generate, simulate, advise
//	analyze    the engine: Session, Finding, Evidence, Run
//	  capture  a subject run and measured; its hot source read
//	  passes   hot alloc contention creation layout growth
//	  rank     findings in the order in which they deserve attention
//	  archive  runs kept under .whet
//	  report   the terminal, JSON, and other forms
//	store      the trading store: naive is the baseline that whet is tried on
//	compare    caches side by side: speed, latency, memory, hit ratio
//	examples   whet held to what it says of real programs
//	cmd/whet   the command, one file a subcommand
package whet
