package layout

import (
	"cmp"
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/structs"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

const (
	leastPerOp = 1        // byte saved per operation, below which garbage is not worth a word
	leastLive  = 64 << 10 // bytes saved alive
	mostPlaces = 4        // lines named with a type
)

// padding finds the struct types whose objects another order of the fields would make
// smaller, in what one workload allocates and in what it keeps.
func padding(s *analyze.Session, w *analyze.Workload) []analyze.Finding {
	var found []analyze.Finding
	heap := w.Profiles["heap"]
	whole := s.Index(w, "heap", "alloc_space").Total
	for _, t := range worth(s, heap, "alloc") {
		share := ratio(t.Saved, whole)
		if perOp := w.Mean("B/op"); share < minShare || perOp > 0 && share*perOp < leastPerOp || perOp == 0 && !garbage(w, t) {
			continue
		}
		found = append(found, reorder(s, w, t, measure{
			metric: "B/op", base: w.Mean("B/op"), share: share, source: w.Name + ", heap profile",
			what: "allocated for padding in " + profile.Short(structs.TypeName(t.Named)),
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
func garbage(w *analyze.Workload, t *structs.Total) bool {
	return len(w.Results) == 0 && t.Saved >= leastLive
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
	for _, t := range worth(s, epoch.Heap, "inuse") {
		share := ratio(t.Saved, whole)
		if share < minShare || t.Saved < leastLive {
			continue
		}
		found = append(found, reorder(s, w, t, measure{
			metric: "B", base: float64(whole), share: share, source: w.Name + ", live heap",
			what: "alive as padding in " + profile.Short(structs.TypeName(t.Named)),
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

// worth returns the types for which something would be saved and that can be reordered, the
// largest saving first.
func worth(s *analyze.Session, p *profile.Profile, kind string) []*structs.Total {
	return slices.DeleteFunc(structs.Totals(s, p, kind), func(t *structs.Total) bool { return t.Saved <= 0 || !reportable(s, t) })
}

// reportable reports whether the type is one that can be reordered by whoever owns the
// lines that allocate it, and whose order is not there for a reason.
func reportable(s *analyze.Session, t *structs.Total) bool {
	obj := t.Named.Obj()
	file := s.Program.Fset.Position(obj.Pos()).Filename
	own := s.Program.IsLocal(obj.Pkg().Path(), file)
	switch {
	case strings.HasSuffix(file, "_test.go") || strings.HasPrefix(obj.Name(), "_C"):
		return false
	case !own && (t.Owner == profile.Own || load.IsStd(obj.Pkg().Path(), file)):
		return false
	case structs.Padded(t.Struct, types.SizesFor("gc", "amd64")):
		return false
	}
	return !structs.Generated(s, file)
}

// A measure is what a type costs a workload.
type measure struct {
	metric, source, what string
	base, share          float64 // share: of the metric, saved
}

// reorder is the finding of a type.
func reorder(s *analyze.Session, w *analyze.Workload, t *structs.Total, m measure) analyze.Finding {
	name := "type " + structs.TypeName(t.Named)
	now, best := t.Slot, t.BestSlot
	unit := "each element"
	if t.Form == structs.Object {
		now, best = t.Block()
		unit = "each object"
	}
	return analyze.Finding{
		Fingerprint: analyze.Fingerprint("layout/padding", name, ""),
		Rule:        "layout/padding",
		Title:       fmt.Sprintf("%s takes %d bytes where %d would do: padding between its fields", profile.Short(structs.TypeName(t.Named)), now, best),
		Advice:      advice(s, t),
		Confidence: analyze.Confidence{Level: analyze.Profiled, Why: []string{
			fmt.Sprintf("the fields take %d bytes as they are ordered and %d in the best order: %s takes %d bytes of heap instead of %d", t.Size, t.Best, unit, now, best),
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
func places(s *analyze.Session, t *structs.Total, name string) []analyze.Location {
	pos := s.Program.Fset.Position(t.Named.Obj().Pos())
	locs := []analyze.Location{{File: s.RelPath(pos.Filename), Line: pos.Line, Func: name, Role: analyze.Primary}}
	frames := slices.SortedFunc(maps.Keys(t.Lines), func(a, b profile.Frame) int {
		return cmp.Or(cmp.Compare(t.Lines[b], t.Lines[a]), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	for _, fr := range frames[:min(len(frames), mostPlaces)] {
		l := s.Location(fr, analyze.Cause)
		l.Note = "allocates it"
		locs = append(locs, l)
	}
	return locs
}
