package probe

import (
	"time"

	"github.com/whetgo/whet/analyze"
)

// A Plan says what is watched, in which workloads, and at what cost.
type Plan struct {
	Candidates []Candidate
	Workloads  []Workload // nil: the subject's command, or the benchmarks of its packages, or their tests where they have none
	// Operation names a function, each call of which is an operation (a request's
	// handler). "": an iteration of a benchmark's loop, a test, a run of a command.
	Operation string
	Budget    time.Duration // of the runs, builds apart; 0: 20 seconds
	// Share is what the probes may add to the CPU time of the run, estimated by
	// themselves while it runs; 0: 0.5, half of what the program takes without them.
	Share float64
	// NoText keeps the text of inputs out of the record.
	NoText   bool
	Progress func(doing string) // nil: nobody is told
}

// Mode is what a candidate is watched for. The zero Mode is Repeats.
type Mode uint8

// The modes; they can be joined by |.
const (
	Repeats  Mode = 1 << iota // inputs and outputs
	Creation                  // the first call against later ones, who waited, how many instances
	Count                     // calls alone, at the least cost
)

// A Candidate is a function or a call to be watched.
type Candidate struct {
	// Func is the function as profiles normalize it, "a/b.(*T).M", "a/b.F[...]"; of a
	// call and of a closure, the declared function in which it stands. What stands in no
	// function, in the initialization of package variables, cannot be watched.
	Func string
	// Line, if not 0, picks the function literal that begins on this line of Func, or
	// with Callee, the call.
	Line int
	// Callee, if not "", is what is called: "regexp.MustCompile", "time.(Time).Format" as
	// load.FuncName says it. Its arguments are hashed at the call; the callee is not changed.
	Callee string
	Mode   Mode
	// Reads, if not nil, are the fields that Func reads of what its receiver and its
	// parameters point to, as paths from their names: "t.opts.limit". nil: those found in
	// the syntax of Func before any statement that may synchronize. A path that cannot be
	// read safely (through a map, an index, an interface) is left out.
	Reads []string
	// Fresh says that nothing else holds what Func returns when it returns, so that its
	// results may be walked and compared to any depth. Otherwise pointers in results are
	// compared as identities only.
	Fresh bool
}

// A Workload is what the watched program is made to do.
type Workload struct {
	Package string       // import path whose test binary or command is built
	Kind    analyze.Kind // Benchmark, Test or Command
	Pattern string       // as -test.bench or -test.run take it; "": all
	Args    []string     // of a Command
}
