package repeat

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/effects"
	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// A site is a call, on a hot line, of a function of somebody else.
type site struct {
	callee   string
	expr     *ast.CallExpr
	constant bool // all of its arguments are constants
}

// cheap are functions that are not worth a memory whatever they cost: a look-up does the
// same work.
var cheap = []string{
	"append", "errors.New", "strings.HasPrefix", "strings.HasSuffix", "strings.EqualFold", "bytes.Equal", "bytes.Compare",
	"hash/maphash.String", "hash/maphash.Comparable", "reflect.TypeOf", "reflect.ValueOf",
}

// anew are functions that make an object for the caller to use up or to change: each wants
// one of its own.
var anew = []string{
	"reflect.New", "reflect.MakeSlice", "reflect.MakeMap", "reflect.MakeMapWithSize", "reflect.Zero",
	"bytes.NewBuffer", "bytes.NewBufferString", "bytes.NewReader", "strings.NewReader",
	"text/template.New", "html/template.New", "log.New", "encoding/json.NewDecoder", "encoding/json.NewEncoder",
	"compress/gzip.NewReader", "compress/gzip.NewWriter", "compress/flate.NewReader", "compress/flate.NewWriter",
}

// calls adds the calls on hot lines of functions that are not the subject's, and whose
// answers may be kept: a load from sync/atomic is what a look-up begins with.
func (st *Study) calls(w *analyze.Workload, least float64) {
	ix := st.s.Index(w, "cpu", "cpu")
	for _, ln := range ix.Lines() {
		fn := st.s.Program.FuncAt(ln.Frame)
		if fn == nil || isInit(fn.Name) {
			continue
		}
		for _, n := range st.s.Program.Nodes(fn, ln.Line) {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				continue
			}
			st.call(w, ix, ln, fn, call, least)
		}
	}
}

func (st *Study) call(w *analyze.Workload, ix *profile.Index, ln *profile.Line, fn *load.Func, call *ast.CallExpr, least float64) {
	f := load.Callee(fn.Info(), call)
	if f == nil || f.Pkg() == nil || f.Pkg().Path() == "sync/atomic" || st.s.Program.IsLocal(f.Pkg().Path(), "") || f.Pkg() == fn.File.Pkg.Types {
		return
	}
	name := load.FuncName(f)
	share := ix.Share(ln.Below[name])
	heap := st.s.Index(w, "heap", "alloc_space")
	if hl := heap.At(ln.Frame); hl != nil {
		share += heap.Share(hl.Below[name]) * ix.Share(ix.GC)
	}
	if share < least || slices.Contains(cheap, name) || slices.Contains(anew, name) || f.Signature().Results().Len() == 0 {
		return
	}
	e := st.effects.Of(name)
	if e == nil {
		e = effects.Known(f)
	}
	if e == nil || e.Has(never) || e.Has(effects.Unknown) {
		return
	}
	st.add(w, min(1, share), &spot{
		fn: fn, effects: e, frame: ln.Frame,
		call: &site{callee: name, expr: call, constant: constant(fn.Info(), call)},
		cand: probe.Candidate{Func: fn.Name, Line: st.s.Program.Line(call.Pos()), Callee: name, Mode: probe.Repeats, Fresh: e.Results&^effects.SharesResult == 0},
	})
}

// constant reports whether a call has arguments and all of them, a receiver among them, are
// constants.
func constant(info *types.Info, call *ast.CallExpr) bool {
	for _, arg := range call.Args {
		if tv := info.Types[arg]; tv.Value == nil {
			return false
		}
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return len(call.Args) > 0
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok {
		return false
	}
	_, isPackage := info.Uses[id].(*types.PkgName)
	return isPackage && len(call.Args) > 0
}

// invariant returns the innermost loop around the call in which none of what the call is
// given changes, and the loop's first line; false if there is no such loop.
func invariant(fn *load.Func, call *ast.CallExpr) (ast.Stmt, bool) {
	var loop ast.Stmt
	for _, n := range load.Around(fn, call.Pos()) {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if !insideHeader(n.(ast.Stmt), call) {
				loop = n.(ast.Stmt)
			}
		case *ast.FuncLit:
			loop = nil // it runs when it is called
		}
	}
	if loop == nil {
		return nil, false
	}
	changed := assigned(fn.Info(), loop)
	same := true
	ast.Inspect(call, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.Ident:
			if o := fn.Info().Uses[x]; o != nil && (changed[o] || declaredIn(o, loop)) {
				same = false
			}
		case *ast.CallExpr:
			if x != call && load.Callee(fn.Info(), x) != nil {
				same = false // what it returns may change
			}
		case *ast.IndexExpr, *ast.StarExpr, *ast.FuncLit:
			same = false // what it holds may change
		}
		return same
	})
	return loop, same
}

// insideHeader reports whether the call is evaluated before the loop's first turn, once.
func insideHeader(loop ast.Stmt, call *ast.CallExpr) bool {
	if r, ok := loop.(*ast.RangeStmt); ok {
		return r.X.Pos() <= call.Pos() && call.End() <= r.X.End()
	}
	f := loop.(*ast.ForStmt)
	return f.Init != nil && f.Init.Pos() <= call.Pos() && call.End() <= f.Init.End()
}

// declaredIn reports whether a variable is one of the loop's own.
func declaredIn(o types.Object, loop ast.Stmt) bool {
	v, ok := o.(*types.Var)
	return ok && !v.IsField() && loop.Pos() <= v.Pos() && v.Pos() < loop.End()
}

// assigned returns the variables and fields that are set in a loop, or whose address is taken.
func assigned(info *types.Info, loop ast.Stmt) map[types.Object]bool {
	set := make(map[types.Object]bool)
	mark := func(e ast.Expr) {
		if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
			if o := info.Uses[sel.Sel]; o != nil {
				set[o] = true
				return
			}
		}
		if id := load.Root(e); id != nil {
			if o := load.ObjectOf(info, id); o != nil {
				set[o] = true
			}
		}
	}
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				mark(l)
			}
		case *ast.IncDecStmt:
			mark(n.X)
		case *ast.RangeStmt:
			if n.Key != nil {
				mark(n.Key)
			}
			if n.Value != nil {
				mark(n.Value)
			}
		case *ast.UnaryExpr:
			if n.Op.String() == "&" {
				mark(n.X)
			}
		}
		return true
	})
	return set
}
