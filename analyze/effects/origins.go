package effects

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// origins returns where the reference v may lead: the memory that a load or a store
// through it touches.
func (a *Analysis) origins(in *info, v ssa.Value) origins {
	if os, ok := in.where[v]; ok {
		return os
	}
	os := make(origins)
	(&walk{a: a, in: in, os: os, seen: make(map[visit]bool)}).value(v, false)
	in.where[v] = os
	return os
}

// everything is origins with all that can be reached from v.
func (a *Analysis) everything(in *info, v ssa.Value) origins {
	os := make(origins)
	(&walk{a: a, in: in, os: os, seen: make(map[visit]bool)}).value(v, true)
	return os
}

// A walk collects origins.
type walk struct {
	a    *Analysis
	in   *info
	os   origins
	seen map[visit]bool
}

// A visit is of a value; deep, if what matters is what is in the memory it leads to.
type visit struct {
	v    ssa.Value
	deep bool
}

func (w *walk) value(v ssa.Value, deep bool) {
	if at := (visit{v, deep}); w.seen[at] {
		return
	} else {
		w.seen[at] = true
	}
	if !changeable(v.Type()) {
		w.os.add(origin{kind: made}) // it holds no reference through which anything could change
		return
	}
	from := func(vs ...ssa.Value) {
		for _, x := range vs {
			w.value(x, deep)
		}
	}
	switch v := v.(type) {
	case *ssa.Const, *ssa.Function, *ssa.Builtin:
		w.os.add(origin{kind: made})
	case *ssa.Alloc, *ssa.MakeSlice, *ssa.MakeMap, *ssa.MakeChan:
		w.made(v, deep)
	case *ssa.MakeClosure:
		w.os.add(origin{kind: made})
		from(v.Bindings...)
	case *ssa.Parameter:
		w.os.add(origin{kind: param, n: indexOf(v), deep: deep})
	case *ssa.FreeVar:
		w.os.add(origin{kind: captured, n: freeIndex(v)})
	case *ssa.Global:
		w.os.add(w.a.globalOrigin(v))
	case *ssa.FieldAddr:
		from(v.X)
	case *ssa.IndexAddr:
		from(v.X)
	case *ssa.Field:
		from(v.X)
	case *ssa.Index:
		from(v.X)
	case *ssa.Slice:
		from(v.X)
	case *ssa.ChangeType:
		from(v.X)
	case *ssa.ChangeInterface:
		from(v.X)
	case *ssa.MakeInterface:
		from(v.X)
	case *ssa.TypeAssert:
		from(v.X)
	case *ssa.SliceToArrayPointer:
		from(v.X)
	case *ssa.MultiConvert:
		from(v.X)
	case *ssa.Convert:
		if isUnsafe(v.Type()) || isUnsafe(v.X.Type()) {
			w.os.add(origin{kind: unseen})
			return
		}
		w.os.add(origin{kind: made}) // conversions between strings and slices copy
	case *ssa.Extract:
		from(v.Tuple)
	case *ssa.Phi:
		from(v.Edges...)
	case *ssa.Lookup:
		w.value(v.X, true)
	case *ssa.Range:
		w.value(v.X, true)
	case *ssa.Next:
		w.value(v.Iter, true)
	case *ssa.BinOp:
		w.os.add(origin{kind: made}) // a string, a number
	case *ssa.UnOp:
		switch v.Op {
		case token.MUL:
			w.value(v.X, true)
		case token.ARROW:
			w.os.add(origin{kind: unseen})
		default:
			w.os.add(origin{kind: made})
		}
	case *ssa.Call:
		w.call(v, deep)
	default:
		w.os.add(origin{kind: unseen})
	}
}

// made adds memory that the function made. What is in it is what was stored there, or
// through a reference of which it is not plain where it leads.
func (w *walk) made(v ssa.Value, deep bool) {
	w.os.add(origin{kind: made})
	if !deep {
		return
	}
	vals, escapes := stores(w.a, v)
	for _, x := range append(vals, w.in.wild()...) {
		if changeable(x.Type()) {
			w.value(x, true)
		}
	}
	if escapes {
		w.os.add(origin{kind: unseen})
	}
}

// wild returns what the function stores through references that are not plain.
func (in *info) wild() []ssa.Value {
	if in.wildly == nil {
		in.wildly = []ssa.Value{}
		for _, b := range in.fn.Blocks {
			for _, instr := range b.Instrs {
				switch x := instr.(type) {
				case *ssa.Store:
					if base(x.Addr) == nil {
						in.wildly = append(in.wildly, x.Val)
					}
				case *ssa.MapUpdate:
					if base(x.Map) == nil {
						in.wildly = append(in.wildly, x.Key, x.Value)
					}
				}
			}
		}
	}
	return in.wildly
}

func isUnsafe(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.UnsafePointer
}

// base returns the allocation that an address is in, nil if it is not plain.
func base(v ssa.Value) ssa.Value {
	for range 20 {
		switch x := v.(type) {
		case *ssa.Alloc, *ssa.MakeSlice, *ssa.MakeMap:
			return x
		case *ssa.FieldAddr:
			v = x.X
		case *ssa.IndexAddr:
			v = x.X
		case *ssa.Slice:
			v = x.X
		case *ssa.ChangeType:
			v = x.X
		default:
			return nil
		}
	}
	return nil
}

// stores returns the values that are stored below an allocation in this function, and what
// is handed to calls together with it: they may store that there. It escapes if a closure
// may store something.
func stores(a *Analysis, root ssa.Value) (vals []ssa.Value, escapes bool) {
	seen := make(map[ssa.Value]bool)
	var visit func(v ssa.Value)
	visit = func(v ssa.Value) {
		if seen[v] || v.Referrers() == nil {
			return
		}
		seen[v] = true
		for _, r := range *v.Referrers() {
			switch r := r.(type) {
			case *ssa.Store:
				if r.Addr == v {
					vals = append(vals, r.Val)
				}
			case *ssa.MapUpdate:
				if r.Map == v {
					vals = append(vals, r.Value, r.Key)
				}
			case *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Slice, *ssa.ChangeType, *ssa.MakeInterface:
				visit(r.(ssa.Value))
			case *ssa.MakeClosure:
				if in := a.infos[r.Fn.(*ssa.Function)]; in == nil || in.writesC != 0 {
					escapes = true
				}
			case ssa.CallInstruction:
				if _, builtin := r.Common().Value.(*ssa.Builtin); !builtin {
					vals = append(vals, argsOf(r.Common())...)
				} else if r.Common().Value.Name() == "copy" {
					vals = append(vals, r.Common().Args[1])
				}
			}
		}
	}
	visit(root)
	return vals, escapes
}

// call adds where the results of a call may lead.
func (w *walk) call(call *ssa.Call, deep bool) {
	c := call.Common()
	if b, ok := c.Value.(*ssa.Builtin); ok {
		w.os.add(origin{kind: made})
		if b.Name() == "append" {
			w.value(c.Args[0], deep)
			if len(c.Args) > 1 && changeable(elem(c.Args[1].Type())) {
				w.value(c.Args[1], deep)
			}
		}
		return
	}
	if !changeable(call.Type()) {
		w.os.add(origin{kind: made})
		return
	}
	callee, bindings := w.a.callee(c)
	if callee != nil && w.a.infos[callee] != nil && callee.Blocks != nil {
		for o := range w.a.infos[callee].results {
			w.translate(o, c, bindings)
		}
		return
	}
	k := w.a.outside(c, callee)
	w.os.add(origin{kind: made})
	if k.shares&SharesArgs != 0 {
		for _, arg := range argsOf(c) {
			if changeable(arg.Type()) {
				w.value(arg, true)
			}
		}
	}
	if k.shares&SharesUnknown != 0 || k.kinds&Unknown != 0 {
		w.os.add(origin{kind: unseen})
	}
}

// translate says what an origin in a callee is in the caller.
func (w *walk) translate(o origin, c *ssa.CallCommon, bindings []ssa.Value) {
	vals := argsOf(c)
	switch o.kind {
	case param:
	case captured:
		vals = bindings
	default:
		w.os.add(o)
		return
	}
	if o.n < len(vals) {
		w.value(vals[o.n], true)
		return
	}
	w.os.add(origin{kind: unseen})
}

// argsOf returns the arguments of a call with its receiver first.
func argsOf(c *ssa.CallCommon) []ssa.Value {
	if c.IsInvoke() {
		return append([]ssa.Value{c.Value}, c.Args...)
	}
	return c.Args
}

func indexOf(p *ssa.Parameter) int {
	for i, q := range p.Parent().Params {
		if p == q {
			return i
		}
	}
	return mostParams
}

func freeIndex(v *ssa.FreeVar) int {
	for i, q := range v.Parent().FreeVars {
		if v == q {
			return i
		}
	}
	return mostParams
}
