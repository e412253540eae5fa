package memprof

import (
	"fmt"
	"runtime"
	"time"
)

// A Scope measures a block of code, from [Start] to [Scope.End].
type Scope struct {
	label  string
	before runtime.MemStats
	gc     time.Duration
	start  time.Time
}

// A Cost is what a block of code took. All but Time is of the whole process: what other
// goroutines do meanwhile is in it.
type Cost struct {
	Label  string        `json:"label"`
	Time   time.Duration `json:"time"`
	Bytes  uint64        `json:"bytes"`  // allocated, also what is garbage by now
	Allocs uint64        `json:"allocs"` // their number
	Grown  int64         `json:"grown"`  // of the heap, garbage included: negative where a collection fell in
	GCs    uint64        `json:"gcs"`
	// GCPause is how long the world stood still for them, GCTime their CPU time, which is
	// known of collections that have ended.
	GCPause time.Duration `json:"gc_pause"`
	GCTime  time.Duration `json:"gc_time"`
}

// Start begins a scope. It stops the world for some ten microseconds, as End does; neither
// is in what is measured. A block that is shorter is better measured by a benchmark.
func Start(label string) *Scope {
	s := &Scope{label: label}
	s.gc = gcTime()
	runtime.ReadMemStats(&s.before)
	s.start = time.Now()
	return s
}

// End returns what was spent since [Start]. It may be called again, for what was spent
// until then.
func (s *Scope) End() Cost {
	took := time.Since(s.start)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b := &s.before
	return Cost{
		Label: s.label, Time: took,
		Bytes: m.TotalAlloc - b.TotalAlloc, Allocs: m.Mallocs - b.Mallocs,
		Grown: int64(m.HeapAlloc) - int64(b.HeapAlloc),
		GCs:   uint64(m.NumGC - b.NumGC), GCPause: time.Duration(m.PauseTotalNs - b.PauseTotalNs),
		GCTime: gcTime() - s.gc,
	}
}

// Measure calls f and returns what it took. A panic of f passes through.
func Measure(label string, f func()) Cost {
	s := Start(label)
	f()
	return s.End()
}

// String is the cost in a line: "load: 12.3ms, 4.0 MB in 1203 allocations, 1 GC (80µs pause)".
func (c Cost) String() string {
	text := fmt.Sprintf("%s: %v, %s in %d allocations", c.Label, c.Time.Round(time.Microsecond), size(int64(c.Bytes)), c.Allocs)
	if c.GCs > 0 {
		text += fmt.Sprintf(", %d GC (%v pause)", c.GCs, c.GCPause.Round(time.Microsecond))
	}
	return text
}
