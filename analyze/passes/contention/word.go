package contention

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/whetgo/whet/internal/load"
)

// A word is a variable that can do without its lock, since it fits an atomic and is
// all that the lock guards.
type word struct {
	name, typ   string // "value", "atomic.Uint64"
	store, load string // "g.value.Store(math.Float64bits(v))", "math.Float64frombits(g.value.Load())"
}

// word returns the variable that the primary's section sets, if an atomic can take the
// place of the lock: no code that holds it uses anything else it guards, or sets the
// variable to something that depends on what it was.
func (v verdict) word() (word, bool) {
	if len(v.facts.vars) != 1 || v.facts.sets == 0 || len(v.facts.under) > 0 {
		return word{}, false
	}
	o := v.facts.vars[0]
	for _, sect := range v.u.lock.sections {
		f := v.c.book.factsOf(sect)
		if len(f.vars) > 1 || len(f.vars) == 1 && f.vars[0] != o || f.partly || len(f.writes) > 0 && f.sets != f.mentions {
			return word{}, false
		}
	}
	to := v.setTo(o)
	if to == nil {
		return word{}, false
	}
	return atomically(o, dotted(receiver(v.primary.section), o.Name(), v), load.Source(v.c.book.p.Fset, to))
}

// setTo returns what the primary's section sets a variable to, nil if that is not
// stated in an assignment of its own.
func (v verdict) setTo(o *types.Var) ast.Expr {
	sect := v.primary.section
	var to ast.Expr
	ast.Inspect(sect.fn.Decl.Body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if ok && sect.from <= a.Pos() && a.End() <= sect.to && len(a.Lhs) == 1 && len(a.Rhs) == 1 && variable(sect.fn.Info(), a.Lhs[0]) == o {
			to = a.Rhs[0]
		}
		return true
	})
	return to
}

// atomically returns how a variable, which the source calls expr, is kept in an atomic.
func atomically(o *types.Var, expr, to string) (word, bool) {
	w := word{name: o.Name(), store: fmt.Sprintf("%s.Store(%s)", expr, to), load: expr + ".Load()"}
	switch t := o.Type().Underlying().(type) {
	case *types.Basic:
		switch {
		case t.Kind() == types.Float64:
			w.typ, w.store, w.load = "atomic.Uint64", fmt.Sprintf("%s.Store(math.Float64bits(%s))", expr, to), fmt.Sprintf("math.Float64frombits(%s.Load())", expr)
		case t.Kind() == types.Bool:
			w.typ = "atomic.Bool"
		case t.Kind() == types.Int64:
			w.typ = "atomic.Int64"
		case t.Kind() == types.Uint64:
			w.typ = "atomic.Uint64"
		case t.Info()&types.IsInteger != 0:
			w.typ, w.store, w.load = "atomic.Int64", fmt.Sprintf("%s.Store(int64(%s))", expr, to), fmt.Sprintf("%s(%s.Load())", typeName(o), expr)
		}
	case *types.Pointer:
		w.typ = "atomic.Pointer[" + types.TypeString(t.Elem(), types.RelativeTo(o.Pkg())) + "]"
	}
	return w, w.typ != ""
}

// set counts the assignments that give something protected a whole new value.
func (r *reader) set(fn *load.Func, e ast.Expr, tok token.Token) {
	if tok == token.ASSIGN && r.protected(fn, ast.Unparen(e)) != nil {
		r.f.sets++
	}
}

// atom is the remedy for a lock around one word.
func (v verdict) atom(where string, w word) (do, snippet string, doubts []string) {
	return fmt.Sprintf("make %s an %s and set it in %s without %s, which guards nothing else", w.name, w.typ, where, v.name()),
		fmt.Sprintf("%s %s // was guarded by %s\n\n// in %s:\n%s\n\n// to read it:\n%s", w.name, w.typ, v.name(), where, w.store, w.load),
		[]string{"an atomic that many goroutines set is still passed between processors: one for each goroutine, summed up when read, costs less where that will do"}
}
