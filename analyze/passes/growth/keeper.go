package growth

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/whetgo/whet/internal/load"
)

// A kind is how a statement keeps a value.
type kind string

const (
	appends kind = "append"  // x = append(x, v), x += v, x = &node{next: x}
	maps    kind = "map"     // x[k] = v
	methods kind = "method"  // x.Store(k, v), x.PushBack(v), x.WriteString(v)
	sends   kind = "channel" // x <- v
)

// A keeper is a statement that puts a value into a container that outlives the call.
type keeper struct {
	kind      kind
	fn        *load.Func
	stmt      ast.Node
	container ast.Expr   // as the statement names it
	object    *types.Var // the package variable or field that is the container
	values    []ast.Expr // what is put there, keys included
	global    bool       // the container is a package variable, or lies in one
}

// keepers returns the keeping statements of fn.
func keepers(fn *load.Func) []*keeper {
	if fn.Decl.Body == nil {
		return nil
	}
	s := &scope{fn: fn, info: fn.Info(), fresh: freshLocals(fn)}
	var found []*keeper
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = append(found, s.assign(n)...)
		case *ast.SendStmt:
			found = append(found, s.keeper(sends, n, n.Chan, n.Value)...)
		case *ast.CallExpr:
			if x := s.filled(n); x != nil {
				found = append(found, s.keeper(methods, n, x, n.Args...)...)
			}
		}
		return true
	})
	return found
}

type scope struct {
	fn    *load.Func
	info  *types.Info
	fresh map[types.Object]bool
}

func (s *scope) assign(n *ast.AssignStmt) []*keeper {
	var found []*keeper
	for i, l := range n.Lhs {
		r := n.Rhs[0]
		if len(n.Rhs) == len(n.Lhs) {
			r = n.Rhs[i]
		}
		if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok && isMap(s.info.TypeOf(ix.X)) {
			if selfAppend(s.info, l, r) {
				found = append(found, s.keeper(appends, n, l, r)...)
			}
			found = append(found, s.keeper(maps, n, ix.X, r, ix.Index)...)
			continue
		}
		if grows(s.info, n.Tok, l, r) {
			found = append(found, s.keeper(appends, n, l, r)...)
		}
	}
	return found
}

// grows reports whether an assignment makes l longer: by append, by linking the old
// value into the new one, or by concatenation.
func grows(info *types.Info, tok token.Token, l, r ast.Expr) bool {
	if tok == token.ADD_ASSIGN {
		b, ok := info.TypeOf(l).Underlying().(*types.Basic)
		return ok && b.Info()&types.IsString != 0
	}
	return tok == token.ASSIGN && selfAppend(info, l, r)
}

func selfAppend(info *types.Info, l, r ast.Expr) bool {
	r = ast.Unparen(r)
	switch x := r.(type) {
	case *ast.CallExpr:
		id, ok := ast.Unparen(x.Fun).(*ast.Ident)
		if ok && id.Name == "append" && len(x.Args) > 1 {
			return types.ExprString(ast.Unparen(x.Args[0])) == types.ExprString(ast.Unparen(l))
		}
		return false
	case *ast.UnaryExpr:
		lit, ok := ast.Unparen(x.X).(*ast.CompositeLit)
		return ok && x.Op == token.AND && mentions(lit, l)
	case *ast.BinaryExpr:
		b, ok := info.TypeOf(l).Underlying().(*types.Basic)
		return ok && b.Info()&types.IsString != 0 && x.Op == token.ADD && mentions(x, l)
	}
	return false
}

func mentions(n ast.Node, e ast.Expr) bool {
	want, found := types.ExprString(ast.Unparen(e)), false
	ast.Inspect(n, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok && types.ExprString(x) == want {
			found = true
		}
		return !found
	})
	return found
}

// filling lists the methods that put something into a container of the standard
// library.
var filling = map[string][]string{
	"sync.Map":            {"Store", "LoadOrStore", "Swap"},
	"container/list.List": {"PushBack", "PushFront", "InsertBefore", "InsertAfter"},
	"bytes.Buffer":        {"Write", "WriteString", "WriteByte", "WriteRune", "ReadFrom"},
	"strings.Builder":     {"Write", "WriteString", "WriteByte", "WriteRune"},
}

// emptying lists the methods that take something out of one.
var emptying = map[string][]string{
	"sync.Map":            {"Delete", "LoadAndDelete", "CompareAndDelete", "Clear"},
	"container/list.List": {"Remove", "Init"},
	"bytes.Buffer":        {"Reset", "Truncate", "Next", "Read", "ReadByte", "ReadString", "ReadBytes", "WriteTo"},
	"strings.Builder":     {"Reset"},
}

// filled returns the container that a call of a method fills, nil if it is none.
func (s *scope) filled(call *ast.CallExpr) ast.Expr { return through(s.info, call, filling) }

func through(info *types.Info, call *ast.CallExpr, table map[string][]string) ast.Expr {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	t := info.TypeOf(sel.X)
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil || !slices.Contains(table[n.Obj().Pkg().Path()+"."+n.Obj().Name()], sel.Sel.Name) {
		return nil
	}
	return sel.X
}

// keeper returns the keeper of a statement, none if its container does not outlive the
// call.
func (s *scope) keeper(k kind, stmt ast.Node, container ast.Expr, values ...ast.Expr) []*keeper {
	obj, root := containerOf(s.info, container)
	if obj == nil || root == nil || s.fresh[root] {
		return nil
	}
	global := isGlobal(root)
	if !global && !obj.IsField() {
		return nil // a local, or a parameter: its owner is the caller
	}
	return []*keeper{{kind: k, fn: s.fn, stmt: stmt, container: container, object: obj, values: values, global: global || registered(s.fn, obj)}}
}

// containerOf returns the variable or field that an expression selects last, and the
// variable where the selection starts.
func containerOf(info *types.Info, e ast.Expr) (last, root *types.Var) {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			v, ok := info.Uses[x.Sel].(*types.Var)
			if !ok {
				return nil, nil
			}
			if last == nil {
				last = v.Origin()
			}
			if !v.IsField() {
				return last, v // of another package
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.TypeAssertExpr:
			e = x.X
		case *ast.Ident:
			v, ok := load.ObjectOf(info, x).(*types.Var)
			if !ok {
				return nil, nil
			}
			if last == nil {
				last = v.Origin()
			}
			return last, v
		default:
			return nil, nil
		}
	}
}

func isGlobal(v *types.Var) bool { return v.Pkg() != nil && v.Parent() == v.Pkg().Scope() }

func isMap(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// freshLocals returns the local variables of fn that begin as new objects: what is put
// into them is not kept by that.
func freshLocals(fn *load.Func) map[types.Object]bool {
	info, fresh := fn.Info(), make(map[types.Object]bool)
	note := func(id *ast.Ident, e ast.Expr) {
		if o := info.Defs[id]; o != nil && isNew(info, e) {
			fresh[o] = true
		}
	}
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && len(n.Lhs) == len(n.Rhs) {
					note(id, n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if len(n.Values) == 0 {
					fresh[info.Defs[id]] = !isPointer(info.TypeOf(id))
				} else if i < len(n.Values) {
					note(id, n.Values[i])
				}
			}
		}
		return true
	})
	return fresh
}

func isPointer(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

func isNew(info *types.Info, e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		_, ok := ast.Unparen(x.X).(*ast.CompositeLit)
		return ok && x.Op == token.AND
	case *ast.CallExpr:
		if id, ok := ast.Unparen(x.Fun).(*ast.Ident); ok {
			_, builtin := info.Uses[id].(*types.Builtin)
			return builtin && (id.Name == "new" || id.Name == "make")
		}
	}
	return false
}
