package repeat

import (
	"go/ast"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/internal/load"
)

// costOfCall returns what one call takes in the plain run, 0 if that cannot be told. How
// many calls that run made follows from the watched one, which made as many for each
// operation.
func costOfCall(w *analyze.Workload, share float64, r *probe.Record) float64 {
	took, ops := 0.0, 0.0
	for _, res := range w.Results {
		took += res.Values["sec/op"] * float64(res.Iters)
		ops += float64(res.Iters)
	}
	if took <= 0 || ops <= 0 || r.Ops == 0 || r.All.Calls == 0 {
		return 0
	}
	return took * share / (float64(r.All.Calls) * ops / float64(r.Ops))
}

// net returns the part of the calls' time that a memory with the hit ratio would save,
// look-ups paid, and keeping what was not found.
func (c *instance) net(ratio float64) float64 {
	look, keep := c.look, c.keep
	if c.remedy.kind == hoist || c.remedy.kind == once {
		look, keep = 0, 0 // nothing is looked up
	}
	if c.perCall <= 0 {
		return max(0, 0.9*ratio)
	}
	return min(0.99, max(0, ratio-(look+(1-ratio)*keep)/c.perCall))
}

// callsOn returns the calls of fn on a line of caller.
func callsOn(p *load.Program, caller *load.Func, line int, fn *load.Func) []*ast.CallExpr {
	var calls []*ast.CallExpr
	for _, n := range p.Nodes(caller, line) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			continue
		}
		if f := load.Callee(caller.Info(), call); f != nil && load.FuncName(f) == fn.Name {
			calls = append(calls, call)
		}
	}
	return calls
}
