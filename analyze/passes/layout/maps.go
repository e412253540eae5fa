package layout

import (
	"go/ast"
	"go/constant"
	"go/types"

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
