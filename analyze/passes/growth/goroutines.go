package growth

import (
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// leastGoroutines is how many more must be there at the end than at the beginning.
const leastGoroutines = 8

// A launch is the function that starts goroutines, and how many of them there are.
type launch struct {
	frame profile.Frame // the goroutine's outermost frame of the subject
	owner profile.Owner
	alive series
	left  float64 // at the end of the process
	waits profile.Frame
}

// goroutines finds launches that leave goroutines behind, and reports whether there
// are any.
func (g *growth) goroutines(w *analyze.Workload) bool {
	es, ended := watched(g.s, w)
	any := false
	for _, l := range g.launches(w, es) {
		t, grows := l.alive.trendOf(leastGoroutines, ended)
		if !grows && w.Kind == analyze.Test && l.left >= leastGoroutines {
			t, grows = trend{to: len(es) - 1, last: l.left}, true
		}
		if !grows {
			continue
		}
		any = true
		from := g.launcher(l)
		if closer := from.closer(); closer != "" && !g.closes(w, closer) {
			continue // the harness does not close what it opens
		}
		all := l.left
		if len(es) > 0 {
			all = max(float64(es[t.to].Goroutines), t.last)
		}
		g.found.Add(g.leftBehind(w, l, t, from, all))
	}
	return any
}

// launches counts the goroutines of each epoch by the function that starts them.
func (g *growth) launches(w *analyze.Workload, es []analyze.Epoch) []*launch {
	byFunc := make(map[string]*launch)
	var all []*launch
	count := func(p *profile.Profile, add func(*launch, float64)) {
		if p == nil || len(p.Types) == 0 {
			return
		}
		for _, sm := range p.Samples {
			i := g.root(sm.Stack)
			if i < 0 {
				continue
			}
			name := g.s.FuncName(sm.Stack[i])
			l := byFunc[name]
			if l == nil {
				l = &launch{frame: sm.Stack[i], owner: g.s.Owner(sm.Stack[i])}
				byFunc[name], all = l, append(all, l)
			}
			l.waits = sm.Stack[profile.Responsible(sm.Stack, g.s.Owner)]
			add(l, float64(sm.Values[0]))
		}
	}
	for i, e := range es {
		count(e.Goroutine, func(l *launch, n float64) { l.alive.add(es, i, n) })
	}
	if n := len(w.Epochs); n > 0 {
		count(w.Epochs[n-1].Goroutine, func(l *launch, n float64) { l.left += n })
	}
	for _, l := range all {
		l.alive.extend(es, len(es))
	}
	return all
}

// add adds to the value at the i-th epoch.
func (s *series) add(es []analyze.Epoch, i int, v float64) {
	s.extend(es, i+1)
	s.values[i] += v
}

// extend makes the series n long, with zeros.
func (s *series) extend(es []analyze.Epoch, n int) {
	for len(s.values) < n {
		s.at = append(s.at, es[len(s.at)].At)
		s.values = append(s.values, 0)
	}
}

// root returns the index of the outermost frame of the subject on a goroutine's stack:
// of its own code if there is any. It is -1 for a goroutine of the harness, the runtime
// or the testing package.
func (g *growth) root(stack []profile.Frame) int {
	own, library := -1, -1
	for i, fr := range stack {
		if strings.HasPrefix(fr.Func, "testing.") || fr.Func == "runtime.main" || fr.Func == "main.main" {
			return -1
		}
		switch g.s.Owner(fr) {
		case profile.Harness:
			return -1
		case profile.Own:
			own = i
		case profile.Library:
			library = i
		}
	}
	if own >= 0 {
		return own
	}
	return library
}

// An origin is where goroutines are started.
type origin struct {
	fn   *load.Func // nil without source
	stmt *ast.GoStmt
	body ast.Node // what they run; nil if it is not at hand
}

// launcher finds the go statement of a launch.
func (g *growth) launcher(l *launch) origin {
	fn := g.s.Program.FuncAt(l.frame)
	if fn == nil || fn.Decl.Body == nil {
		return origin{}
	}
	o := origin{fn: fn}
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		if st, ok := n.(*ast.GoStmt); ok && g.s.Program.Line(st.Pos()) <= l.frame.Line && l.frame.Line <= g.s.Program.Line(st.End()) {
			o.stmt, o.body = st, st
		}
		return true
	})
	if o.stmt != nil || l.frame.Func != profile.Enclosing(l.frame.Func) {
		return o
	}
	// A named function: who starts it?
	obj := fn.Info().Defs[fn.Decl.Name]
	o.body = fn.Decl.Body
	for _, other := range g.s.Program.FuncsOf(fn.File.Pkg) {
		if other.Decl.Body == nil {
			continue
		}
		ast.Inspect(other.Decl.Body, func(n ast.Node) bool {
			if st, ok := n.(*ast.GoStmt); ok {
				if f := load.Callee(other.Info(), st.Call); f != nil && f.Origin() == obj {
					o.fn, o.stmt = other, st
				}
			}
			return true
		})
	}
	return o
}

// closers are the methods by which a type is told that it is used no more.
var closers = []string{"Close", "Stop", "Shutdown", "Cancel", "Release", "Unwatch", "Quit", "Terminate", "Dispose", "CloseIdleConnections"}

// closer returns the name of the method that should end the goroutines: one of the
// type that the launcher makes or belongs to, "" if it has none.
func (o origin) closer() string {
	t := o.owner()
	if t == nil {
		return ""
	}
	ms := types.NewMethodSet(types.NewPointer(t))
	for _, name := range closers {
		if ms.Lookup(t.Obj().Pkg(), name) != nil {
			return name
		}
	}
	return ""
}

// owner returns the named type that the launcher makes or is a method of, nil if there
// is none.
func (o origin) owner() *types.Named {
	if o.fn == nil {
		return nil
	}
	f, ok := o.fn.Info().Defs[o.fn.Decl.Name].(*types.Func)
	if !ok {
		return nil
	}
	if r := f.Signature().Recv(); r != nil {
		return named(r.Type())
	}
	for v := range f.Signature().Results().Variables() {
		if n := named(v.Type()); n != nil && n.Obj().Pkg() == f.Pkg() {
			return n
		}
	}
	return nil
}

func named(t types.Type) *types.Named {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := t.(*types.Named)
	return n
}

// closes reports whether the tests of the workload's package ever call the method.
func (g *growth) closes(w *analyze.Workload, method string) bool {
	if w.Kind != analyze.Benchmark && w.Kind != analyze.Test {
		return true
	}
	names, err := os.ReadDir(w.Dir)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(names, func(d os.DirEntry) bool {
		if !strings.HasSuffix(d.Name(), "_test.go") {
			return false
		}
		f := g.tests.file(filepath.Join(w.Dir, d.Name()))
		return f != nil && g.tests.calls(f, method)
	})
}

// leftBehind makes the finding of a launch.
func (g *growth) leftBehind(w *analyze.Workload, l *launch, t trend, from origin, all float64) analyze.Finding {
	loc := g.s.Location(l.frame, analyze.Primary)
	locs := []analyze.Location{loc}
	if from.stmt != nil {
		locs[0] = g.at(from.fn, from.stmt, analyze.Primary)
	}
	if l.waits.Func != "" && (l.waits.Line != locs[0].Line || l.waits.File != l.frame.File) {
		at := g.s.Location(l.waits, analyze.Cause)
		at.Note = "here they wait"
		locs = append(locs, at)
	}
	share := min(1, t.gained()/max(1, all))
	where := profile.Short(locs[0].Func)
	r := from.remedy(g.s.Program, where)
	f := analyze.Finding{
		Rule:        "growth/goroutines",
		Fingerprint: analyze.Fingerprint("growth/goroutines", locs[0].Func, "go"),
		Title:       fmt.Sprintf("goroutines that %s starts are left behind", where),
		Advice:      analyze.Advice{Do: r.do, Snippet: r.snippet, Doubts: r.doubts},
		Confidence:  analyze.Confidence{Level: analyze.Profiled, Why: []string{fmt.Sprintf("%.0f goroutines at the end of the watched run, %.0f at its beginning", t.last, t.first)}},
		Locations:   locs,
		Evidence: []analyze.Evidence{
			{Source: w.Name + ", goroutine profiles", Metric: "goroutines started here at the last moment", Value: t.last, Unit: "1", Share: min(1, t.last/max(1, all))},
			{Source: w.Name + ", goroutine profiles", Metric: "at the first", Value: t.first, Unit: "1"},
		},
		Gain: analyze.Gain{
			Metric: "goroutines", Workload: w.Name, Base: all, Predicted: [2]float64{-0.9 * share, -share},
			How: "the part of the goroutines at the end that were started here and did not end",
		},
		Repro: w.Repro,
	}
	if grown, ok := g.heapGrowth(w); ok {
		f.Evidence = append(f.Evidence, analyze.Evidence{Source: w.Name + ", live heap", Metric: "more alive at the end, what hangs on the goroutines included", Value: grown, Unit: "B"})
	}
	if l.owner == profile.Library {
		f.Advice.Doubts = append(f.Advice.Doubts, "the code is a dependency's: keep one object for the process instead of many, see whether a newer version can be closed, and report it if not")
	}
	return f
}

// at returns the place of a node.
func (g *growth) at(fn *load.Func, n ast.Node, role string) analyze.Location {
	return analyze.Location{File: g.s.RelPath(fn.File.Path), Line: g.s.Program.Line(n.Pos()), Func: fn.Name, Role: role}
}

// heapGrowth returns by how much the live heap grew while the workload ran, and whether
// it did.
func (g *growth) heapGrowth(w *analyze.Workload) (float64, bool) {
	es, _ := watched(g.s, w)
	if len(es) < 2 {
		return 0, false
	}
	d := es[len(es)-1].HeapBytes - es[0].HeapBytes
	return float64(d), d > leastBytes
}

// remedy says how goroutines of this origin could end.
func (o origin) remedy(p *load.Program, where string) remedy {
	if o.fn == nil {
		return remedy{do: fmt.Sprintf("give the goroutines of %s a way to end: a context, or a channel that is closed", where)}
	}
	if ctx := o.context(); ctx != "" {
		return afterFunc(ctx, where)
	}
	r := remedy{
		do:     fmt.Sprintf("give the goroutines that %s starts a way to end, and end them when their owner is done", where),
		doubts: []string{"whoever makes the owner must then close it; runtime.AddCleanup can help those who forget, if the goroutine does not hold the owner"},
	}
	t := o.owner()
	if t == nil {
		r.snippet = fmt.Sprintf("// in the goroutine of %s\nselect {\ncase <-ctx.Done():\n\treturn\n// … what it waits for now\n}", where)
		return r
	}
	name := t.Obj().Name()
	recv := strings.ToLower(name[:1])
	r.do = fmt.Sprintf("give %s a Close that ends the goroutine which %s starts", name, where)
	if c := o.closer(); c != "" {
		r.do = fmt.Sprintf("have %s of %s end the goroutine which %s starts", c, name, where)
	}
	r.snippet = fmt.Sprintf("// in %s: stop chan struct{}, made by %s\n\n// in the goroutine\nselect {\ncase <-%s.stop:\n\treturn\n// … what it waits for now\n}\n\nfunc (%s *%s) Close() { close(%s.stop) }", name, where, recv, recv, name, recv)
	return r
}

// afterFunc is the remedy for a goroutine that only waits for a context to end.
func afterFunc(ctx, where string) remedy {
	return remedy{
		do:      fmt.Sprintf("let context.AfterFunc run what %s does when %s ends: no goroutine waits, and the returned function calls it off", where, ctx),
		snippet: fmt.Sprintf("stop := context.AfterFunc(%s, func() {\n\t// what the goroutine does when %s ends\n})\n// … and where the wait is over\nif !stop() {\n\t// it has begun: wait for it if need be\n}", ctx, ctx),
		doubts:  []string{"stop does not wait for a function that has begun: where the next step needs its end, a channel must tell it"},
	}
}

// context returns the context whose end the goroutine waits for, as the source calls
// it; "" if there is none.
func (o origin) context() string {
	name := ""
	if o.body == nil {
		return ""
	}
	ast.Inspect(o.body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if x := doneOf(o.fn.Info(), call); x != nil && name == "" {
				name = types.ExprString(x)
			}
		}
		return true
	})
	return name
}

// doneOf returns the context of a call ctx.Done(), nil for any other call.
func doneOf(info *types.Info, call *ast.CallExpr) ast.Expr {
	f := load.Callee(info, call)
	if f == nil || f.Name() != "Done" || f.Pkg() == nil || f.Pkg().Path() != "context" {
		return nil
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}
