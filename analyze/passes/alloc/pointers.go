package alloc

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/internal/load"
)

// pointed recognizes &T{…} put into a collection or a field: a small value that could
// be held itself.
func (l *line) pointed(n ast.Node) (cause, bool) {
	u, ok := n.(*ast.UnaryExpr)
	if !ok || u.Op != token.AND {
		return cause{}, false
	}
	lit, ok := ast.Unparen(u.X).(*ast.CompositeLit)
	if !ok {
		return cause{}, false
	}
	switch fateOf(l.fn, u) {
	case temporary:
		return l.temporary(u, types.TypeString(l.info.TypeOf(lit), types.RelativeTo(l.fn.File.Pkg.Types))), true
	case stored:
		if holder := l.mapOfPointers(u); holder != "" && l.small(l.info.TypeOf(lit)) {
			return l.byValue(u, l.info.TypeOf(lit), holder), true
		}
	}
	return cause{}, false
}

// maxHeld is up to how many bytes a value is better held than pointed to in a map:
// above 128 bytes Go's maps point to it themselves.
const maxHeld = 128

func (l *line) small(t types.Type) bool {
	return t != nil && !load.HasTypeParam(t) && l.fn.Sizes().Sizeof(t) <= maxHeld
}

// mapOfPointers returns the map that e is assigned into, as source.
func (l *line) mapOfPointers(e ast.Expr) string {
	for _, n := range load.Around(l.fn, e.Pos()) {
		as, ok := n.(*ast.AssignStmt)
		if !ok {
			continue
		}
		for _, lhs := range as.Lhs {
			if ix, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok {
				if _, isMap := l.info.TypeOf(ix.X).Underlying().(*types.Map); isMap {
					return l.source(ix.X)
				}
			}
		}
	}
	return ""
}

func (l *line) byValue(n ast.Node, t types.Type, holder string) cause {
	name := types.TypeString(t, types.RelativeTo(l.fn.File.Pkg.Types))
	return cause{
		rule: "alloc/pointer-values", statement: l.source(n), spared: 0.9,
		what:    fmt.Sprintf("makes an object for each %s that %s points to", name, holder),
		do:      fmt.Sprintf("hold %s itself in %s instead of a pointer to it", name, holder),
		snippet: fmt.Sprintf("%s // of %s, was: of *%s", holder, name, name),
		doubts:  []string{"who changes a value through its pointer would have to put it back", fmt.Sprintf("%s is copied on each look-up", name)},
	}
}

// moved recognizes a variable that is moved to the heap because its address is kept,
// in a field or variable of pointer type: t := …; e = &t.
func (l *line) moved(n ast.Node) (cause, bool) {
	var id *ast.Ident
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			id, _ = n.Lhs[0].(*ast.Ident)
		}
	case *ast.ValueSpec:
		id = n.Names[0]
	case *ast.DeclStmt:
		if g, ok := n.Decl.(*ast.GenDecl); ok && len(g.Specs) > 0 {
			if vs, ok := g.Specs[0].(*ast.ValueSpec); ok {
				id = vs.Names[0]
			}
		}
	}
	if id == nil || l.info.Defs[id] == nil {
		return cause{}, false
	}
	obj := l.info.Defs[id]
	if !l.addressTaken(obj) {
		return cause{}, false
	}
	name := types.TypeString(obj.Type(), types.RelativeTo(l.fn.File.Pkg.Types))
	switch fateOfVar(l.fn, obj) {
	case returned:
		return cause{}, false
	case stored:
		if !l.small(obj.Type()) {
			return cause{}, false
		}
		return l.byValue(n, obj.Type(), "the field it is kept in"), true
	}
	if holder := l.keptInField(obj); holder != "" && l.small(obj.Type()) {
		return l.byValue(n, obj.Type(), holder), true
	}
	return l.temporary(n, name), true
}

func (l *line) addressTaken(obj types.Object) (taken bool) {
	ast.Inspect(l.fn.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if id, ok := ast.Unparen(n.X).(*ast.Ident); ok && n.Op == token.AND && l.info.Uses[id] == obj {
				taken = true
			}
		case *ast.CallExpr: // a method with a pointer receiver
			sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			if !ok {
				return true
			}
			id, ok := ast.Unparen(sel.X).(*ast.Ident)
			if ok && l.info.Uses[id] == obj {
				if s := l.info.Selections[sel]; s != nil {
					if f, ok := s.Obj().(*types.Func); ok && f.Signature().Recv() != nil {
						_, ptr := f.Signature().Recv().Type().(*types.Pointer)
						taken = taken || ptr
					}
				}
			}
		case *ast.FuncLit:
			taken = taken || mentions(l.info, n.Body, obj)
		}
		return !taken
	})
	return taken
}

// keptInField returns the pointer variable that &obj is assigned to and that then goes
// into a literal's field.
func (l *line) keptInField(obj types.Object) (holder string) {
	ast.Inspect(l.fn.Decl.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != len(as.Rhs) {
			return true
		}
		for i, r := range as.Rhs {
			u, ok := ast.Unparen(r).(*ast.UnaryExpr)
			if !ok || u.Op != token.AND || !carries(l.info, u, obj) {
				continue
			}
			if id, ok := as.Lhs[i].(*ast.Ident); ok && fateOfAlias(l.fn, load.ObjectOf(l.info, id)) != temporary {
				holder = id.Name
			}
		}
		return holder == ""
	})
	return holder
}
