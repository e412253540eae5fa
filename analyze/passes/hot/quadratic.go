package hot

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// quadratic finds statements in loops that move or search everything in each turn.
func quadratic(sp spot) []analyze.Finding {
	sp.share = sp.ix.Share(sp.line.Own)
	if sp.fn == nil || sp.share < 2*minShare {
		return nil
	}
	sp.note = "time on this line"
	var found []analyze.Finding
	for _, n := range sp.s.Program.Nodes(sp.fn, sp.line.Line) {
		loop := loopAround(sp.fn, n)
		if loop == nil {
			continue
		}
		if r, ok := sp.grows(n, loop); ok {
			found = append(found, sp.finding(r))
			break
		}
		if r, ok := sp.searches(n, loop); ok {
			found = append(found, sp.finding(r))
			break
		}
	}
	return found
}

// grows recognizes s += … of a string, append([]T{x}, s...) and
// s = append(s[:i], s[j:]...): each turn copies what is there already.
func (sp spot) grows(n ast.Node, loop ast.Node) (remedy, bool) {
	as, ok := n.(*ast.AssignStmt)
	if !ok || len(as.Lhs) != 1 || len(as.Rhs) != 1 || declaredIn(sp.fn, as.Lhs[0], loop) {
		return remedy{}, false
	}
	info, fset := sp.fn.Info(), sp.s.Program.Fset
	dst := load.Source(fset, as.Lhs[0])
	where := profile.Short(sp.s.FuncName(sp.line.Frame))
	r := remedy{statement: sp.statement(as), how: "the time on this line, which copies all of " + dst + " in each turn of the loop, times what is left when each part is copied once",
		saved: [2]float64{0.5, 0.95}, doubts: []string{"for a loop of a few turns the gain is small"}}
	if isString(info.TypeOf(as.Lhs[0])) && (as.Tok == token.ADD_ASSIGN || concatOf(fset, as.Rhs[0], dst)) {
		r.rule = "hot/string-in-loop"
		r.title = fmt.Sprintf("%s grows the string %s in a loop, copying all of it in each turn", where, dst)
		r.do = fmt.Sprintf("collect the parts of %s in a strings.Builder", dst)
		r.snippet = fmt.Sprintf("var b strings.Builder\nfor … {\n\tb.WriteString(…) // was: %s\n}\n%s = b.String()", r.statement, dst)
		return r, true
	}
	call, ok := as.Rhs[0].(*ast.CallExpr)
	if !ok || !load.IsBuiltin(info, call, "append") || len(call.Args) != 2 || !call.Ellipsis.IsValid() {
		return remedy{}, false
	}
	_, fresh := call.Args[0].(*ast.CompositeLit)
	head, sliced := call.Args[0].(*ast.SliceExpr)
	switch {
	case fresh && load.Source(fset, call.Args[1]) == dst:
		r.rule = "hot/prepend-in-loop"
		r.title = fmt.Sprintf("%s puts elements in front of %s in a loop, moving all of it in each turn", where, dst)
		r.do = fmt.Sprintf("append to %s and call slices.Reverse(%s) once after the loop", dst, dst)
	case sliced && load.Source(fset, head.X) == dst:
		r.rule = "hot/delete-in-loop"
		r.title = fmt.Sprintf("%s takes elements out of %s in a loop, moving the rest in each turn", where, dst)
		r.do = fmt.Sprintf("use slices.DeleteFunc(%s, …), which moves each element once", dst)
	default:
		return remedy{}, false
	}
	return r, true
}

// searches recognizes slices.Contains and its like over something that the loop does
// not change: a search through all of it in each turn.
func (sp spot) searches(n ast.Node, loop ast.Node) (remedy, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) < 2 {
		return remedy{}, false
	}
	f := load.Callee(sp.fn.Info(), call)
	if f == nil {
		return remedy{}, false
	}
	switch load.FuncName(f) {
	case "slices.Contains[...]", "slices.Index[...]", "golang.org/x/exp/slices.Contains[...]":
	default:
		return remedy{}, false
	}
	if declaredIn(sp.fn, call.Args[0], loop) {
		return remedy{}, false
	}
	set := load.Source(sp.s.Program.Fset, call.Args[0])
	where := profile.Short(sp.s.FuncName(sp.line.Frame))
	return remedy{
		rule: "hot/search-in-loop", statement: sp.statement(call),
		title:   fmt.Sprintf("%s searches all of %s in each turn of a loop", where, set),
		do:      fmt.Sprintf("make a map of %s before the loop and look up in it", set),
		snippet: fmt.Sprintf("in := make(map[…]struct{}, len(%s))\nfor _, v := range %s {\n\tin[v] = struct{}{}\n}\nfor … {\n\tif _, ok := in[%s]; ok { // was: %s", set, set, load.Source(sp.s.Program.Fset, call.Args[1]), sp.statement(call)),
		saved:   [2]float64{0.3, 0.95},
		how:     "the time on this line, times what is left when a look-up takes the place of a search",
		doubts:  []string{"below some ten elements a search is as fast as a map"},
	}, true
}

// loopAround returns the innermost loop of fn in which n is repeated.
func loopAround(fn *load.Func, n ast.Node) ast.Node {
	nodes := load.Around(fn, n.Pos())
	for i := len(nodes) - 1; i >= 0; i-- {
		switch l := nodes[i].(type) {
		case *ast.FuncLit:
			return nil
		case *ast.ForStmt:
			if l.Body.Pos() <= n.Pos() {
				return l
			}
		case *ast.RangeStmt:
			if l.Body.Pos() <= n.Pos() {
				return l
			}
		}
	}
	return nil
}

// declaredIn reports whether the variable at the root of e is declared in the loop, or
// e is new in each turn: a call or a literal.
func declaredIn(fn *load.Func, e ast.Expr, loop ast.Node) bool {
	id := load.Root(e)
	if id == nil {
		return true
	}
	o := load.ObjectOf(fn.Info(), id)
	return o == nil || loop.Pos() <= o.Pos() && o.Pos() < loop.End()
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// concatOf reports whether e is dst + … .
func concatOf(fset *token.FileSet, e ast.Expr, dst string) bool {
	for {
		b, ok := ast.Unparen(e).(*ast.BinaryExpr)
		if !ok || b.Op != token.ADD {
			return load.Source(fset, e) == dst
		}
		e = b.X
	}
}
