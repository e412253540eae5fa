package layout

import (
	"cmp"
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

const (
	leastPerOp = 1        // byte saved per operation, below which garbage is not worth a word
	leastLive  = 64 << 10 // bytes saved alive
	mostPlaces = 4        // lines named with a type
)

// A total is what a workload's profile says about one type.
type total struct {
	site
	owner          profile.Owner // of the lines that allocate it
	bytes, objects int64
	saved          int64
	lines          map[profile.Frame]int64 // saved bytes by the line that allocates
}

// padding finds the struct types whose objects another order of the fields would make
// smaller, in what one workload allocates and in what it keeps.
func padding(s *analyze.Session, w *analyze.Workload) []analyze.Finding {
	var found []analyze.Finding
	heap := w.Profiles["heap"]
	whole := s.Index(w, "heap", "alloc_space").Total
	for _, t := range totals(s, heap, "alloc") {
		share := ratio(t.saved, whole)
		if perOp := w.Mean("B/op"); share < minShare || perOp > 0 && share*perOp < leastPerOp || perOp == 0 && !garbage(w, t) {
			continue
		}
		found = append(found, reorder(s, w, t, measure{
			metric: "B/op", base: w.Mean("B/op"), share: share, source: w.Name + ", heap profile",
			what: "allocated for padding in " + profile.Short(typeName(t.named)),
		}))
	}
	// What is made in great numbers is also alive in numbers while it is waiting to be
	// collected: of a type that garbage is made of, what is alive says nothing more.
	for _, f := range live(s, w) {
		if !slices.ContainsFunc(found, func(g analyze.Finding) bool { return g.Fingerprint == f.Fingerprint }) {
			found = append(found, f)
		}
	}
	return found
}

// garbage reports whether a workload that does not say how much it allocates loses
// enough to a type to be worth a finding.
func garbage(w *analyze.Workload, t *total) bool {
	return len(w.Results) == 0 && t.saved >= leastLive
}

// live looks at what was alive near the end of the watched run.
func live(s *analyze.Session, w *analyze.Workload) []analyze.Finding {
	var found []analyze.Finding
	var epoch *analyze.Epoch
	for i := range w.Epochs {
		e := &w.Epochs[i]
		if 2*i >= len(w.Epochs) && e.Heap != nil && (epoch == nil || e.HeapBytes >= epoch.HeapBytes) {
			epoch = e
		}
	}
	if epoch == nil {
		return nil
	}
	whole := max(epoch.HeapBytes, s.Attribute(epoch.Heap, "inuse_space").Total)
	for _, t := range totals(s, epoch.Heap, "inuse") {
		share := ratio(t.saved, whole)
		if share < minShare || t.saved < leastLive {
			continue
		}
		found = append(found, reorder(s, w, t, measure{
			metric: "B", base: float64(whole), share: share, source: w.Name + ", live heap",
			what: "alive as padding in " + profile.Short(typeName(t.named)),
		}))
	}
	return found
}

func ratio(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, float64(part)/float64(whole))
}

// totals joins the samples of a heap profile with the types that their lines allocate.
// Kind is "alloc" or "inuse". Only types for which something would be saved are
// returned, the largest saving first.
func totals(s *analyze.Session, p *profile.Profile, kind string) []*total {
	if p == nil {
		return nil
	}
	bi, oi := p.Index(kind+"_space"), p.Index(kind+"_objects")
	if bi < 0 || oi < 0 {
		return nil
	}
	byType := make(map[string]*total)
	known := make(map[profile.Frame][]site)
	for _, sample := range p.Samples {
		bytes, objects := sample.Values[bi], sample.Values[oi]
		at := allocator(sample.Stack, s.Owner)
		if at < 0 || bytes <= 0 || objects <= 0 {
			continue
		}
		fr := sample.Stack[at]
		sites, ok := known[fr]
		if !ok {
			if fn := s.Program.FuncAt(fr); fn != nil {
				sites = sitesAt(s.Program, fn, fr.Line)
			}
			known[fr] = sites
		}
		if st, ok := match(sites, bytes, objects); ok {
			charge(byType, st, fr, s.Owner(fr), bytes, objects)
		}
	}
	ts := slices.Collect(maps.Values(byType))
	ts = slices.DeleteFunc(ts, func(t *total) bool { return t.saved <= 0 || !reportable(s, t) })
	slices.SortFunc(ts, func(a, b *total) int {
		return cmp.Or(cmp.Compare(b.saved, a.saved), cmp.Compare(typeName(a.named), typeName(b.named)))
	})
	return ts
}

func charge(byType map[string]*total, st site, fr profile.Frame, owner profile.Owner, bytes, objects int64) {
	name := types.TypeString(st.named, nil)
	t := byType[name]
	if t == nil {
		t = &total{site: st, owner: owner, lines: make(map[profile.Frame]int64)}
		byType[name] = t
	}
	saved := st.saved(bytes, objects)
	t.owner = max(t.owner, owner)
	t.bytes += bytes
	t.objects += objects
	t.saved += saved
	t.lines[fr] += saved
}

// allocator returns the index of the frame whose line allocates, -1 if it is neither
// the reader's nor, where no code of the reader's takes part, a library's.
func allocator(stack []profile.Frame, owner func(profile.Frame) profile.Owner) int {
	blame := profile.Responsible(stack, owner)
	for _, fr := range stack[:max(0, blame)] {
		pkg := profile.Package(fr.Func)
		if pkg != "runtime" && pkg != "slices" && pkg != "maps" && !strings.HasPrefix(pkg, "internal/runtime/") {
			return -1
		}
	}
	return blame
}

// reportable reports whether the type is one that can be reordered by whoever owns the
// lines that allocate it, and whose order is not there for a reason.
func reportable(s *analyze.Session, t *total) bool {
	obj := t.named.Obj()
	file := s.Program.Fset.Position(obj.Pos()).Filename
	own := s.Program.IsLocal(obj.Pkg().Path(), file)
	switch {
	case strings.HasSuffix(file, "_test.go") || strings.HasPrefix(obj.Name(), "_C"):
		return false
	case !own && (t.owner == profile.Own || load.IsStd(obj.Pkg().Path(), file)):
		return false
	case padded(t.st, types.SizesFor("gc", "amd64")):
		return false
	}
	return !generated(s, file)
}

// typeName names a type as findings do, without type arguments: "a/b.T".
func typeName(t *types.Named) string {
	name := t.Obj().Pkg().Path() + "." + t.Obj().Name()
	if t.TypeArgs().Len() > 0 {
		name += "[...]"
	}
	return name
}

// A measure is what a type costs a workload.
type measure struct {
	metric, source, what string
	base, share          float64 // share: of the metric, saved
}

// reorder is the finding of a type.
func reorder(s *analyze.Session, w *analyze.Workload, t *total, m measure) analyze.Finding {
	name := "type " + typeName(t.named)
	now, best := t.slot, t.bestSlot
	unit := "each element"
	if t.form == object {
		now, best = t.block()
		unit = "each object"
	}
	return analyze.Finding{
		Fingerprint: analyze.Fingerprint("layout/padding", name, ""),
		Rule:        "layout/padding",
		Title:       fmt.Sprintf("%s takes %d bytes where %d would do: padding between its fields", profile.Short(typeName(t.named)), now, best),
		Advice:      advice(s, t),
		Confidence: analyze.Confidence{Level: analyze.Profiled, Why: []string{
			fmt.Sprintf("the fields take %d bytes as they are ordered and %d in the best order: %s takes %d bytes of heap instead of %d", t.size, t.best, unit, now, best),
			fmt.Sprintf("%.0f %% of the bytes of %s are padding that this would save", 100*m.share, m.source),
		}},
		Locations: places(s, t, name),
		Evidence:  []analyze.Evidence{{Source: m.source, Metric: m.what, Unit: m.metric, Value: m.share * m.base, Share: m.share}},
		Gain: analyze.Gain{
			Metric: m.metric, Workload: w.Name, Base: m.base, Predicted: [2]float64{-0.8 * m.share, -m.share},
			How: fmt.Sprintf("(%d - %d) bytes of %s, times their number in the heap profile", now, best, unit),
		},
		Repro: w.Repro,
	}
}

// places are the declaration and the lines that allocate most.
func places(s *analyze.Session, t *total, name string) []analyze.Location {
	pos := s.Program.Fset.Position(t.named.Obj().Pos())
	locs := []analyze.Location{{File: s.RelPath(pos.Filename), Line: pos.Line, Func: name, Role: analyze.Primary}}
	frames := slices.SortedFunc(maps.Keys(t.lines), func(a, b profile.Frame) int {
		return cmp.Or(cmp.Compare(t.lines[b], t.lines[a]), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	for _, fr := range frames[:min(len(frames), mostPlaces)] {
		l := s.Location(fr, analyze.Cause)
		l.Note = "allocates it"
		locs = append(locs, l)
	}
	return locs
}
