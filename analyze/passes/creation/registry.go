package creation

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

const (
	leastPath = 0.05 // of a workload's time: what access, or first use, must cost
	leastWait = 0.1  // of an operation's time: what waiting for the registry must cost
)

// A registry is a function that finds an object in a map under a lock, and makes it
// where there is none.
type registry struct {
	fn     *load.Func
	lock   *ast.CallExpr
	table  ast.Expr // the map
	key    ast.Expr // of the look-up
	lookup ast.Node // the statement
	store  *ast.AssignStmt
	held   span       // from the lock until it is let go
	making []ast.Node // the statements that make the object
	built  ast.Expr   // what the key is made of, where it is put together for this; nil if it is not
}

// registries finds look-ups under a lock that cost more than a look-up should.
func registries(s *analyze.Session, w *analyze.Workload, all *analyze.Places) {
	ix := s.Index(w, "cpu", "cpu")
	seen := make(map[string]bool)
	for _, f := range ix.Funcs {
		name := profile.Enclosing(f.Name)
		if f.Owner != profile.Own && f.Owner != profile.Library || ix.Share(f.Cum) < leastPath || seen[name] {
			continue
		}
		seen[name] = true
		fn := s.Program.Func(f.Name)
		if fn == nil || fn.Decl.Body == nil {
			continue
		}
		if r := findRegistry(fn); r != nil {
			if n, ok := r.finding(s, w, ix, f); ok {
				all.Add(n)
			}
		}
	}
}

// findRegistry returns the registry that fn is, nil if it is none.
func findRegistry(fn *load.Func) *registry {
	r := &registry{fn: fn}
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if r.lock == nil && isLock(fn.Info(), n) {
				r.lock = n
			}
		case *ast.AssignStmt:
			r.see(n)
		}
		return true
	})
	if r.lock == nil || r.lookup == nil || r.store == nil {
		return nil
	}
	r.held = r.section()
	r.making = r.makers()
	r.built = r.keyExpr()
	return r
}

// A span is a part of the source, as a node is.
type span struct{ from, to token.Pos }

func (s span) Pos() token.Pos { return s.from }
func (s span) End() token.Pos { return s.to }

// section returns what is done from the lock until it is let go behind the store: at the
// end of the function, if that is deferred.
func (r *registry) section() span {
	held := span{r.lock.Pos(), r.fn.Decl.Body.Rbrace}
	lock := r.lock.Fun.(*ast.SelectorExpr)
	ast.Inspect(r.fn.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.DeferStmt:
			return false
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if ok && strings.HasSuffix(sel.Sel.Name, "Unlock") && types.ExprString(sel.X) == types.ExprString(lock.X) &&
				r.store.End() < n.Pos() && n.End() < held.to {
				held.to = n.End()
			}
		}
		return true
	})
	return held
}

// see notes the look-up, then the assignment to the same map, behind the lock.
func (r *registry) see(n *ast.AssignStmt) {
	if r.lock == nil {
		return
	}
	if len(n.Rhs) == 1 && r.lookup == nil {
		if ix, ok := ast.Unparen(n.Rhs[0]).(*ast.IndexExpr); ok && r.longLived(ix.X) {
			r.lookup, r.table, r.key = n, ix.X, ix.Index
			return
		}
	}
	if len(n.Lhs) != 1 || r.lookup == nil || r.store != nil {
		return
	}
	if ix, ok := ast.Unparen(n.Lhs[0]).(*ast.IndexExpr); ok && types.ExprString(ix.X) == types.ExprString(r.table) {
		r.store = n
	}
}

// longLived reports whether e is a map in a package variable or a field.
func (r *registry) longLived(e ast.Expr) bool {
	info := r.fn.Info()
	t := info.TypeOf(e)
	if t == nil {
		return false
	}
	if _, ok := t.Underlying().(*types.Map); !ok {
		return false
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := info.Uses[x].(*types.Var)
		return ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
	case *ast.SelectorExpr:
		return true
	}
	return false
}

func isLock(info *types.Info, call *ast.CallExpr) bool {
	f := load.Callee(info, call)
	if f == nil {
		return false
	}
	switch load.FuncName(f) {
	case "sync.(*Mutex).Lock", "sync.(*RWMutex).Lock", "sync.(*RWMutex).RLock":
		return true
	}
	return false
}

// makers returns the statements that make what is stored.
func (r *registry) makers() []ast.Node {
	info := r.fn.Info()
	used := make(map[types.Object]bool)
	ast.Inspect(r.store.Rhs[0], func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && info.Uses[id] != nil {
			used[info.Uses[id]] = true
		}
		return true
	})
	makers := []ast.Node{r.store}
	ast.Inspect(r.fn.Decl.Body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || n == r.lookup || n == ast.Node(r.store) || a.Pos() < r.lookup.End() {
			return true
		}
		for _, l := range a.Lhs {
			if id, ok := l.(*ast.Ident); ok && (used[info.Defs[id]] || used[info.Uses[id]]) && id.Name != "_" {
				makers = append(makers, a)
				break
			}
		}
		return true
	})
	return makers
}

// keyExpr returns the expression that puts the key together, nil if it is there
// already.
func (r *registry) keyExpr() ast.Expr {
	info := r.fn.Info()
	if b, ok := info.TypeOf(r.key).Underlying().(*types.Basic); !ok || b.Kind() != types.String {
		return nil
	}
	key := ast.Unparen(r.key)
	if id, ok := key.(*ast.Ident); ok {
		key = r.definition(info.Uses[id])
	}
	switch x := key.(type) {
	case *ast.CallExpr:
		if tv := info.Types[x.Fun]; tv.IsType() {
			return nil // a conversion
		}
		return x
	case *ast.BinaryExpr:
		if x.Op == token.ADD {
			return x
		}
	}
	return nil
}

// definition returns what a local variable is given, nil if that is not one expression.
func (r *registry) definition(o types.Object) ast.Expr {
	var def ast.Expr
	ast.Inspect(r.fn.Decl.Body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
			for i, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok && o != nil && r.fn.Info().Defs[id] == o {
					def = ast.Unparen(a.Rhs[i])
				}
			}
		}
		return true
	})
	return def
}

// over returns the time at lines of the function that lie within the nodes.
func over(p *load.Program, f *profile.Func, nodes ...ast.Node) int64 {
	var sum int64
	for _, ln := range f.Lines {
		for _, n := range nodes {
			if p.Line(n.Pos()) <= ln.Line && ln.Line <= p.Line(n.End()) {
				sum += ln.Cum
				break
			}
		}
	}
	return min(sum, f.Cum)
}

// finding makes the finding, and reports whether access costs enough for one.
func (r *registry) finding(s *analyze.Session, w *analyze.Workload, ix *profile.Index, f *profile.Func) (analyze.Finding, bool) {
	making := over(s.Program, f, r.making...)
	parts, building := []ast.Node{r.held}, 0.0
	if r.built != nil {
		parts = append(parts, r.built)
		building = ix.Share(over(s.Program, f, r.built))
	}
	access := ix.Share(max(0, over(s.Program, f, parts...)-making))
	waiting := r.waiting(s, w, f.Name)
	if access < leastPath || building < leastPath && waiting < leastWait {
		return analyze.Finding{}, false
	}
	where, table := profile.Short(r.fn.Name), types.ExprString(r.table)
	n := analyze.Finding{
		Rule:        "creation/registry-under-lock",
		Fingerprint: analyze.Fingerprint("creation/registry-under-lock", r.fn.Name, table),
		Title:       fmt.Sprintf("%s locks %s and looks the object up on each call, though it was made long ago", where, table),
		Confidence:  analyze.Confidence{Level: analyze.Profiled, Why: []string{fmt.Sprintf("%.0f %% of the samples of %s are accesses, %.0f %% make an object", 100*access, w.Name, 100*ix.Share(making))}},
		Locations:   r.locations(s, table),
		Repro:       w.Repro,
	}
	saved := [2]float64{0.2 * min(access, waiting), 0.8 * min(access, waiting)}
	if building >= leastPath {
		n.Title = fmt.Sprintf("%s builds a key and locks %s on each call to find what was made long ago", where, table)
		saved = [2]float64{0.5 * access, 0.95 * access}
	}
	n.Advice = r.advice(s.Program, where, table)
	n.Evidence = r.evidence(w, access, ix.Share(making), building)
	n.Gain = analyze.Gain{
		Metric: "sec/op", Workload: w.Name, Base: w.SecPerOp(), Predicted: [2]float64{-saved[0], -min(1, saved[1])},
		How: "the time under the lock in " + where + " without that of making an object, less a look-up without lock by a comparable key",
	}
	return n, true
}

func (r *registry) evidence(w *analyze.Workload, access, making, building float64) []analyze.Evidence {
	line := func(metric string, share float64) analyze.Evidence {
		e := analyze.Evidence{Source: w.Name + ", CPU profile", Metric: metric, Value: share, Unit: "1", Share: share}
		if t := w.SecPerOp(); t > 0 {
			e.Value, e.Unit = t*share, "sec/op"
		}
		return e
	}
	es := []analyze.Evidence{line("finding an object that is there", access), line("making one that is not", making)}
	if building > 0 {
		es = append(es, line("building the key", building))
	}
	return es
}

// waiting returns the part of an operation that goroutines wait for this lock where
// many run at once, by the holders in the mutex profile; 0 where nobody waits.
func (r *registry) waiting(s *analyze.Session, w *analyze.Workload, name string) float64 {
	if len(w.Sweep) == 0 {
		return 0
	}
	last := w.Sweep[len(w.Sweep)-1]
	if last.SecPerOp <= 0 {
		return 0
	}
	ix := s.Index(w, "mutex", "delay")
	f := ix.Funcs[name]
	if f == nil {
		return 0
	}
	return min(1, ix.Share(over(s.Program, f, r.held))*last.WaitPerOp/(last.WaitPerOp+last.SecPerOp))
}

func (r *registry) locations(s *analyze.Session, table string) []analyze.Location {
	at := func(n ast.Node, role, note string) analyze.Location {
		return analyze.Location{File: s.RelPath(r.fn.File.Path), Line: s.Program.Line(n.Pos()), Func: r.fn.Name, Role: role, Note: note}
	}
	ls := []analyze.Location{at(r.lock, analyze.Primary, "")}
	if r.built != nil {
		note := "the key is put together on each call"
		if r.built.Pos() > r.lock.Pos() {
			note += ", under the lock"
		}
		ls = append(ls, at(r.built, analyze.Cause, note))
	}
	return append(ls, at(r.lookup, analyze.Cause, "looks "+table+" up"), at(r.store, analyze.Cause, "reached once for each object"))
}

func (r *registry) advice(p *load.Program, where, table string) analyze.Advice {
	name := table[strings.LastIndexByte(table, '.')+1:]
	typ, made := "any", "…"
	if m, ok := r.fn.Info().TypeOf(r.table).Underlying().(*types.Map); ok {
		typ = types.TypeString(m.Elem(), func(o *types.Package) string {
			if o == r.fn.File.Pkg.Types {
				return ""
			}
			return o.Name()
		})
	}
	ret, once := typ, "sync.OnceValue"
	if call := r.makingCall(); call != nil {
		made = load.Source(p.Fset, call)
		if t, ok := r.fn.Info().TypeOf(call).(*types.Tuple); ok && t.Len() == 2 {
			ret, once = "("+typ+", error)", "sync.OnceValues"
		}
	} else {
		made = load.Source(p.Fset, r.store.Rhs[0])
	}
	key, keyType := load.Source(p.Fset, r.key), types.TypeString(r.fn.Info().TypeOf(r.key), nil)
	do, declare := fmt.Sprintf("keep %s in a sync.Map of functions by sync.OnceValue", table), ""
	if r.built != nil {
		keyType = name + "Key"
		declare = fmt.Sprintf("type %s struct { /* the values that %s puts into a string */ }\n\n", keyType, load.Source(p.Fset, r.built))
		key = keyType + "{ /* … */ }"
		do += ", by a comparable struct instead of the string"
	}
	return analyze.Advice{
		Do: do + ", so that " + where + " takes no lock for what is there, and makes each object once without holding up the others",
		Snippet: fmt.Sprintf("%svar %s sync.Map // %s → func() %s\n\n// in %s\nkey := %s\nget, ok := %s.Load(key)\nif !ok {\n\tget, _ = %s.LoadOrStore(key, %s(func() %s { return %s }))\n}\nreturn get.(func() %s)()",
			declare, name, keyType, ret, where, key, name, name, once, ret, made, ret),
		Doubts: []string{
			"what fails is kept as well: delete the entry when making it fails, so that it can be tried again",
			"the lock also ordered making one object against the next: what must not happen at once needs a lock of its own",
			"what else the lock guards in " + where + " needs it still",
		},
	}
}

// makingCall returns the call by which the object is made, nil if it is no call.
func (r *registry) makingCall() *ast.CallExpr {
	for _, n := range r.making {
		if a, ok := n.(*ast.AssignStmt); ok && a != r.store && len(a.Rhs) == 1 {
			if call, ok := ast.Unparen(a.Rhs[0]).(*ast.CallExpr); ok {
				return call
			}
		}
	}
	return nil
}
