package contention

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/internal/load"
)

// A lock is a variable or field of a lock type, and all of the code that holds it.
type lock struct {
	obj      *types.Var
	name     string // "Store.mu", "mu", "valueMap.Mutex"
	owner    string // the struct's name; "" of a variable
	rw       bool   // a sync.RWMutex
	embedded bool
	sections []*section
}

// An op is a call that takes or gives back a lock.
type op struct {
	call     *ast.CallExpr
	lock     *lock
	method   string // "Lock", "RLock", "Unlock", "RUnlock"
	deferred bool
	scope    ast.Node // the declaration or literal in which it stands
	expr     string   // how the source calls the lock: "s.mu"
}

func (o op) takes() bool { return o.method == "Lock" || o.method == "RLock" }

// A section is code of one function that runs with a lock held: [from, to) in its
// file, from the call that takes it.
type section struct {
	lock     *lock
	fn       *load.Func
	take     op
	deferred bool // given back by defer
	from, to token.Pos
}

// read reports whether the section holds a sync.RWMutex for reading.
func (c *section) read() bool { return c.take.method == "RLock" }

// A book knows the locks of the loaded packages; each is read when first asked for.
// It is not safe for concurrent use.
type book struct {
	p        *load.Program
	locks    map[*types.Var]*lock
	ops      map[*load.Func][]op
	wrappers map[*types.Func]op // methods that only take or only give back a lock
	sections map[*load.Func][]*section
	read     map[*packages.Package]bool
	facts    map[*section]*facts
}

func newBook(p *load.Program) *book {
	return &book{
		p: p, locks: make(map[*types.Var]*lock), ops: make(map[*load.Func][]op), wrappers: make(map[*types.Func]op),
		sections: make(map[*load.Func][]*section), read: make(map[*packages.Package]bool), facts: make(map[*section]*facts),
	}
}

// open reads the locks of a package, once.
func (b *book) open(pkg *packages.Package) {
	if b.read[pkg] {
		return
	}
	b.read[pkg] = true
	fns := b.p.FuncsOf(pkg)
	for _, fn := range fns {
		b.ops[fn] = b.direct(fn)
	}
	for _, fn := range fns {
		if f, ok := fn.Info().Defs[fn.Decl.Name].(*types.Func); ok {
			if o, ok := wrapped(fn, b.ops[fn]); ok {
				b.wrappers[f] = o
			}
		}
	}
	for _, fn := range fns {
		if len(b.wrappers) > 0 {
			b.ops[fn] = append(b.ops[fn], b.throughWrappers(fn)...)
		}
		slices.SortFunc(b.ops[fn], func(x, y op) int { return int(x.call.Pos() - y.call.Pos()) })
		for _, c := range sections(fn, b.ops[fn]) {
			c.lock.sections = append(c.lock.sections, c)
			b.sections[fn] = append(b.sections[fn], c)
		}
	}
}

// wrapped reports whether fn does nothing with locks but take or give back one.
func wrapped(fn *load.Func, ops []op) (op, bool) {
	if len(ops) != 1 || fn.Decl.Body == nil || len(fn.Decl.Body.List) > 3 || ops[0].deferred || ops[0].scope != ast.Node(fn.Decl) {
		return op{}, false
	}
	return ops[0], true
}

// isWrapper reports whether fn only takes or only gives back a lock for its caller.
func (b *book) isWrapper(fn *load.Func) bool {
	f, ok := fn.Info().Defs[fn.Decl.Name].(*types.Func)
	if !ok {
		return false
	}
	_, ok = b.wrappers[f]
	return ok
}

// direct returns the calls in fn of the methods of locks.
func (b *book) direct(fn *load.Func) []op {
	return b.collect(fn, func(call *ast.CallExpr) (op, bool) {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || !isLockMethod(fn.Info(), sel) {
			return op{}, false
		}
		l, expr := b.lockOf(fn, sel)
		if l == nil {
			return op{}, false
		}
		return op{call: call, lock: l, method: sel.Sel.Name, expr: expr}, true
	})
}

// throughWrappers returns the calls in fn of methods that wrap a lock's.
func (b *book) throughWrappers(fn *load.Func) []op {
	return b.collect(fn, func(call *ast.CallExpr) (op, bool) {
		f := load.Callee(fn.Info(), call)
		if f == nil {
			return op{}, false
		}
		w, ok := b.wrappers[f.Origin()]
		return op{call: call, lock: w.lock, method: w.method, expr: w.expr}, ok
	})
}

func (b *book) collect(fn *load.Func, match func(*ast.CallExpr) (op, bool)) []op {
	var ops []op
	scopes := []ast.Node{fn.Decl}
	deferred := make(map[*ast.CallExpr]bool)
	var walk func(n ast.Node) bool
	walk = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			scopes = append(scopes, n)
			ast.Inspect(n.Body, walk)
			scopes = scopes[:len(scopes)-1]
			return false
		case *ast.DeferStmt:
			deferred[n.Call] = true
		case *ast.CallExpr:
			if o, ok := match(n); ok {
				o.deferred, o.scope = deferred[n], scopes[len(scopes)-1]
				ops = append(ops, o)
			}
		}
		return true
	}
	if fn.Decl.Body != nil {
		ast.Inspect(fn.Decl.Body, walk)
	}
	return ops
}

// isLockMethod reports whether sel names a method of sync.Mutex, sync.RWMutex or
// sync.Locker by which a lock is taken or given back.
func isLockMethod(info *types.Info, sel *ast.SelectorExpr) bool {
	f, ok := info.Uses[sel.Sel].(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != "sync" {
		return false
	}
	switch load.FuncName(f) {
	case "sync.(*Mutex).Lock", "sync.(*Mutex).Unlock", "sync.(*RWMutex).Lock", "sync.(*RWMutex).Unlock",
		"sync.(*RWMutex).RLock", "sync.(*RWMutex).RUnlock", "sync.Locker.Lock", "sync.Locker.Unlock":
		return true
	}
	return false
}

// lockOf returns the lock on which the method sel is called.
func (b *book) lockOf(fn *load.Func, sel *ast.SelectorExpr) (*lock, string) {
	info, expr := fn.Info(), load.Source(b.p.Fset, sel.X)
	if s := info.Selections[sel]; s != nil && len(s.Index()) > 1 {
		if v := embeddedField(s); v != nil {
			return b.lock(v, true), expr
		}
	}
	if v := variable(info, sel.X); v != nil {
		return b.lock(v, false), expr
	}
	return nil, ""
}

// embeddedField returns the embedded field through which a method is promoted.
func embeddedField(s *types.Selection) *types.Var {
	t := s.Recv()
	var last *types.Var
	for _, i := range s.Index()[:len(s.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok || i >= st.NumFields() {
			return nil
		}
		last = st.Field(i)
		t = last.Type()
	}
	if last == nil {
		return nil
	}
	return last.Origin()
}

// variable returns the field or variable that e names: of "a.b[i].mu" the field mu, of
// "locks[i]" the variable locks.
func variable(info *types.Info, e ast.Expr) *types.Var {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, _ := info.ObjectOf(x).(*types.Var)
			return origin(v)
		case *ast.SelectorExpr:
			v, _ := info.ObjectOf(x.Sel).(*types.Var)
			return origin(v)
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.UnaryExpr:
			e = x.X
		default:
			return nil
		}
	}
}

func origin(v *types.Var) *types.Var {
	if v == nil {
		return nil
	}
	return v.Origin()
}

func (b *book) lock(v *types.Var, embedded bool) *lock {
	l := b.locks[v]
	if l == nil {
		l = &lock{obj: v, name: v.Name(), embedded: embedded, rw: strings.HasSuffix(types.TypeString(v.Type(), nil), "sync.RWMutex")}
		if l.owner = structOf(v); l.owner != "" {
			l.name = l.owner + "." + v.Name()
		}
		b.locks[v] = l
	}
	return l
}

// structOf returns the name of the declared type of which v is a field, "" if there
// is none.
func structOf(v *types.Var) string {
	if !v.IsField() || v.Pkg() == nil {
		return ""
	}
	scope := v.Pkg().Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		if st, ok := tn.Type().Underlying().(*types.Struct); ok && hasField(st, v) {
			return name
		}
	}
	return ""
}

func hasField(st *types.Struct, v *types.Var) bool {
	for f := range st.Fields() {
		if f.Origin() == v {
			return true
		}
	}
	return false
}

// sections pairs the calls that take a lock with those that give it back. A section
// ends at the last call that gives its lock back before it is taken again, or, if
// that is deferred or not to be seen, with its function.
func sections(fn *load.Func, ops []op) []*section {
	var found []*section
	for i, o := range ops {
		if !o.takes() || o.deferred {
			continue
		}
		c := &section{lock: o.lock, fn: fn, take: o, from: o.call.Pos(), to: o.scope.End()}
		given := token.NoPos
		for _, u := range ops[i+1:] {
			if u.lock != o.lock || u.scope != o.scope {
				continue
			}
			if u.takes() {
				break
			}
			if u.deferred {
				c.deferred = true
				break
			}
			given = u.call.End()
		}
		if given.IsValid() && !c.deferred {
			c.to = given
		} else if !c.deferred && len(ops) == 1 {
			continue // taken for the caller
		}
		found = append(found, c)
	}
	return found
}

// lines returns the lines of the section, the ends included.
func (b *book) lines(c *section) (from, to int) { return b.p.Line(c.from), b.p.Line(c.to) }

// at returns the section of fn that gives back or takes its lock on the given line, or
// the one around that line, nil if there is none. A deferred call is on the line at
// which its function returns.
func (b *book) at(fn *load.Func, line int) *section {
	b.open(fn.File.Pkg)
	var around *section
	for _, c := range b.sections[fn] {
		from, to := b.lines(c)
		if from == line || to == line && !c.deferred {
			return c
		}
		if from <= line && line <= to {
			around = c
		}
	}
	if around == nil && len(b.sections[fn]) == 1 {
		around = b.sections[fn][0]
	}
	return around
}
