package alloc

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/internal/load"
)

// grown recognizes append, in a loop, to a slice without capacity whose length is known.
func (l *line) grown(n ast.Node) (cause, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || !isAppend(l.info, call) || len(call.Args) < 2 {
		return cause{}, false
	}
	if c, ok := l.cloned(call); ok {
		return c, true
	}
	id, ok := ast.Unparen(call.Args[0]).(*ast.Ident)
	if !ok || longLived(l.fn, id) || hasCapacity(l.fn, load.ObjectOf(l.info, id)) {
		return cause{}, false
	}
	bound := l.bound(call)
	if bound == "" {
		return cause{}, false
	}
	typ := types.TypeString(l.info.TypeOf(id), types.RelativeTo(l.fn.File.Pkg.Types))
	return cause{
		rule: "alloc/slice-growth", statement: l.source(call), spared: 0.6,
		what:    fmt.Sprintf("grows %s step by step though %s elements are known to come", id.Name, bound),
		do:      fmt.Sprintf("make %s with capacity %s before the loop", id.Name, bound),
		snippet: fmt.Sprintf("%s := make(%s, 0, %s)", id.Name, typ, bound),
		doubts:  []string{"where most elements are left out, the capacity is too much"},
	}, true
}

// bound returns how many times the loop around n runs, as source; "" if that is not
// known before.
func (l *line) bound(n ast.Node) string {
	around := load.Around(l.fn, n.Pos())
	for i := len(around) - 1; i >= 0; i-- {
		switch loop := around[i].(type) {
		case *ast.FuncLit:
			return ""
		case *ast.RangeStmt:
			if t := l.info.TypeOf(loop.X); t != nil {
				switch u := t.Underlying().(type) {
				case *types.Slice, *types.Map, *types.Array:
					return "len(" + l.source(loop.X) + ")"
				case *types.Basic:
					if u.Info()&types.IsInteger != 0 {
						return l.source(loop.X)
					}
				}
			}
			return ""
		case *ast.ForStmt:
			if c, ok := loop.Cond.(*ast.BinaryExpr); ok && (c.Op == token.LSS || c.Op == token.LEQ) {
				return l.source(c.Y)
			}
			return ""
		}
	}
	return ""
}

// hasCapacity reports whether the variable was made with a capacity or a length.
func hasCapacity(fn *load.Func, obj types.Object) (has bool) {
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != len(as.Rhs) {
			return true
		}
		for i, lhs := range as.Lhs {
			id, ok := lhs.(*ast.Ident)
			if !ok || load.ObjectOf(fn.Info(), id) != obj {
				continue
			}
			switch r := ast.Unparen(as.Rhs[i]).(type) {
			case *ast.CallExpr:
				has = has || !isAppend(fn.Info(), r) && !makesEmpty(fn.Info(), r)
			case *ast.SliceExpr, *ast.SelectorExpr, *ast.IndexExpr:
				has = true // of another array: its capacity is not known
			}
		}
		return true
	})
	return has
}

// makesEmpty reports whether the call is make([]T, 0).
func makesEmpty(info *types.Info, call *ast.CallExpr) bool {
	if !load.IsBuiltin(info, call, "make") || len(call.Args) != 2 {
		return false
	}
	v := info.Types[call.Args[1]].Value
	return v != nil && v.ExactString() == "0"
}
