package hot

import (
	"context"
	"fmt"
	"go/ast"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// Pass is the pass hot.
var Pass = &analyze.Pass{
	Name: "hot",
	Doc:  "work that a hot line has done on every call although once would do, or a cheaper way exists",
	Run:  run,
}

// minShare is the least part of a workload's time that is worth a finding.
const minShare = 0.03

// mostSaved is the most that is ever predicted: nothing is free.
const mostSaved = 0.99

// A spot is a hot line in one workload, and how much of the workload it stands for.
type spot struct {
	s     *analyze.Session
	w     *analyze.Workload
	ix    *profile.Index
	line  *profile.Line
	fn    *load.Func // nil without source
	share float64    // of the workload's time, below the callees in question, their garbage's collection included
	note  string     // what the share is of: "time in regexp.MustCompile"
}

func run(ctx context.Context, s *analyze.Session) ([]analyze.Finding, error) {
	var all analyze.Places
	for _, w := range s.Workloads {
		if ctx.Err() != nil {
			break
		}
		ix := s.Index(w, "cpu", "cpu")
		for _, ln := range ix.Lines() {
			if isInit(ln.Func) {
				continue
			}
			sp := spot{s: s, w: w, ix: ix, line: ln, fn: s.Program.FuncAt(ln.Frame)}
			all.Add(calls(sp)...)
			all.Add(quadratic(sp)...)
			all.Add(copies(sp)...)
		}
		all.Add(rereads(s, w, ix)...)
		all.Add(keys(s, w, ix)...)
	}
	return all.Findings(), nil
}

// isInit reports whether a function runs once, before main.
func isInit(name string) bool {
	rest := profile.Local(profile.Enclosing(name))
	return rest == "init" || rest == "glob" || strings.HasPrefix(rest, "init.")
}

// remedy is what a rule has to say about a spot.
type remedy struct {
	rule, title, do, snippet string
	doubts                   []string
	saved                    [2]float64 // of the share: [least, most], in [0,1]
	how                      string
	why                      []string
	statement                string // identifies the place within its function
	notes                    []analyze.Location
}

// finding makes a finding of a remedy.
func (sp spot) finding(r remedy) analyze.Finding {
	loc := sp.s.Location(sp.line.Frame, analyze.Primary)
	f := analyze.Finding{
		Fingerprint: analyze.Fingerprint(r.rule, loc.Func, r.statement),
		Rule:        r.rule,
		Title:       r.title,
		Advice:      analyze.Advice{Do: r.do, Snippet: r.snippet, Doubts: r.doubts},
		Confidence:  analyze.Confidence{Level: analyze.Profiled, Why: append([]string{fmt.Sprintf("%.0f %% of the samples of %s", 100*sp.share, sp.w.Name)}, r.why...)},
		Locations:   append([]analyze.Location{loc}, r.notes...),
		Evidence:    sp.evidence(),
		Gain: analyze.Gain{
			Metric: "sec/op", Workload: sp.w.Name, Base: sp.w.SecPerOp(), How: r.how,
			Predicted: [2]float64{-r.saved[0] * sp.share, -min(mostSaved, r.saved[1]*sp.share)},
		},
		Repro: sp.w.Repro,
	}
	if sp.line.Owner == profile.Library {
		f.Advice.Doubts = append(f.Advice.Doubts, "the code is a dependency's: see whether a newer version has it mended, and report it if not")
	}
	return f
}

func (sp spot) evidence() []analyze.Evidence {
	e := analyze.Evidence{Source: sp.w.Name + ", CPU profile", Metric: sp.note, Unit: "1", Value: sp.share, Share: sp.share}
	if t := sp.w.SecPerOp(); t > 0 {
		e.Unit, e.Value = "sec/op", t*sp.share
	}
	return append([]analyze.Evidence{e}, sp.allocated()...)
}

// allocated returns what is allocated on the line and below it, for an operation.
func (sp spot) allocated() []analyze.Evidence {
	var es []analyze.Evidence
	for _, m := range []struct{ typ, unit string }{{"alloc_space", "B/op"}, {"alloc_objects", "allocs/op"}} {
		heap := sp.s.Index(sp.w, "heap", m.typ)
		ln := heap.At(sp.line.Frame)
		if ln == nil {
			continue
		}
		e := analyze.Evidence{Source: sp.w.Name + ", heap profile", Metric: "allocated on this line and below it", Unit: "1", Share: heap.Share(ln.Cum)}
		e.Value = e.Share
		if whole := sp.w.Mean(m.unit); whole > 0 {
			e.Unit, e.Value = m.unit, whole*e.Share
		}
		es = append(es, e)
	}
	return es
}

// below returns the share of the workload that passed in the named functions below
// the spot's line, nested ones once, and with it the collection of what they
// allocated.
func (sp spot) below(names []string) (share float64, callee string) {
	var most int64
	for _, name := range names {
		if v := sp.line.Below[name]; v > most {
			most, callee = v, name
		}
	}
	if most == 0 {
		return 0, ""
	}
	return sp.ix.Share(most) + sp.garbage(callee), callee
}

// garbage returns the collector's share that is due to what callee allocated below
// the line.
func (sp spot) garbage(callee string) float64 {
	heap := sp.s.Index(sp.w, "heap", "alloc_space")
	ln := heap.At(sp.line.Frame)
	if ln == nil {
		return 0
	}
	return heap.Share(ln.Below[callee]) * sp.ix.Share(sp.ix.GC)
}

// statement returns the source of a node on one line.
func (sp spot) statement(n ast.Node) string { return load.Source(sp.s.Program.Fset, n) }
