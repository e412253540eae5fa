package growth

import (
	"cmp"
	"slices"
	"time"

	"github.com/whetgo/whet/analyze"
)

// A Row is a site at which memory is kept, over the epochs of a workload.
type Row struct {
	Where  analyze.Location
	What   string // the container; "": only the line that allocates is known
	At     []time.Duration
	Values []float64 // bytes alive, an epoch each
	// Grows: it rises by 64 KB and half of itself, and does not come to rest.
	Grows bool
	// Leak: if it rises it is a leak, and not a container that the workload fills or that is
	// bounded.
	Leak bool
	Why  []string // for Leak
}

// Survey returns the sites of a workload that hold anything at the end of its watched run
// or grew, the largest first, and the total of what the subject holds. It is what the pass
// judges by; what it makes a finding of must in addition matter in the workload.
func Survey(s *analyze.Session, w *analyze.Workload) (rows []Row, total Row) {
	g := &growth{
		s: s, tests: newTests(), places: make(map[string]*place),
		known: make(map[string][]*keeper), stmts: make(map[stmtKey]*keeper),
	}
	es, ended := watched(s, w)
	if len(es) == 0 {
		return nil, Row{}
	}
	all, sum := g.sites(es)
	for _, st := range all {
		t, grows := st.bytes.trendOf(leastBytes, ended)
		if !grows && slices.Max(st.bytes.values) < leastBytes/16 {
			continue
		}
		v := g.judge(w, st, false)
		r := Row{
			Where: s.Location(st.frames[0], analyze.Primary), At: st.bytes.at, Values: st.bytes.values,
			Grows: grows && (!v.doubtful || t.gained() >= leastPlain && st.bytes.steady(t)), Leak: v.leak, Why: v.why,
		}
		if len(st.keepers) > 0 {
			r.What = source(s.Program, st.keepers[0].container)
		}
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(slices.Max(b.Values), slices.Max(a.Values)) })
	return rows, Row{At: sum.at, Values: sum.values}
}

// Goroutines returns how many there were at each epoch of the watched run.
func Goroutines(s *analyze.Session, w *analyze.Workload) []float64 {
	es, _ := watched(s, w)
	var n []float64
	for _, e := range es {
		n = append(n, float64(e.Goroutines))
	}
	return n
}
