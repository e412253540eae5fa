package layout

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/internal/load"
)

// users reads what fn does with the maps that were found.
func (r *mapReader) users(fn *load.Func) {
	written := make(map[ast.Expr]ast.Expr)
	var stack []ast.Node
	ast.Inspect(fn.Decl, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		switch n := n.(type) {
		case *ast.AssignStmt:
			r.assign(n, written)
		case *ast.IndexExpr:
			if m := r.of(n.X); m != nil {
				_, writes := written[n]
				m.uses = append(m.uses, place{fn: fn, node: n, writes: writes})
				r.index(m, fn, n, written, stack)
			}
		case *ast.RangeStmt:
			if m := r.of(n.X); m != nil {
				m.uses = append(m.uses, place{fn: fn, node: n})
				m.ranged = append(m.ranged, place{fn: fn, node: n})
			}
		case *ast.UnaryExpr:
			// Who has its address may fill it, as a decoder does.
			if m := r.of(n.X); m != nil && n.Op == token.AND {
				m.varies = true
			}
		case *ast.CallExpr:
			r.call(n)
		}
		return true
	})
}

// assign notes which index expressions are written, and with what. A map that is made
// from something else than a literal or make has keys that nobody knows.
func (r *mapReader) assign(n *ast.AssignStmt, written map[ast.Expr]ast.Expr) {
	for i, l := range n.Lhs {
		var value ast.Expr
		if len(n.Lhs) == len(n.Rhs) {
			value = n.Rhs[i]
		}
		written[ast.Unparen(l)] = value
		m := r.byVar[r.variable(l)]
		if m != nil && (value == nil || !r.makes(ast.Unparen(value)) && r.of(value) != m && !isNil(r.pkg.TypesInfo, value)) {
			m.varies = true
		}
	}
}

func isNil(info *types.Info, e ast.Expr) bool { return info.Types[e].IsNil() }

func (r *mapReader) index(m *anyMap, fn *load.Func, n *ast.IndexExpr, written map[ast.Expr]ast.Expr, stack []ast.Node) {
	name, constant := r.constant(n.Index)
	value, write := written[n]
	switch {
	case write && (!constant || value == nil):
		m.varies = true
	case write:
		r.put(m.key(name), value)
	case !constant:
		m.ranged = append(m.ranged, place{fn: fn, node: n})
	default:
		if as, ok := stack[max(0, len(stack)-2)].(*ast.TypeAssertExpr); ok && as.Type != nil {
			if t := r.pkg.TypesInfo.TypeOf(as.Type); t != nil {
				k := m.key(name)
				k.asserted = append(k.asserted, t)
			}
		}
	}
}

// call looks at what a call does with maps: a conversion, delete and clear change what
// the keys are, a function of another module may need a map.
func (r *mapReader) call(n *ast.CallExpr) {
	info := r.pkg.TypesInfo
	if tv := info.Types[n.Fun]; tv.IsType() && len(n.Args) == 1 {
		to := r.byType[typeObject(tv.Type)]
		if arg := ast.Unparen(n.Args[0]); to != nil && !r.makes(arg) && !isNil(info, arg) && r.of(arg) != to {
			to.varies = true
		}
	}
	for _, arg := range n.Args {
		if m := r.of(arg); m != nil {
			r.argument(m, n, arg)
		}
	}
}

func typeObject(t types.Type) types.Object {
	if named, ok := types.Unalias(t).(*types.Named); ok {
		return named.Obj()
	}
	return nil
}

// argument notes that m is given to a call.
func (r *mapReader) argument(m *anyMap, call *ast.CallExpr, arg ast.Expr) {
	info := r.pkg.TypesInfo
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if b, ok := info.Uses[id].(*types.Builtin); ok {
			m.varies = m.varies || b.Name() == "delete" || b.Name() == "clear"
			return
		}
	}
	if tv := info.Types[call.Fun]; tv.IsType() {
		m.varies = m.varies || typeObject(tv.Type) == nil || r.byType[typeObject(tv.Type)] == nil
		return
	}
	fun := info.TypeOf(call.Fun)
	if fun == nil {
		return
	}
	sig, ok := fun.Underlying().(*types.Signature)
	if !ok {
		return
	}
	param := parameter(sig, call, arg)
	f := load.Callee(info, call)
	switch {
	case f != nil && f.Pkg() != nil && f.Pkg().Path() == "maps":
		// Whole copies and comparisons, which a struct does with = and ==.
		m.varies = m.varies || slices.Contains([]string{"Copy", "Insert", "DeleteFunc"}, f.Name())
	case param == nil:
	case types.IsInterface(param):
		m.encoded = true
	case f == nil || f.Pkg() != r.pkg.Types || m.named == nil:
		// A map of no named type is followed no further than the function it is made in.
		m.varies = m.varies || m.named == nil || f == nil || f.Pkg() == nil || !strings.HasPrefix(f.Pkg().Path(), modulePath(r.pkg))
	}
}

func modulePath(pkg *packages.Package) string {
	if pkg.Module != nil {
		return pkg.Module.Path
	}
	return pkg.PkgPath
}

// parameter returns the type of the parameter that takes arg, nil if there is none.
func parameter(sig *types.Signature, call *ast.CallExpr, arg ast.Expr) types.Type {
	for i, a := range call.Args {
		if a != arg {
			continue
		}
		last := sig.Params().Len() - 1
		if i < last || i == last && (!sig.Variadic() || call.Ellipsis.IsValid()) {
			return sig.Params().At(i).Type()
		}
		if last >= 0 && sig.Variadic() {
			if s, ok := sig.Params().At(last).Type().(*types.Slice); ok {
				return s.Elem()
			}
		}
	}
	return nil
}
