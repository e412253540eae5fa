package alloc

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/internal/load"
)

// concatenated recognizes a + b of strings whose result is no result of the function.
func (l *line) concatenated(n ast.Node) (cause, bool) {
	var e ast.Expr
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op != token.ADD || l.info.Types[n].Value != nil {
			return cause{}, false
		}
		e = n
	case *ast.AssignStmt:
		if n.Tok != token.ADD_ASSIGN {
			return cause{}, false
		}
		e = n.Lhs[0]
	default:
		return cause{}, false
	}
	if !isString(l.info.TypeOf(e)) {
		return cause{}, false
	}
	if as, ok := n.(*ast.AssignStmt); ok {
		return l.stringBuilding(as, "puts a string together piece by piece ("+l.source(as)+")"), true
	}
	if fateOf(l.fn, e) != temporary {
		return cause{}, false
	}
	return l.stringBuilding(n, "puts a string together on each call ("+l.source(n)+") that does not outlive it"), true
}

func isString(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func (l *line) stringBuilding(n ast.Node, what string) cause {
	return cause{
		rule: "alloc/string-building", statement: l.source(n), spared: 0.7,
		what:    what,
		do:      "append the pieces to a []byte that is reused (strconv.Append…, append), or do without the string: compare, hash or write the pieces themselves",
		snippet: "buf = buf[:0]\nbuf = append(buf, …)\nbuf = strconv.AppendInt(buf, …, 10)",
		doubts:  []string{"a string that is kept by its user has to be made after all"},
	}
}

// converted recognizes string(b) and []byte(s) whose result is used up in the function.
func (l *line) converted(n ast.Node) (cause, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !l.info.Types[call.Fun].IsType() {
		return cause{}, false
	}
	to, from := l.info.TypeOf(call.Fun), l.info.TypeOf(call.Args[0])
	if !(isString(to) && isBytes(from) || isBytes(to) && isString(from)) || fateOf(l.fn, call) != temporary {
		return cause{}, false
	}
	return cause{
		rule: "alloc/conversion", statement: l.source(call), spared: 0.9,
		what:   fmt.Sprintf("copies %s to convert it (%s)", l.source(call.Args[0]), l.source(call)),
		do:     fmt.Sprintf("use %s as it is: the packages strings and bytes have the same functions, and writers take both", l.source(call.Args[0])),
		doubts: []string{"where the callee takes the other type only, the conversion has to stay"},
	}, true
}

func isBytes(t types.Type) bool {
	if t == nil {
		return false
	}
	s, ok := t.Underlying().(*types.Slice)
	if !ok {
		return false
	}
	b, ok := s.Elem().Underlying().(*types.Basic)
	return ok && b.Kind() == types.Uint8
}

// boxed recognizes a value that is put into an interface.
func (l *line) boxed(n ast.Node) (cause, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return cause{}, false
	}
	sig, ok := l.info.TypeOf(call.Fun).(*types.Signature)
	if !ok {
		return cause{}, false
	}
	for i, arg := range call.Args {
		if !boxes(l.info, paramType(sig, i, call.Ellipsis.IsValid()), arg) {
			continue
		}
		return cause{
			rule: "alloc/boxing", statement: l.source(call), spared: 0.9,
			what:   fmt.Sprintf("puts %s into an interface on each call of %s", l.source(arg), l.source(call.Fun)),
			do:     fmt.Sprintf("pass %s as what it is: a parameter of its own type, a generic function, or a pointer that is there already", l.source(arg)),
			doubts: []string{"the callee's signature has to change, or another one be used"},
		}, true
	}
	return cause{}, false
}

func paramType(sig *types.Signature, i int, spread bool) types.Type {
	n := sig.Params().Len()
	if sig.Variadic() && i >= n-1 && !spread {
		if s, ok := sig.Params().At(n - 1).Type().(*types.Slice); ok {
			return s.Elem()
		}
		return nil
	}
	if i >= n {
		return nil
	}
	return sig.Params().At(i).Type()
}

// boxes reports whether passing arg as t allocates: an interface made of a value that
// is no pointer and no constant.
func boxes(info *types.Info, t types.Type, arg ast.Expr) bool {
	tv := info.Types[arg]
	if t == nil || !types.IsInterface(t) || tv.Type == nil || tv.Value != nil || types.IsInterface(tv.Type) {
		return false
	}
	if _, isParam := t.(*types.TypeParam); isParam || load.HasTypeParam(tv.Type) {
		return false
	}
	switch u := tv.Type.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Chan, *types.Signature:
		return false
	case *types.Basic:
		return u.Kind() != types.UnsafePointer && u.Kind() != types.UntypedNil && u.Kind() != types.Bool && u.Kind() != types.Uint8
	case *types.Struct:
		return u.NumFields() > 0
	}
	return true
}

// closed recognizes a function literal that captures and is used up in the function.
func (l *line) closed(n ast.Node) (cause, bool) {
	lit, ok := n.(*ast.FuncLit)
	if !ok || fateOf(l.fn, lit) != temporary {
		return cause{}, false
	}
	return cause{
		rule: "alloc/closure", statement: "func literal " + l.source(lit.Type), spared: 0.9,
		what:   "makes a closure on each call",
		do:     "pass what the function literal captures as arguments, or make it once",
		doubts: []string{"small: one object for each call"},
	}, true
}
