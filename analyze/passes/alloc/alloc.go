package alloc

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// Pass is the pass alloc.
var Pass = &analyze.Pass{
	Name: "alloc",
	Doc:  "allocations that a function could do without: temporaries, step-wise growth, copies for each reader",
	Run:  run,
}

const (
	minShare = 0.1  // of a workload's bytes or objects, for a function to be reported
	minSite  = 0.03 // for a line to be counted to it
	minTime  = 0.03 // of a workload's time that goes into allocation and collection
)

func run(ctx context.Context, s *analyze.Session) ([]analyze.Finding, error) {
	best := make(map[string]*group)
	var order []string
	for _, w := range s.Workloads {
		if ctx.Err() != nil {
			break
		}
		for _, g := range groups(s, w) {
			key := g.function
			old := best[key]
			if old == nil {
				order = append(order, key)
				best[key] = g
				continue
			}
			if g.saving() > old.saving() {
				g, *old = old, *g
			}
			old.others = append(old.others, append(g.others, g)...)
		}
	}
	var found []analyze.Finding
	for _, key := range order {
		found = append(found, best[key].finding())
	}
	return found, nil
}

// A site is a line that allocates in one workload, and why.
type site struct {
	line    *profile.Line // of alloc_space
	fn      *load.Func
	cause   cause
	bytes   float64 // share of the workload's, in [0,1]
	objects float64
	time    float64 // share of the workload's time
}

// A group is a function's sites in one workload: one change mends them.
type group struct {
	s        *analyze.Session
	w        *analyze.Workload
	function string
	sites    []site // largest first
	others   []*group
}

// groups returns the functions of w whose allocations are worth a look.
func groups(s *analyze.Session, w *analyze.Workload) []*group {
	bytes, objects, cpu := s.Index(w, "heap", "alloc_space"), s.Index(w, "heap", "alloc_objects"), s.Index(w, "cpu", "cpu")
	if !matters(w, cpu) {
		return nil
	}
	byName := make(map[string]*group)
	direct := callees(s, w)
	for _, ln := range bytes.Lines() {
		st := site{line: ln, fn: s.Program.FuncAt(ln.Frame), bytes: bytes.Share(ln.Own)}
		if o := objects.At(ln.Frame); o != nil {
			st.objects = objects.Share(o.Own)
		}
		if st.fn == nil || max(st.bytes, st.objects) < minSite || st.fn.Decl.Name.Name == "init" {
			continue
		}
		st.time = timeOf(ln, bytes, cpu)
		c, ok := classify(s.Program, st.fn, ln, direct[ln.Frame])
		if !ok {
			continue
		}
		st.cause = c
		g := byName[st.fn.Name]
		if g == nil {
			g = &group{s: s, w: w, function: st.fn.Name}
			byName[st.fn.Name] = g
		}
		g.sites = append(g.sites, st)
	}
	var gs []*group
	for _, g := range byName {
		slices.SortFunc(g.sites, func(a, b site) int {
			return cmp.Or(cmp.Compare(b.weight(), a.weight()), cmp.Compare(a.line.Line, b.line.Line))
		})
		if b, o, _ := g.shares(); max(b, o) >= minShare {
			gs = append(gs, g)
		}
	}
	slices.SortFunc(gs, func(a, b *group) int { return cmp.Compare(a.function, b.function) })
	return gs
}

func (s site) weight() float64 { return s.bytes + s.objects }

// matters reports whether allocation costs the workload anything.
func matters(w *analyze.Workload, cpu *profile.Index) bool {
	if cpu.Total == 0 {
		return w.Kind == analyze.File // a heap profile alone: its reader asks about it
	}
	t := cpu.Share(cpu.GC)
	if f := cpu.Funcs["runtime.mallocgc"]; f != nil {
		t += cpu.Share(f.Cum)
	}
	return t >= minTime
}

// timeOf returns the share of the workload's time that goes into a line's allocations
// and into collecting them.
func timeOf(ln *profile.Line, bytes, cpu *profile.Index) float64 {
	t := bytes.Share(ln.Own) * cpu.Share(cpu.GC)
	if c := cpu.At(ln.Frame); c != nil {
		t += cpu.Share(max(c.Below["runtime.mallocgc"], c.Below["runtime.growslice"]))
	}
	return min(1, t)
}

// callees returns, for each responsible line, what it calls that allocates: bytes by
// the function called; "" is the line itself.
func callees(s *analyze.Session, w *analyze.Workload) map[profile.Frame]map[string]int64 {
	p := w.Profiles["heap"]
	m := make(map[profile.Frame]map[string]int64)
	v := p.Index("alloc_space")
	for _, smp := range p.Samples {
		i := profile.Responsible(smp.Stack, s.Owner)
		if i < 0 || v < 0 {
			continue
		}
		callee := ""
		if i > 0 {
			callee = smp.Stack[i-1].Func
		}
		fr := smp.Stack[i]
		if m[fr] == nil {
			m[fr] = make(map[string]int64)
		}
		m[fr][callee] += smp.Values[v]
	}
	return m
}

// shares returns the group's part of the workload's bytes, objects and time.
func (g *group) shares() (bytes, objects, time float64) {
	for _, st := range g.sites {
		bytes += st.bytes
		objects += st.objects
		time += st.time
	}
	return min(1, bytes), min(1, objects), min(0.95, time)
}

func (g *group) saving() float64 {
	b, o, t := g.shares()
	return max(t, (b+o)/4)
}

// finding says what the group stands for.
func (g *group) finding() analyze.Finding {
	top := g.sites[0]
	bytes, objects, time := g.shares()
	loc := g.s.Location(top.line.Frame, analyze.Primary)
	loc.Note = top.cause.what
	f := analyze.Finding{
		Fingerprint: analyze.Fingerprint(top.cause.rule, g.function, top.cause.statement),
		Rule:        top.cause.rule,
		Title:       fmt.Sprintf("%s %s", profile.Short(g.function), top.cause.what),
		Advice:      analyze.Advice{Do: top.cause.do, Snippet: top.cause.snippet, Doubts: top.cause.doubts},
		Confidence: analyze.Confidence{Level: analyze.Profiled, Why: []string{
			fmt.Sprintf("%.0f %% of the bytes and %.0f %% of the objects that %s allocates", 100*bytes, 100*objects, g.w.Name),
		}},
		Locations: []analyze.Location{loc},
		Evidence:  g.evidence(),
		Gain:      g.gain(bytes, objects, time),
		Repro:     g.w.Repro,
	}
	for _, st := range g.sites[1:] {
		l := g.s.Location(st.line.Frame, analyze.Cause)
		l.Note = st.cause.what
		f.Locations = append(f.Locations, l)
	}
	for _, o := range g.others {
		f.Evidence = append(f.Evidence, o.evidence()...)
	}
	if top.line.Owner == profile.Library {
		f.Advice.Doubts = append(f.Advice.Doubts, "the code is a dependency's: see whether a newer version has it mended, and report it if not")
	}
	return f
}

// gain predicts time where enough of it goes into these allocations, else bytes or
// objects.
func (g *group) gain(bytes, objects, time float64) analyze.Gain {
	spared := g.sites[0].cause.spared
	gain := analyze.Gain{Metric: "sec/op", Workload: g.w.Name, Base: g.w.SecPerOp(), Predicted: [2]float64{-0.5 * spared * time, -spared * time},
		How: fmt.Sprintf("the time in runtime.mallocgc below these lines and their part of the collection, of which %.0f %% or half of that is spared", 100*spared)}
	if time >= 0.1 {
		return gain
	}
	share, metric, base := bytes, "B/op", g.w.Mean("B/op")
	if objects > bytes {
		share, metric, base = objects, "allocs/op", g.w.Mean("allocs/op")
	}
	gain.Metric, gain.Base = metric, base
	gain.Predicted = [2]float64{-0.5 * spared * share, -spared * share}
	gain.How = fmt.Sprintf("these lines' part of what is allocated, of which %.0f %% or half of that is spared", 100*spared)
	return gain
}

func (g *group) evidence() []analyze.Evidence {
	bytes, objects, time := g.shares()
	heap, cpu := g.w.Name+", heap profile", g.w.Name+", CPU profile"
	es := []analyze.Evidence{
		share(heap, "allocated by these lines", "B/op", g.w.Mean("B/op"), bytes),
		share(heap, "objects allocated by these lines", "allocs/op", g.w.Mean("allocs/op"), objects),
	}
	if time > 0 {
		es = append(es, share(cpu, "allocating and collecting it", "sec/op", g.w.SecPerOp(), time))
	}
	if gc := g.s.Index(g.w, "cpu", "cpu"); gc.GC > 0 {
		es = append(es, share(cpu, "garbage collection as a whole", "sec/op", g.w.SecPerOp(), gc.Share(gc.GC)))
	}
	return es
}

// share is a part of a workload's metric, as a number of its unit where the workload
// was measured in it.
func share(source, metric, unit string, whole, part float64) analyze.Evidence {
	e := analyze.Evidence{Source: source, Metric: metric, Value: part, Unit: "1", Share: part}
	if whole > 0 {
		e.Value, e.Unit = whole*part, unit
	}
	return e
}
