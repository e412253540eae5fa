package effects

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"

	"github.com/whetgo/whet/internal/load"
)

// step adds to what is known of f what its instructions do, by what is known of its
// callees so far. It reports whether that was anything new.
func (a *Analysis) step(f *ssa.Function) bool {
	in := a.infos[f]
	in.changed = false
	if f.Blocks == nil {
		return false
	}
	in.where = make(map[ssa.Value]origins)
	if !in.looked {
		in.looked, in.fills = true, fillsOf(f)
	}
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			a.instruction(in, instr)
		}
	}
	in.where = nil
	return in.changed
}

func (a *Analysis) instruction(in *info, instr ssa.Instruction) {
	here := cause{pos: position(instr)}
	switch x := instr.(type) {
	case *ssa.Store:
		in.filling = in.isFill(x)
		in.touch(a.origins(in, x.Addr), true, place(x.Addr), here)
		in.filling = false
	case *ssa.MapUpdate:
		in.filling = in.isFill(x)
		in.touch(a.origins(in, x.Map), true, place(x.Map), here)
		in.filling = false
	case *ssa.UnOp:
		switch x.Op {
		case token.MUL:
			in.touch(a.origins(in, x.X), false, place(x.X), here)
		case token.ARROW:
			in.add(Goroutines, "it receives from a channel", instr)
		}
	case *ssa.Lookup:
		if _, isMap := x.X.Type().Underlying().(*types.Map); isMap {
			in.touch(a.origins(in, x.X), false, place(x.X), here)
		}
	case *ssa.Range:
		if _, isMap := x.X.Type().Underlying().(*types.Map); isMap {
			in.add(MapOrder, "range "+place(x.X), instr)
			in.touch(a.origins(in, x.X), false, place(x.X), here)
		}
	case *ssa.Send:
		in.add(Goroutines, "it sends to a channel", instr)
	case *ssa.Select:
		in.add(Goroutines, "it waits for channels", instr)
	case *ssa.Go:
		in.add(Goroutines, "it starts a goroutine", instr)
		a.call(in, x)
	case *ssa.Convert:
		if _, text := x.X.Type().Underlying().(*types.Slice); text {
			in.touch(a.origins(in, x.X), false, place(x.X), here)
		}
		if isUnsafe(x.Type()) || isUnsafe(x.X.Type()) {
			in.add(Unknown, "unsafe.Pointer", instr)
		}
	case ssa.CallInstruction:
		a.call(in, x)
	case *ssa.Return:
		a.results(in, x)
	}
}

func (a *Analysis) results(in *info, ret *ssa.Return) {
	for _, v := range ret.Results {
		if !changeable(v.Type()) {
			continue
		}
		if c, ok := v.(*ssa.Const); ok && c.IsNil() {
			continue
		}
		for o := range a.everything(in, v) {
			if in.results.add(o) {
				in.changed = true
			}
		}
	}
}

// call adds the effects of a call.
func (a *Analysis) call(in *info, call ssa.CallInstruction) {
	c := call.Common()
	if b, ok := c.Value.(*ssa.Builtin); ok {
		a.builtin(in, b.Name(), c.Args, call)
		return
	}
	if p, ok := c.Value.(*ssa.Parameter); ok && !c.IsInvoke() {
		in.set(&in.callsP, indexOf(p)) // whoever calls this one knows what it handed over
		return
	}
	callee, bindings := a.callee(c)
	if callee != nil && callee.Blocks != nil && a.infos[callee] != nil {
		a.inherit(in, callee, bindings, call)
		return
	}
	k := a.outside(c, callee)
	what := k.what
	here := cause{pos: position(call), what: what}
	for _, kind := range All {
		if k.kinds&kind != 0 {
			in.addCause(kind, here)
		}
	}
	args := argsOf(c)
	for i, arg := range args {
		if !changeable(arg.Type()) {
			continue
		}
		in.touch(a.everything(in, arg), false, what, here)
		if slices.Contains(k.writes, i) {
			in.touch(a.origins(in, arg), true, what, here)
		}
	}
	a.callbacks(in, args, call)
	if strings.HasPrefix(what, "fmt.") {
		a.formatted(in, args, call)
	}
}

// inherit adds the effects of a callee whose body is known, as the caller sees them.
func (a *Analysis) inherit(in *info, callee *ssa.Function, bindings []ssa.Value, call ssa.CallInstruction) {
	its := a.infos[callee]
	at := position(call)
	const own = ReadsArgs | WritesArgs | Fills | ReadsState | WritesState
	for _, k := range All {
		if k&own == 0 && its.kinds&k != 0 {
			in.addCause(k, cause{what: its.causes[k].what, pos: at, via: callee, kind: k})
		}
	}
	for g := range its.reads {
		in.touchGlobal(g, false, cause{pos: at, via: callee, kind: ReadsState})
	}
	for g := range its.writes {
		in.touchGlobal(g, true, cause{pos: at, via: callee, kind: WritesState})
	}
	if its.kinds&ReadsState != 0 && len(its.reads) == 0 && its.readsC == 0 {
		in.addCause(ReadsState, cause{what: its.causes[ReadsState].what, pos: at, via: callee, kind: ReadsState})
	}
	if its.kinds&WritesState != 0 && len(its.writes) == 0 && its.writesC == 0 {
		in.addCause(WritesState, cause{what: its.causes[WritesState].what, pos: at, via: callee, kind: WritesState})
	}
	args := argsOf(call.Common())
	reading, writing := cause{pos: at, via: callee, kind: ReadsArgs}, cause{pos: at, via: callee, kind: WritesArgs}
	a.through(in, its.readsP.near, args, false, reading, its.causes[ReadsArgs].what)
	a.beyond(in, its.readsP.deep, args, false, reading, its.causes[ReadsArgs].what)
	in.filling = a.fillCall(in, call) != nil
	a.through(in, its.writesP.near, args, true, writing, its.causes[WritesArgs].what)
	a.beyond(in, its.writesP.deep, args, true, writing, its.causes[WritesArgs].what)
	in.filling = true
	filling := cause{pos: at, via: callee, kind: Fills}
	a.through(in, its.fillsP.near, args, true, filling, its.causes[Fills].what)
	a.beyond(in, its.fillsP.deep, args, true, filling, its.causes[Fills].what)
	in.filling = false
	a.passed(in, its.callsP, args, call)
	a.through(in, its.readsC, bindings, false, cause{pos: at, via: callee, kind: ReadsState}, "a captured variable")
	a.through(in, its.writesC, bindings, true, cause{pos: at, via: callee, kind: WritesState}, "a captured variable")
	if (its.readsC|its.writesC) != 0 && len(bindings) == 0 {
		in.addCause(Unknown, cause{what: "a closure whose variables are not seen", pos: at})
	}
}

// through adds that a callee reads or changes the memory behind some of its arguments.
func (a *Analysis) through(in *info, mask uint32, args []ssa.Value, write bool, c cause, what string) {
	for i, arg := range args {
		if mask&bit(i) != 0 {
			os := a.origins(in, arg)
			in.touch(os, write, what, c)
		}
	}
}

// beyond is through for what is reached through references in that memory.
func (a *Analysis) beyond(in *info, mask uint32, args []ssa.Value, write bool, c cause, what string) {
	for i, arg := range args {
		if mask&bit(i) != 0 {
			in.touch(a.everything(in, arg), write, what, c)
		}
	}
}

// passed adds the effects of functions that are handed to a callee that calls them.
func (a *Analysis) passed(in *info, mask uint32, args []ssa.Value, call ssa.CallInstruction) {
	for i, arg := range args {
		if mask&bit(i) != 0 {
			a.handed(in, arg, call)
		}
	}
}

// outside is what is known of a callee without a body at hand.
func (a *Analysis) outside(c *ssa.CallCommon, callee *ssa.Function) known {
	if callee == nil {
		if c.IsInvoke() {
			if k, ok := byInterface(c.Method); ok {
				return k
			}
			return known{kinds: Unknown, what: "it calls " + typeName(c.Value.Type()) + "." + c.Method.Name() + " of whatever it is given", shares: SharesUnknown}
		}
		return known{kinds: Unknown, what: "it calls a function value, " + place(c.Value), shares: SharesUnknown}
	}
	obj, ok := callee.Object().(*types.Func)
	if !ok {
		if o := callee.Origin(); o != nil {
			obj, ok = o.Object().(*types.Func)
		}
	}
	if !ok || obj.Pkg() == nil {
		if ok && obj.Name() == "Error" {
			return known{what: "error.Error"}
		}
		return known{kinds: Unknown, what: callee.String(), shares: SharesUnknown}
	}
	pkg := obj.Pkg().Path()
	if load.IsStd(pkg, "") && !a.source.IsLocal(pkg, "") {
		k, ok := standard(obj)
		if !ok {
			k.shares = SharesUnknown
		}
		if slices.Contains(k.writes, 0) && k.kinds == Writes && inMemory(c) {
			k.kinds = 0
		}
		return k
	}
	if a.built[a.created[obj.Pkg()]] && a.isLoaded(obj.Pkg()) {
		return known{kinds: Unknown, what: load.FuncName(obj) + " has no body: assembly or a linked name", shares: SharesUnknown}
	}
	return known{kinds: Unknown, what: load.FuncName(obj) + ", whose source was not read", shares: SharesUnknown}
}

// inMemory reports whether what is written to is a buffer in memory: of a call whose first
// argument is an io.Writer made of a strings.Builder or a bytes.Buffer.
func inMemory(c *ssa.CallCommon) bool {
	if len(c.Args) == 0 {
		return false
	}
	mi, ok := c.Args[0].(*ssa.MakeInterface)
	if !ok {
		return false
	}
	t := mi.X.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	name := types.TypeString(t, func(p *types.Package) string { return p.Path() })
	return name == "strings.Builder" || name == "bytes.Buffer"
}

func (a *Analysis) isLoaded(p *types.Package) bool {
	return slices.ContainsFunc(a.source.Packages, func(l *packages.Package) bool { return l.Types == p && sound(l) })
}

// builtin adds the effects of a builtin function.
func (a *Analysis) builtin(in *info, name string, args []ssa.Value, at ssa.Instruction) {
	here := cause{pos: position(at)}
	switch name {
	case "append":
		// It may write behind the end of its first argument, where that has room.
		if len(args) > 0 {
			in.touch(a.origins(in, args[0]), true, "append to "+place(args[0]), here)
		}
		if len(args) > 1 && changeable(args[1].Type()) {
			in.touch(a.origins(in, args[1]), false, place(args[1]), here)
		}
	case "copy", "delete", "clear":
		in.touch(a.origins(in, args[0]), true, name+" "+place(args[0]), here)
		if name == "copy" && changeable(args[1].Type()) {
			in.touch(a.origins(in, args[1]), false, place(args[1]), here)
		}
	case "close":
		in.add(Goroutines, "it closes a channel", at)
	case "print", "println":
		in.add(Writes, name, at)
	case "recover":
		in.add(Unknown, "recover", at)
	}
}

// callbacks adds the effects of functions that are handed to one whose body is not at
// hand: it is taken to call them.
func (a *Analysis) callbacks(in *info, args []ssa.Value, call ssa.CallInstruction) {
	for _, arg := range args {
		if _, ok := arg.Type().Underlying().(*types.Signature); !ok {
			continue
		}
		a.handed(in, arg, call)
	}
}

// handed adds the effects of a function value that somebody else calls.
func (a *Analysis) handed(in *info, v ssa.Value, call ssa.CallInstruction) {
	if c, ok := v.(*ssa.ChangeType); ok {
		v = c.X
	}
	switch fn := v.(type) {
	case *ssa.MakeClosure:
		a.callback(in, fn.Fn.(*ssa.Function), fn.Bindings, call)
	case *ssa.Function:
		a.callback(in, fn, nil, call)
	case *ssa.Const:
	case *ssa.Parameter:
		in.set(&in.callsP, indexOf(fn))
	default:
		in.add(Unknown, "a function value is called, "+place(v), call)
	}
}

// callback inherits what fn does to its captured variables and to the world; what it does
// to its arguments is between it and its caller.
func (a *Analysis) callback(in *info, fn *ssa.Function, bindings []ssa.Value, call ssa.CallInstruction) {
	its := a.infos[fn]
	if its == nil || fn.Blocks == nil {
		if obj, ok := fn.Object().(*types.Func); ok && obj.Pkg() != nil {
			if k, ok := standard(obj); ok && k.kinds == 0 {
				return
			}
		}
		in.add(Unknown, fn.String(), call)
		return
	}
	at := position(call)
	for _, k := range All {
		if k&(ReadsArgs|WritesArgs|Fills|ReadsState|WritesState) == 0 && its.kinds&k != 0 {
			in.addCause(k, cause{what: its.causes[k].what, pos: at, via: fn, kind: k})
		}
	}
	for g := range its.reads {
		in.touchGlobal(g, false, cause{pos: at, via: fn, kind: ReadsState})
	}
	for g := range its.writes {
		in.touchGlobal(g, true, cause{pos: at, via: fn, kind: WritesState})
	}
	a.through(in, its.readsC, bindings, false, cause{pos: at, via: fn, kind: ReadsState}, "a captured variable")
	a.through(in, its.writesC, bindings, true, cause{pos: at, via: fn, kind: WritesState}, "a captured variable")
}

// formatted adds the effects of the methods by which fmt prints the arguments.
func (a *Analysis) formatted(in *info, args []ssa.Value, call ssa.CallInstruction) {
	if len(args) == 0 {
		return
	}
	root := base(args[len(args)-1])
	if root == nil {
		return
	}
	vals, _ := stores(a, root)
	for _, v := range vals {
		mi, ok := v.(*ssa.MakeInterface)
		if !ok {
			continue
		}
		for _, m := range a.printers(mi.X.Type()) {
			if m.Blocks == nil || a.infos[m] == nil {
				if obj, ok := m.Object().(*types.Func); ok && obj.Pkg() != nil && load.IsStd(obj.Pkg().Path(), "") {
					break
				}
				in.add(Unknown, "fmt calls "+m.String(), call)
				break
			}
			a.callback(in, m, nil, call)
			if its := a.infos[m]; its.kinds&(WritesArgs|Fills) != 0 {
				in.touch(a.origins(in, mi.X), true, "fmt calls "+m.String(), cause{pos: position(call), via: m, kind: WritesArgs})
			}
			break
		}
	}
}

// printers returns the methods by which fmt may print a value of the type.
func (a *Analysis) printers(t types.Type) []*ssa.Function {
	var ms []*ssa.Function
	for _, name := range []string{"Format", "Error", "String", "GoString"} {
		if sel := a.prog.MethodSets.MethodSet(t).Lookup(nil, name); sel != nil && !types.IsInterface(t) {
			if m := a.prog.MethodValue(sel); m != nil {
				ms = append(ms, m)
			}
		}
	}
	return ms
}

// place says what an address is, in the words of the source as far as SSA knows them.
func place(v ssa.Value) string {
	switch x := v.(type) {
	case *ssa.Global:
		return globalName(x)
	case *ssa.FieldAddr:
		return place(x.X) + "." + fieldName(x.X.Type(), x.Field)
	case *ssa.IndexAddr:
		return place(x.X) + "[…]"
	case *ssa.UnOp:
		return place(x.X)
	case *ssa.Parameter:
		return x.Name()
	case *ssa.FreeVar:
		return x.Name()
	case *ssa.Alloc:
		if x.Comment != "" {
			return x.Comment
		}
	case *ssa.Slice:
		return place(x.X)
	}
	return "a " + typeName(v.Type())
}

func fieldName(t types.Type, i int) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if s, ok := t.Underlying().(*types.Struct); ok && i < s.NumFields() {
		return s.Field(i).Name()
	}
	return "?"
}

func typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}
