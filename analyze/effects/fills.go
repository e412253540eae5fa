package effects

import (
	exact "go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// A fill is a place in a function at which it makes what it found missing: a field that
// was nil, zero or of no length, or an entry that a map in a field does not hold. All that
// the function does there to that field is an effect that no answer shows, if
//
//   - the test stands before it, of the same field of the same object, and for an entry,
//     of the same key;
//   - what is made follows from the object and from the key alone, so that it is the same
//     whoever asks first;
//   - the answer is the same whether it was there or was made: what is returned where it
//     was made is what was stored, and where it was there, what was found.
//
// And nobody may look at the field without such a test (see exposed).
type fill struct {
	field *types.Var      // that is filled
	root  *ssa.Parameter  // behind which it lies
	steps string          // the way from there to it
	key   ssa.Value       // of an entry, nil: of the field itself
	at    *ssa.BasicBlock // in which it was found missing: what this block dominates
	test  *ssa.BasicBlock // that ends with the test
	hit   *ssa.BasicBlock // in which it was found
	load  *ssa.UnOp       // by which the test looked at the field
}

// fillsOf returns the fills of a function.
func fillsOf(f *ssa.Function) []*fill {
	var fs []*fill
	for _, b := range f.Blocks {
		if len(b.Instrs) == 0 {
			continue
		}
		branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		c, missing := tested(branch.Cond, 0)
		if c == nil || missing == nil || len(b.Succs[*missing].Preds) != 1 {
			continue
		}
		c.test, c.at = b, b.Succs[*missing]
		c.hit = b.Succs[1-*missing]
		if c.follows(f) && c.hidden(f) && c.same(f) {
			fs = append(fs, c)
		}
	}
	return fs
}

// tested reads a condition as a test of whether something is missing, and returns which
// successor is taken if it is.
func tested(cond ssa.Value, then int) (*fill, *int) {
	switch x := cond.(type) {
	case *ssa.UnOp:
		if x.Op == token.NOT {
			return tested(x.X, 1-then)
		}
	case *ssa.Extract: // the ok of a look-up
		look, ok := x.Tuple.(*ssa.Lookup)
		if !ok || x.Index != 1 {
			return nil, nil
		}
		missing := 1 - then
		return entry(look), &missing
	case *ssa.BinOp:
		if x.Op != token.EQL && x.Op != token.NEQ {
			return nil, nil
		}
		v, other := x.X, x.Y
		if empty(v) {
			v, other = other, v
		}
		if !empty(other) || isBool(v.Type()) {
			return nil, nil
		}
		if x.Op == token.NEQ {
			then = 1 - then
		}
		return holds(v), &then
	}
	return nil, nil
}

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// empty reports whether v is nil, 0 or "".
func empty(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil {
		return ok
	}
	switch c.Value.Kind() {
	case exact.Int, exact.Float:
		return exact.Sign(c.Value) == 0
	case exact.String:
		return exact.StringVal(c.Value) == ""
	}
	return false
}

// holds returns the place whose value, or the length of whose value, v is.
func holds(v ssa.Value) *fill {
	if call, ok := v.(*ssa.Call); ok {
		if b, ok := call.Call.Value.(*ssa.Builtin); ok && b.Name() == "len" {
			if c := holds(call.Call.Args[0]); c != nil {
				return c
			}
		}
		return nil
	}
	switch x := v.(type) {
	case *ssa.Lookup:
		return entry(x)
	case *ssa.Extract:
		if look, ok := x.Tuple.(*ssa.Lookup); ok && x.Index == 0 {
			return entry(look)
		}
	case *ssa.UnOp:
		if root, steps, field := way(x); field != nil {
			return &fill{root: root, steps: steps, field: field, load: x}
		}
	}
	return nil
}

// entry is the place of a map's entry.
func entry(look *ssa.Lookup) *fill {
	load, ok := look.X.(*ssa.UnOp)
	if !ok {
		return nil
	}
	root, steps, field := way(load)
	if field == nil {
		return nil
	}
	return &fill{root: root, steps: steps, field: field, key: look.Index, load: load}
}

// way returns how a load comes from a parameter through fields to a field; field is nil if
// it comes from elsewhere.
func way(load *ssa.UnOp) (root *ssa.Parameter, steps string, field *types.Var) {
	if load.Op != token.MUL {
		return nil, "", nil
	}
	root, steps, field = wayTo(load.X)
	return root, steps, field
}

// wayTo is way of an address.
func wayTo(addr ssa.Value) (root *ssa.Parameter, steps string, field *types.Var) {
	fa, ok := addr.(*ssa.FieldAddr)
	if !ok {
		return nil, "", nil
	}
	field = fieldOf(fa)
	steps = "." + field.Id()
	for range 8 {
		switch x := fa.X.(type) {
		case *ssa.Parameter:
			return x, steps, field
		case *ssa.FieldAddr: // a struct in a struct
			fa, steps = x, "."+fieldOf(x).Id()+steps
		case *ssa.UnOp:
			next, ok := x.X.(*ssa.FieldAddr)
			if !ok || x.Op != token.MUL {
				return nil, "", nil
			}
			fa, steps = next, "."+fieldOf(next).Id()+"*"+steps
		default:
			return nil, "", nil
		}
	}
	return nil, "", nil
}

func fieldOf(fa *ssa.FieldAddr) *types.Var {
	p := fa.X.Type().Underlying().(*types.Pointer)
	return p.Elem().Underlying().(*types.Struct).Field(fa.Field).Origin()
}

// writes reports whether a store or an update is part of the fill.
func (c *fill) writes(instr ssa.Instruction) bool {
	if !c.at.Dominates(instr.Block()) {
		return false
	}
	switch x := instr.(type) {
	case *ssa.Store:
		root, steps, _ := wayTo(x.Addr)
		return c.key == nil && root == c.root && steps == c.steps
	case *ssa.MapUpdate:
		load, ok := x.Map.(*ssa.UnOp)
		if !ok {
			return false
		}
		root, steps, _ := way(load)
		// A field that was found empty may be given a map with entries.
		return root == c.root && steps == c.steps && (c.key == nil || x.Key == c.key)
	}
	return false
}

// follows reports whether what is done where it is missing follows from the object and
// from the key alone.
func (c *fill) follows(f *ssa.Function) bool {
	d := depends{params: make(map[*ssa.Parameter]bool), seen: make(map[ssa.Value]bool)}
	if c.key != nil {
		d.on(c.key)
	}
	d.params[c.root] = true
	allowed := d.params
	d = depends{params: make(map[*ssa.Parameter]bool), seen: make(map[ssa.Value]bool)}
	stored := false
	for _, b := range f.Blocks {
		if !c.at.Dominates(b) {
			continue
		}
		for _, instr := range b.Instrs {
			if c.writes(instr) {
				stored = true
			}
			if !matters(instr) {
				continue
			}
			for _, op := range instr.Operands(nil) {
				d.on(*op)
			}
		}
	}
	for p := range d.params {
		if !allowed[p] {
			return false
		}
	}
	return !d.captured && (stored || calls(f, c))
}

// matters reports whether an instruction may have a part in what is stored.
func matters(instr ssa.Instruction) bool {
	switch instr.(type) {
	case *ssa.Return, *ssa.DebugRef:
		return false // what is returned is held to what was stored, see same
	}
	return true
}

// calls reports whether anything is called where it is missing, with the object: it may be
// what fills it.
func calls(f *ssa.Function, c *fill) bool {
	for _, b := range f.Blocks {
		if !c.at.Dominates(b) {
			continue
		}
		for _, instr := range b.Instrs {
			if call, ok := instr.(*ssa.Call); ok && slices.Contains(argsOf(call.Common()), ssa.Value(c.root)) {
				return true
			}
		}
	}
	return false
}

// depends collects the parameters from which values follow.
type depends struct {
	params   map[*ssa.Parameter]bool
	captured bool
	seen     map[ssa.Value]bool
}

func (d *depends) on(v ssa.Value) {
	if v == nil || d.seen[v] {
		return
	}
	d.seen[v] = true
	switch x := v.(type) {
	case *ssa.Parameter:
		d.params[x] = true
	case *ssa.FreeVar:
		d.captured = true
	case *ssa.Alloc, *ssa.MakeMap, *ssa.MakeSlice:
		d.inside(v)
	case *ssa.Phi:
		d.choice(x)
	}
	if instr, ok := v.(ssa.Instruction); ok {
		for _, op := range instr.Operands(nil) {
			d.on(*op)
		}
	}
}

// inside adds what was stored in memory of the function's own.
func (d *depends) inside(v ssa.Value) {
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			d.on(r.Val)
		case *ssa.MapUpdate:
			d.on(r.Key)
			d.on(r.Value)
		case *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Slice:
			d.inside(r.(ssa.Value))
		case ssa.CallInstruction:
			for _, arg := range argsOf(r.Common()) {
				d.on(arg)
			}
		}
	}
}

// choice adds what decides which edge of a phi was taken: every condition between it and
// the block that dominates it.
func (d *depends) choice(phi *ssa.Phi) {
	from := phi.Block().Idom()
	if from == nil {
		return
	}
	for _, b := range phi.Parent().Blocks {
		if !from.Dominates(b) || b != from && phi.Block().Dominates(b) && b != phi.Block() {
			continue
		}
		if branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If); ok {
			d.on(branch.Cond)
		}
	}
}

// hidden reports whether only the test, and what is done behind it, knows whether the place
// was found missing: what the test looked at is used nowhere else, and what is done where it
// was missing leaves no trace in variables of the function.
func (c *fill) hidden(f *ssa.Function) bool {
	for _, b := range f.Blocks {
		if !c.at.Dominates(b) {
			continue
		}
		_, returns := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		for _, instr := range b.Instrs {
			if st, ok := instr.(*ssa.Store); ok {
				if cell, ok := base(st.Addr).(ssa.Instruction); ok && !c.at.Dominates(cell.Block()) && !returns {
					return false
				}
			}
			if call, ok := instr.(ssa.CallInstruction); ok {
				for _, arg := range argsOf(call.Common()) {
					if cell, ok := base(arg).(ssa.Instruction); ok && !c.at.Dominates(cell.Block()) {
						return false
					}
				}
			}
		}
	}
	return c.only(c.load)
}

// only reports whether v, of what the test looked at, is used by the test alone, and where
// it is known whether the place was missing.
func (c *fill) only(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		switch {
		case c.at.Dominates(r.Block()), len(c.hit.Preds) == 1 && c.hit.Dominates(r.Block()):
			continue
		}
		switch r := r.(type) {
		case *ssa.Phi, *ssa.DebugRef: // of a phi, see same
		case *ssa.If:
			if r.Block() != c.test {
				return false
			}
		case *ssa.Lookup, *ssa.Extract, *ssa.BinOp, *ssa.UnOp, *ssa.Call:
			if call, ok := r.(*ssa.Call); ok {
				if _, ok := call.Call.Value.(*ssa.Builtin); !ok {
					return false
				}
			}
			if r.Block() != c.test || !c.only(r.(ssa.Value)) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// same reports whether an answer is the same where the place was filled and where it was
// not: values that meet behind the test are the one that was stored, and the one that was
// found; constants are equal.
func (c *fill) same(f *ssa.Function) bool {
	stored := c.stored(f)
	own := func(v ssa.Value) bool { return slices.Contains(stored, v) || c.is(v) }
	var filled, other []*ssa.Return
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			switch x := instr.(type) {
			case *ssa.Phi:
				if !c.meets(x, own) {
					return false
				}
			case *ssa.Return:
				if !c.at.Dominates(b) {
					other = append(other, x)
				} else if c.behind(f, x) {
					filled = append(filled, x)
				}
			}
		}
	}
	for _, r := range filled {
		for _, o := range other {
			if c.test.Dominates(o.Block()) && !c.alike(r, o, own) {
				return false
			}
		}
	}
	return true
}

// stored returns what is stored in the place.
func (c *fill) stored(f *ssa.Function) (vs []ssa.Value) {
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			if !c.writes(instr) {
				continue
			}
			switch x := instr.(type) {
			case *ssa.Store:
				vs = append(vs, x.Val)
			case *ssa.MapUpdate:
				if c.key != nil {
					vs = append(vs, x.Value)
				}
			}
		}
	}
	return vs
}

// is reports whether v was loaded from the place.
func (c *fill) is(v ssa.Value) bool {
	if x, ok := v.(*ssa.Extract); ok && x.Index == 0 {
		v = x.Tuple
	}
	switch x := v.(type) {
	case *ssa.Lookup:
		o := entry(x)
		return o != nil && c.key != nil && o.root == c.root && o.steps == c.steps && o.key == c.key
	case *ssa.UnOp:
		root, steps, field := way(x)
		return field != nil && c.key == nil && root == c.root && steps == c.steps
	}
	return false
}

// meets reports whether a phi tells nothing of whether the place was filled just now.
func (c *fill) meets(phi *ssa.Phi, own func(ssa.Value) bool) bool {
	if c.at.Dominates(phi.Block()) {
		return true
	}
	in, out := false, false
	var first ssa.Value
	alike := true
	for i, e := range phi.Edges {
		if c.at.Dominates(phi.Block().Preds[i]) {
			in = true
		} else {
			out = true
		}
		if first == nil {
			first = e
		}
		alike = alike && equal(first, e)
	}
	if !in || !out || alike {
		return true
	}
	for i, e := range phi.Edges {
		// Edges that do not pass the test are not of it.
		pred := phi.Block().Preds[i]
		if (c.at.Dominates(pred) || c.test.Dominates(pred)) && !own(e) {
			return false
		}
	}
	return true
}

// equal reports whether two values are the same, or equal constants.
func equal(a, b ssa.Value) bool {
	if a == b {
		return true
	}
	x, ok := a.(*ssa.Const)
	y, is := b.(*ssa.Const)
	if !ok || !is || !types.Identical(x.Type(), y.Type()) {
		return false
	}
	if x.Value == nil || y.Value == nil {
		return x.Value == y.Value
	}
	return exact.Compare(x.Value, token.EQL, y.Value)
}

// behind reports whether a return comes after something was done to the place; one before
// that leaves it missing, and the next call comes to the same.
func (c *fill) behind(f *ssa.Function, ret *ssa.Return) bool {
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			if c.writes(instr) && (b == ret.Block() || reaches(b, ret.Block())) {
				return true
			}
			if call, ok := instr.(*ssa.Call); ok && c.at.Dominates(b) && slices.Contains(argsOf(call.Common()), ssa.Value(c.root)) && (b == ret.Block() || reaches(b, ret.Block())) {
				return true
			}
		}
	}
	return false
}

func reaches(from, to *ssa.BasicBlock) bool {
	seen := make(map[*ssa.BasicBlock]bool)
	stack := []*ssa.BasicBlock{from}
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, s := range b.Succs {
			if s == to {
				return true
			}
			if !seen[s] {
				seen[s] = true
				stack = append(stack, s)
			}
		}
	}
	return false
}

// alike reports whether two returns give the same: one where the place was filled, one
// where it was not.
func (c *fill) alike(filled, other *ssa.Return, own func(ssa.Value) bool) bool {
	for i := range filled.Results {
		if v, o := returned(filled, i), returned(other, i); !equal(v, o) && !(own(v) && own(o)) {
			return false
		}
	}
	return true
}

// returned returns the i-th result; where functions are deferred, results go through
// variables.
func returned(ret *ssa.Return, i int) ssa.Value {
	load, ok := ret.Results[i].(*ssa.UnOp)
	if !ok {
		return ret.Results[i]
	}
	if _, ok := load.X.(*ssa.Alloc); !ok {
		return load
	}
	for _, instr := range slices.Backward(ret.Block().Instrs) {
		if st, ok := instr.(*ssa.Store); ok && st.Addr == load.X {
			return st.Val
		}
	}
	return load
}
