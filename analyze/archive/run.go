package archive

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/bench"
)

// Schema is the name of the form of run.json.
const Schema = "whet-run/1"

// A Run is one analysis: what was asked, on which machine, what was measured, what
// is missing and what was found. It is not changed once made.
type Run struct {
	Schema      string              `json:"schema"`
	ID          string              `json:"id"` // sorts by time: "20261123T012725-9f3c"
	Started     time.Time           `json:"started"`
	Took        time.Duration       `json:"took"`        // in nanoseconds
	Interrupted bool                `json:"interrupted"` // ended before it was done
	Subject     analyze.Subject     `json:"subject"`
	Machine     bench.Machine       `json:"machine"`
	Workloads   []*analyze.Workload `json:"workloads"`
	Inits       []analyze.Init      `json:"inits,omitempty"`
	Warnings    []analyze.Warning   `json:"warnings,omitempty"`
	Profiles    []ProfileFile       `json:"profiles,omitempty"` // set when the run is saved
	Findings    []analyze.Finding   `json:"-"`                  // in findings.jsonl
}

// A ProfileFile says where a profile of a workload is kept.
type ProfileFile struct {
	Workload string `json:"workload"`
	Package  string `json:"package"`
	Kind     string `json:"kind"` // "cpu", "heap", "mutex", "block", "goroutine"
	File     string `json:"file"` // relative to the run's folder, with slashes
}

// New makes a Run of what was measured and found. Numbers that JSON cannot hold (a
// benchmark may print "NaN ns/op") become 0, or are left out of a benchmark's
// results. It shares s's profiles, and nothing else that could change.
func New(s *analyze.Session, findings []analyze.Finding, started time.Time, took time.Duration) *Run {
	r := &Run{
		Schema:   Schema,
		ID:       newID(started),
		Started:  started.UTC(),
		Took:     took,
		Subject:  s.Subject,
		Machine:  s.Machine,
		Inits:    slices.Clone(s.Inits),
		Warnings: slices.Clone(s.Warnings),
		Findings: slices.Clone(findings),
	}
	for _, w := range s.Workloads {
		r.Workloads = append(r.Workloads, finiteWorkload(w))
	}
	for i := range r.Findings {
		finiteFinding(&r.Findings[i])
	}
	return r
}

func newID(t time.Time) string {
	var b [2]byte
	rand.Read(b[:]) // never fails
	return t.UTC().Format("20060102T150405") + "-" + hex.EncodeToString(b[:])
}

func finiteWorkload(w *analyze.Workload) *analyze.Workload {
	c := *w
	c.Results = slices.Clone(w.Results)
	for i := range c.Results {
		c.Results[i].Values = maps.Clone(c.Results[i].Values)
		maps.DeleteFunc(c.Results[i].Values, func(_ string, v float64) bool { return !isFinite(v) })
	}
	c.Sweep = slices.Clone(w.Sweep)
	for i := range c.Sweep {
		finite(&c.Sweep[i].SecPerOp, &c.Sweep[i].WaitPerOp)
	}
	return &c
}

// finiteFinding also gives f lists of its own, which are written as [] when empty.
func finiteFinding(f *analyze.Finding) {
	f.Locations = append([]analyze.Location{}, f.Locations...)
	f.Evidence = append([]analyze.Evidence{}, f.Evidence...)
	for i := range f.Evidence {
		finite(&f.Evidence[i].Value, &f.Evidence[i].Share)
	}
	finite(&f.Gain.Predicted[0], &f.Gain.Predicted[1], &f.Gain.Base)
	if m := f.Gain.Measured; m != nil {
		c := *m
		finite(&c.Delta, &c.CI[0], &c.CI[1], &c.P)
		f.Gain.Measured = &c
	}
}

func finite(vs ...*float64) {
	for _, v := range vs {
		if !isFinite(*v) {
			*v = 0
		}
	}
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
