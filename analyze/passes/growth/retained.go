package growth

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

const (
	minShare   = 0.05 // of what grew in the workload
	plainShare = 0.3  // the same, where the source shows nothing that keeps it
	leastPlain = 256 << 10
)

// retained finds sites that hold more at each epoch. Where goroutines are left behind,
// what hangs on them is not said again: left tells so.
func (g *growth) retained(w *analyze.Workload, left bool) {
	es, ended := watched(g.s, w)
	if len(es) < fewEpochs {
		return
	}
	all, total := g.sites(es)
	for _, st := range all {
		t, grows := st.bytes.trendOf(leastBytes, ended)
		if !grows {
			continue
		}
		share := t.gained() / max(1, total.values[t.to]-total.values[t.from])
		v := g.judge(w, st, left)
		if v.doubtful && (t.gained() < leastPlain || !st.bytes.steady(t)) {
			continue // may be garbage that was made while the collector ran
		}
		if !v.leak || share < v.least {
			continue
		}
		g.found.Add(g.finding(w, st, t, v, total.values[t.to]))
	}
}

// A verdict is whether a site that grows is a leak, and what speaks for and against it.
type verdict struct {
	leak     bool
	same     bool     // the same call retains more each time
	doubtful bool     // the series must be beyond doubt
	least    float64  // share of the workload's growth that is worth a finding
	removers []string // functions that would take something out
	why      []string
}

// judge tells a leak from a container that is filled because the workload fills it.
func (g *growth) judge(w *analyze.Workload, st *site, left bool) verdict {
	v := verdict{least: minShare}
	use := g.tests.use(st.harness)
	if use.keeps {
		return v
	}
	v.same = w.Kind == analyze.Benchmark && use.known && use.same
	if v.same {
		v.why = append(v.why, "the benchmark makes the same call in each round: "+g.tests.callText(st.harness))
	}
	if len(st.keepers) == 0 {
		v.least, v.doubtful = plainShare, true
		v.leak = !left && (v.same || w.Kind == analyze.Command || w.Kind == analyze.Endpoint)
		return v
	}
	k := st.keepers[0]
	v.removers = k.removers(g.s.Program)
	v.doubtful = v.same && k.isMapLike() // the same key again does not make a map larger
	if k.bounded() || left && !k.global {
		return v
	}
	if len(v.removers) == 0 {
		v.why = append(v.why, "nothing in package "+k.fn.File.Pkg.Name+" takes anything out of "+k.object.Name())
	}
	switch {
	case k.global:
		v.leak = true
	case v.same || w.Kind == analyze.Command || w.Kind == analyze.Endpoint:
		v.leak = true
	case w.Kind == analyze.Test || st.owner != profile.Own:
		v.leak = false // objects of one test, or a library's container that is filled
	default:
		v.leak = len(v.removers) == 0 && !fills(st.entry)
	}
	return v
}

// fills reports whether a function's name says that it puts something into its
// receiver, which then is expected to grow.
func fills(name string) bool {
	method := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	return slices.ContainsFunc([]string{"set", "put", "add", "insert", "push", "append", "prepend", "write", "store", "enqueue", "send", "publish", "build", "grow", "merge", "union", "load", "upsert", "update", "register"},
		func(verb string) bool { return strings.HasPrefix(method, verb) })
}

// finding makes the finding of a site that grows; alive is what the subject holds at
// the end of the stretch.
func (g *growth) finding(w *analyze.Workload, st *site, t trend, v verdict, alive float64) analyze.Finding {
	share := min(1, t.gained()/max(1, alive))
	f := analyze.Finding{
		Rule:       "growth/retained",
		Confidence: analyze.Confidence{Level: analyze.Profiled, Why: append([]string{fmt.Sprintf("live after forced collections at %d successive moments, rising", t.to-t.from+1)}, v.why...)},
		Evidence:   g.evidence(w, st, t, alive),
		Gain: analyze.Gain{
			Metric: "B", Workload: w.Name, Base: alive, Predicted: [2]float64{-0.9 * share, -share},
			How: "the part of the live memory at the end of the watched run that was gathered here since its beginning; none of it would stay",
		},
		Repro: w.Repro,
	}
	if len(v.removers) > 0 {
		f.Gain.Predicted[0] = -0.4 * share
		f.Advice.Doubts = append(f.Advice.Doubts, fmt.Sprintf("%s can empty it, and was not called in this workload or did not keep up", strings.Join(v.removers[:min(3, len(v.removers))], ", ")))
	}
	if len(st.keepers) == 0 {
		g.describePlain(&f, st, v)
	} else {
		g.describe(&f, st, v)
	}
	if st.owner == profile.Library {
		f.Advice.Doubts = append(f.Advice.Doubts, "the code is a dependency's: keep its result instead of asking again, see whether a newer version has it mended, and report it if not")
	}
	return f
}

func (g *growth) evidence(w *analyze.Workload, st *site, t trend, alive float64) []analyze.Evidence {
	src := w.Name + ", heap after forced collections"
	seconds := (st.bytes.at[t.to] - st.bytes.at[t.from]).Seconds()
	return []analyze.Evidence{
		{Source: src, Metric: fmt.Sprintf("more alive after %.2f s", seconds), Value: t.gained(), Unit: "B", Share: min(1, t.gained()/max(1, alive))},
		{Source: src, Metric: "alive at the first of these moments", Value: t.first, Unit: "B"},
		{Source: src, Metric: "alive at the last", Value: t.last, Unit: "B", Share: min(1, t.last/max(1, alive))},
	}
}

// describe says what of a site whose keepers the source shows.
func (g *growth) describe(f *analyze.Finding, st *site, v verdict) {
	order := slices.Clone(st.keepers)
	slices.SortStableFunc(order, func(a, b *keeper) int { return int(st.kept[b] - st.kept[a]) })
	for i, k := range order {
		loc := g.s.Location(st.frames[slices.Index(st.keepers, k)], analyze.Cause)
		loc.Func, loc.Note = k.fn.Name, "also fills "+source(g.s.Program, k.container)
		if i == 0 {
			loc.Role, loc.Note = analyze.Primary, ""
		}
		f.Locations = append(f.Locations, loc)
	}
	k := order[0]
	where, what := profile.Short(k.fn.Name), source(g.s.Program, k.container)
	f.Fingerprint = analyze.Fingerprint(f.Rule, k.fn.Name, what)
	r := k.remedy(what, where, v)
	f.Title, f.Advice.Do, f.Advice.Snippet = r.title, r.do, r.snippet
	f.Advice.Doubts = append(r.doubts, f.Advice.Doubts...)
	if k.kind != sends && k.global && !isGlobalContainer(k) {
		f.Confidence.Why = append(f.Confidence.Why, "objects of its type are gathered in a package variable")
	}
}

func isGlobalContainer(k *keeper) bool { return !k.object.IsField() }

// describePlain says what of a site of which only the profile tells.
func (g *growth) describePlain(f *analyze.Finding, st *site, v verdict) {
	loc := g.s.Location(st.frames[0], analyze.Primary)
	where := profile.Short(loc.Func)
	f.Locations = []analyze.Location{loc}
	f.Fingerprint = analyze.Fingerprint(f.Rule, loc.Func, "allocated here")
	f.Gain.Predicted[0] = -0.2 * -f.Gain.Predicted[1]
	f.Title = fmt.Sprintf("what %s allocates stays alive: more with each call", where)
	f.Advice.Do = fmt.Sprintf("find who keeps what %s returns (go tool pprof -sample_index=inuse_space shows the call paths), and let go of it: stop the timer, cancel the context, remove the callback", where)
	f.Advice.Doubts = append(f.Advice.Doubts, "the source does not show what keeps it: a callback, a timer, a context or a container elsewhere")
}

// source returns a node's source on one line.
func source(p *load.Program, n ast.Node) string {
	return strings.Join(strings.Fields(load.Source(p.Fset, n)), " ")
}
