package effects

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/whetgo/whet/internal/load"
)

// A globalUse is how the functions of its package use a variable.
type globalUse struct{ changes bool }

// lookAtGlobals notes which package variables f may change, initialization apart: a
// variable that is only ever loaded, and whose content is only ever loaded, is a constant
// in all but name.
func (a *Analysis) lookAtGlobals(f *ssa.Function) {
	if f.Name() == "init" || strings.HasPrefix(f.Name(), "init#") {
		return
	}
	for _, b := range f.Blocks {
		for _, instr := range b.Instrs {
			for _, op := range instr.Operands(nil) {
				if g, ok := (*op).(*ssa.Global); ok && !onlyLoaded(instr, g) {
					a.use(g).changes = true
				}
			}
		}
	}
	for _, anon := range f.AnonFuncs {
		a.lookAtGlobals(anon)
	}
}

func (a *Analysis) use(g *ssa.Global) *globalUse {
	u := a.globals[g]
	if u == nil {
		u = new(globalUse)
		a.globals[g] = u
	}
	return u
}

// globalOrigin tells constant variables from others. One that another package could set
// is not constant.
func (a *Analysis) globalOrigin(g *ssa.Global) origin {
	if fixed(g) {
		return origin{kind: constant, global: g}
	}
	if g.Pkg == nil || g.Object() == nil || g.Object().Exported() || !a.built[g.Pkg] || a.use(g).changes {
		return origin{kind: global, global: g}
	}
	return origin{kind: constant, global: g}
}

// settings are variables of the standard library that programs change.
var settings = map[string]bool{"time.Local": true, "os.Args": true, "os.Stdin": true, "os.Stdout": true, "os.Stderr": true}

// fixed reports whether a variable of another package is one that nobody changes: errors
// that are compared with, and those of the standard library that are no defaults.
func fixed(g *ssa.Global) bool {
	if g.Pkg == nil || g.Object() == nil {
		return false
	}
	t := g.Object().Type()
	std := load.IsStd(g.Pkg.Pkg.Path(), "")
	if types.TypeString(t, nil) == "error" {
		return std || strings.HasPrefix(g.Name(), "Err")
	}
	name := g.Pkg.Pkg.Path() + "." + g.Name()
	return std && !settings[name] && !strings.HasPrefix(g.Name(), "Default") && !changeable(t)
}

// onlyLoaded reports whether the instruction only looks at what v, an address or a
// reference, leads to.
func onlyLoaded(instr ssa.Instruction, v ssa.Value) bool {
	switch x := instr.(type) {
	case *ssa.UnOp:
		return x.Op == token.MUL && looked(x, 0)
	case *ssa.FieldAddr, *ssa.IndexAddr:
		return looked(x.(ssa.Value), 0)
	case *ssa.DebugRef:
		return true
	}
	return false
}

// looked reports whether everything that is done with v only looks.
func looked(v ssa.Value, depth int) bool {
	if depth > 12 {
		return false
	}
	if u, ok := v.(*ssa.UnOp); (!ok || u.Op == token.MUL) && ok && !changeable(v.Type()) {
		return true // a copy of a plain value
	}
	if v.Referrers() == nil {
		return true
	}
	for _, r := range *v.Referrers() {
		if !looks(r, v, depth) {
			return false
		}
	}
	return true
}

func looks(r ssa.Instruction, v ssa.Value, depth int) bool {
	switch r := r.(type) {
	case *ssa.UnOp:
		return looked(r, depth+1)
	case *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Field, *ssa.Index, *ssa.Slice, *ssa.ChangeType, *ssa.Phi, *ssa.Next, *ssa.Extract, *ssa.TypeAssert, *ssa.Range:
		return looked(r.(ssa.Value), depth+1)
	case *ssa.Lookup:
		return r.X != v || !changeable(r.Type()) || looked(r, depth+1)
	case *ssa.BinOp, *ssa.If, *ssa.DebugRef:
		return true
	case *ssa.Call:
		return callLooks(r.Common(), v)
	}
	return false
}

// callLooks reports whether a call is known to leave what v leads to alone.
func callLooks(c *ssa.CallCommon, v ssa.Value) bool {
	if b, ok := c.Value.(*ssa.Builtin); ok {
		switch b.Name() {
		case "len", "cap", "min", "max":
			return true
		case "append", "copy":
			return len(c.Args) > 0 && c.Args[0] != v && !changeable(elem(v.Type()))
		}
		return false
	}
	f := c.StaticCallee()
	if f == nil || f.Object() == nil || f.Object().Pkg() == nil {
		return false
	}
	obj, ok := f.Object().(*types.Func)
	if !ok || f.Blocks != nil {
		return false
	}
	k, ok := standard(obj)
	return ok && len(k.writes) == 0 && k.kinds&Unknown == 0 && k.shares&SharesArgs == 0
}

func elem(t types.Type) types.Type {
	if s, ok := t.Underlying().(*types.Slice); ok {
		return s.Elem()
	}
	return t
}
