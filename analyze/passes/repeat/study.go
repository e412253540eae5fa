package repeat

import (
	"cmp"
	"context"
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
	leastShare = 0.025 // of a workload's time, for a function to be watched
	leastAll   = 0.005 // with --probe all
	most       = 24    // candidates
	mostAll    = 200
)

// A Study is what can be asked of a session about repeated work: which functions and calls
// deserve to be watched, and what the profile and their effects say of them.
type Study struct {
	s       *analyze.Session
	effects *effects.Analysis
	spots   []*spot
	emptied []*emptied
	found   *probe.Result // nil: nothing was watched
}

// A spot is a function or a call that may be asked the same again.
type spot struct {
	fn      *load.Func // the function, or that in which the call stands
	frame   profile.Frame
	call    *site            // nil: the function itself
	effects *effects.Summary // of what is called
	shares  map[*analyze.Workload]float64
	cand    probe.Candidate
}

// best returns the greatest share of any workload.
func (sp *spot) best() float64 {
	b := 0.0
	for _, s := range sp.shares {
		b = max(b, s)
	}
	return b
}

// name says what is asked, as findings call it.
func (sp *spot) name() string {
	if sp.call != nil {
		return profile.Short(sp.call.callee)
	}
	return profile.Short(sp.fn.Name)
}

// New studies a session. With all, it takes colder functions too. Reading effects costs
// some seconds for a large program, and ends with ctx.
func New(ctx context.Context, s *analyze.Session, all bool) *Study {
	st := &Study{s: s, effects: effects.New(s.Program)}
	least, limit := leastShare, most
	if all {
		least, limit = leastAll, mostAll
	}
	for _, w := range s.Workloads {
		if ctx.Err() != nil {
			break
		}
		st.functions(w, least)
		st.calls(w, least)
		st.emptying(w)
	}
	slices.SortStableFunc(st.spots, func(a, b *spot) int {
		return cmp.Or(cmp.Compare(b.best(), a.best()), strings.Compare(a.cand.Func, b.cand.Func), cmp.Compare(a.cand.Line, b.cand.Line))
	})
	st.spots = st.spots[:min(len(st.spots), limit)]
	return st
}

// Candidates returns what is to be watched, the hottest first.
func (st *Study) Candidates() []probe.Candidate {
	var cs []probe.Candidate
	for _, sp := range st.spots {
		cs = append(cs, sp.cand)
	}
	for _, e := range st.emptied {
		cs = append(cs, probe.Candidate{Func: e.by.Name, Mode: probe.Count})
	}
	return cs
}

// Workloads returns those in which a candidate is hot, as the probe runs them.
func (st *Study) Workloads() []probe.Workload {
	var ws []probe.Workload
	for _, w := range st.s.Workloads {
		if slices.ContainsFunc(st.spots, func(sp *spot) bool { return sp.shares[w] > 0 }) || slices.ContainsFunc(st.emptied, func(e *emptied) bool { return e.w == w }) {
			if pw, ok := Watched(st.s, w); ok {
				ws = append(ws, pw)
			}
		}
	}
	return ws
}

// Watched returns the workload as the probe runs it again; not that of a profile or of a
// live process, which cannot be run.
func Watched(s *analyze.Session, w *analyze.Workload) (probe.Workload, bool) {
	pw := probe.Workload{Package: w.Package, Kind: w.Kind}
	switch w.Kind {
	case analyze.Benchmark:
		pw.Pattern = pattern(s.Subject.Bench, w.Name)
	case analyze.Test:
		pw.Pattern = s.Subject.Test
	case analyze.Command:
		pw.Args = s.Subject.Args
	default:
		return pw, false
	}
	return pw, true
}

// pattern returns what selects the benchmarks of a workload: capture joins neighbours,
// "BenchmarkA…B".
func pattern(bench, name string) string {
	parts := strings.Split(name, "…")
	for i := 1; i < len(parts); i++ {
		parts[i] = "Benchmark" + parts[i]
	}
	p := "^(" + strings.Join(parts, "|") + ")$"
	if _, sub, ok := strings.Cut(bench, "/"); ok {
		p += "/" + sub
	}
	return p
}

// functions adds the hot functions whose answers may be kept.
func (st *Study) functions(w *analyze.Workload, least float64) {
	ix := st.s.Index(w, "cpu", "cpu")
	for _, f := range ix.Funcs {
		if f.Owner != profile.Own && (f.Owner != profile.Library || f.Own == 0) || f.Name != profile.Enclosing(f.Name) {
			continue
		}
		share := min(1, ix.Share(f.Cum)+st.garbage(w, ix, f.Name))
		fn := st.s.Program.Func(f.Name)
		if share < least || fn == nil || fn.Decl.Body == nil || !answers(fn) || isInit(f.Name) {
			continue
		}
		e := st.effects.Of(fn.Name)
		if e == nil || e.Has(never) || unreadable(e) || st.constructs(fn, e) {
			continue
		}
		st.add(w, share, &spot{
			fn: fn, effects: e,
			frame: profile.Frame{Func: f.Name, File: f.File, Line: st.s.Program.Line(fn.Decl.Name.Pos())},
			cand:  probe.Candidate{Func: fn.Name, Mode: probe.Repeats, Fresh: e.Results&^effects.SharesResult == 0},
		})
	}
}

// unreadable reports whether a function, or what it calls, does what no source shows: with
// unsafe pointers, in assembly, under a linked name.
func unreadable(e *effects.Summary) bool {
	what := e.Why(effects.Unknown).What
	return strings.Contains(what, "unsafe.Pointer") || strings.Contains(what, "has no body")
}

// never are the effects of which nothing can be kept.
const never = effects.Writes | effects.WritesState | effects.WritesArgs | effects.Random | effects.Time | effects.Goroutines

// add adds a spot, or its share in another workload.
func (st *Study) add(w *analyze.Workload, share float64, sp *spot) {
	for _, old := range st.spots {
		if old.cand.Func == sp.cand.Func && old.cand.Line == sp.cand.Line && old.cand.Callee == sp.cand.Callee {
			old.shares[w] = max(old.shares[w], share)
			return
		}
	}
	sp.shares = map[*analyze.Workload]float64{w: share}
	st.spots = append(st.spots, sp)
}

// garbage returns the part of the collector's time that is due to what the function allocated.
func (st *Study) garbage(w *analyze.Workload, ix *profile.Index, name string) float64 {
	heap := st.s.Index(w, "heap", "alloc_space")
	if f := heap.Funcs[name]; f != nil {
		return heap.Share(f.Cum) * ix.Share(ix.GC)
	}
	return 0
}

// answers reports whether a function returns anything but an error.
func answers(fn *load.Func) bool {
	obj, ok := fn.Info().Defs[fn.Decl.Name].(*types.Func)
	if !ok {
		return false
	}
	for v := range obj.Signature().Results().Variables() {
		if types.TypeString(v.Type(), nil) != "error" {
			return true
		}
	}
	return false
}

// isInit reports whether a function runs once, before main, or is main.
func isInit(name string) bool {
	rest := profile.Local(name)
	return rest == "init" || rest == "main" || strings.HasPrefix(rest, "init.") || strings.HasPrefix(rest, "glob")
}

// lifetime rounds a duration up to one that a reader would write.
func lifetime(d time.Duration) time.Duration {
	for _, step := range []time.Duration{100 * time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute} {
		if d <= step {
			return step
		}
	}
	return time.Hour
}
