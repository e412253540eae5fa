package contention

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/whetgo/whet/internal/load"
)

// facts are what the source of a section says.
type facts struct {
	reads          []string // protected fields and variables, as the source calls them, in its order
	writes         []string
	partly         bool   // a map or slice is written element by element, a pointer written through
	counts         bool   // all that is written are numbers, by ++ or +=
	calls          []work // dear calls, I/O first
	copies         string // how the section copies what is protected; "" if it does not
	vars           []*types.Var
	mentions, sets int      // of what is protected: how often it is named, and of these set to a whole new value
	under          []string // what the section itself calls, as the source calls it
	deletes        bool     // entries of element are deleted again
	element        string   // the map whose elements are written, "" of none
}

// depth is how many calls deep a section's work is followed.
const depth = 3

// factsOf reads a section, once.
func (b *book) factsOf(c *section) *facts {
	if f := b.facts[c]; f != nil {
		return f
	}
	f := new(facts)
	b.facts[c] = f
	f.counts = true
	r := &reader{b: b, c: c, f: f, seen: make(map[*load.Func]bool)}
	r.body(c.fn, c.fn.Decl.Body, 0)
	f.counts = f.counts && len(f.writes) > 0
	slices.SortStableFunc(f.calls, func(x, y work) int { return rankOf(x) - rankOf(y) })
	return f
}

// A reader collects the facts of a section.
type reader struct {
	b    *book
	c    *section
	f    *facts
	seen map[*load.Func]bool
}

// body reads the part of fn that belongs to the section, or, at a greater level, all
// of a function that the section calls.
func (r *reader) body(fn *load.Func, body ast.Node, level int) {
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			return false
		}
		if level == 0 && (n.End() <= r.c.from || r.c.to <= n.Pos()) {
			return false
		}
		switch n := n.(type) {
		case *ast.GoStmt:
			return false
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				r.write(fn, e, n.Tok)
				r.set(fn, e, n.Tok)
			}
		case *ast.IncDecStmt:
			r.write(fn, n.X, n.Tok)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				r.write(fn, n.X, n.Op)
			}
		case *ast.SelectorExpr:
			r.mention(fn, n)
			if r.protected(fn, n) != nil {
				return false
			}
		case *ast.Ident:
			r.mention(fn, n)
		case *ast.CallExpr:
			r.call(fn, n, level)
		}
		return true
	})
}

// protected returns the variable that e names if the section's lock protects it: a
// field of the struct that holds the lock, or, of a lock that is a package variable,
// another variable of the package; else nil.
func (r *reader) protected(fn *load.Func, e ast.Expr) *types.Var {
	switch e.(type) {
	case *ast.SelectorExpr, *ast.Ident:
	default:
		return nil
	}
	v := variable(fn.Info(), e)
	if v == nil || v == r.c.lock.obj || v.Pkg() != r.c.lock.obj.Pkg() || isLockType(v.Type()) {
		return nil
	}
	if lock := r.c.lock.obj; lock.IsField() {
		if v.IsField() && (r.c.lock.owner != "" && structOf(v) == r.c.lock.owner || beside(fn.Info(), e, lock)) {
			return v
		}
		return nil
	}
	if isGlobal(r.c.lock.obj) && isGlobal(v) && !isError(v.Type()) {
		return v
	}
	return nil
}

// isGlobal reports whether v is a package variable.
func isGlobal(v *types.Var) bool { return v.Pkg() != nil && v.Parent() == v.Pkg().Scope() }

// beside reports whether e selects a field of the struct, with a name or without, that
// holds the lock.
func beside(info *types.Info, e ast.Expr, lock *types.Var) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	t := info.TypeOf(sel.X)
	if t == nil {
		return false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	return ok && hasField(st, lock)
}

func isLockType(t types.Type) bool {
	switch strings.TrimPrefix(types.TypeString(t, nil), "*") {
	case "sync.Mutex", "sync.RWMutex", "sync.Once", "sync.WaitGroup", "sync.Pool", "sync.Cond":
		return true
	}
	return false
}

func isError(t types.Type) bool { return types.TypeString(t, nil) == "error" }

func (r *reader) mention(fn *load.Func, e ast.Expr) {
	if v := r.protected(fn, e); v != nil {
		r.f.mentions++
		r.f.reads = addName(r.f.reads, v.Name())
		if !slices.Contains(r.f.vars, v) {
			r.f.vars = append(r.f.vars, v)
		}
	}
}

func addName(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

// write notes what an assignment changes: the protected variable at the root of e, or
// a field of something reached while the lock is held.
func (r *reader) write(fn *load.Func, e ast.Expr, tok token.Token) {
	partly := false
	for {
		e = ast.Unparen(e)
		if v := r.protected(fn, e); v != nil {
			r.changed(fn, v, e, tok, partly)
			return
		}
		switch x := e.(type) {
		case *ast.SelectorExpr:
			if r.written(fn, x, tok) {
				return
			}
			e, partly = x.X, true
		case *ast.IndexExpr:
			e, partly = x.X, true
		case *ast.StarExpr:
			e, partly = x.X, true
		default:
			return
		}
	}
}

// written notes the change of a field of another struct, where the lock is a package
// variable that protects the state of several.
func (r *reader) written(fn *load.Func, x *ast.SelectorExpr, tok token.Token) bool {
	v := variable(fn.Info(), x)
	if v == nil || !v.IsField() || r.c.lock.obj.IsField() || v.Pkg() != r.c.lock.obj.Pkg() || isLockType(v.Type()) || tok == token.AND {
		return false
	}
	if ofCopy(fn.Info(), x) {
		return true
	}
	r.f.writes = addName(r.f.writes, load.Source(r.b.p.Fset, x))
	r.f.counts = r.f.counts && isCount(v.Type(), tok)
	return true
}

// ofCopy reports whether x is a field of a local variable's own memory: nobody else
// sees it change.
func ofCopy(info *types.Info, x *ast.SelectorExpr) bool {
	for {
		t := info.TypeOf(x.X)
		if t == nil {
			return false
		}
		if _, ptr := t.Underlying().(*types.Pointer); ptr {
			return false
		}
		switch inner := ast.Unparen(x.X).(type) {
		case *ast.SelectorExpr:
			x = inner
		case *ast.Ident:
			v, ok := info.ObjectOf(inner).(*types.Var)
			return ok && !v.IsField() && v.Pkg() != nil && v.Parent() != v.Pkg().Scope()
		default:
			return false
		}
	}
}

func (r *reader) changed(fn *load.Func, v *types.Var, e ast.Expr, tok token.Token, partly bool) {
	r.f.writes = addName(r.f.writes, v.Name())
	r.f.partly = r.f.partly || partly
	r.f.counts = r.f.counts && !partly && isCount(v.Type(), tok)
	if _, isMap := v.Type().Underlying().(*types.Map); isMap && partly {
		r.f.element = load.Source(r.b.p.Fset, e)
	}
}

func isCount(t types.Type, tok token.Token) bool {
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 {
		return false
	}
	return tok == token.INC || tok == token.DEC || tok == token.ADD_ASSIGN || tok == token.SUB_ASSIGN
}

// call notes what a call does, and follows it into the program.
func (r *reader) call(fn *load.Func, call *ast.CallExpr, level int) {
	info := fn.Info()
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if bi, ok := info.Uses[id].(*types.Builtin); ok {
			r.builtin(fn, call, bi.Name())
			return
		}
	}
	f := load.Callee(info, call)
	if f == nil {
		return
	}
	r.changesReceiver(fn, call, f)
	name := load.FuncName(f)
	if level == 0 && !r.gives(call) {
		r.f.under = addName(r.f.under, load.Source(r.b.p.Fset, call.Fun))
	}
	if name == "slices.Clone[...]" || name == "maps.Clone[...]" || name == "bytes.Clone" {
		r.f.copies = load.Source(r.b.p.Fset, call)
	}
	if w, ok := r.work(fn, call, name); ok && level == 0 {
		r.f.calls = append(r.f.calls, w)
		return
	}
	inner := r.b.p.Func(name)
	if inner == nil || inner.Decl.Body == nil || r.seen[inner] || level+1 >= depth || inner == r.c.fn {
		return
	}
	r.seen[inner] = true
	r.body(inner, inner.Decl.Body, level+1)
}

// gives reports whether a call takes or gives back a lock.
func (r *reader) gives(call *ast.CallExpr) bool {
	return slices.ContainsFunc(r.b.ops[r.c.fn], func(o op) bool { return o.call == call })
}

// changesReceiver notes a method with a pointer receiver that is called on something
// protected: it may change it.
func (r *reader) changesReceiver(fn *load.Func, call *ast.CallExpr, f *types.Func) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || f.Signature().Recv() == nil {
		return
	}
	if _, ptr := f.Signature().Recv().Type().(*types.Pointer); !ptr && !types.IsInterface(f.Signature().Recv().Type()) {
		return
	}
	if v := r.protected(fn, ast.Unparen(sel.X)); v != nil {
		r.changed(fn, v, sel.X, token.ILLEGAL, true)
	}
}

func (r *reader) builtin(fn *load.Func, call *ast.CallExpr, name string) {
	switch name {
	case "delete", "clear":
		r.write(fn, call.Args[0], token.ILLEGAL)
		if v := r.protected(fn, ast.Unparen(call.Args[0])); v != nil {
			r.f.partly, r.f.counts = true, false
			if name == "delete" {
				r.f.element, r.f.deletes = load.Source(r.b.p.Fset, call.Args[0]), true
			}
		}
	case "copy":
		r.f.copies = load.Source(r.b.p.Fset, call)
	case "append":
		if len(call.Args) > 1 && call.Ellipsis.IsValid() && isFresh(fn.Info(), call.Args[0]) {
			r.f.copies = load.Source(r.b.p.Fset, call)
		}
	}
}

// isFresh reports whether e is an empty slice: nil, []T(nil), []T{}, make(…).
func isFresh(info *types.Info, e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return len(x.Elts) == 0
	case *ast.CallExpr:
		if info.Types[x.Fun].IsType() {
			return len(x.Args) == 1 && info.Types[x.Args[0]].IsNil()
		}
		id, ok := ast.Unparen(x.Fun).(*ast.Ident)
		return ok && id.Name == "make"
	}
	return info.Types[e].IsNil()
}

// protectedVars are the fields and variables used in the primary's section.
func (v verdict) protectedVars() []*types.Var { return v.facts.vars }

// typeName returns a variable's type as its own package writes it.
func typeName(v *types.Var) string {
	return types.TypeString(v.Type(), types.RelativeTo(v.Pkg()))
}
