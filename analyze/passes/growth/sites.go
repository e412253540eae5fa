package growth

import (
	"slices"
	"strconv"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A site is where memory is kept: a container and the statements that fill it, or,
// where the source shows none, the function that allocates what stays.
type site struct {
	keepers []*keeper       // of one container, in the order of what they keep; none where the source shows none
	frames  []profile.Frame // the line of each keeper, or of the allocation
	harness []profile.Frame // the harness's frames above it, innermost first
	entry   string          // the function of the subject that the harness called
	owner   profile.Owner
	kept    map[*keeper]float64 // bytes of one stack when it held most
	bytes   series
}

// mostEpochs is how many epochs are compared: of more, evenly chosen ones.
const mostEpochs = 120

// watched returns the epochs of a workload in which it ran, and, where ended, the first
// one after its end: what is still there then is left behind.
func watched(s *analyze.Session, w *analyze.Workload) (es []analyze.Epoch, ended bool) {
	es = w.Epochs
	if w.Kind == analyze.Benchmark || w.Kind == analyze.Test {
		es, ended = active(s, es)
	}
	if len(es) <= mostEpochs {
		return es, ended
	}
	thin := make([]analyze.Epoch, mostEpochs)
	for i := range thin {
		thin[i] = es[i*(len(es)-1)/(mostEpochs-1)]
	}
	return thin, ended
}

func active(s *analyze.Session, all []analyze.Epoch) (es []analyze.Epoch, ended bool) {
	last := 0
	for i, e := range all {
		if runs(s, e.Goroutine) {
			es, last = append(es, e), i
		}
	}
	if len(es) > 0 && last+1 < len(all) {
		return append(es, all[last+1]), true
	}
	return es, false
}

// runs reports whether a benchmark or test was at work: it has a goroutine, and that is
// not just looking at the heap. After its end nothing grows, which is no saturation.
func runs(s *analyze.Session, p *profile.Profile) bool {
	if p == nil {
		return false
	}
	return slices.ContainsFunc(p.Samples, func(sm profile.Sample) bool {
		if len(sm.Stack) == 0 || sm.Stack[len(sm.Stack)-1].Func == "runtime.main" {
			return false
		}
		tests := false
		for _, fr := range sm.Stack {
			switch fr.Func {
			case "runtime.GC", "runtime.ReadMemStats", "runtime/debug.FreeOSMemory":
				return false
			}
			tests = tests || strings.HasPrefix(fr.Func, "testing.") || s.Owner(fr) == profile.Harness
		}
		return tests
	})
}

// sites returns what is alive at each site in each epoch, and the total of what the
// subject holds.
func (g *growth) sites(es []analyze.Epoch) (all []*site, total series) {
	byKey := make(map[any]*site)
	for i, e := range es {
		total.at = append(total.at, e.At)
		total.values = append(total.values, 0)
		if e.Heap == nil {
			continue
		}
		space := e.Heap.Index("inuse_space")
		if space < 0 {
			continue
		}
		for _, sm := range e.Heap.Samples {
			v := float64(sm.Values[space])
			pl := g.place(sm.Stack)
			if pl == nil || v <= 0 {
				continue
			}
			st := byKey[pl.key]
			if st == nil {
				st = &site{harness: pl.harness, entry: pl.entry, owner: pl.owner, kept: make(map[*keeper]float64)}
				byKey[pl.key] = st
				all = append(all, st)
			}
			st.bytes.add(es, i, v)
			total.values[i] += v
			st.note(pl, v)
		}
	}
	for _, st := range all {
		st.bytes.extend(es, len(es))
	}
	return all, total
}

// note remembers a place of the site and how much it held when it held most.
func (st *site) note(pl *place, v float64) {
	if pl.keeper == nil {
		if len(st.frames) == 0 {
			st.frames = append(st.frames, pl.frame)
		}
		return
	}
	if _, ok := st.kept[pl.keeper]; !ok {
		st.keepers, st.frames = append(st.keepers, pl.keeper), append(st.frames, pl.frame)
	}
	st.kept[pl.keeper] = max(st.kept[pl.keeper], v)
}

// A place is where the memory of one stack is kept.
type place struct {
	key     any // of the site: the container's object, or the allocating function
	keeper  *keeper
	frame   profile.Frame
	harness []profile.Frame
	entry   string
	owner   profile.Owner
}

// place returns where the memory that was allocated on a stack is kept, nil if it is
// nobody's whom findings are about. Of several keepers the outermost counts, a package
// variable before an object, the reader's own code before a library's: what is kept
// further in is kept because of it.
func (g *growth) place(stack []profile.Frame) *place {
	blame := profile.Responsible(stack, g.s.Owner)
	if blame < 0 {
		return nil
	}
	key := stackKey(stack)
	if pl, ok := g.places[key]; ok {
		return pl
	}
	pl := g.locate(stack, blame)
	g.places[key] = pl
	return pl
}

func (g *growth) locate(stack []profile.Frame, blame int) *place {
	var best *keeper
	pl := &place{frame: stack[blame], owner: g.s.Owner(stack[blame])}
	rank := 0
	for i, fr := range stack {
		owner := g.s.Owner(fr)
		if owner == profile.Harness {
			pl.harness = harnessFrames(g.s, stack[i:])
			break
		}
		if owner != profile.Own && owner != profile.Library {
			continue
		}
		pl.entry = g.s.FuncName(fr)
		fn := g.s.Program.FuncAt(fr)
		if fn == nil || fn.Decl.Body == nil {
			continue
		}
		for _, k := range g.keepers(fn, fr.Line) {
			if r := keepRank(k, owner); r >= rank {
				best, rank = k, r
				pl.frame, pl.owner = profile.Frame{Func: fr.Func, File: fr.File, Line: g.s.Program.Line(k.stmt.Pos())}, owner
			}
		}
	}
	if best == nil {
		pl.key = g.s.FuncName(pl.frame)
		return pl
	}
	pl.keeper, pl.key = best, best.object
	return pl
}

func keepRank(k *keeper, owner profile.Owner) int {
	r := 1
	if k.global {
		r++
	}
	if owner == profile.Own {
		r += 2
	}
	return r
}

func harnessFrames(s *analyze.Session, stack []profile.Frame) []profile.Frame {
	var frames []profile.Frame
	for _, fr := range stack {
		if s.Owner(fr) == profile.Harness {
			frames = append(frames, fr)
		}
	}
	return frames
}

// keepers is keepersOf, each question once.
func (g *growth) keepers(fn *load.Func, line int) []*keeper {
	key := fn.Name + ":" + strconv.Itoa(line)
	ks, ok := g.known[key]
	if !ok {
		ks = keepersOf(g.s.Program, fn, line)
		for i, k := range ks {
			if same, ok := g.stmts[stmtKey{k.stmt, k.object}]; ok {
				ks[i] = same
			} else {
				g.stmts[stmtKey{k.stmt, k.object}] = k
			}
		}
		g.known[key] = ks
	}
	return ks
}

func stackKey(stack []profile.Frame) string {
	var b strings.Builder
	for _, fr := range stack {
		b.WriteString(fr.Func)
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(fr.Line))
		b.WriteByte('\n')
	}
	return b.String()
}
