package effects

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// unmasked returns what is known of a function that fills: if it, or what it calls, looks at
// what is filled without the test, its answer may tell whether that was filled before, and
// the fills are changes of its arguments.
func (a *Analysis) unmasked(in *info) *info {
	r := a.reached(in.fn)
	keyed := make(map[*types.Var]bool)
	for _, h := range r {
		for _, c := range h.fills {
			keyed[c.field] = keyed[c.field] || c.key != nil
		}
	}
	for _, h := range r {
		if at := h.exposes(keyed); at != nil {
			changed := *in
			changed.kinds = in.kinds&^Fills | WritesArgs
			if in.kinds&WritesArgs == 0 {
				changed.causes = map[Kind]cause{WritesArgs: in.causes[Fills]}
				for k, c := range in.causes {
					if k != Fills {
						changed.causes[k] = c
					}
				}
			}
			return &changed
		}
	}
	return in
}

// reached returns what is known of f and of what it calls, but for what is called to fill.
func (a *Analysis) reached(f *ssa.Function) []*info {
	seen := map[*ssa.Function]bool{f: true}
	var all []*info
	for todo := []*ssa.Function{f}; len(todo) > 0; {
		in := a.infos[todo[0]]
		todo = todo[1:]
		if in == nil {
			continue
		}
		all = append(all, in)
		for _, b := range in.fn.Blocks {
			for _, instr := range b.Instrs {
				for _, next := range a.leads(in, instr) {
					if !seen[next] {
						seen[next] = true
						todo = append(todo, next)
					}
				}
			}
		}
	}
	return all
}

// leads returns the functions that an instruction calls or hands on, not those called to fill.
func (a *Analysis) leads(in *info, instr ssa.Instruction) (fs []*ssa.Function) {
	if call, ok := instr.(ssa.CallInstruction); ok {
		if a.fillCall(in, call) != nil {
			return nil
		}
		if f, _ := a.callee(call.Common()); f != nil {
			fs = append(fs, f)
		}
	}
	for _, op := range instr.Operands(nil) {
		switch v := (*op).(type) {
		case *ssa.Function:
			fs = append(fs, v)
		case *ssa.MakeClosure:
			fs = append(fs, v.Fn.(*ssa.Function))
		}
	}
	if c, ok := instr.(*ssa.MakeClosure); ok {
		fs = append(fs, c.Fn.(*ssa.Function))
	}
	return fs
}

// isFill reports whether a store or an update is part of a fill.
func (in *info) isFill(instr ssa.Instruction) bool {
	return slices.ContainsFunc(in.fills, func(c *fill) bool { return c.writes(instr) })
}

// fillCall returns the fill that a call is part of: it stands where a field was found
// missing, and writes that field of the same object and nothing else of it.
func (a *Analysis) fillCall(in *info, call ssa.CallInstruction) *fill {
	callee, _ := a.callee(call.Common())
	its := a.infos[callee]
	if callee == nil || its == nil || callee.Blocks == nil {
		return nil
	}
	args := argsOf(call.Common())
	for _, c := range in.fills {
		if c.key != nil || !c.at.Dominates(call.Block()) {
			continue
		}
		i := slices.Index(args, ssa.Value(c.root))
		mask := its.writesP.near | its.writesP.deep
		if i >= 0 && i < mostParams && mask == bit(i) && a.writesOnly(callee, i, c.steps, 0) {
			return c
		}
	}
	return nil
}

// writesOnly reports whether all that f changes behind its i-th parameter is one field, and
// what is in it.
func (a *Analysis) writesOnly(f *ssa.Function, i int, steps string, depth int) bool {
	in := a.infos[f]
	if depth > 3 || in == nil || i >= len(f.Params) {
		return false
	}
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			var addr ssa.Value
			switch x := instr.(type) {
			case *ssa.Store:
				addr = x.Addr
			case *ssa.MapUpdate:
				addr = x.Map
			case *ssa.MakeClosure:
				return false
			case ssa.CallInstruction:
				if !a.callWritesOnly(in, x, i, steps, depth) {
					return false
				}
				continue
			default:
				continue
			}
			if a.leadsTo(in, addr, i) && !isWay(addr, f.Params[i], steps) {
				return false
			}
		}
	}
	return true
}

// callWritesOnly is writesOnly of a call in f.
func (a *Analysis) callWritesOnly(in *info, call ssa.CallInstruction, i int, steps string, depth int) bool {
	c := call.Common()
	args := argsOf(c)
	callee, _ := a.callee(c)
	for j, arg := range args {
		if !changeable(arg.Type()) || !a.leadsTo(in, arg, i) {
			continue
		}
		if _, ok := c.Value.(*ssa.Builtin); ok {
			switch c.Value.Name() {
			case "len", "cap":
				continue
			}
			return false
		}
		its := a.infos[callee]
		if callee == nil || its == nil || callee.Blocks == nil {
			return false
		}
		if (its.writesP.near|its.writesP.deep)&bit(j) == 0 {
			continue
		}
		if arg != ssa.Value(in.fn.Params[i]) || !a.writesOnly(callee, j, steps, depth+1) {
			return false
		}
	}
	return true
}

// leadsTo reports whether a reference may lead to what the i-th parameter leads to.
func (a *Analysis) leadsTo(in *info, v ssa.Value, i int) bool {
	os := make(origins)
	(&walk{a: a, in: in, os: os, seen: make(map[visit]bool)}).value(v, false)
	for o := range os {
		if o.kind == param && o.n == i || o.kind == unseen {
			return true
		}
	}
	return false
}

// isWay reports whether an address is that of a field, or a map in it.
func isWay(addr ssa.Value, p *ssa.Parameter, steps string) bool {
	if load, ok := addr.(*ssa.UnOp); ok {
		addr = load.X
	}
	root, s, field := wayTo(addr)
	return field != nil && root == p && s == steps
}

// exposes returns an instruction that looks at one of the fields, which are filled, without
// the test; nil if there is none. Of a field whose map is filled by keys, nobody may look at
// anything but the entry of his own key.
func (in *info) exposes(keyed map[*types.Var]bool) ssa.Instruction {
	for _, b := range in.fn.Blocks {
		for _, instr := range b.Instrs {
			switch x := instr.(type) {
			case *ssa.FieldAddr:
				if byKey, ok := keyed[fieldOf(x)]; ok && !in.tests(x, byKey) {
					return x
				}
			case *ssa.Field:
				if s, ok := x.X.Type().Underlying().(*types.Struct); ok {
					if _, ok := keyed[s.Field(x.Field).Origin()]; ok {
						return x
					}
				}
			case *ssa.UnOp:
				if x.Op == token.MUL && holdsField(x.Type(), keyed) {
					return x
				}
			case *ssa.MakeInterface:
				t := x.X.Type()
				if p, ok := t.Underlying().(*types.Pointer); ok {
					t = p.Elem()
				}
				if holdsField(t, keyed) {
					return x
				}
			}
		}
	}
	return nil
}

// holdsField reports whether a struct has one of the fields.
func holdsField(t types.Type, fields map[*types.Var]bool) bool {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if _, ok := fields[f.Origin()]; ok || holdsField(f.Type(), fields) {
			return true
		}
	}
	return false
}

// tests reports whether all that is done with the address of a field is part of a fill, or
// comes after its test.
func (in *info) tests(addr *ssa.FieldAddr, byKey bool) bool {
	for _, r := range *addr.Referrers() {
		switch r := r.(type) {
		case *ssa.DebugRef:
		case *ssa.Store:
			if !in.isFill(r) {
				return false
			}
		case *ssa.UnOp:
			if !in.knows(r, byKey) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// knows reports whether a load of a field is that of a test, or comes after one.
func (in *info) knows(load *ssa.UnOp, byKey bool) bool {
	for _, c := range in.fills {
		if c.load == load {
			return true
		}
		if _, steps, field := way(load); field != c.field || steps != c.steps {
			continue
		}
		if c.key == nil && !byKey && c.test != load.Block() && c.test.Dominates(load.Block()) {
			return true
		}
		if c.key != nil && c.test.Dominates(load.Block()) && !slices.ContainsFunc(*load.Referrers(), func(r ssa.Instruction) bool {
			look, ok := r.(*ssa.Lookup)
			return !c.writes(r) && !(ok && look.Index == c.key)
		}) {
			return true
		}
	}
	return false
}
