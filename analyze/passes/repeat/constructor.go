package repeat

import (
	"go/ast"

	"github.com/whetgo/whet/analyze/effects"
	"github.com/whetgo/whet/internal/load"
)

// constructs reports whether all that a function does is to make an object that can be
// changed: a map, a slice, or what holds one. Each caller wants one of its own, and what it
// costs is the memory that it takes.
func (st *Study) constructs(fn *load.Func, e *effects.Summary) bool {
	return e.Results&effects.SharesResult != 0 && st.straight(fn, deepest)
}

// straight reports whether a function computes nothing: it has no loop, and calls nothing but
// what is built in and, so many calls deep, what computes nothing either.
func (st *Study) straight(fn *load.Func, depth int) bool {
	if fn == nil || fn.Decl.Body == nil || depth < 0 {
		return false
	}
	plain := true
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			plain = false
		case *ast.BranchStmt:
			plain = plain && n.Label == nil // a goto is a loop in disguise
		case *ast.CallExpr:
			plain = plain && st.cheapCall(fn, n, depth)
		case *ast.FuncLit:
			return false // it runs when it is called
		}
		return plain
	})
	return plain
}

// cheapCall reports whether a call is a conversion, of something built in, or of a function
// that computes nothing.
func (st *Study) cheapCall(fn *load.Func, call *ast.CallExpr, depth int) bool {
	if tv := fn.Info().Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return true
	}
	f := load.Callee(fn.Info(), call)
	return f != nil && st.straight(st.s.Program.Func(load.FuncName(f)), depth-1)
}
