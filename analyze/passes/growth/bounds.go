package growth

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// removers returns the functions of the keeper's package that take something out of its
// container, or empty it.
func (k *keeper) removers(p *load.Program) []string {
	var names []string
	for _, fn := range p.FuncsOf(k.fn.File.Pkg) {
		if fn.Decl.Body != nil && k.removedIn(fn) {
			names = append(names, profile.Short(fn.Name))
		}
	}
	return names
}

func (k *keeper) is(info *types.Info, e ast.Expr) bool {
	if s, ok := ast.Unparen(e).(*ast.SliceExpr); ok {
		e = s.X
	}
	last, _ := containerOf(info, e)
	return last != nil && last == k.object
}

func (k *keeper) removedIn(fn *load.Func) bool {
	info, found := fn.Info(), false
	var guards []ast.Node
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			if isNilCheck(n.Cond) {
				guards = append(guards, n.Body) // makes it, does not empty it
			}
		case *ast.CallExpr:
			found = found || k.removes(info, n)
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW && k.kind == sends && k.is(info, n.X)
		case *ast.RangeStmt:
			found = found || k.kind == sends && k.is(info, n.X)
		case *ast.AssignStmt:
			inGuard := slices.ContainsFunc(guards, func(g ast.Node) bool { return g.Pos() <= n.Pos() && n.Pos() < g.End() })
			found = found || !inGuard && k.replaces(info, n, fn)
		}
		return !found
	})
	return found
}

func isNilCheck(e ast.Expr) bool {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL {
		return false
	}
	id, ok := ast.Unparen(b.Y).(*ast.Ident)
	return ok && id.Name == "nil"
}

// removes reports whether a call takes something out of the container.
func (k *keeper) removes(info *types.Info, call *ast.CallExpr) bool {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && len(call.Args) > 0 {
		if _, builtin := info.Uses[id].(*types.Builtin); builtin && (id.Name == "delete" || id.Name == "clear") {
			return k.is(info, call.Args[0])
		}
	}
	if x := through(info, call, emptying); x != nil {
		return k.is(info, x)
	}
	f := load.Callee(info, call)
	if f == nil || f.Pkg() == nil || len(call.Args) == 0 {
		return false
	}
	switch f.Pkg().Path() + "." + f.Name() {
	case "maps.DeleteFunc", "container/heap.Pop", "container/heap.Remove":
		arg := call.Args[0]
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok && u.Op == token.AND {
			arg = u.X
		}
		return k.is(info, arg)
	}
	return false
}

// replaces reports whether an assignment puts something else in the container's place
// than the container made longer. Making it, in a new object, is no replacement.
func (k *keeper) replaces(info *types.Info, n *ast.AssignStmt, fn *load.Func) bool {
	for i, l := range n.Lhs {
		l = ast.Unparen(l)
		if ix, ok := l.(*ast.IndexExpr); ok {
			if isMap(info.TypeOf(ix.X)) && !k.isElement() {
				continue // an entry of a map that is the container
			}
			if !isMap(info.TypeOf(ix.X)) {
				continue // a slot is overwritten: the length stays
			}
		}
		if !k.is(info, l) {
			continue
		}
		_, root := containerOf(info, l)
		r := n.Rhs[min(i, len(n.Rhs)-1)]
		if freshLocals(fn)[root] || grows(info, n.Tok, l, r) || n.Tok == token.DEFINE {
			continue
		}
		return true
	}
	return false
}

// isElement reports whether the container is the entry of a map rather than the map:
// m[k] = append(m[k], v).
func (k *keeper) isElement() bool {
	_, ok := ast.Unparen(k.container).(*ast.IndexExpr)
	return ok && k.kind == appends
}

// bounded reports whether the keeper's function compares the container's length with
// something: it has a limit, though this run may not have come to it.
func (k *keeper) bounded() bool {
	info, found := k.fn.Info(), false
	ast.Inspect(k.fn.Decl.Body, func(n ast.Node) bool {
		b, ok := n.(*ast.BinaryExpr)
		if !ok || found {
			return !found
		}
		switch b.Op {
		case token.LSS, token.LEQ, token.GTR, token.GEQ, token.EQL:
			found = k.isLength(info, b.X) && !isZero(info, b.Y) || k.isLength(info, b.Y) && !isZero(info, b.X)
		}
		return !found
	})
	return found
}

func (k *keeper) isLength(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && id.Name == "len" && len(call.Args) == 1 {
		return k.is(info, call.Args[0])
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sel.Sel.Name == "Len" {
		return k.is(info, sel.X)
	}
	return false
}

func isZero(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	return tv.Value != nil && tv.Value.String() == "0"
}

// registered reports whether the field is of a type whose values a package variable
// gathers, as in map[string]*T: they live as long as the process may.
func registered(fn *load.Func, field *types.Var) bool {
	scope := fn.File.Pkg.Types.Scope()
	for _, name := range scope.Names() {
		v, ok := scope.Lookup(name).(*types.Var)
		if ok && gathers(v.Type(), field, false, 4) {
			return true
		}
	}
	return false
}

// gathers reports whether values of t hold the field in elements of a map or slice.
func gathers(t types.Type, field *types.Var, inside bool, depth int) bool {
	if depth == 0 {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		return gathers(u.Elem(), field, true, depth-1)
	case *types.Slice:
		return gathers(u.Elem(), field, true, depth-1)
	case *types.Array:
		return gathers(u.Elem(), field, true, depth-1)
	case *types.Pointer:
		return gathers(u.Elem(), field, inside, depth-1)
	case *types.Struct:
		for f := range u.Fields() {
			if inside && f.Origin() == field || gathers(f.Type(), field, inside, depth-1) {
				return true
			}
		}
	}
	return false
}
