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
//	monitor    counters, gauges, timers, what has Stats; their past; rules that advise
//	  prom otel  the same for Prometheus and OpenTelemetry, each a module of its own
//	memprof    memory over epochs, of a block of code, of a value
//	profile    pprof files: read, normalize, attribute to whose code they are
//	bench      build and run benchmarks; what this machine can measure
//	keytrace   key traces of caches: read, generate, simulate, advise
//	analyze    the engine: Session, Finding, Evidence, Run
//	  capture  a subject run and measured; its hot source read
//	  effects  what functions do besides computing: whether an answer may be kept
//	  probe    an instrumented run: who is asked the same again
//	  structs  how structs lie in memory, what that costs, and how they could
//	  passes   hot alloc contention creation repeat layout growth
//	  rank     findings in the order in which they deserve attention
//	  archive  runs kept under .whet
//	  report   the terminal, JSON, and other forms
//	store      the trading store: bars, feeds, orders and notes over one shared connection
//	  sim file   drivers: a venue in the process with faults; folders of bar files
//	  storetest  what every driver must pass
//	  naive      the baseline that whet is tried on; plain and compact are others
//	  fault      a TCP proxy that fails on command, for tests
//	  wire       what servers and clients of a store have in common
//	  sqlite parquet postgres nats ws fix   drivers, each a module of its own
//	  claims     what was claimed of the store, measured again
//	dash       the page at /debug/whet/, and its JSON
//	  browser  its tests in a real browser, a module of its own
//	compare    caches side by side: speed, latency, memory, hit ratio
//	examples   whet held to what it says of real programs; watched is one to look at
//	cmd/whet   the command, one folder a subcommand
package whet
