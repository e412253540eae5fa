package growth

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"

	"github.com/whetgo/whet/profile"
)

// A use is how the harness calls the subject at one line.
type use struct {
	known bool // its source could be read
	same  bool // with the same arguments on the same object in each round
	keeps bool // and keeps what it is given
}

// tests reads test files, each once. Only their syntax is read: they may not type-check
// where the subject's own source does.
type tests struct {
	fset  *token.FileSet
	files map[string]*ast.File
}

// newTests returns a reader of test files.
func newTests() *tests { return &tests{fset: token.NewFileSet(), files: make(map[string]*ast.File)} }

func (t *tests) file(path string) *ast.File {
	f, ok := t.files[path]
	if !ok {
		f, _ = parser.ParseFile(t.fset, path, nil, parser.SkipObjectResolution)
		t.files[path] = f
	}
	return f
}

// use says how the harness comes to call the subject: frames are its frames, innermost
// first.
func (t *tests) use(frames []profile.Frame) use {
	u := use{same: true}
	for _, fr := range frames {
		fn := t.funcAt(fr)
		if fn == nil {
			return use{}
		}
		u.known = true
		call, loop := t.around(fn, fr.Line)
		if call == nil {
			return use{}
		}
		u.keeps = u.keeps || t.kept(fn, call)
		vary := varying(loop)
		u.same = u.same && !usesName(call, vary)
		if loop != nil {
			break // further out the whole loop is repeated
		}
		if !usesName(call, params(fn)) {
			break // whoever calls the helper, it does the same
		}
	}
	return u
}

func (t *tests) funcAt(fr profile.Frame) *ast.FuncDecl {
	f := t.file(fr.File)
	if f == nil {
		return nil
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && t.covers(fn, fr.Line) {
			return fn
		}
	}
	return nil
}

func (t *tests) covers(n ast.Node, line int) bool {
	return t.fset.Position(n.Pos()).Line <= line && line <= t.fset.Position(n.End()).Line
}

// around returns the outermost call within the innermost statement on the line, and the
// innermost loop around it, nil if there is none.
func (t *tests) around(fn *ast.FuncDecl, line int) (call *ast.CallExpr, loop ast.Stmt) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if n == nil || !t.covers(n, line) {
			return false
		}
		switch n := n.(type) {
		case *ast.ForStmt:
			if t.covers(n.Body, line) {
				loop, call = n, nil
			}
		case *ast.RangeStmt:
			if t.covers(n.Body, line) {
				loop, call = n, nil
			}
		case *ast.FuncLit:
			if n.Body != nil && t.fset.Position(n.Body.Lbrace).Line < line {
				call = nil // look at what the literal calls
			}
		case *ast.CallExpr:
			if call == nil {
				call = n
			}
		}
		return true
	})
	return call, loop
}

// kept reports whether the harness puts the call's result into something of its own:
// an append, an element, a field, directly or through a variable.
func (t *tests) kept(fn *ast.FuncDecl, call *ast.CallExpr) bool {
	names := make(map[string]bool)
	within := func(n ast.Node) bool { return n.Pos() <= call.Pos() && call.End() <= n.End() }
	keeps := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for i, l := range a.Lhs {
			r := a.Rhs[min(i, len(a.Rhs)-1)]
			if !within(r) && !usesName(r, names) {
				continue
			}
			switch l := ast.Unparen(l).(type) {
			case *ast.Ident:
				keeps = keeps || isAppend(r)
				if l.Name != "_" && l.Name != "err" {
					names[l.Name] = true
				}
			case *ast.IndexExpr, *ast.SelectorExpr:
				keeps = true
			}
		}
		return true
	})
	return keeps
}

func isAppend(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	return ok && id.Name == "append"
}

func params(fn *ast.FuncDecl) map[string]bool {
	names := make(map[string]bool)
	for _, f := range fn.Type.Params.List {
		for _, id := range f.Names {
			names[id.Name] = true
		}
	}
	return names
}

// varying returns the variables that have another value in each round of a loop: those
// of its header, those that it counts, and those set from them or by a call.
func varying(loop ast.Stmt) map[string]bool {
	vary := make(map[string]bool)
	if loop == nil {
		return vary
	}
	add := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
			vary[id.Name] = true
		}
	}
	for range 3 { // as deep as one sets the other in practice
		ast.Inspect(loop, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.RangeStmt:
				add(n.Key)
				add(n.Value)
			case *ast.IncDecStmt:
				add(n.X)
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					r := n.Rhs[min(i, len(n.Rhs)-1)]
					if n.Tok != token.ASSIGN && n.Tok != token.DEFINE || usesName(r, vary) || hasCall(r) {
						add(l)
					}
				}
			}
			return true
		})
	}
	return vary
}

func hasCall(e ast.Expr) bool {
	has := false
	ast.Inspect(e, func(n ast.Node) bool {
		_, ok := n.(*ast.CallExpr)
		has = has || ok
		return !has
	})
	return has
}

func usesName(n ast.Node, names map[string]bool) bool {
	if len(names) == 0 {
		return false
	}
	uses := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			uses = uses || usesName(n.X, names)
			return false
		case *ast.Ident:
			uses = uses || names[n.Name]
		}
		return !uses
	})
	return uses
}

// calls reports whether a function of the harness calls a method of one of the names:
// whether what it makes is ever closed.
func (t *tests) calls(f *ast.File, names ...string) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
			found = found || ok && slices.Contains(names, sel.Sel.Name)
		}
		return !found
	})
	return found
}

// callText returns the call as the harness writes it, for the evidence.
func (t *tests) callText(frames []profile.Frame) string {
	for _, fr := range frames {
		if fn := t.funcAt(fr); fn != nil {
			if call, _ := t.around(fn, fr.Line); call != nil {
				return types.ExprString(call)
			}
		}
	}
	return ""
}
