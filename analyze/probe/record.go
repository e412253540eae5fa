package probe

import (
	"fmt"
	"strings"
	"time"

	"github.com/whetgo/whet/analyze"
)

// A Result is what a run of a Plan brought.
type Result struct {
	Records  []*Record // in the order of the plan's candidates, then of its workloads; those never called have Calls 0
	Left     []Left    // candidates that were not watched
	Runs     []Ran     // in the order of the workloads
	Warnings []analyze.Warning
}

// Left is a candidate that could not be watched.
type Left struct {
	Candidate Candidate
	Why       string
}

// Ran is how the run of a workload went.
type Ran struct {
	Workload   Workload
	Operations int64         // begun; 0: no boundary of an operation was met
	Processes  int           // that wrote a record: the workload's own, and those of itself that it started
	Took       time.Duration // of the watched run, start to end
	CPU        time.Duration // user and system, of the workload's process
	Spent      time.Duration // of it by the probes, as they estimate it
	Failed     string        // why it did not end as it should; what it did until then is recorded
}

// A Level is how far the hash of a part of an input or output looks.
type Level string

// The levels. Two inputs are held to be the same if all their parts are.
const (
	Values   Level = "values"   // numbers, strings, and structs and interfaces of them: all there is
	Contents Level = "contents" // and the elements of a slice of such; beyond 4 KiB, 64 pieces of 64 bytes
	Fields   Level = "fields"   // behind a pointer, the fields that the function reads, whichever object it is
	Identity Level = "identity" // the address: what lies behind it may have changed between two calls
	Ignored  Level = "ignored"  // not hashed: contexts, blank parameters, constants at a call
	Opaque   Level = "opaque"   // of an output: only whether it is nil, and its type
)

// A Part is a parameter, receiver, captured variable, argument or result.
type Part struct {
	Name  string // in the source: "s", "b.cfg"; of an unnamed result, its number: "#0"
	Type  string
	Level Level
	Reads []string // of Fields and Identity: the fields that were hashed
}

// A Record is what one candidate did in one workload.
//
// Counts are of calls, over all processes and goroutines. Those that come from sampled
// inputs are scaled to all calls, exact where Rate is 1. Ratios are in [0,1].
type Record struct {
	Candidate Candidate
	Func      string // as Candidate.Func
	File      string // absolute path in the subject's tree or the module cache, never of a copy
	Line      int
	Workload  Workload

	Inputs  []Part
	Outputs []Part

	Calls   int64 // while watched
	Stopped bool  // it was called too often to be watched to the end: all else is of the calls until then
	Outside int64 // calls outside of any operation: a benchmark's setup. They are in no other count but Calls and Caller
	Panics  int64 // sampled calls that ended in a panic or Goexit; a lower bound
	Ops     int64 // operations of the run, of this workload; of one that was stopped, until then
	ops     int64 // as the processes counted them

	Rate     float64 // of the inputs that was sampled at the end: 1, 1/2, 1/4, …
	Sampled  int64   // calls that were looked at, not scaled
	Distinct float64 // inputs; exact while Rate is 1, else within 3 % (one standard deviation)
	Long     int64   // sampled calls with a part so long that only pieces of it were hashed, not scaled

	Within Reuse // in one operation: a memory that lives as long as an operation
	All    Reuse // over the whole run: a memory that lives as long as the process

	// Age is the time since the same input was last asked for, Since the time since it
	// was first; of repeats over the whole run.
	Age, Since Times

	// Joined are the calls that began while another with the same input was in flight:
	// single flight would have saved them.
	Joined int64
	// Differ are the repeats whose output was not that of the call before with the same
	// input, in what of it can be compared (Outputs). DifferWithin are those of them in
	// one operation.
	Differ, DifferWithin int64
	// Compared are the repeats whose outputs were compared.
	Compared int64
	// Shared are the repeats that returned the very pointers, maps and slices that the call
	// before with the same input did: it remembers already. 0 where there is no such result.
	Shared int64

	Samples []Sample  // some inputs, the most asked for first
	Callers []Caller  // some lines that call it, the most frequent first; none of a call
	Created *Creating // where Mode has Creation
}

// Reuse says how the calls would have fared with a memory of what was asked before.
type Reuse struct {
	Calls   int64   // in operations
	Repeats float64 // calls whose input was asked before
	// Distance[0] are the repeats of the input of the call before; Distance[i] those with
	// at least 1<<(i-1) and fewer than 1<<i other inputs between the two.
	Distance []float64
	// Last are the repeats of the input that the same processor saw before: what
	// remembering the last would save. It is not sampled. Of the whole run only.
	Last int64
}

// Share returns the input share: the part of the calls whose input was asked before, which
// is the hit ratio of a memory without bound. Of no calls it is 0.
func (r *Reuse) Share() float64 {
	if r.Calls == 0 {
		return 0
	}
	return min(1, r.Repeats/float64(r.Calls))
}

// HitRatio returns the hit ratio of a memory of the capacity most recently used inputs,
// rounded down to a power of two. Of a capacity below 1 and of no calls it is 0.
func (r *Reuse) HitRatio(capacity int) float64 {
	if r.Calls == 0 {
		return 0
	}
	hits := 0.0
	for i, n := range r.Distance {
		if i < 63 && 1<<i > capacity {
			break
		}
		hits += n
	}
	return min(1, hits/float64(r.Calls))
}

// Capacities are those of which a report shows the hit ratio, besides the unbounded.
var Capacities = []int{1, 16, 256, 4096}

// Times is a distribution of durations, in doublings.
type Times struct {
	Counts []float64 // Counts[i] are those of at least 1<<(i-1) and less than 1<<i nanoseconds; [0] those of 0
}

// Quantile returns a duration that at least the part q of the recordings do not exceed, at
// most twice the least such. Of none it is 0.
func (t *Times) Quantile(q float64) time.Duration {
	total := 0.0
	for _, n := range t.Counts {
		total += n
	}
	if total == 0 {
		return 0
	}
	sum, last := 0.0, 0
	for i, n := range t.Counts {
		if n == 0 {
			continue
		}
		sum, last = sum+n, i
		if sum >= q*total {
			break
		}
	}
	return time.Duration(1)<<min(last, 62) - 1
}

// Within returns the part of the recordings that were of at most d: the hits of a memory
// that forgets after d. It is a lower bound, off by less than a doubling of d.
func (t *Times) Within(d time.Duration) float64 {
	total, sum := 0.0, 0.0
	for i, n := range t.Counts {
		total += n
		if i < 63 && time.Duration(1)<<i-1 <= d {
			sum += n
		}
	}
	if total == 0 {
		return 0
	}
	return sum / total
}

// A Sample is an input as text.
type Sample struct {
	Values []Value // of its parts, in order; together at most 200 bytes
	Calls  int64   // with it, not scaled; 0: it was no longer sampled at the end
}

// A Value is a part of an input as text: what lies behind pointers is left out.
type Value struct{ Name, Text string }

// String returns the sample as "name=value, …".
func (s Sample) String() string {
	var b strings.Builder
	for i, v := range s.Values {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(v.Name + "=" + v.Text)
	}
	return b.String()
}

// Redacted returns the sample with its values replaced by their lengths.
func (s Sample) Redacted() Sample {
	r := Sample{Calls: s.Calls}
	for _, v := range s.Values {
		r.Values = append(r.Values, Value{v.Name, fmt.Sprintf("(%d bytes)", len(v.Text))})
	}
	return r
}

// A Caller is a line from which a candidate was called.
type Caller struct {
	Func  string // normalized
	File  string
	Line  int
	Calls int64 // of those looked at, about one in 64 of the sampled
}

// Creating is how the first call, which creates, compares with later ones, and who
// waited for it. Durations are of a watched run: they compare with each other.
type Creating struct {
	First   time.Duration // the first call, start to end; 0: it never ended
	Start   time.Duration // when it began, since the start of the process
	Creator Caller        // who called first
	Later   time.Duration // median of up to 63 calls that began after the first had ended; 0: none did
	Timed   int           // of them

	// Waiters are the calls that began while the first was not yet done; Waited is how
	// long they took together.
	Waiters int64
	Waited  time.Duration
	Waiting []Caller // some of them

	// Instances are the different results (addresses, or values where it returns no
	// pointer) of calls that ended, counted up to 64: 2 of one shared instance is one
	// created twice.
	Instances int
	// Twice are the calls that began before the first had ended and returned another instance.
	Twice int64
	// InOperation says that the first call happened inside an operation, of a benchmark
	// or a test: on the path of a request.
	InOperation bool
}
