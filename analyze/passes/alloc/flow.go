package alloc

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/internal/load"
)

// A fate is what becomes of a value in the function that makes it.
type fate int

const (
	temporary fate = iota // used, and not seen to outlive the function
	returned              // it is the function's result, or a part of it
	stored                // in a field, map, slice, variable outside, channel or closure
)

// fateOf returns what becomes of the value of e, an expression in fn.
func fateOf(fn *load.Func, e ast.Expr) fate {
	around := load.Around(fn, e.Pos())
	for i := len(around) - 1; i >= 0; i-- {
		switch n := around[i].(type) {
		case *ast.ReturnStmt:
			return returned
		case *ast.CompositeLit:
			if n != ast.Unparen(e) && n.Pos() != e.Pos() {
				return fateOf(fn, n)
			}
		case *ast.CallExpr:
			if within(e, n.Args) {
				if isAppend(fn.Info(), n) {
					return stored
				}
				return temporary // it may be kept by the callee: a doubt that is said
			}
		case *ast.SendStmt, *ast.GoStmt:
			return stored
		case *ast.ValueSpec:
			if len(n.Names) > 0 {
				return fateOfVar(fn, fn.Info().Defs[n.Names[0]])
			}
		case *ast.AssignStmt:
			return fateOfAssigned(fn, n, e)
		case *ast.BlockStmt:
			return temporary
		}
	}
	return temporary
}

// bodyAround returns the body of the function literal of fn, or of fn itself, in which
// pos is: what is declared in a closure does not outlive it by the closure's being
// returned.
func bodyAround(fn *load.Func, pos token.Pos) *ast.BlockStmt {
	body := fn.Decl.Body
	for _, n := range load.Around(fn, pos) {
		if lit, ok := n.(*ast.FuncLit); ok && lit.Body.Pos() <= pos {
			body = lit.Body
		}
	}
	return body
}

func within(e ast.Expr, list []ast.Expr) bool {
	for _, a := range list {
		if a.Pos() <= e.Pos() && e.End() <= a.End() {
			return true
		}
	}
	return false
}

func fateOfAssigned(fn *load.Func, as *ast.AssignStmt, e ast.Expr) fate {
	for i, r := range as.Rhs {
		if r.Pos() > e.Pos() || e.End() > r.End() {
			continue
		}
		lhs := as.Lhs[min(i, len(as.Lhs)-1)]
		id, ok := ast.Unparen(lhs).(*ast.Ident)
		if !ok {
			return stored
		}
		if id.Name == "_" {
			return temporary
		}
		return fateOfVar(fn, load.ObjectOf(fn.Info(), id))
	}
	return temporary
}

// fateOfVar returns the farthest that a variable's value goes.
func fateOfVar(fn *load.Func, obj types.Object) fate {
	v, ok := obj.(*types.Var)
	if !ok {
		return temporary
	}
	if v.Parent() != nil && v.Parent() == fn.File.Pkg.Types.Scope() {
		return stored
	}
	if isResult(fn, v) {
		return returned
	}
	f := temporary
	ast.Inspect(bodyAround(fn, v.Pos()), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			for _, r := range n.Results {
				if carries(fn.Info(), r, v) {
					f = max(f, returned)
				}
			}
		case *ast.AssignStmt:
			for i, r := range n.Rhs {
				if !carries(fn.Info(), r, v) {
					continue
				}
				lhs := n.Lhs[min(i, len(n.Lhs)-1)]
				if id, ok := ast.Unparen(lhs).(*ast.Ident); ok {
					o := load.ObjectOf(fn.Info(), id)
					if o != nil && o.Parent() == fn.File.Pkg.Types.Scope() {
						f = stored
					} else if rv, ok := o.(*types.Var); ok && isResult(fn, rv) {
						f = max(f, returned)
					} else if o != nil && o != v && n.Tok == token.ASSIGN {
						f = max(f, fateOfAlias(fn, o))
					}
				} else {
					f = stored
				}
			}
		case *ast.SendStmt:
			if carries(fn.Info(), n.Value, v) {
				f = stored
			}
		case *ast.GoStmt:
			for _, a := range n.Call.Args {
				if carries(fn.Info(), a, v) {
					f = stored
				}
			}
		case *ast.CallExpr:
			if isAppend(fn.Info(), n) && len(n.Args) > 1 && !n.Ellipsis.IsValid() {
				for _, a := range n.Args[1:] {
					if carries(fn.Info(), a, v) {
						f = stored
					}
				}
			}
		}
		return f != stored
	})
	return f
}

// fateOfAlias is fateOfVar one level deep: for p = &v, where p is stored.
func fateOfAlias(fn *load.Func, obj types.Object) fate {
	f := temporary
	ast.Inspect(bodyAround(fn, obj.Pos()), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			for _, r := range n.Results {
				if carries(fn.Info(), r, obj) {
					f = max(f, returned)
				}
			}
		case *ast.AssignStmt:
			for i, r := range n.Rhs {
				if _, isVar := ast.Unparen(n.Lhs[min(i, len(n.Lhs)-1)]).(*ast.Ident); !isVar && carries(fn.Info(), r, obj) {
					f = stored
				}
			}
		}
		return true
	})
	return f
}

// isResult reports whether v is a named result of fn.
func isResult(fn *load.Func, v *types.Var) bool {
	obj, ok := fn.Info().Defs[fn.Decl.Name].(*types.Func)
	if !ok {
		return false
	}
	res := obj.Signature().Results()
	for i := range res.Len() {
		if res.At(i) == v {
			return true
		}
	}
	return false
}

// carries reports whether the value of e holds v itself, its address, a slice of it, or
// a literal with one of those in it: not what a call makes of it.
func carries(info *types.Info, e ast.Expr, v types.Object) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return info.Uses[x] == v
	case *ast.UnaryExpr:
		return x.Op == token.AND && carries(info, x.X, v)
	case *ast.SliceExpr:
		return carries(info, x.X, v)
	case *ast.CompositeLit:
		for _, el := range x.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				el = kv.Value
			}
			if carries(info, el, v) {
				return true
			}
		}
	case *ast.FuncLit:
		return mentions(info, x.Body, v)
	case *ast.CallExpr: // a conversion, or append of v's own
		if tv := info.Types[x.Fun]; tv.IsType() && len(x.Args) == 1 {
			return carries(info, x.Args[0], v)
		}
		return isAppend(info, x) && carries(info, x.Args[0], v)
	}
	return false
}

func mentions(info *types.Info, n ast.Node, v types.Object) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && info.Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}

func isAppend(info *types.Info, call *ast.CallExpr) bool { return load.IsBuiltin(info, call, "append") }

// longLived reports whether e is rooted in the receiver, a parameter or a package
// variable: it was there before the function, and stays.
func longLived(fn *load.Func, e ast.Expr) bool {
	id := load.Root(e)
	if id == nil {
		return false
	}
	o := load.ObjectOf(fn.Info(), id)
	if o == nil || o.Parent() == fn.File.Pkg.Types.Scope() {
		return o != nil
	}
	return o.Pos() < fn.Decl.Body.Pos() || isStored(fn, o)
}

// isStored reports whether a local variable was taken out of something long-lived:
// st := r.stores[key].
func isStored(fn *load.Func, obj types.Object) (from bool) {
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || as.Tok != token.DEFINE || len(as.Rhs) != 1 {
			return true
		}
		for _, l := range as.Lhs {
			if id, ok := l.(*ast.Ident); ok && fn.Info().Defs[id] == obj {
				switch r := ast.Unparen(as.Rhs[0]).(type) {
				case *ast.SelectorExpr:
					from = longLived(fn, r)
				case *ast.IndexExpr:
					from = longLived(fn, r)
				}
			}
		}
		return !from
	})
	return from
}
