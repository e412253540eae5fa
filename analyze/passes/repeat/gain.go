package repeat

import (
	"go/ast"
	"strconv"
	"sync"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/memo"
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
// look-ups paid.
func (c *instance) net(ratio, look float64) float64 {
	if c.remedy.kind == hoist || c.remedy.kind == once {
		look = 0 // nothing is looked up
	}
	if c.perCall <= 0 {
		return max(0, 0.9*ratio)
	}
	return min(0.99, max(0, ratio-look/c.perCall))
}

// lookUp returns what a look-up of such an input takes in package memo on this machine,
// in seconds.
func lookUp(r *probe.Record) float64 {
	short, perByte := lookUps()
	bytes := 0
	for _, s := range r.Samples {
		n := 0
		for _, v := range s.Values {
			n += len(v.Text)
		}
		bytes = max(bytes, n)
	}
	return short + perByte*float64(bytes)
}

// lookUps measures what a hit in a memo takes, of a short key and for each byte more. It
// takes some milliseconds, once.
var lookUps = sync.OnceValues(func() (short, perByte float64) {
	const few, many = 8, 512
	short = hitCost(few)
	return short, max(0, (hitCost(many)-short)/(many-few))
})

// hitCost returns the least time of a hit, over some rounds, for keys of the given length.
func hitCost(length int) float64 {
	keys := make([]string, 64)
	for i := range keys {
		keys[i] = strconv.Itoa(i + 1e6)
		for len(keys[i]) < length {
			keys[i] += keys[i]
		}
		keys[i] = keys[i][:length-2] + strconv.Itoa(10+i)
	}
	fast, _ := memo.Wrap(func(s string) int { return len(s) }, nil)
	best := time.Hour
	for range 5 {
		start := time.Now()
		for i := range 4096 {
			fast(keys[i%len(keys)])
		}
		best = min(best, time.Since(start))
	}
	return best.Seconds() / 4096
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
