package layout

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
)

const (
	leastKeys = 2
	mostKeys  = 32
)

// An anyMap is a type of map, or one map that a function makes, with strings as keys
// and values of any type, as the source of a package uses it.
type anyMap struct {
	named    *types.TypeName // nil for a map of no named type
	made     []place         // literals and calls of make that have keys at once or later
	uses     []place         // index expressions and loops over it
	keys     []*mapKey       // in the order of the source
	ranged   []place         // loops over all keys, and reads under a key that varies
	encoded  bool            // given to a function as an interface: encoding/json may read it
	returned bool            // by an exported function, as a map of no named type
	varies   bool            // keys come from elsewhere, or others than the package need a map
	sets     []string        // the keys of each literal that has any, joined
}

// A place is a node in a function.
type place struct {
	fn     *load.Func
	node   ast.Node
	makes  bool // it is a literal, or a call of make
	writes bool // it puts a value into the map
}

// A mapKey is a constant key and what was seen under it.
type mapKey struct {
	name     string
	set      []types.Type // of values put under it
	asserted []types.Type
	boxed    bool // a value that is no constant was put under it
}

// anyMaps returns the maps of the reader's packages whose keys are constants.
func anyMaps(s *analyze.Session) []*anyMap {
	var all []*anyMap
	for _, pkg := range s.Program.Packages {
		if len(pkg.GoFiles) == 0 || !s.Program.IsLocal(pkg.PkgPath, pkg.GoFiles[0]) {
			continue
		}
		r := mapReader{s: s, pkg: pkg, byVar: make(map[types.Object]*anyMap), byType: make(map[types.Object]*anyMap), byFunc: make(map[*types.Func]*anyMap), seen: make(map[ast.Node]bool)}
		fns := s.Program.FuncsOf(pkg)
		for _, fn := range fns {
			r.makers(fn)
		}
		for _, fn := range fns {
			r.returns(fn)
		}
		for _, fn := range fns {
			r.receivers(fn)
		}
		for _, fn := range fns {
			r.users(fn)
		}
		for _, m := range r.found {
			if m.fixed() {
				all = append(all, m)
			}
		}
	}
	return all
}

// fixed reports whether the map always has the same constant keys.
func (m *anyMap) fixed() bool {
	for _, set := range m.sets {
		if set != m.sets[0] {
			return false
		}
	}
	return !m.varies && len(m.made) > 0 && leastKeys <= len(m.keys) && len(m.keys) <= mostKeys
}

func (m *anyMap) key(name string) *mapKey {
	for _, k := range m.keys {
		if k.name == name {
			return k
		}
	}
	k := &mapKey{name: name}
	m.keys = append(m.keys, k)
	return k
}

// A mapReader reads one package for its maps of any.
type mapReader struct {
	s      *analyze.Session
	pkg    *packages.Package
	found  []*anyMap
	byVar  map[types.Object]*anyMap // of no named type, by the variable that holds it
	byType map[types.Object]*anyMap
	byFunc map[*types.Func]*anyMap // of no named type, by the function that returns it
	seen   map[ast.Node]bool       // literals within literals
}

// isAnyMap reports whether t is a map from strings to values of any type.
func isAnyMap(t types.Type) bool {
	if t == nil {
		return false
	}
	m, ok := t.Underlying().(*types.Map)
	if !ok {
		return false
	}
	if _, param := types.Unalias(m.Elem()).(*types.TypeParam); param {
		return false
	}
	key, ok := m.Key().Underlying().(*types.Basic)
	iface, empty := m.Elem().Underlying().(*types.Interface)
	return ok && key.Info()&types.IsString != 0 && empty && iface.Empty()
}

// makers finds the literals and the calls of make in fn.
func (r *mapReader) makers(fn *load.Func) {
	var stack []ast.Node
	ast.Inspect(fn.Decl, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		e, ok := n.(ast.Expr)
		if !ok || !r.makes(e) || r.seen[n] {
			return true
		}
		if m := r.owner(fn, e, stack[:len(stack)-1]); m != nil {
			m.made = append(m.made, place{fn: fn, node: e, makes: true})
			m.varies = m.varies || generic(r.pkg.TypesInfo, fn)
			if lit, ok := e.(*ast.CompositeLit); ok {
				r.literal(m, lit)
			}
		}
		return true
	})
}

// generic reports whether fn has type parameters, of which a struct's fields could be.
func generic(info *types.Info, fn *load.Func) bool {
	f, ok := info.Defs[fn.Decl.Name].(*types.Func)
	return !ok || f.Signature().TypeParams().Len() > 0 || f.Signature().RecvTypeParams().Len() > 0
}

// makes reports whether e is a literal or a make of a map of any.
func (r *mapReader) makes(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CompositeLit:
		return isAnyMap(r.pkg.TypesInfo.TypeOf(e))
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		if !ok || id.Name != "make" {
			return false
		}
		_, ok = r.pkg.TypesInfo.Uses[id].(*types.Builtin)
		return ok && isAnyMap(r.pkg.TypesInfo.TypeOf(e))
	}
	return false
}

// owner returns the map that a literal belongs to: that of its type, that of the
// variable it is put in, or a new one. Nil for a type of another package, which
// cannot be made a struct here.
func (r *mapReader) owner(fn *load.Func, e ast.Expr, around []ast.Node) *anyMap {
	if named, ok := types.Unalias(r.pkg.TypesInfo.TypeOf(e)).(*types.Named); ok {
		return r.ofType(named.Obj())
	}
	var v types.Object
	parent := around[len(around)-1]
	switch p := parent.(type) {
	case *ast.AssignStmt:
		for i, rhs := range p.Rhs {
			if rhs == e && len(p.Lhs) == len(p.Rhs) {
				v = r.variable(p.Lhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, val := range p.Values {
			if val == e && i < len(p.Names) {
				v = r.pkg.TypesInfo.Defs[p.Names[i]]
			}
		}
	}
	if m := r.byVar[v]; v != nil && m != nil {
		return m
	}
	m := new(anyMap)
	if v != nil {
		r.byVar[v] = m
	}
	if call, ok := parent.(*ast.CallExpr); ok {
		r.argument(m, call, e)
	}
	r.found = append(r.found, m)
	return m
}

func (r *mapReader) ofType(obj *types.TypeName) *anyMap {
	if obj.Pkg() != r.pkg.Types {
		return nil
	}
	m := r.byType[obj]
	if m == nil {
		m = &anyMap{named: obj}
		r.byType[obj] = m
		r.found = append(r.found, m)
	}
	return m
}

// literal reads the keys of a literal, and passes over the literals in it: their keys
// are a part of what is said about this one.
func (r *mapReader) literal(m *anyMap, lit *ast.CompositeLit) {
	var set []string
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		name, ok := r.constant(kv.Key)
		if !ok {
			m.varies = true
			continue
		}
		set = append(set, name)
		r.put(m.key(name), kv.Value)
		ast.Inspect(kv.Value, func(n ast.Node) bool {
			r.seen[n] = true
			return true
		})
	}
	if len(set) > 0 {
		m.sets = append(m.sets, joinSorted(set))
	}
}

func (r *mapReader) put(k *mapKey, value ast.Expr) {
	tv := r.pkg.TypesInfo.Types[value]
	if tv.Type == nil {
		return // of a package with errors
	}
	k.set = append(k.set, types.Default(tv.Type))
	k.boxed = k.boxed || tv.Value == nil
}

func (r *mapReader) constant(e ast.Expr) (string, bool) {
	tv := r.pkg.TypesInfo.Types[e]
	if tv.Value == nil || tv.Value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(tv.Value), true
}

// variable returns the variable or field that e denotes, nil if it is another kind of
// expression.
func (r *mapReader) variable(e ast.Expr) types.Object {
	info := r.pkg.TypesInfo
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if o := info.Defs[e]; o != nil {
			return o
		}
		return info.Uses[e]
	case *ast.SelectorExpr:
		return info.Uses[e.Sel]
	}
	return nil
}

// of returns the map that an expression denotes, nil if it is none that is known.
func (r *mapReader) of(e ast.Expr) *anyMap {
	t := r.pkg.TypesInfo.TypeOf(e)
	if !isAnyMap(t) {
		return nil
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		return r.byType[named.Obj()]
	}
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		return r.byFunc[load.Callee(r.pkg.TypesInfo, call)]
	}
	return r.byVar[r.variable(e)]
}

// returns notes which maps of no named type fn returns. The maps of a function that
// returns several are left alone: their keys may differ.
func (r *mapReader) returns(fn *load.Func) {
	f, ok := r.pkg.TypesInfo.Defs[fn.Decl.Name].(*types.Func)
	if !ok {
		return
	}
	ast.Inspect(fn.Decl, func(n ast.Node) bool {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok {
			_, closure := n.(*ast.FuncLit)
			return !closure
		}
		for _, e := range ret.Results {
			m := r.made(e)
			if m == nil {
				m = r.of(e)
			}
			if m == nil || m.named != nil {
				continue
			}
			m.returned = m.returned || f.Exported()
			if old := r.byFunc[f]; old != nil && old != m {
				old.varies, m.varies = true, true
			}
			r.byFunc[f] = m
		}
		return true
	})
}

// made returns the map that a literal was found to make.
func (r *mapReader) made(e ast.Expr) *anyMap {
	for _, m := range r.found {
		for _, p := range m.made {
			if p.node == ast.Unparen(e) {
				return m
			}
		}
	}
	return nil
}

// receivers notes the variables of fn that are given a map which a function returns.
func (r *mapReader) receivers(fn *load.Func) {
	ast.Inspect(fn.Decl, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Rhs) != 1 {
			return true
		}
		call, ok := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
		if !ok {
			return true
		}
		m := r.byFunc[load.Callee(r.pkg.TypesInfo, call)]
		if v := r.variable(as.Lhs[0]); m != nil && v != nil && r.byVar[v] == nil && isAnyMap(v.Type()) {
			r.byVar[v] = m
		}
		return true
	})
}

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
