package effects

import (
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"

	"github.com/whetgo/whet/internal/load"
)

// mostFuncs bounds the functions that are followed: the analysis of a program of a
// hundred thousand lines stays below a second or two.
const mostFuncs = 30000

// An Analysis answers what functions of a program do. Nothing is read before the first
// question; it is not for concurrent use.
type Analysis struct {
	source  *load.Program
	prog    *ssa.Program
	built   map[*ssa.Package]bool
	created map[*types.Package]*ssa.Package
	byName  map[string][]*ssa.Function
	infos   map[*ssa.Function]*info
	order   []*ssa.Function
	globals map[*ssa.Global]*globalUse
}

// New returns an analysis of the program. Of packages that are not loaded, only what the
// table of the standard library says is known.
func New(p *load.Program) *Analysis {
	a := &Analysis{
		source: p, built: make(map[*ssa.Package]bool), created: make(map[*types.Package]*ssa.Package),
		byName: make(map[string][]*ssa.Function), infos: make(map[*ssa.Function]*info),
		globals: make(map[*ssa.Global]*globalUse),
	}
	if p == nil || len(p.Packages) == 0 {
		return a
	}
	a.prog = ssa.NewProgram(p.Fset, ssa.InstantiateGenerics)
	for _, pkg := range p.Packages {
		if sound(pkg) {
			a.created[pkg.Types] = a.prog.CreatePackage(pkg.Types, pkg.Syntax, pkg.TypesInfo, true)
		}
	}
	for _, pkg := range p.Packages {
		if pkg.Types != nil {
			a.createImports(pkg.Types)
		}
	}
	return a
}

// sound reports whether a package can be put into SSA form: one with errors cannot.
func sound(pkg *packages.Package) bool {
	return pkg.Types != nil && pkg.Types.Complete() && len(pkg.Errors) == 0 && !pkg.IllTyped && len(pkg.Syntax) > 0
}

// createImports makes known what p imports: their functions have no bodies.
func (a *Analysis) createImports(p *types.Package) {
	for _, imp := range p.Imports() {
		if a.created[imp] == nil {
			a.created[imp] = a.prog.CreatePackage(imp, nil, nil, true)
			a.createImports(imp)
		}
	}
}

// build puts a loaded package into SSA form, and looks which of its variables change.
func (a *Analysis) build(p *ssa.Package) {
	if p == nil || a.built[p] {
		return
	}
	a.built[p] = true
	p.Build()
	for _, f := range functionsOf(a.prog, p) {
		if name := nameOf(f); name != "" {
			a.byName[name] = append(a.byName[name], f)
		}
		a.lookAtGlobals(f)
	}
}

// functionsOf returns the functions and methods that a package declares, closures apart.
func functionsOf(prog *ssa.Program, p *ssa.Package) []*ssa.Function {
	var fs []*ssa.Function
	for _, name := range slices.Sorted(maps.Keys(p.Members)) {
		switch m := p.Members[name].(type) {
		case *ssa.Function:
			fs = append(fs, m)
		case *ssa.Type:
			named, ok := types.Unalias(m.Type()).(*types.Named)
			if !ok {
				continue
			}
			for i := range named.NumMethods() {
				if f := prog.FuncValue(named.Method(i)); f != nil {
					fs = append(fs, f)
				}
			}
		}
	}
	return fs
}

// nameOf returns a function's name as profiles spell it; "" for one without a name.
func nameOf(f *ssa.Function) string {
	if o := f.Origin(); o != nil {
		f = o
	}
	if obj, ok := f.Object().(*types.Func); ok {
		return load.FuncName(obj)
	}
	if f.Parent() != nil {
		return nameOf(f.Parent())
	}
	return ""
}

// Of returns what is known of the function that profiles call by name, nil if its source
// was not read. Of a closure's name it is the function that encloses it.
func (a *Analysis) Of(name string) *Summary {
	if a.prog == nil {
		return nil
	}
	fn := a.source.Func(name)
	if fn == nil || fn.Decl.Body == nil {
		return nil
	}
	a.build(a.created[fn.File.Pkg.Types])
	obj, ok := fn.Info().Defs[fn.Decl.Name].(*types.Func)
	if !ok {
		return nil
	}
	f := a.prog.FuncValue(obj)
	if f == nil || f.Blocks == nil {
		return nil
	}
	a.solve(f)
	return a.summary(fn.Name, a.infos[f])
}

// solve finds the effects of f and of all that it calls, to the fixed point: effects only
// become more, and there are finitely many.
func (a *Analysis) solve(f *ssa.Function) {
	if a.infos[f] != nil {
		return
	}
	from := len(a.order)
	a.reach(f)
	fresh := a.order[from:]
	for changed := true; changed; {
		changed = false
		for i := len(fresh) - 1; i >= 0; i-- { // callees first, as near as can be
			changed = a.step(fresh[i]) || changed
		}
	}
}

// reach lists f and all that it may call, in the order in which they are met.
func (a *Analysis) reach(f *ssa.Function) {
	if a.infos[f] != nil {
		return
	}
	in := newInfo(f)
	a.infos[f] = in
	if len(a.order) >= mostFuncs {
		in.add(Unknown, "more than it was worth to follow", nil)
		return
	}
	a.order = append(a.order, f)
	if f.Blocks == nil {
		return
	}
	prints := printing(f)
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(ssa.CallInstruction); ok {
				if callee, _ := a.callee(call.Common()); callee != nil && callee.Blocks != nil {
					a.reach(callee)
				}
			}
			if mi, ok := instr.(*ssa.MakeInterface); ok && prints {
				for _, m := range a.printers(mi.X.Type()) {
					if m.Pkg != nil {
						a.build(m.Pkg)
					}
					a.reach(m)
				}
			}
			for _, op := range instr.Operands(nil) {
				if c, ok := (*op).(*ssa.MakeClosure); ok {
					a.reach(c.Fn.(*ssa.Function))
				}
				if fn, ok := (*op).(*ssa.Function); ok && fn.Blocks != nil {
					a.reach(fn)
				}
			}
		}
	}
}

// printing reports whether f calls package fmt.
func printing(f *ssa.Function) bool {
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(ssa.CallInstruction); ok {
				if c := call.Common().StaticCallee(); c != nil && c.Pkg != nil && c.Pkg.Pkg.Path() == "fmt" {
					return true
				}
			}
		}
	}
	return false
}

// callee returns the function that a call certainly runs, and what it captured; nil for one that is not seen.
func (a *Analysis) callee(c *ssa.CallCommon) (f *ssa.Function, captured []ssa.Value) {
	if c.IsInvoke() {
		f = a.method(c)
	} else {
		switch v := c.Value.(type) {
		case *ssa.MakeClosure:
			f, captured = v.Fn.(*ssa.Function), v.Bindings
		case *ssa.Function:
			f = v
		case *ssa.UnOp:
			f, captured = a.assigned(v)
		}
	}
	if f == nil {
		return nil, nil
	}
	if p := f.Pkg; p != nil && p.Pkg != nil {
		a.build(p)
	} else if o := f.Origin(); o != nil {
		a.build(o.Pkg)
	}
	return f, captured
}

// method returns the method that is called through an interface whose value was made on
// the spot: its type is known.
func (a *Analysis) method(c *ssa.CallCommon) *ssa.Function {
	mi, ok := c.Value.(*ssa.MakeInterface)
	if !ok || types.IsInterface(mi.X.Type()) {
		return nil
	}
	return a.prog.LookupMethod(mi.X.Type(), c.Method.Pkg(), c.Method.Name())
}

// assigned returns the function in a local variable that is given one function and no other.
func (a *Analysis) assigned(load *ssa.UnOp) (*ssa.Function, []ssa.Value) {
	cell, ok := load.X.(*ssa.Alloc)
	if !ok {
		return nil, nil
	}
	var f *ssa.Function
	var captured []ssa.Value
	for _, r := range *cell.Referrers() {
		st, ok := r.(*ssa.Store)
		if !ok || st.Addr != cell {
			if _, isLoad := r.(*ssa.UnOp); isLoad {
				continue
			}
			if _, isClosure := r.(*ssa.MakeClosure); isClosure {
				continue // a closure that calls itself
			}
			return nil, nil
		}
		c, ok := st.Val.(*ssa.MakeClosure)
		if !ok || f != nil {
			return nil, nil
		}
		f, captured = c.Fn.(*ssa.Function), c.Bindings
	}
	return f, captured
}

// summary puts what was found into words.
func (a *Analysis) summary(name string, in *info) *Summary {
	if in.kinds&Fills != 0 {
		in = a.unmasked(in)
	}
	s := &Summary{Func: name, Kinds: in.kinds}
	if in.callsP != 0 {
		if s.Kinds&Unknown == 0 {
			s.Reasons = append(s.Reasons, Reason{Kind: Unknown, What: "it calls a function that it is given", Chain: []Step{{Func: name, Line: a.prog.Fset.Position(in.fn.Pos()).Line}}})
		}
		s.Kinds |= Unknown
	}
	for _, k := range All {
		if in.kinds&k != 0 {
			s.Reasons = append(s.Reasons, a.reason(k, in))
		}
	}
	for g := range in.reads {
		s.State = append(s.State, globalName(g))
	}
	slices.Sort(s.State)
	s.Results = in.sharing()
	return s
}

// reason follows the causes of an effect from function to function.
func (a *Analysis) reason(k Kind, in *info) Reason {
	r := Reason{Kind: k}
	seen := make(map[*info]bool)
	for in != nil && !seen[in] {
		seen[in] = true
		c := in.causes[k]
		pos := a.prog.Fset.Position(c.pos)
		if pos.IsValid() {
			r.Chain = append(r.Chain, Step{Func: nameOf(in.fn), File: pos.Filename, Line: pos.Line})
		}
		r.What = c.what
		if c.via == nil {
			break
		}
		in, k = a.infos[c.via], c.kind
	}
	return r
}

func globalName(g *ssa.Global) string {
	if g.Pkg != nil && g.Pkg.Pkg != nil {
		return "var " + g.Pkg.Pkg.Path() + "." + g.Name()
	}
	return "var " + g.Name()
}

// harmless are interfaces and pointers that can be shared though they are references:
// what they lead to does not change.
var harmless = map[string]bool{
	"error": true, "reflect.Type": true, "*regexp.Regexp": true, "*time.Location": true, "*strings.Replacer": true,
	"*text/template.Template": true, "*html/template.Template": true, "time.Time": true,
}

// changeable reports whether who holds a value of the type can change what others see
// who hold the same.
func changeable(t types.Type) bool { return changes(t, 0) }

func changes(t types.Type, depth int) bool {
	if depth > 6 {
		return true
	}
	name := types.TypeString(types.Unalias(t), func(p *types.Package) string { return p.Path() })
	if harmless[name] || strings.HasPrefix(name, "unique.Handle[") {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Struct:
		for f := range u.Fields() {
			if changes(f.Type(), depth+1) {
				return true
			}
		}
		return false
	case *types.Array:
		return changes(u.Elem(), depth+1)
	case *types.Tuple:
		for v := range u.Variables() {
			if changes(v.Type(), depth+1) {
				return true
			}
		}
		return false
	}
	return true
}
