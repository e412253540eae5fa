package creation

import (
	"cmp"
	"context"
	"fmt"
	"go/types"
	"slices"
	"strings"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/effects"
	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

const (
	mostWatched  = 16                   // functions
	longCreation = 2 * time.Millisecond // of a first call, that somebody would notice
	slower       = 20                   // times as long as a later one must it take
	longWait     = 1 * time.Millisecond // of those who waited, together
)

// Candidates returns the functions that create an instance or return one that was made
// before: they keep their result where the next call finds it. And those that use what is
// made at start.
func Candidates(ctx context.Context, s *analyze.Session) []probe.Candidate {
	return append(creators(ctx, s), counted(s)...)
}

func creators(ctx context.Context, s *analyze.Session) []probe.Candidate {
	fx := effects.New(s.Program)
	var cs []probe.Candidate
	for _, pkg := range s.Program.Packages {
		if !s.Program.IsLocal(pkg.PkgPath, "") {
			continue
		}
		for _, fn := range s.Program.FuncsOf(pkg) {
			if ctx.Err() != nil || len(cs) == mostWatched {
				return cs
			}
			if fn.Decl.Body != nil && handsOut(fn) && keeps(fx.Of(fn.Name)) {
				cs = append(cs, probe.Candidate{Func: fn.Name, Mode: probe.Creation})
			}
		}
	}
	return cs
}

// handsOut reports whether a function returns something that can be shared.
func handsOut(fn *load.Func) bool {
	obj, ok := fn.Info().Defs[fn.Decl.Name].(*types.Func)
	if !ok || obj.Signature().Results().Len() == 0 {
		return false
	}
	switch t := obj.Signature().Results().At(0).Type().Underlying().(type) {
	case *types.Pointer, *types.Map:
		return true
	case *types.Interface:
		return t.NumMethods() > 0 && types.TypeString(obj.Signature().Results().At(0).Type(), nil) != "error"
	}
	return false
}

// keeps reports whether a function keeps what it returns: it reads and changes the state
// that its results are of.
func keeps(e *effects.Summary) bool {
	if e == nil {
		return false
	}
	registry := e.Results&effects.SharesState != 0 && e.Has(effects.ReadsState) && e.Has(effects.WritesState)
	field := e.Results&effects.SharesArgs != 0 && e.Has(effects.ReadsArgs) && e.Has(effects.WritesArgs|effects.Fills)
	return registry || field
}

// With returns the pass with what a run with probes showed of first and later calls.
func With(found *probe.Result) *analyze.Pass {
	if found == nil {
		return Pass
	}
	return &analyze.Pass{Name: Pass.Name, Doc: Pass.Doc, Run: func(ctx context.Context, s *analyze.Session) ([]analyze.Finding, error) {
		fs, err := run(ctx, s)
		unused(s, found, fs)
		return append(fs, observed(s, found)...), err
	}}
}

// observed reports what was seen of creation: one finding for a function, of the workload
// where its creation took longest.
func observed(s *analyze.Session, found *probe.Result) []analyze.Finding {
	records := slices.DeleteFunc(slices.Clone(found.Records), func(r *probe.Record) bool { return r.Created == nil || r.Created.First <= 0 })
	slices.SortStableFunc(records, func(a, b *probe.Record) int { return cmp.Compare(b.Created.First, a.Created.First) })
	var all analyze.Places
	seen := make(map[string]bool)
	for _, r := range records {
		if seen[r.Func] {
			continue
		}
		if f, ok := created(s, r); ok {
			seen[r.Func] = true
			all.Add(f)
		}
	}
	return all.Findings()
}

// created judges one function by its first call.
func created(s *analyze.Session, r *probe.Record) (analyze.Finding, bool) {
	c, name := r.Created, profile.Short(r.Func)
	later := max(c.Later, 1)
	switch {
	case c.Twice > 0 && c.First >= longCreation/10:
		return creationFinding(s, r, "creation/created-twice",
			fmt.Sprintf("%s created its instance %d times: calls that came while the first was not done made their own", name, c.Twice+1),
			fmt.Sprintf("let %s create under sync.OnceValue, or by singleton.Value (singleton.Keyed for one a key), so that those who come meanwhile get the same instance", name),
			float64(c.Twice)/float64(c.Twice+1)), true
	case c.Waiters > 0 && c.Waited >= longWait && c.First >= slower*later:
		return creationFinding(s, r, "creation/waited-for",
			fmt.Sprintf("%d calls of %s waited %v together while the first one created the instance", c.Waiters, name, round(c.Waited)),
			fmt.Sprintf("create what %s returns at start, before the first request (a warm-up that calls it), or build it without holding the lock that readers take", name),
			1-float64(later)/float64(c.First)), true
	case c.InOperation && c.First >= longCreation && c.First >= slower*later:
		return creationFinding(s, r, "creation/first-call",
			fmt.Sprintf("the first call of %s takes %v, later ones %v: whoever asks first pays for all", name, round(c.First), round(c.Later)),
			fmt.Sprintf("call %s once at start, before requests are taken (a warm-up), or make its parts when they are needed (sync.OnceValue for each)", name),
			1-float64(later)/float64(c.First)), true
	}
	return analyze.Finding{}, false
}

func round(d time.Duration) time.Duration {
	switch {
	case d >= 100*time.Millisecond:
		return d.Round(time.Millisecond)
	case d >= 100*time.Microsecond:
		return d.Round(time.Microsecond)
	}
	return d
}

func creationFinding(s *analyze.Session, r *probe.Record, rule, title, do string, saved float64) analyze.Finding {
	c := r.Created
	workload := workloadOf(s, r)
	loc := s.Location(profile.Frame{Func: r.Func, File: r.File, Line: r.Line}, analyze.Primary)
	src := workload.Name + ", with probes"
	f := analyze.Finding{
		Rule: rule, Fingerprint: analyze.Fingerprint(rule, r.Func, ""), Title: title,
		Confidence: analyze.Confidence{Level: analyze.Observed, Why: []string{"its calls were watched from the first one on"}},
		Locations:  []analyze.Location{loc},
		Evidence: []analyze.Evidence{
			{Source: src, Metric: "first call", Value: c.First.Seconds(), Unit: "sec"},
			{Source: src, Metric: fmt.Sprintf("later calls, median of %d", c.Timed), Value: c.Later.Seconds(), Unit: "sec"},
			{Source: src, Metric: "calls that waited for the first", Value: float64(c.Waiters), Unit: "1"},
			{Source: src, Metric: "instances", Value: float64(c.Instances), Unit: "1"},
		},
		Gain: analyze.Gain{
			Metric: "sec/first", Workload: workload.Name, Base: c.First.Seconds(), Predicted: [2]float64{-0.5 * saved, -saved},
			How: "what the first call takes beyond a later one, once a process; the times are of a run with probes and compare with each other",
		},
		Advice: analyze.Advice{
			Do:      do,
			Snippet: fmt.Sprintf("var instance = sync.OnceValue(func() … { return … }) // what %s creates now\n\n// at start, before the first request\ninstance()", profile.Short(r.Func)),
			Doubts: []string{
				"made at start, it is paid for by runs that never need it",
				"in a benchmark or test the first call is the first iteration's; in a service it is the first request's",
			},
		},
		Repro: workload.Repro,
	}
	if k := c.Creator; k.Line > 0 {
		l := s.Location(profile.Frame{Func: k.Func, File: k.File, Line: k.Line}, analyze.Caller)
		l.Note = "asked first"
		f.Locations = append(f.Locations, l)
	}
	for _, k := range c.Waiting {
		l := s.Location(profile.Frame{Func: k.Func, File: k.File, Line: k.Line}, analyze.Waiter)
		l.Note = "waited for it"
		f.Locations = append(f.Locations, l)
	}
	return f
}

// workloadOf returns the workload of a record as the session names it.
func workloadOf(s *analyze.Session, r *probe.Record) *analyze.Workload {
	for _, w := range s.Workloads {
		if w.Package == r.Workload.Package && w.Kind == r.Workload.Kind && (w.Kind != analyze.Benchmark || strings.Contains(r.Workload.Pattern, strings.TrimPrefix(w.Name, "Benchmark"))) {
			return w
		}
	}
	return &analyze.Workload{Name: r.Workload.Package, Repro: "go test " + r.Workload.Package}
}
