package probe

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/whetgo/whet/internal/load"
)

// A reading is what may be read of a function's parameters when it begins, because the
// function reads it itself, and nothing that it does before could order it after another
// goroutine's writing.
type reading struct {
	info    *types.Info
	body    *ast.BlockStmt
	parents map[ast.Node]ast.Node
	barrier token.Pos // where the function may first synchronize with anybody
	certain token.Pos // up to here everything is executed
	race    bool      // the build has the race detector: read only what is certainly read
}

func newReading(info *types.Info, body *ast.BlockStmt, race bool) *reading {
	r := &reading{info: info, body: body, parents: make(map[ast.Node]ast.Node), race: race, barrier: body.End(), certain: body.End()}
	var stack []ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if len(stack) > 0 {
			r.parents[n] = stack[len(stack)-1]
		}
		stack = append(stack, n)
		return true
	})
	ast.Inspect(body, r.findBarrier)
	for _, stmt := range body.List {
		if !straight(stmt) {
			r.certain = condition(stmt)
			break
		}
	}
	return r
}

// findBarrier visits the nodes in the order of the source.
func (r *reading) findBarrier(n ast.Node) bool {
	at := token.NoPos
	switch n := n.(type) {
	case *ast.FuncLit:
		return false
	case *ast.GoStmt:
		at = n.End()
	case *ast.SendStmt:
		at = n.End()
	case *ast.SelectStmt:
		at = n.Pos()
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			at = n.End()
		}
	case *ast.RangeStmt:
		if t := r.info.TypeOf(n.X); t != nil {
			switch types.Unalias(t).Underlying().(type) {
			case *types.Chan, *types.Signature:
				at = n.X.End()
			}
		}
	case *ast.CallExpr:
		if !r.quiet(n) {
			at = n.End()
		}
	}
	if at.IsValid() && at < r.barrier {
		r.barrier = at
	}
	return true
}

// quietPackages synchronize with nobody.
var quietPackages = []string{
	"bytes", "cmp", "encoding/base64", "encoding/binary", "encoding/hex", "errors", "hash/crc32", "hash/fnv", "html", "maps", "math", "math/big",
	"math/bits", "path", "path/filepath", "slices", "sort", "strconv", "strings", "unicode", "unicode/utf16", "unicode/utf8", "unsafe",
}

// quiet reports whether a call synchronizes with nobody for sure.
func (r *reading) quiet(call *ast.CallExpr) bool {
	if tv, ok := r.info.Types[call.Fun]; ok && (tv.IsType() || tv.IsBuiltin()) {
		return true
	}
	f := load.Callee(r.info, call)
	if f == nil || f.Pkg() == nil || !slices.Contains(quietPackages, f.Pkg().Path()) {
		return false
	}
	recv := f.Signature().Recv()
	return recv == nil || !types.IsInterface(recv.Type())
}

// straight reports whether a statement always goes on to the next.
func straight(stmt ast.Stmt) bool {
	ok := true
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.BranchStmt, *ast.LabeledStmt, *ast.GoStmt:
			ok = false
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				ok = false
			}
		}
		return ok
	})
	return ok
}

// condition returns the end of what is always executed of a statement.
func condition(stmt ast.Stmt) token.Pos {
	var e ast.Expr
	switch s := stmt.(type) {
	case *ast.IfStmt:
		if s.Init == nil {
			e = s.Cond
		}
	case *ast.SwitchStmt:
		if s.Init == nil && s.Tag != nil {
			e = s.Tag
		}
	case *ast.RangeStmt:
		e = s.X
	case *ast.ReturnStmt:
		if len(s.Results) > 0 {
			e = s.Results[0]
		}
	case *ast.ForStmt:
		if s.Init == nil {
			e = s.Cond
		}
	}
	for {
		b, ok := ast.Unparen(e).(*ast.BinaryExpr)
		if !ok || b.Op != token.LAND && b.Op != token.LOR {
			break
		}
		e = b.X
	}
	if e == nil {
		return stmt.Pos()
	}
	return e.End()
}

// may reports whether what is read at pos may be read when the function begins. Of what is
// more than one word, a writer could be met in the middle: it must certainly be read.
func (r *reading) may(pos token.Pos, words int) bool {
	return pos < r.barrier && (pos < r.certain || words == 1 && !r.race)
}

// A fieldPath is a chain of fields from a variable.
type fieldPath struct {
	text   string   // "t.opts.limit"
	guards []string // what must not be nil: "t", "t.opts"
	typ    types.Type
}

// most is how many fields are read of one parameter.
const most = 12

// fields returns the fields that the function reads of what obj, a pointer, points to,
// and whether that is all that it does with obj.
func (r *reading) fields(obj types.Object) (paths []fieldPath, all bool) {
	all = true
	ast.Inspect(r.body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || r.info.Uses[id] != obj {
			return true
		}
		p, top, ok := r.chain(id)
		switch {
		case !ok:
			all = all && r.nilTest(id)
		case r.written(top):
		case r.closed(id) || len(paths) >= most || !r.readable(p.typ) || !r.may(top.Pos(), words(p.typ)):
			all = false
		default:
			if !slices.ContainsFunc(paths, func(q fieldPath) bool { return q.text == p.text }) {
				paths = append(paths, p)
			}
		}
		return true
	})
	return paths, all && len(paths) > 0
}

// chain returns the path of fields that begins at a variable, and its last selector.
func (r *reading) chain(id *ast.Ident) (p fieldPath, top ast.Expr, ok bool) {
	p.text = id.Name
	top = id
	t := r.info.TypeOf(id)
	for {
		sel, isSel := r.parents[top].(*ast.SelectorExpr)
		if !isSel || sel.X != top {
			break
		}
		s := r.info.Selections[sel]
		if s == nil || s.Kind() != types.FieldVal || len(s.Index()) != 1 {
			return p, top, false
		}
		if _, ptr := types.Unalias(t).Underlying().(*types.Pointer); ptr {
			p.guards = append(p.guards, p.text)
		}
		p.text += "." + sel.Sel.Name
		top, t = sel, s.Type()
	}
	p.typ = t
	return p, top, top != ast.Expr(id)
}

// readable reports whether values of t can be read and hashed where others may hold them.
func (r *reading) readable(t types.Type) bool {
	b, ok := types.Unalias(t).Underlying().(*types.Basic)
	return ok && b.Kind() != types.UnsafePointer && b.Info()&types.IsUntyped == 0 && b.Info()&types.IsComplex == 0
}

func words(t types.Type) int {
	if b, ok := types.Unalias(t).Underlying().(*types.Basic); ok && b.Info()&types.IsString == 0 {
		return 1
	}
	return 2
}

// nilTest reports whether an identifier is only compared with nil.
func (r *reading) nilTest(id *ast.Ident) bool {
	b, ok := r.parents[id].(*ast.BinaryExpr)
	return ok && (b.Op == token.EQL || b.Op == token.NEQ) && (r.info.Types[b.X].IsNil() || r.info.Types[b.Y].IsNil())
}

// written reports whether an expression is only assigned to.
func (r *reading) written(e ast.Expr) bool {
	a, ok := r.parents[e].(*ast.AssignStmt)
	return ok && a.Tok == token.ASSIGN && slices.Contains(a.Lhs, e)
}

// closed reports whether a node is in a function literal of the body.
func (r *reading) closed(n ast.Node) bool {
	for n = r.parents[n]; n != nil; n = r.parents[n] {
		if _, ok := n.(*ast.FuncLit); ok {
			return true
		}
	}
	return false
}

// elements reports whether the function looks at the elements of a slice that it was
// given, and whether it certainly does so, before it synchronizes.
func (r *reading) elements(obj types.Object) (looks, certainly bool) {
	ast.Inspect(r.body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || r.info.Uses[id] != obj || r.handsOn(id) {
			return true
		}
		looks = true
		certainly = certainly || !r.closed(id) && r.whole(id) && r.may(id.Pos(), 2)
		return true
	})
	return looks, certainly
}

// handsOn reports whether a use of a slice does not look at its elements: its length, an
// element written, the first argument of append or copy, a comparison with nil.
func (r *reading) handsOn(id *ast.Ident) bool {
	switch p := r.parents[id].(type) {
	case *ast.IndexExpr:
		return p.X == id && r.written(p)
	case *ast.CallExpr:
		for _, name := range []string{"len", "cap", "append", "copy", "clear"} {
			if load.IsBuiltin(r.info, p, name) {
				return len(p.Args) > 0 && p.Args[0] == id
			}
		}
	case *ast.SliceExpr:
		call, ok := r.parents[p].(*ast.CallExpr)
		return ok && p.X == id && (load.IsBuiltin(r.info, call, "append") || load.IsBuiltin(r.info, call, "copy")) && call.Args[0] == p
	}
	return r.nilTest(id)
}

// whole reports whether a use of a slice looks at all of it.
func (r *reading) whole(id *ast.Ident) bool {
	switch p := r.parents[id].(type) {
	case *ast.RangeStmt:
		return p.X == id
	case *ast.CallExpr:
		return r.quiet(p)
	}
	return false
}

// given returns the paths that a plan names for a parameter, as far as they can be
// followed through fields and pointers.
func given(reads []string, obj types.Object, from *types.Package) (paths []fieldPath) {
	for _, text := range reads {
		first, rest, ok := strings.Cut(text, ".")
		if !ok || first != obj.Name() || len(paths) >= most {
			continue
		}
		p := fieldPath{text: first, typ: obj.Type()}
		for name := range strings.SplitSeq(rest, ".") {
			if _, ptr := types.Unalias(p.typ).Underlying().(*types.Pointer); ptr {
				p.guards = append(p.guards, p.text)
			}
			field, index, _ := types.LookupFieldOrMethod(p.typ, true, from, name)
			v, isVar := field.(*types.Var)
			if !isVar || len(index) != 1 {
				p.typ = nil
				break
			}
			p.text, p.typ = p.text+"."+name, v.Type()
		}
		if p.typ != nil && (&reading{}).readable(p.typ) {
			paths = append(paths, p)
		}
	}
	return paths
}
