package creation

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// firstUse finds sync.Onces whose first use dominates: each object pays it anew.
//
// A Once in a package variable is left out: its first use happens once a process, and
// what it is of a benchmark depends on how long that runs.
func firstUse(s *analyze.Session, w *analyze.Workload, all *analyze.Places) {
	p := w.Profiles["cpu"]
	ix := s.Index(w, "cpu", "cpu")
	if p == nil || ix.Total == 0 {
		return
	}
	v := p.Index("cpu")
	sums := make(map[profile.Frame]int64)
	for _, sm := range p.Samples {
		if i := onceCaller(s, sm.Stack); i >= 0 && v >= 0 {
			sums[sm.Stack[i]] += sm.Values[v]
		}
	}
	for fr, sum := range sums {
		share := ix.Share(sum)
		fn := s.Program.FuncAt(fr)
		if share < leastPath || fn == nil || fn.Decl.Body == nil {
			continue
		}
		if once := onceAt(s.Program, fn, fr.Line); once != "" {
			loc := s.Location(fr, analyze.Primary)
			all.Add(perObject(w, loc, share, "creation/once-on-path", once, "sync.Once"))
		}
	}
}

// onceCaller returns the index of the frame that called Do, of the subject, where the
// sample lies below a first use; else -1.
func onceCaller(s *analyze.Session, stack []profile.Frame) int {
	for i, fr := range stack {
		if fr.Func != "sync.(*Once).doSlow" {
			continue
		}
		for j := i + 1; j < len(stack); j++ {
			switch s.Owner(stack[j]) {
			case profile.Own, profile.Library:
				return j
			case profile.Harness:
				return -1
			}
		}
	}
	return -1
}

// onceAt returns the field through which the line calls a Once or a function made by
// sync.OnceValue, "" if it is a package variable's or cannot be seen.
func onceAt(p *load.Program, fn *load.Func, line int) string {
	name := ""
	for _, n := range p.Nodes(fn, line) {
		call, ok := n.(*ast.CallExpr)
		if !ok || name != "" {
			continue
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			continue
		}
		field := ast.Expr(sel)
		if f := load.Callee(fn.Info(), call); f != nil {
			if load.FuncName(f) != "sync.(*Once).Do" {
				continue
			}
			field = sel.X
		}
		if x, ok := ast.Unparen(field).(*ast.SelectorExpr); ok && isField(fn.Info(), x) && !rootIsGlobal(fn.Info(), x) {
			name = types.ExprString(field)
		}
	}
	return name
}

func isField(info *types.Info, x *ast.SelectorExpr) bool {
	v, ok := info.Uses[x.Sel].(*types.Var)
	return ok && v.IsField()
}

func rootIsGlobal(info *types.Info, e ast.Expr) bool {
	id := load.Root(e)
	if id == nil {
		return false
	}
	v, ok := info.Uses[id].(*types.Var)
	return ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// unsynchronized finds what is made where it is nil, at a price that shows, without lock
// or atomic: fields, which each new object pays for, and package variables in code that
// several goroutines run, each of which may make them.
func unsynchronized(s *analyze.Session, w *analyze.Workload, all *analyze.Places) {
	ix := s.Index(w, "cpu", "cpu")
	crowd := concurrent(s, w)
	for _, f := range ix.Funcs {
		if f.Owner != profile.Own || ix.Share(f.Cum) < leastPath || f.Name != profile.Enclosing(f.Name) {
			continue
		}
		fn := s.Program.Func(f.Name)
		if fn == nil || fn.Decl.Body == nil || synchronized(fn) {
			continue
		}
		for _, c := range nilChecks(fn) {
			share := ix.Share(over(s.Program, f, c.body))
			if share < leastPath || c.global && (!crowd[fn.Name] || guarded(fn)) {
				continue // once a process, or under a caller's lock
			}
			loc := analyze.Location{File: s.RelPath(fn.File.Path), Line: s.Program.Line(c.pos), Func: fn.Name, Role: analyze.Primary}
			rule := "creation/once-on-path"
			if c.global {
				rule = "creation/unsynchronized-init"
			}
			all.Add(perObject(w, loc, share, rule, c.what, "a check for nil"))
		}
	}
}

// A nilCheck is an if that makes what is nil.
type nilCheck struct {
	pos    token.Pos
	body   *ast.BlockStmt
	what   string
	global bool
}

func nilChecks(fn *load.Func) []nilCheck {
	var found []nilCheck
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		st, ok := n.(*ast.IfStmt)
		if !ok {
			return true
		}
		b, ok := ast.Unparen(st.Cond).(*ast.BinaryExpr)
		if !ok || b.Op != token.EQL {
			return true
		}
		id, ok := ast.Unparen(b.Y).(*ast.Ident)
		sel, isSel := ast.Unparen(b.X).(*ast.SelectorExpr)
		global := rootIsGlobal(fn.Info(), b.X)
		if !ok || id.Name != "nil" || !global && !(isSel && isField(fn.Info(), sel)) {
			return true
		}
		if what := types.ExprString(b.X); makesIn(fn.Info(), st.Body, what) {
			found = append(found, nilCheck{st.Pos(), st.Body, what, global})
		}
		return true
	})
	return found
}

// makesIn reports whether the block gives what a value that a function made.
func makesIn(info *types.Info, body *ast.BlockStmt, what string) bool {
	made := false
	ast.Inspect(body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for i, l := range a.Lhs {
			call, ok := ast.Unparen(a.Rhs[min(i, len(a.Rhs)-1)]).(*ast.CallExpr)
			made = made || ok && types.ExprString(l) == what && load.Callee(info, call) != nil
		}
		return true
	})
	return made
}

// synchronized reports whether fn takes a lock, or uses an atomic or a Once, itself.
func synchronized(fn *load.Func) bool {
	has := false
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if f := load.Callee(fn.Info(), call); f != nil && f.Pkg() != nil && strings.HasPrefix(f.Pkg().Path(), "sync") {
				has = true
			}
		}
		return !has
	})
	return has
}

// guarded reports whether the package has a mutex in a variable, which the callers of
// fn may hold.
func guarded(fn *load.Func) bool {
	scope := fn.File.Pkg.Types.Scope()
	for _, name := range scope.Names() {
		if v, ok := scope.Lookup(name).(*types.Var); ok && isMutex(v.Type()) {
			return true
		}
	}
	return false
}

func isMutex(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync" && strings.HasSuffix(n.Obj().Name(), "Mutex")
}

// concurrent returns the functions that goroutines of RunParallel, or several of the
// subject's own, were in at once.
func concurrent(s *analyze.Session, w *analyze.Workload) map[string]bool {
	names := make(map[string]bool)
	p := w.Profiles["cpu"]
	if p == nil {
		return names
	}
	for _, sm := range p.Samples {
		if len(sm.Stack) == 0 || !strings.HasPrefix(sm.Stack[len(sm.Stack)-1].Func, "testing.(*B).RunParallel.") {
			continue
		}
		for _, fr := range sm.Stack {
			names[s.FuncName(fr)] = true
		}
	}
	return names
}

// perObject makes the finding of an object whose making is paid again and again.
func perObject(w *analyze.Workload, loc analyze.Location, share float64, rule, what, by string) analyze.Finding {
	where := profile.Short(loc.Func)
	f := analyze.Finding{
		Rule:        rule,
		Fingerprint: analyze.Fingerprint(rule, loc.Func, what),
		Title:       fmt.Sprintf("%s makes %s on first use, and first uses are %.0f %% of the time", where, what, 100*share),
		Confidence:  analyze.Confidence{Level: analyze.Profiled, Why: []string{fmt.Sprintf("%.0f %% of the samples of %s lie below a first use by %s", 100*share, w.Name, by)}},
		Locations:   []analyze.Location{loc},
		Evidence:    []analyze.Evidence{{Source: w.Name + ", CPU profile", Metric: "making " + what, Value: share, Unit: "1", Share: share}},
		Gain: analyze.Gain{
			Metric: "sec/op", Workload: w.Name, Base: w.SecPerOp(), Predicted: [2]float64{-0.3 * share, -0.95 * share},
			How: "the time below first uses; how much of it stays depends on how many holders can share one object",
		},
		Advice: analyze.Advice{
			Do:      fmt.Sprintf("share what %s holds among the objects of %s that need an equal one (a package variable, or one for each configuration), instead of making it for each", what, where),
			Snippet: fmt.Sprintf("// made once for all that need an equal one\nvar shared = sync.OnceValue(func() … { return … /* what %s makes for %s */ })\n\n// in %s, instead of making it\n%s = shared()", where, what, where, what),
			Doubts:  []string{"what depends on the object that holds it cannot be shared; then keep the holders longer, or pool them", "what is shared must be safe for concurrent use"},
		},
		Repro: w.Repro,
	}
	if t := w.SecPerOp(); t > 0 {
		f.Evidence[0].Value, f.Evidence[0].Unit = t*share, "sec/op"
	}
	if rule == "creation/unsynchronized-init" {
		f.Title = fmt.Sprintf("%s makes %s where it is nil, in several goroutines without a lock: %.0f %% of the time", where, what, 100*share)
		f.Advice.Do = fmt.Sprintf("make %s once, by a sync.Once beside it or sync.OnceValue, instead of in whichever goroutine finds nil", what)
		f.Advice.Snippet = fmt.Sprintf("// beside %s: once sync.Once\nonce.Do(func() { %s = … })", what, what)
		f.Advice.Doubts = []string{"this is a data race too: run the tests with -race"}
	}
	return f
}
