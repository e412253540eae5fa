package hot

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// wide is from how many bytes on the copies of a loop variable are worth a look: two
// cache lines.
const wide = 128

// copies finds range loops whose variable is a copy of a wide element.
func copies(sp spot) []analyze.Finding {
	sp.share = sp.ix.Share(sp.line.Flat + sp.line.Below["runtime.duffcopy"] + sp.line.Below["runtime.memmove"])
	if sp.fn == nil || sp.share < 0.1 {
		return nil
	}
	sp.note = "time copying on this line"
	for _, n := range sp.s.Program.Nodes(sp.fn, sp.line.Line) {
		loop, ok := n.(*ast.RangeStmt)
		if !ok || loop.Value == nil {
			continue
		}
		if r, ok := sp.rangeCopy(loop); ok {
			return []analyze.Finding{sp.finding(r)}
		}
	}
	return nil
}

func (sp spot) rangeCopy(loop *ast.RangeStmt) (remedy, bool) {
	info := sp.fn.Info()
	value, ok := loop.Value.(*ast.Ident)
	if !ok || value.Name == "_" {
		return remedy{}, false
	}
	if _, isMap := info.TypeOf(loop.X).Underlying().(*types.Map); isMap {
		return remedy{}, false
	}
	obj := load.ObjectOf(info, value)
	if obj == nil || load.HasTypeParam(obj.Type()) {
		return remedy{}, false
	}
	size := sp.fn.Sizes().Sizeof(obj.Type())
	if size < wide {
		return remedy{}, false
	}
	over := load.Source(sp.s.Program.Fset, loop.X)
	where := profile.Short(sp.s.FuncName(sp.line.Frame))
	return remedy{
		rule: "hot/range-copy", statement: "range " + over,
		title:   fmt.Sprintf("%s copies each element of %s (%d bytes) into %s", where, over, size, value.Name),
		do:      fmt.Sprintf("range over the index of %s and take a pointer to the element", over),
		snippet: fmt.Sprintf("for i := range %s {\n\t%s := &%s[i]", over, value.Name, over),
		saved:   [2]float64{0.3, 0.9},
		how:     "the time copying on this line, times what is left when only a pointer is taken",
		why:     []string{fmt.Sprintf("%s is %d bytes wide", types.TypeString(obj.Type(), types.RelativeTo(sp.fn.File.Pkg.Types)), size)},
		doubts:  []string{"a loop that changes " + value.Name + " changes its copy now and would change " + over + " then"},
	}, true
}
