package analyze

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Schema is the name of the findings' form in JSON; docs/finding.md describes it.
const Schema = "whet/1"

// A Finding claims that code could be faster or smaller, says what to do about it,
// and shows why. It has no severity: analyze/rank orders findings by what they gain.
type Finding struct {
	Schema      string     `json:"schema"`
	ID          string     `json:"id"`          // short and stable between runs: "hot-3f2a"
	Fingerprint string     `json:"fingerprint"` // see [Fingerprint]
	Rule        string     `json:"rule"`        // "hot/compile-per-call"
	Category    string     `json:"category"`    // the pass: "hot"
	Title       string     `json:"title"`       // one line: what is slow, in the program's names
	Advice      Advice     `json:"advice"`
	Confidence  Confidence `json:"confidence"`
	Locations   []Location `json:"locations"` // the place to change first
	Evidence    []Evidence `json:"evidence"`  // strongest first
	Gain        Gain       `json:"gain"`
	Cost        Cost       `json:"cost"`
	Related     []Related  `json:"related,omitempty"`  // weaker findings on the same code
	Watched     *Watched   `json:"observed,omitempty"` // what an instrumented run saw; nil: none did
	Repro       string     `json:"repro"`              // a command that measures it again
}

// Advice is what to do.
type Advice struct {
	Do      string   `json:"do"`                // imperative, one sentence
	Snippet string   `json:"snippet,omitempty"` // Go, in the program's own names
	Doubts  []string `json:"doubts,omitempty"`  // what speaks against it
}

// A Level is how much stands behind a finding.
type Level string

// The levels, weakest first.
const (
	Static   Level = "static"   // read in the source
	Profiled Level = "profiled" // and on a hot line of a profile
	Observed Level = "observed" // and seen to happen in an instrumented run
	Verified Level = "verified" // and a fix was built, tested and measured
)

// Rank orders the levels: 0 for Static to 3 for Verified, -1 for no level.
func (l Level) Rank() int {
	switch l {
	case Static:
		return 0
	case Profiled:
		return 1
	case Observed:
		return 2
	case Verified:
		return 3
	}
	return -1
}

// Confidence is a level and the reasons for it.
type Confidence struct {
	Level Level    `json:"level"`
	Why   []string `json:"why,omitempty"`
}

// A Location is a place in source.
type Location struct {
	File string `json:"file"` // relative to the subject's folder when inside it, with slashes
	Line int    `json:"line"`
	Func string `json:"func"` // normalized, whole import path: "a/b.(*T).M"; "type a/b.T" for a type; "var a/b.x" for a package variable
	Role string `json:"role"` // "primary", "cause", "holder", "waiter", "caller"
	Note string `json:"note,omitempty"`
}

// Roles of a Location.
const (
	Primary = "primary"
	Cause   = "cause"
	Holder  = "holder"
	Waiter  = "waiter"
	Caller  = "caller"
)

// Evidence is a measured number.
type Evidence struct {
	Source string  `json:"source"` // "BenchmarkBars cpu profile", "init trace"
	Metric string  `json:"metric"` // "time in regexp.MustCompile below this line"
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`  // base units: "sec/op", "B/op", "allocs/op", "B", "1"
	Share  float64 `json:"share"` // of the source's total, in [0,1]; 0 if it has none
}

// Gain is what mending a finding saves.
type Gain struct {
	Metric   string `json:"metric"`   // "sec/op", "B/op", "allocs/op", "sec", "B", "goroutines"
	Workload string `json:"workload"` // where: "BenchmarkBars", "package initialization"
	// Predicted is the relative change of Metric, as a range in [-1,0]; the first is
	// the smaller saving: [-0.5,-0.9] is "50 to 90 % less".
	Predicted [2]float64 `json:"predicted"`
	How       string     `json:"how"`  // how it was predicted
	Base      float64    `json:"base"` // Metric as measured now; 0 if unknown
	Measured  *Measured  `json:"measured,omitempty"`
}

// Saving returns the middle of the predicted range as a fraction in [0,1]; the
// measured one where there is one.
func (g Gain) Saving() float64 {
	if g.Measured != nil {
		return max(0, -g.Measured.Delta)
	}
	return min(1, max(0, -(g.Predicted[0]+g.Predicted[1])/2))
}

// Measured is the outcome of an A/B measurement.
type Measured struct {
	Delta float64    `json:"delta"` // relative change
	CI    [2]float64 `json:"ci"`
	P     float64    `json:"p"`
	N     int        `json:"n"`
}

// Cost is the price of the advice.
type Cost struct {
	Bytes int64    `json:"bytes,omitempty"` // memory that it adds
	Risk  []string `json:"risk,omitempty"`
}

// Watched is what an instrumented run saw of the function or call that a finding is
// about: how often it was asked what it had been asked before. Shares are of the calls, in
// [0,1]. The times of that run are not used.
type Watched struct {
	Workload   string     `json:"workload"`
	Subject    string     `json:"subject"` // the function, normalized; of a call, "a in b"
	Calls      int64      `json:"calls"`
	Operations int64      `json:"operations"` // 0: the run had no boundaries of operations
	Distinct   float64    `json:"distinct"`   // inputs, over the whole run
	Within     float64    `json:"within"`     // share of the calls whose input had come before in the same operation
	Across     float64    `json:"across"`     // … before in the run
	Curve      []Hits     `json:"curve,omitempty"`
	Compared   int64      `json:"compared"`          // repeats whose answer was compared with the one before
	Differ     int64      `json:"differ"`            // of them, those whose answer was another
	Joined     int64      `json:"joined,omitempty"`  // calls that began while one with the same input was in flight
	Inputs     []string   `json:"inputs,omitempty"`  // what was taken for the input: "s string (values)"
	Samples    []Input    `json:"samples,omitempty"` // some inputs, those that came most often first
	Callers    []Location `json:"callers,omitempty"`
	// Avoidable is the part of the time of Func, at Line if that is not 0, that repeats
	// took in the workload, so far as the advice would spare it.
	Avoidable float64 `json:"avoidable"`
	Func      string  `json:"func,omitempty"`
	Line      int     `json:"line,omitempty"`
	Redundant int64   `json:"redundant"` // calls that the advice would spare
}

// Hits is a point of a hit-ratio curve.
type Hits struct {
	Entries int     `json:"entries"` // most recently used ones; 0: without bound
	Within  float64 `json:"within"`  // of a memory that lives for an operation
	Across  float64 `json:"across"`  // of one that lives for the run
}

// Input is an input as text, as far as it was kept.
type Input struct {
	Text  string `json:"text"`
	Calls int64  `json:"calls"`
}

// Related is a finding that was folded into a stronger one on the same code.
type Related struct {
	Rule  string `json:"rule"`
	Title string `json:"title"`
	Do    string `json:"do"`
}

// Where returns the primary location, the zero Location of a finding without any.
func (f *Finding) Where() Location {
	for _, l := range f.Locations {
		if l.Role == Primary {
			return l
		}
	}
	if len(f.Locations) > 0 {
		return f.Locations[0]
	}
	return Location{}
}

// Fingerprint identifies a finding between runs and edits: a hash of its rule, its
// function and the statement concerned with the white space taken out, but not of
// its line.
func Fingerprint(rule, function, statement string) string {
	h := sha256.Sum256([]byte(rule + "\x00" + function + "\x00" + strings.Join(strings.Fields(statement), "")))
	return hex.EncodeToString(h[:12])
}
