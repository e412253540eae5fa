package contention

import (
	"go/ast"

	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// minDear is the part of the time with a lock held from which on a single call under
// it is worth naming.
const minDear = 0.3

// dearest returns the call in the primary's section under which most of its CPU time
// passes, and that part, if it may as well be made without the lock: neither it nor
// what it calls uses anything that the lock protects. It returns nil if there is none.
func (v verdict) dearest() (*ast.CallExpr, float64) {
	sect := v.primary.section
	if sect == nil || v.u.held <= 0 {
		return nil, 0
	}
	p, ix := v.c.w.Profiles["cpu"], v.c.s.Index(v.c.w, "cpu", "cpu")
	if p == nil {
		return nil, 0
	}
	shares := make(map[profile.Frame]float64) // by callee and line of the call
	from, to := v.c.book.lines(sect)
	i := p.Index("cpu")
	for _, smp := range p.Samples {
		for k, fr := range smp.Stack {
			if k > 0 && from <= fr.Line && fr.Line <= to && v.c.funcAt(fr) == sect.fn {
				shares[profile.Frame{Func: smp.Stack[k-1].Func, Line: fr.Line}] += ix.Share(smp.Values[i])
				break
			}
		}
	}
	var at profile.Frame
	for fr, s := range shares {
		if s > shares[at] || s == shares[at] && fr.Line < at.Line {
			at = fr
		}
	}
	if shares[at] < minDear*v.u.held {
		return nil, 0
	}
	return v.free(at), shares[at] / v.u.held
}

// free returns the call of the named function on a line of the primary's section if it
// uses nothing protected, else nil.
func (v verdict) free(at profile.Frame) *ast.CallExpr {
	sect := v.primary.section
	var found *ast.CallExpr
	for _, n := range v.c.book.p.Nodes(sect.fn, at.Line) {
		call, ok := n.(*ast.CallExpr)
		if !ok || found != nil || call.Pos() <= sect.from || sect.to < call.End() {
			continue
		}
		f := load.Callee(sect.fn.Info(), call)
		if f != nil && load.FuncName(f) == at.Func && v.c.book.p.Func(at.Func) != nil && !v.touches(call) {
			found = call
		}
	}
	return found
}

// touches reports whether a call, with its arguments and what it calls, uses anything
// that the section's lock protects.
func (v verdict) touches(call *ast.CallExpr) bool {
	f := new(facts)
	sect := v.primary.section
	all := *sect
	all.from, all.to = call.Pos(), call.End()
	r := &reader{b: v.c.book, c: &all, f: f, seen: make(map[*load.Func]bool)}
	r.body(sect.fn, call, 0)
	return len(f.reads) > 0 || len(f.writes) > 0
}
