package analyze

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A Subject is what is analyzed, and how it is built.
type Subject struct {
	Dir      string   `json:"dir"`              // where the go command is run; absolute
	Patterns []string `json:"patterns"`         // packages, as the go command takes them
	Mode     string   `json:"mode"`             // "packages", "command", "profile", "url"
	Flags    []string `json:"flags,omitempty"`  // build flags of the user: -tags=…
	Bench    string   `json:"bench,omitempty"`  // regular expression, as -bench; "" for all
	Test     string   `json:"test,omitempty"`   // regular expression, as -run; "" for all when there are no benchmarks
	Args     []string `json:"args,omitempty"`   // of the command
	Source   []string `json:"source,omitempty"` // profile files or the URL
}

// Kind is the kind of a workload.
type Kind string

// The kinds of workload.
const (
	Benchmark Kind = "benchmark"
	Test      Kind = "test"
	Command   Kind = "command"
	File      Kind = "profile"
	Endpoint  Kind = "endpoint"
)

// A Workload is one thing the subject did while it was measured.
type Workload struct {
	Name    string `json:"name"`    // "BenchmarkBars", "TestX", "command"
	Package string `json:"package"` // import path of the test binary's package
	Dir     string `json:"dir"`
	Kind    Kind   `json:"kind"`
	// Results are the lines that a benchmark printed, sub-benchmarks apart, from a
	// run without any profiling but the CPU's.
	Results []bench.Result `json:"results,omitempty"`
	Sweep   []Point        `json:"sweep,omitempty"`  // at several GOMAXPROCS, smallest first; only where there was waiting
	Epochs  []Epoch        `json:"epochs,omitempty"` // of a second run, in order
	Repro   string         `json:"repro"`
	Failed  string         `json:"failed,omitempty"` // why it did not end as it should; the rest is what there was until then

	// Profiles by name: "cpu", "heap" (at the end of the run), "mutex" and "block"
	// (of the run at the greatest GOMAXPROCS), "goroutine" (at the end).
	Profiles map[string]*profile.Profile `json:"-"`
}

// A Point is a workload's cost at one GOMAXPROCS.
type Point struct {
	Procs     int     `json:"procs"`
	SecPerOp  float64 `json:"sec_per_op"`
	WaitPerOp float64 `json:"wait_per_op"` // seconds that goroutines waited for mutexes, per operation
}

// An Epoch is what is alive in the subject at one moment, after a collection.
type Epoch struct {
	At         time.Duration    `json:"at"`
	HeapBytes  int64            `json:"heap_bytes"`
	Goroutines int              `json:"goroutines"`
	Heap       *profile.Profile `json:"-"` // inuse_space, inuse_objects
	Goroutine  *profile.Profile `json:"-"`
}

// SecPerOp returns the geometric mean over the benchmark's results of their time for
// an operation, 0 if nothing was timed.
func (w *Workload) SecPerOp() float64 { return bench.Mean(w.Results, "sec/op") }

// Mean returns the geometric mean over the benchmark's results of the given unit.
func (w *Workload) Mean(unit string) float64 { return bench.Mean(w.Results, unit) }

// An Init is what the initialization of one package cost at start.
type Init struct {
	Package string  `json:"package"`
	Sec     float64 `json:"sec"` // least of several starts
	Bytes   int64   `json:"bytes"`
	Allocs  int64   `json:"allocs"`
	Total   float64 `json:"total"` // of all packages of the same start, in seconds
	Start   string  `json:"start"` // the binary that was started: its main or test package
	// TestOnly is set where only the tests of the started package need this one: a
	// program never starts it.
	TestOnly bool `json:"test_only,omitempty"`
}

// A Warning says what is missing from the result, and of what.
type Warning struct {
	About string `json:"about,omitempty"` // a package or workload; "" for the whole
	Text  string `json:"text"`
}

// A Session is everything measured and read of a subject. It is filled by
// analyze/capture, then only read; passes may run over it at the same time.
type Session struct {
	Subject   Subject
	Machine   bench.Machine
	Workloads []*Workload
	Inits     []Init
	Warnings  []Warning
	// Program is the source of the hot packages. It is empty, never nil, where there
	// is no source.
	Program *load.Program

	mu      sync.Mutex
	indexes map[indexKey]*profile.Index
}

type indexKey struct {
	p   *profile.Profile
	typ string
}

// Warn notes, once, that something is missing.
func (s *Session) Warn(about, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := Warning{about, fmt.Sprintf(format, args...)}
	if !slices.Contains(s.Warnings, w) {
		s.Warnings = append(s.Warnings, w)
	}
}

// Index attributes the named value of a workload's profile; it is computed once.
// The Index of a profile that the workload has not is empty.
func (s *Session) Index(w *Workload, profileName, typ string) *profile.Index {
	return s.Attribute(w.Profiles[profileName], typ)
}

// Attribute is Index for a profile that is not in a workload's map, such as an
// epoch's.
func (s *Session) Attribute(p *profile.Profile, typ string) *profile.Index {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := indexKey{p, typ}
	if ix := s.indexes[key]; ix != nil {
		return ix
	}
	if p == nil {
		p = new(profile.Profile)
	}
	if s.indexes == nil {
		s.indexes = make(map[indexKey]*profile.Index)
	}
	ix := profile.Attribute(p, typ, s.Owner)
	s.indexes[key] = ix
	return ix
}

// Owner says whose code a frame is: the harness's in test files, the subject's in
// the modules under development (the main one, those of the workspace, those
// replaced by a folder), the runtime's in the standard library, else a library's.
func (s *Session) Owner(f profile.Frame) profile.Owner {
	pkg := profile.Package(f.Func)
	switch {
	case pkg == "" || f.File == "" || strings.HasPrefix(f.File, "_cgo") || pkg == "_testmain":
		return profile.Runtime
	case strings.HasSuffix(f.File, "_test.go") || strings.HasSuffix(f.File, "_testmain.go"):
		return profile.Harness
	case s.Program.IsLocal(pkg, f.File):
		return profile.Own
	case load.IsStd(pkg, f.File):
		return profile.Runtime
	}
	return profile.Library
}

// RelPath returns a file's path as findings show it: relative to the subject's
// folder when inside it.
func (s *Session) RelPath(file string) string {
	if rel, err := filepath.Rel(s.Subject.Dir, file); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return file
}

// FuncName returns the declared function around a frame, by the source where it is at
// hand: a closure that was inlined into another function is named after that one in a
// profile, and belongs to the function in which it is written.
func (s *Session) FuncName(f profile.Frame) string {
	if fn := s.Program.FuncAt(f); fn != nil {
		return fn.Name
	}
	return profile.Unescape(profile.Enclosing(f.Func))
}

// Location returns the place of a frame, in source if it is at hand.
func (s *Session) Location(f profile.Frame, role string) Location {
	file := f.File
	if path := s.Program.Path(f); path != "" {
		file = path
	}
	return Location{File: s.RelPath(file), Line: f.Line, Func: s.FuncName(f), Role: role}
}
