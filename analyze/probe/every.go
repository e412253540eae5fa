package probe

import (
	"go/ast"

	"github.com/whetgo/whet/internal/load"
)

// Every returns all that can be a candidate of the loaded packages but calls: the declared
// functions and methods, and the function literals in them.
func Every(prog *load.Program) []Candidate {
	var cs []Candidate
	for _, pkg := range prog.Packages {
		for _, fn := range prog.FuncsOf(pkg) {
			if fn.Decl.Body == nil || fn.Decl.Name.Name == "_" {
				continue
			}
			if fn.Decl.Recv != nil || fn.Decl.Name.Name != "main" && fn.Decl.Name.Name != "init" {
				cs = append(cs, Candidate{Func: fn.Name})
			}
			lines := make(map[int]bool)
			ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
				lit, ok := n.(*ast.FuncLit)
				if !ok {
					return true
				}
				line := prog.Fset.PositionFor(lit.Pos(), false).Line
				if first := prog.Fset.PositionFor(fn.Decl.Pos(), false).Line; line != first && !lines[line] {
					lines[line] = true
					cs = append(cs, Candidate{Func: fn.Name, Line: line})
				}
				return true
			})
		}
	}
	return cs
}
