package contention

import (
	"go/ast"
	"go/types"
)

// divided reports whether a lock is one of many of its kind that stand in an array or a
// slice, as those of a map that is divided by key do.
func (b *book) divided(l *lock) bool {
	if isList(l.obj.Type()) {
		return true
	}
	for _, sect := range l.sections {
		if throughList(sect.fn.Info(), sect.take.call.Fun) {
			return true
		}
	}
	for _, pkg := range b.p.Packages {
		scope := pkg.Types.Scope()
		for _, name := range scope.Names() {
			switch o := scope.Lookup(name).(type) {
			case *types.TypeName:
				if listed(o.Type().Underlying(), l) {
					return true
				}
			case *types.Var:
				if listed(o.Type(), l) {
					return true
				}
			}
		}
	}
	return false
}

// isList reports whether t is an array or a slice, or points to one.
func isList(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t.Underlying().(type) {
	case *types.Array, *types.Slice:
		return true
	}
	return false
}

// throughList reports whether an expression goes through an element of a list.
func throughList(info *types.Info, e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if ix, ok := n.(*ast.IndexExpr); ok {
			if t := info.TypeOf(ix.X); t != nil && isList(t) {
				found = true
			}
		}
		return !found
	})
	return found
}

// listed reports whether t, as it is written, has a list of what holds the lock.
func listed(t types.Type, l *lock) bool {
	switch t := t.(type) {
	case *types.Pointer:
		return listed(t.Elem(), l)
	case *types.Map:
		return listed(t.Elem(), l)
	case *types.Array:
		return holds(t.Elem(), l, 2) || listed(t.Elem(), l)
	case *types.Slice:
		return holds(t.Elem(), l, 2) || listed(t.Elem(), l)
	case *types.Struct:
		for f := range t.Fields() {
			if listed(f.Type(), l) {
				return true
			}
		}
	}
	return false
}

// holds reports whether t is, or points to, a struct with the lock in it, in a field
// or so many levels of structs below.
func holds(t types.Type, l *lock, levels int) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	if hasField(st, l.obj) {
		return true
	}
	for f := range st.Fields() {
		if _, ptr := f.Type().Underlying().(*types.Pointer); !ptr && levels > 0 && holds(f.Type(), l, levels-1) {
			return true
		}
	}
	return false
}
