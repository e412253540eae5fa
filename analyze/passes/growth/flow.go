package growth

import (
	"go/ast"
	"go/types"

	"github.com/whetgo/whet/internal/load"
)

// keepersOf returns the keeping statements of fn that a value reaches which is made on
// the given line: those on the line itself, and those that are given a variable which
// the line, directly or through other variables, has set.
func keepersOf(p *load.Program, fn *load.Func, line int) []*keeper {
	all := keepers(fn)
	if len(all) == 0 {
		return nil
	}
	on := func(n ast.Node) bool { return p.Line(n.Pos()) <= line && line <= p.Line(n.End()) }
	made := madeOn(fn, on)
	var reached []*keeper
	for _, k := range all {
		hit := on(k.stmt)
		for _, v := range k.values {
			hit = hit || usesAny(fn.Info(), v, made)
		}
		if hit {
			reached = append(reached, k)
		}
	}
	return reached
}

// madeOn returns the local variables that get their value from the statements for
// which on holds, also by way of each other.
func madeOn(fn *load.Func, on func(ast.Node) bool) map[types.Object]bool {
	info, made := fn.Info(), make(map[types.Object]bool)
	for changed := true; changed; {
		changed = false
		mark := func(l ast.Expr) {
			_, root := containerOf(info, l)
			if root != nil && isLocal(fn, root) && !made[root] {
				made[root], changed = true, true
			}
		}
		ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					r := n.Rhs[min(i, len(n.Rhs)-1)]
					if on(r) || usesAny(info, r, made) {
						mark(l)
					}
				}
			case *ast.ValueSpec:
				for i, id := range n.Names {
					if len(n.Values) == 0 {
						continue
					}
					if r := n.Values[min(i, len(n.Values)-1)]; on(r) || usesAny(info, r, made) {
						mark(id)
					}
				}
			}
			return true
		})
	}
	return made
}

// isLocal reports whether v is declared in fn's body: neither its receiver nor a
// parameter, through which everything that is put into them would flow.
func isLocal(fn *load.Func, v *types.Var) bool {
	return fn.Decl.Body.Pos() <= v.Pos() && v.Pos() < fn.Decl.Body.End()
}

func usesAny(info *types.Info, e ast.Expr, set map[types.Object]bool) bool {
	used := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && set[info.Uses[id]] {
			used = true
		}
		return !used
	})
	return used
}
