package repeat

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/effects"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// refilling returns the part of the workload that passes in functions which change the
// objects that the spot makes anew with each call, outside of it: an object that is made
// for each use remembers nothing of the use before.
func (st *Study) refilling(sp *spot, w *analyze.Workload) float64 {
	p, ix := w.Profiles["cpu"], st.s.Index(w, "cpu", "cpu")
	made := makes(sp.fn)
	if p == nil || sp.call != nil || len(made) == 0 || p.Index("cpu") < 0 {
		return 0
	}
	fills := make(map[string]bool)
	for _, f := range ix.Funcs {
		fn := st.s.Program.Func(f.Name)
		if fn == nil || f.Name == sp.frame.Func || !handles(fn, made) {
			continue
		}
		if e := st.effects.Of(fn.Name); e != nil && e.Has(effects.WritesArgs|effects.Fills) && e.Results&^effects.SharesResult != 0 {
			fills[f.Name] = true
		}
	}
	v, sum := p.Index("cpu"), int64(0)
	for _, s := range p.Samples {
		in := slices.ContainsFunc(s.Stack, func(fr profile.Frame) bool { return fills[fr.Func] })
		own := slices.ContainsFunc(s.Stack, func(fr profile.Frame) bool { return fr.Func == sp.frame.Func })
		if in && !own {
			sum += s.Values[v]
		}
	}
	return ix.Share(sum)
}

// makes returns the types of the objects that fn makes by a literal and points to.
func makes(fn *load.Func) map[types.Object]bool {
	made := make(map[types.Object]bool)
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		u, ok := n.(*ast.UnaryExpr)
		if !ok || u.Op.String() != "&" {
			return true
		}
		if lit, ok := ast.Unparen(u.X).(*ast.CompositeLit); ok {
			if t, ok := types.Unalias(fn.Info().TypeOf(lit)).(*types.Named); ok {
				made[t.Obj()] = true
			}
		}
		return true
	})
	return made
}

// handles reports whether fn has a receiver or parameter that points to one of the types.
func handles(fn *load.Func, ts map[types.Object]bool) bool {
	obj, ok := fn.Info().Defs[fn.Decl.Name].(*types.Func)
	if !ok {
		return false
	}
	points := func(t types.Type) bool {
		p, ok := t.(*types.Pointer)
		if !ok {
			return false
		}
		n, ok := types.Unalias(p.Elem()).(*types.Named)
		return ok && ts[n.Obj()]
	}
	sig := obj.Signature()
	if r := sig.Recv(); r != nil && points(r.Type()) {
		return true
	}
	for v := range sig.Params().Variables() {
		if points(v.Type()) {
			return true
		}
	}
	return false
}
