package growth

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// waits finds goroutines that may wait for ever, by their source, in functions of the
// subject that ran in the workload.
func (g *growth) waits(w *analyze.Workload) {
	ran := g.ran(w)
	for _, pkg := range g.s.Program.Packages {
		for _, fn := range g.s.Program.FuncsOf(pkg) {
			if fn.Decl.Body == nil || !ran[fn.Name] {
				continue
			}
			for _, st := range stuck(g.s.Program, fn) {
				g.found.Add(g.mayStay(w, fn, st))
			}
		}
	}
}

// ran returns the declared functions of the subject's own code that a profile of the
// workload shows.
func (g *growth) ran(w *analyze.Workload) map[string]bool {
	names := make(map[string]bool)
	see := func(p *profile.Profile) {
		if p == nil {
			return
		}
		for _, sm := range p.Samples {
			for _, fr := range sm.Stack {
				if g.s.Owner(fr) == profile.Own {
					names[g.s.FuncName(fr)] = true
				}
			}
		}
	}
	for _, p := range w.Profiles {
		see(p)
	}
	if n := len(w.Epochs); n > 0 {
		see(w.Epochs[n-1].Heap)
	}
	for _, e := range w.Epochs {
		see(e.Goroutine)
	}
	return names
}

// A standstill is a go statement whose goroutine may wait for ever.
type standstill struct {
	stmt *ast.GoStmt
	at   ast.Node // where
	what string   // the channel
	typ  string   // its type
	why  string
	rule string // "context" or "result"
	ctx  string
}

// stuck returns the standstills of fn's go statements.
func stuck(p *load.Program, fn *load.Func) []standstill {
	var found []standstill
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		st, ok := n.(*ast.GoStmt)
		if !ok {
			return true
		}
		if lit, ok := ast.Unparen(st.Call.Fun).(*ast.FuncLit); ok {
			found = append(found, afterContext(p, fn, st, lit)...)
			found = append(found, orphanSend(fn, st, lit)...)
		}
		return true
	})
	return found
}

// afterContext finds, behind the end of a context, a wait that nothing but another
// goroutine's send or receive can end.
func afterContext(p *load.Program, fn *load.Func, st *ast.GoStmt, lit *ast.FuncLit) []standstill {
	info := fn.Info()
	var found []standstill
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		clause, ok := n.(*ast.CommClause)
		if !ok || len(found) > 0 {
			return true
		}
		ctx := contextOf(info, clause.Comm)
		if ctx == nil {
			return true
		}
		for _, s := range clause.Body {
			for at, ch := range bareWaits(info, s) {
				obj, _ := containerOf(info, ch)
				if obj == nil || closed(p, fn, obj) {
					continue
				}
				what := types.ExprString(ch)
				found = append(found, standstill{
					stmt: st, at: at, what: what, rule: "context", ctx: types.ExprString(ctx),
					why: fmt.Sprintf("after %s has ended the goroutine waits at %s, which nothing in the package closes", types.ExprString(ctx), what),
				})
				return false
			}
		}
		return true
	})
	return found
}

// contextOf returns the context whose end a case of a select waits for, nil if it waits
// for something else.
func contextOf(info *types.Info, comm ast.Stmt) ast.Expr {
	var ctx ast.Expr
	if comm == nil {
		return nil
	}
	ast.Inspect(comm, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && ctx == nil {
			ctx = doneOf(info, call)
		}
		return true
	})
	return ctx
}

// bareWaits returns the sends and receives in n that are no case of a select, with
// their channels: only fields and variables, not what a call returns.
func bareWaits(info *types.Info, n ast.Node) map[ast.Node]ast.Expr {
	waits := make(map[ast.Node]ast.Expr)
	add := func(at ast.Node, ch ast.Expr) {
		switch ast.Unparen(ch).(type) {
		case *ast.Ident, *ast.SelectorExpr:
			waits[at] = ch
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectStmt, *ast.FuncLit:
			return false
		case *ast.SendStmt:
			add(n, n.Chan)
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				add(n, n.X)
			}
		}
		return true
	})
	return waits
}

// closed reports whether the package closes the channel anywhere, or hands it to
// somebody who might.
func closed(p *load.Program, fn *load.Func, ch *types.Var) bool {
	found := false
	for _, other := range p.FuncsOf(fn.File.Pkg) {
		ast.Inspect(other.Decl, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || found {
				return !found
			}
			for _, arg := range call.Args {
				if last, _ := containerOf(other.Info(), arg); last == ch && isChan(other.Info().TypeOf(arg)) {
					id, _ := ast.Unparen(call.Fun).(*ast.Ident)
					found = found || id == nil || id.Name != "len" && id.Name != "cap"
				}
			}
			return !found
		})
	}
	return found
}

func isChan(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

// orphanSend finds a send to a channel without buffer that belongs to the call, and
// whose only receivers are selects with another way out.
func orphanSend(fn *load.Func, st *ast.GoStmt, lit *ast.FuncLit) []standstill {
	info := fn.Info()
	for at, ch := range bareWaits(info, lit.Body) {
		send, ok := at.(*ast.SendStmt)
		id, isIdent := ast.Unparen(ch).(*ast.Ident)
		if !ok || !isIdent {
			continue
		}
		obj, _ := info.Uses[id].(*types.Var)
		if obj == nil || !isLocal(fn, obj) || !unbuffered(fn, obj) || !mayLeave(fn, obj, lit) {
			continue
		}
		return []standstill{{
			stmt: st, at: send, what: id.Name, typ: types.TypeString(obj.Type(), types.RelativeTo(fn.File.Pkg.Types)), rule: "result",
			why: fmt.Sprintf("%s has no buffer, and each select that receives from it has another case: when that one is taken, nobody receives", id.Name),
		}}
	}
	return nil
}

// unbuffered reports whether the local channel is made without a buffer.
func unbuffered(fn *load.Func, ch *types.Var) bool {
	made := false
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != len(a.Rhs) {
			return true
		}
		for i, l := range a.Lhs {
			id, ok := l.(*ast.Ident)
			if !ok || fn.Info().Defs[id] != ch {
				continue
			}
			if call, ok := ast.Unparen(a.Rhs[i]).(*ast.CallExpr); ok && isNew(fn.Info(), call) {
				made = len(call.Args) == 1 || isZero(fn.Info(), call.Args[1])
			}
		}
		return true
	})
	return made
}

// mayLeave reports whether fn uses the channel, outside of the goroutine, only to
// receive in selects that have a case without it in which fn returns.
func mayLeave(fn *load.Func, ch *types.Var, lit *ast.FuncLit) bool {
	info, uses, leaves := fn.Info(), 0, 0
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n != lit
		case *ast.SelectStmt:
			if receives(info, n, ch) && otherWayOut(info, n, ch) {
				leaves++
			}
		case *ast.Ident:
			if info.Uses[n] == ch {
				uses++
			}
		}
		return true
	})
	return leaves > 0 && uses == leaves
}

func receives(info *types.Info, s *ast.SelectStmt, ch *types.Var) bool {
	for _, c := range s.Body.List {
		if clause := c.(*ast.CommClause); clause.Comm != nil && usesVar(info, clause.Comm, ch) {
			return true
		}
	}
	return false
}

// otherWayOut reports whether a case that does not use the channel returns.
func otherWayOut(info *types.Info, s *ast.SelectStmt, ch *types.Var) bool {
	for _, c := range s.Body.List {
		clause := c.(*ast.CommClause)
		if clause.Comm == nil || usesVar(info, clause, ch) {
			continue
		}
		for _, st := range clause.Body {
			if _, ok := st.(*ast.ReturnStmt); ok {
				return true
			}
		}
	}
	return false
}

func usesVar(info *types.Info, n ast.Node, v *types.Var) bool {
	uses := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && info.Uses[id] == v {
			uses = true
		}
		return !uses
	})
	return uses
}

// mayStay makes the finding of a standstill.
func (g *growth) mayStay(w *analyze.Workload, fn *load.Func, st standstill) analyze.Finding {
	primary, at := g.at(fn, st.stmt, analyze.Primary), g.at(fn, st.at, analyze.Cause)
	at.Note = st.why
	where := profile.Short(fn.Name)
	most, all := g.seen(w, fn.Name)
	f := analyze.Finding{
		Rule:        "growth/goroutines",
		Fingerprint: analyze.Fingerprint("growth/goroutines", fn.Name, "go"),
		Title:       fmt.Sprintf("a goroutine that %s starts may wait at %s for ever", where, st.what),
		Confidence:  analyze.Confidence{Level: analyze.Static, Why: []string{st.why}},
		Locations:   []analyze.Location{primary, at},
		Evidence:    []analyze.Evidence{{Source: w.Name + ", profiles", Metric: profile.Short(fn.Name) + " ran", Value: 1, Unit: "1"}},
		Gain: analyze.Gain{
			Metric: "goroutines", Workload: w.Name, Base: all, Predicted: [2]float64{-0.1, -0.5},
			How: "not measured: one goroutine for each call whose other side does not come",
		},
		Repro: w.Repro,
	}
	if most > 0 {
		share := min(1, most/all)
		f.Confidence.Level = analyze.Profiled
		f.Confidence.Why = append(f.Confidence.Why, fmt.Sprintf("%.0f of %.0f goroutines were seen in it at once", most, all))
		f.Evidence = append([]analyze.Evidence{{Source: w.Name + ", goroutine profiles", Metric: "goroutines started here, at most at one moment", Value: most, Unit: "1", Share: share}}, f.Evidence...)
		f.Gain.Predicted = [2]float64{-0.2 * share, -share}
		f.Gain.How = "the goroutines that were seen waiting there at one moment; how many of them would have stayed depends on the callers"
	}
	r := st.remedy(where)
	f.Advice = analyze.Advice{Do: r.do, Snippet: r.snippet, Doubts: r.doubts}
	return f
}

// seen returns how many goroutines started in the function there were at most, and of
// how many.
func (g *growth) seen(w *analyze.Workload, name string) (most, all float64) {
	all = 1
	for _, e := range w.Epochs {
		if e.Goroutine == nil || len(e.Goroutine.Types) == 0 {
			continue
		}
		n, total := 0.0, 0.0
		for _, sm := range e.Goroutine.Samples {
			v := float64(sm.Values[0])
			total += v
			if i := g.root(sm.Stack); i >= 0 && g.s.FuncName(sm.Stack[i]) == name {
				n += v
			}
		}
		if n > most {
			most, all = n, total
		}
	}
	return most, all
}

func (st standstill) remedy(where string) remedy {
	if st.rule == "context" {
		r := afterFunc(st.ctx, where)
		r.doubts = append(r.doubts, fmt.Sprintf("if each call of %s is always followed by the one that serves %s, nothing is left behind, only a goroutine kept for the time", where, st.what))
		return r
	}
	return remedy{
		do:      fmt.Sprintf("give %s a buffer of one, so that the goroutine can send and end though %s has left", st.what, where),
		snippet: fmt.Sprintf("%s := make(%s, 1)", st.what, st.typ),
		doubts:  []string{"the result that nobody waits for is thrown away: what it holds open must be closed by the goroutine"},
	}
}
