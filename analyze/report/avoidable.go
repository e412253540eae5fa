package report

import (
	"io"
	"slices"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/profile"
)

// Avoidable writes the time that findings say could be avoided as a pprof profile: the
// stacks of the CPU profiles that lie below what was seen to be asked again, their time
// times the part that the advice would spare. A stack below two of them counts once, by
// the greater part. Its values are "redundant_calls" and "avoidable" time; each sample has
// the finding's ID and workload as labels. Of no such findings it is empty, and valid.
func Avoidable(w io.Writer, s *analyze.Session, fs []analyze.Finding) error {
	b := profile.NewBuilder(profile.ValueType{Type: "redundant_calls", Unit: "count"}, profile.ValueType{Type: "avoidable", Unit: "nanoseconds"})
	for _, wl := range s.Workloads {
		p := wl.Profiles["cpu"]
		if p == nil || p.Index("cpu") < 0 {
			continue
		}
		var mine []*analyze.Finding
		for i := range fs {
			if o := fs[i].Watched; o != nil && o.Workload == wl.Name {
				mine = append(mine, &fs[i])
			}
		}
		addAvoidable(b, wl, p, mine)
	}
	return b.Write(w)
}

// addAvoidable adds what findings would spare in one workload. The redundant calls of a
// finding are shared out among its stacks by their time.
func addAvoidable(b *profile.Builder, wl *analyze.Workload, p *profile.Profile, fs []*analyze.Finding) {
	v := p.Index("cpu")
	owner := make([]*analyze.Finding, len(p.Samples))
	sums := make(map[*analyze.Finding]float64)
	for i, sm := range p.Samples {
		for _, f := range fs {
			if on(sm.Stack, f.Watched) && (owner[i] == nil || f.Watched.Avoidable > owner[i].Watched.Avoidable) {
				owner[i] = f
			}
		}
		if owner[i] != nil {
			sums[owner[i]] += float64(sm.Values[v])
		}
	}
	given := make(map[*analyze.Finding]int64)
	spent := make(map[*analyze.Finding]float64)
	for i, sm := range p.Samples {
		f := owner[i]
		if f == nil {
			continue
		}
		spent[f] += float64(sm.Values[v])
		calls := int64(float64(f.Watched.Redundant)*spent[f]/sums[f]) - given[f]
		given[f] += calls
		nanos := int64(float64(sm.Values[v]) * f.Watched.Avoidable)
		if nanos > 0 || calls > 0 {
			b.Add(sm.Stack, map[string]string{"finding": f.ID, "workload": wl.Name}, calls, nanos)
		}
	}
}

// on reports whether a stack lies below what was watched.
func on(stack []profile.Frame, w *analyze.Watched) bool {
	return slices.ContainsFunc(stack, func(fr profile.Frame) bool {
		return fr.Func == w.Func && (w.Line == 0 || fr.Line == w.Line)
	})
}
