package alloc

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A cause is what a line allocates that it could do without, and how.
type cause struct {
	rule, what, do, snippet string
	statement               string
	spared                  float64 // of the site's allocation, by the remedy, in [0,1]
	doubts                  []string
}

// classify says why a line allocates, by what it calls: bytes by callee, "" for the
// line itself. It reports false for what is necessary or not understood.
func classify(p *load.Program, fn *load.Func, ln *profile.Line, callees map[string]int64) (cause, bool) {
	byBytes := slices.SortedFunc(maps.Keys(callees), func(a, b string) int {
		if d := callees[b] - callees[a]; d != 0 {
			return int(max(-1, min(1, d)))
		}
		return strings.Compare(a, b)
	})
	l := &line{p: p, fn: fn, info: fn.Info(), at: ln.Line}
	for _, callee := range byBytes {
		if 4*callees[callee] < ln.Own {
			break
		}
		if callee == "" {
			if c, ok := l.itself(); ok {
				return c, true
			}
			continue
		}
		if c, ok := l.calling(callee); ok {
			return c, true
		}
	}
	return cause{}, false
}

// A line is a line of source that allocates.
type line struct {
	p    *load.Program
	fn   *load.Func
	info *types.Info
	at   int
}

func (l *line) source(n ast.Node) string { return load.Source(l.p.Fset, n) }

// nodes returns the nodes that are on the line: those that begin there, and the
// statement around it where a long one spans lines.
func (l *line) nodes() []ast.Node { return l.p.Nodes(l.fn, l.at) }

// itself says why the line itself allocates, what it calls apart.
func (l *line) itself() (cause, bool) {
	nodes := l.nodes()
	for _, look := range []func(ast.Node) (cause, bool){l.grown, l.copied, l.made, l.pointed, l.moved, l.concatenated, l.converted, l.boxed, l.closed} {
		for _, n := range nodes {
			if c, ok := look(n); ok {
				return c, true
			}
		}
	}
	return cause{}, false
}

// grown recognizes append, in a loop, to a slice without capacity whose length is known.
func (l *line) grown(n ast.Node) (cause, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || !isAppend(l.info, call) || len(call.Args) < 2 {
		return cause{}, false
	}
	if c, ok := l.cloned(call); ok {
		return c, true
	}
	id, ok := ast.Unparen(call.Args[0]).(*ast.Ident)
	if !ok || longLived(l.fn, id) || hasCapacity(l.fn, objectOf(l.info, id)) {
		return cause{}, false
	}
	bound := l.bound(call)
	if bound == "" {
		return cause{}, false
	}
	typ := types.TypeString(l.info.TypeOf(id), types.RelativeTo(l.fn.File.Pkg.Types))
	return cause{
		rule: "alloc/slice-growth", statement: l.source(call), spared: 0.6,
		what:    fmt.Sprintf("grows %s step by step though %s elements are known to come", id.Name, bound),
		do:      fmt.Sprintf("make %s with capacity %s before the loop", id.Name, bound),
		snippet: fmt.Sprintf("%s := make(%s, 0, %s)", id.Name, typ, bound),
		doubts:  []string{"where most elements are left out, the capacity is too much"},
	}, true
}

// bound returns how many times the loop around n runs, as source; "" if that is not
// known before.
func (l *line) bound(n ast.Node) string {
	around := load.Around(l.fn, n.Pos())
	for i := len(around) - 1; i >= 0; i-- {
		switch loop := around[i].(type) {
		case *ast.FuncLit:
			return ""
		case *ast.RangeStmt:
			if t := l.info.TypeOf(loop.X); t != nil {
				switch u := t.Underlying().(type) {
				case *types.Slice, *types.Map, *types.Array:
					return "len(" + l.source(loop.X) + ")"
				case *types.Basic:
					if u.Info()&types.IsInteger != 0 {
						return l.source(loop.X)
					}
				}
			}
			return ""
		case *ast.ForStmt:
			if c, ok := loop.Cond.(*ast.BinaryExpr); ok && (c.Op == token.LSS || c.Op == token.LEQ) {
				return l.source(c.Y)
			}
			return ""
		}
	}
	return ""
}

// hasCapacity reports whether the variable was made with a capacity or a length.
func hasCapacity(fn *load.Func, obj types.Object) (has bool) {
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != len(as.Rhs) {
			return true
		}
		for i, lhs := range as.Lhs {
			id, ok := lhs.(*ast.Ident)
			if !ok || objectOf(fn.Info(), id) != obj {
				continue
			}
			switch r := ast.Unparen(as.Rhs[i]).(type) {
			case *ast.CallExpr:
				has = has || !isAppend(fn.Info(), r) && !makesEmpty(fn.Info(), r)
			case *ast.SliceExpr, *ast.SelectorExpr, *ast.IndexExpr:
				has = true // of another array: its capacity is not known
			}
		}
		return true
	})
	return has
}

// makesEmpty reports whether the call is make([]T, 0).
func makesEmpty(info *types.Info, call *ast.CallExpr) bool {
	if !isBuiltin(info, call, "make") || len(call.Args) != 2 {
		return false
	}
	v := info.Types[call.Args[1]].Value
	return v != nil && v.ExactString() == "0"
}

// cloned recognizes append([]T(nil), x...) of something long-lived: a copy for each
// caller.
func (l *line) cloned(call *ast.CallExpr) (cause, bool) {
	if !call.Ellipsis.IsValid() || len(call.Args) != 2 || !longLived(l.fn, call.Args[1]) {
		return cause{}, false
	}
	switch first := ast.Unparen(call.Args[0]).(type) {
	case *ast.CallExpr: // []T(nil)
		if !l.info.Types[first.Fun].IsType() {
			return cause{}, false
		}
	case *ast.CompositeLit: // []T{}
		if len(first.Elts) > 0 {
			return cause{}, false
		}
	default:
		return cause{}, false
	}
	return l.defensive(call, l.source(call.Args[1])), true
}

// copied recognizes make and copy of something long-lived, which is then handed out.
func (l *line) copied(n ast.Node) (cause, bool) {
	as, ok := n.(*ast.AssignStmt)
	if !ok || len(as.Lhs) != 1 || len(as.Rhs) != 1 {
		return cause{}, false
	}
	call, ok := as.Rhs[0].(*ast.CallExpr)
	id, isID := as.Lhs[0].(*ast.Ident)
	if !ok || !isID || !isBuiltin(l.info, call, "make") {
		return cause{}, false
	}
	obj := objectOf(l.info, id)
	if fateOfVar(l.fn, obj) != returned {
		return cause{}, false
	}
	from := ""
	ast.Inspect(l.fn.Decl.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if ok && len(c.Args) == 2 && (isBuiltin(l.info, c, "copy") || isCallOf(l.info, c, "maps.Copy[...]")) &&
			carries(l.info, c.Args[0], obj) && longLived(l.fn, c.Args[1]) {
			from = l.source(c.Args[1])
		}
		return from == ""
	})
	if from == "" {
		return cause{}, false
	}
	return l.defensive(as, from), true
}

func isCallOf(info *types.Info, call *ast.CallExpr, name string) bool {
	f := load.Callee(info, call)
	return f != nil && load.FuncName(f) == name
}

func (l *line) defensive(n ast.Node, from string) cause {
	return cause{
		rule: "alloc/defensive-copy", statement: l.source(n), spared: 0.95,
		what: fmt.Sprintf("copies %s for each caller", from),
		do:   fmt.Sprintf("hand out what is new only, or an immutable %s that is replaced when it changes, not a copy for each caller", from),
		snippet: fmt.Sprintf("// readers that only read: an iterator, or a cursor that says from where\nfor _, v := range %s[cursor:] { … }\n\n"+
			"// many readers, few writers: atomic.Pointer to a value that is never changed, only replaced", from),
		doubts: []string{"a caller that changes its copy would then change everybody's", "what is handed out without a copy must be safe to read while it grows"},
	}
}

// made recognizes make and new of values that do not outlive the function.
func (l *line) made(n ast.Node) (cause, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || !isBuiltin(l.info, call, "make") && !isBuiltin(l.info, call, "new") || len(call.Args) == 0 {
		return cause{}, false
	}
	if fateOf(l.fn, call) != temporary {
		return cause{}, false
	}
	return l.temporary(call, l.source(call.Args[0])), true
}

func (l *line) temporary(n ast.Node, typ string) cause {
	where := l.fn.Decl.Name.Name
	pool := strings.ToLower(where[:1]) + where[1:] + "Pool"
	return cause{
		rule: "alloc/temporary-buffer", statement: l.source(n), spared: 0.9,
		what:    fmt.Sprintf("makes a %s on each call that does not outlive it", typ),
		do:      fmt.Sprintf("reuse the %s: from a sync.Pool, from the caller, or on the stack with a fixed size", typ),
		snippet: fmt.Sprintf("var %s = sync.Pool{New: func() any { return new(%s) }}\n\nv := %s.Get().(*%s)\ndefer %s.Put(v) // after resetting it", pool, typ, pool, typ, pool),
		doubts:  []string{"whom it is passed to must not keep it", "a pool pays on paths that are called often; its objects are dropped by collections"},
	}
}

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
			if id, ok := as.Lhs[i].(*ast.Ident); ok && fateOfAlias(l.fn, objectOf(l.info, id)) != temporary {
				holder = id.Name
			}
		}
		return holder == ""
	})
	return holder
}
