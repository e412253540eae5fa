package load

import (
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Around returns the nodes of fn that enclose pos, outermost first, ending with the
// innermost.
func Around(fn *Func, pos token.Pos) []ast.Node {
	var nodes []ast.Node
	ast.Inspect(fn.Decl, func(n ast.Node) bool {
		if n == nil || pos < n.Pos() || n.End() <= pos {
			return false
		}
		nodes = append(nodes, n)
		return true
	})
	return nodes
}

// Callee returns the function or method that a call names statically, nil for a call
// through a variable, a conversion or a builtin.
func Callee(info *types.Info, call *ast.CallExpr) *types.Func {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	var id *ast.Ident
	switch x := fun.(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	default:
		return nil
	}
	f, _ := info.Uses[id].(*types.Func)
	return f
}

// ObjectOf returns what an identifier declares or refers to, nil if neither is known.
func ObjectOf(info *types.Info, id *ast.Ident) types.Object {
	if o := info.Defs[id]; o != nil {
		return o
	}
	return info.Uses[id]
}

// Root returns the identifier that an expression starts from: s of s.m[k].f[1:]; nil if
// it starts from a call or a literal.
func Root(e ast.Expr) *ast.Ident {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.Ident:
			return x
		default:
			return nil
		}
	}
}

// IsBuiltin reports whether the call is of the named builtin function.
func IsBuiltin(info *types.Info, call *ast.CallExpr, name string) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := info.Uses[id].(*types.Builtin)
	return ok && b.Name() == name
}

// FuncName returns a types function's name as profiles normalize it.
func FuncName(f *types.Func) string {
	f = f.Origin()
	sig := f.Signature()
	pkg := ""
	if f.Pkg() != nil {
		pkg = f.Pkg().Path() + "."
	}
	recv := sig.Recv()
	if recv == nil {
		if sig.TypeParams().Len() > 0 {
			return pkg + f.Name() + "[...]"
		}
		return pkg + f.Name()
	}
	t, star := recv.Type(), false
	if ptr, ok := t.(*types.Pointer); ok {
		t, star = ptr.Elem(), true
	}
	named, ok := t.(*types.Named)
	if !ok {
		return pkg + f.Name()
	}
	name := named.Obj().Name()
	if named.TypeParams().Len() > 0 || named.TypeArgs().Len() > 0 {
		name += "[...]"
	}
	if star {
		return pkg + "(*" + name + ")." + f.Name()
	}
	return pkg + name + "." + f.Name()
}

// Source returns the source of a node, formatted; "" if it cannot be printed.
func Source(fset *token.FileSet, n ast.Node) string {
	var b strings.Builder
	if n == nil || printer.Fprint(&b, fset, n) != nil {
		return ""
	}
	return b.String()
}

// HasTypeParam reports whether t mentions a type parameter anywhere. Such a type has no
// size of its own: types.Sizes panics on it.
func HasTypeParam(t types.Type) bool {
	return mentionsParam(t, make(map[types.Type]bool))
}

func mentionsParam(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	has := func(ts ...types.Type) bool {
		return slices.ContainsFunc(ts, func(t types.Type) bool { return mentionsParam(t, seen) })
	}
	switch t := t.(type) {
	case *types.TypeParam:
		return true
	case *types.Pointer:
		return has(t.Elem())
	case *types.Slice:
		return has(t.Elem())
	case *types.Array:
		return has(t.Elem())
	case *types.Chan:
		return has(t.Elem())
	case *types.Map:
		return has(t.Key(), t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			if has(v.Type()) {
				return true
			}
		}
	case *types.Signature:
		return has(t.Params(), t.Results())
	case *types.Struct:
		for f := range t.Fields() {
			if has(f.Type()) {
				return true
			}
		}
	case *types.Alias:
		return has(types.Unalias(t))
	case *types.Named:
		for arg := range t.TypeArgs().Types() {
			if has(arg) {
				return true
			}
		}
		return t.TypeParams().Len() > 0 && t.TypeArgs().Len() == 0 || has(t.Underlying())
	}
	return false
}
