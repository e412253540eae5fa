package probe

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/whetgo/whet/analyze/probe/whetprobe"
	"github.com/whetgo/whet/internal/load"
)

// An entry is the code that a function gets: statements that hash its input into whh_,
// and those that write the input down as text.
type entry struct {
	hash, text, long strings.Builder
	parts            []Part
	sizes            types.Sizes
	pkg              *types.Package
}

// part adds an input: x is how the code reads it, of type t.
func (e *entry) part(name, x string, t types.Type, level Level, reads ...string) {
	e.parts = append(e.parts, Part{Name: name, Type: types.TypeString(t, types.RelativeTo(e.pkg)), Level: level, Reads: reads})
	if level != Ignored {
		fmt.Fprintf(&e.text, "whet_.Put(whk_, %s, &%s); ", strconv.Quote(name), x)
	}
}

// add hashes an expression.
func (e *entry) add(expr string) { fmt.Fprintf(&e.hash, "whh_ = %s; ", expr) }

// probeFunc cuts the probe into a function.
func (s *site) probeFunc(race bool) {
	e := &entry{sizes: s.fn.Sizes(), pkg: s.fn.File.Pkg.Types}
	var r *reading
	if s.src.info != nil {
		r = newReading(s.src.info, s.body, race)
	}
	for _, v := range s.variables() {
		e.variable(v, r, s.cand.Reads)
	}
	if s.lit != nil {
		for _, v := range captured(s.src.info, s.lit) {
			e.capture(v, r)
		}
	}
	s.inputs = e.parts
	at := s.src.offset(s.body.Lbrace) + 1
	if s.cand.Mode == Count {
		s.src.insert(at, fmt.Sprintf(" whet_.Calls(%d);", s.number))
		return
	}
	s.src.insert(at, fmt.Sprintf(" if whet_.Live(%d) { whh_ := whet_.Begin(%d); %sif whk_ := whet_.Enter(%d, whh_); whk_.On() { %s%sdefer %s } };",
		s.number, s.number, e.hash.String(), s.number, e.long.String(), wanted(e.text.String()), s.exit()))
}

func wanted(text string) string {
	if text == "" {
		return ""
	}
	return "if whk_.Wants() { " + text + "}; "
}

// variables returns the receiver and parameters that have a name in the function.
func (s *site) variables() []*types.Var {
	var vs []*types.Var
	if v := s.sig.Recv(); v != nil {
		vs = append(vs, v)
	}
	for v := range s.sig.Params().Variables() {
		vs = append(vs, v)
	}
	return vs
}

// variable adds a parameter. One without a name cannot influence the function.
func (e *entry) variable(v *types.Var, r *reading, reads []string) {
	name, t := v.Name(), v.Type()
	switch {
	case name == "" || name == "_":
		e.part("_", "", t, Ignored)
		return
	case isContext(t):
		e.part(name, "", t, Ignored)
		return
	}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Pointer:
		e.pointer(v, r, reads)
	case *types.Slice:
		e.slice(v, u, r)
	default:
		expr, level := e.expr("whh_", name, t, 0)
		e.add(expr)
		e.long1(name, t)
		e.part(name, name, t, level)
	}
}

// long1 has a string noted of which only pieces are hashed.
func (e *entry) long1(x string, t types.Type) {
	if b, ok := types.Unalias(t).Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 && !isParam(t) {
		fmt.Fprintf(&e.long, "whet_.LongStr(whk_, %s); ", x)
	}
}

// pointer adds the fields that are read behind a pointer, and its address unless they
// are all that the function knows of it.
func (e *entry) pointer(v *types.Var, r *reading, reads []string) {
	paths, all := given(reads, v, e.pkg), len(reads) > 0
	if reads == nil && r != nil {
		paths, all = r.fields(v)
	}
	level := Fields
	if !all || len(paths) == 0 {
		level = Identity
		e.add("whet_.Val(whh_, &" + v.Name() + ")")
	}
	var texts []string
	for _, p := range paths {
		expr, _ := e.expr("whh_", p.text, p.typ, 0)
		guard := make([]string, len(p.guards))
		for i, g := range p.guards {
			guard[i] = "whet_.Is(" + g + ")"
		}
		fmt.Fprintf(&e.hash, "if %s { whh_ = %s }; ", strings.Join(guard, " && "), expr)
		fmt.Fprintf(&e.text, "if %s { whet_.Put(whk_, %s, &%s) }; ", strings.Join(guard, " && "), strconv.Quote(p.text), p.text)
		texts = append(texts, p.text)
	}
	e.parts = append(e.parts, Part{Name: v.Name(), Type: types.TypeString(v.Type(), types.RelativeTo(e.pkg)), Level: level, Reads: texts})
	if len(paths) == 0 {
		fmt.Fprintf(&e.text, "whet_.Put(whk_, %s, &%s); ", strconv.Quote(v.Name()), v.Name())
	}
}

// slice adds a slice, with its elements where they can be read.
func (e *entry) slice(v *types.Var, t *types.Slice, r *reading) {
	name := v.Name()
	looks, certainly := true, false
	if r != nil {
		looks, certainly = r.elements(v)
	}
	switch elem := types.Unalias(t.Elem()).Underlying().(type) {
	case *types.Basic:
		if elem.Info()&types.IsString != 0 && certainly && !isParam(t.Elem()) {
			e.add("whet_.Strs(whh_, " + name + ")")
			e.part(name, name, v.Type(), Contents)
			return
		}
	}
	if looks && isFlat(t.Elem(), e.sizes) {
		e.add("whet_.Flat(whh_, " + name + ")")
		fmt.Fprintf(&e.long, "whet_.LongFlat(whk_, %s); ", name)
		e.part(name, name, v.Type(), Contents)
		return
	}
	e.add("whet_.Head(whh_, " + name + ")")
	e.part(name, name, v.Type(), Identity)
}

// capture adds a variable that a closure uses of the function around it, if it certainly
// reads it before it synchronizes: anybody may write it.
func (e *entry) capture(v *types.Var, r *reading) {
	if !r.readable(v.Type()) || isParam(v.Type()) || !r.certainlyRead(v) {
		e.part(v.Name(), "", v.Type(), Ignored)
		return
	}
	expr, level := e.expr("whh_", v.Name(), v.Type(), 0)
	e.add(expr)
	e.part(v.Name(), v.Name(), v.Type(), level)
}

func (r *reading) certainlyRead(v *types.Var) bool {
	found := false
	ast.Inspect(r.body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if ok && r.info.Uses[id] == types.Object(v) && !r.closed(id) && !r.written(id) && r.may(id.Pos(), 2) {
			found = true
		}
		return !found
	})
	return found
}

// captured returns the variables of enclosing functions that a literal uses.
func captured(info *types.Info, lit *ast.FuncLit) []*types.Var {
	var vs []*types.Var
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := info.Uses[id].(*types.Var)
		if ok && !v.IsField() && v.Pkg() != nil && v.Parent() != v.Pkg().Scope() && !within(lit, v.Pos()) && !slices.Contains(vs, v) {
			vs = append(vs, v)
		}
		return true
	})
	return vs
}

func within(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }

// expr returns the code that hashes x, of type t, onto acc, and how far it looks. Values
// are hashed by code written for their type; what has no short such code, by what
// whetprobe works out of the type when it meets it.
func (e *entry) expr(acc, x string, t types.Type, depth int) (string, Level) {
	call := func(f, arg string) string { return "whet_." + f + "(" + acc + ", " + arg + ")" }
	if isParam(t) {
		return call("Val", "&"+x), e.level(t)
	}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsInteger != 0:
			return call("Int", x), Values
		case u.Info()&types.IsString != 0:
			return call("Str", x), Values
		case u.Info()&types.IsBoolean != 0:
			return call("Bool", x), Values
		case u.Info()&types.IsFloat != 0:
			return call("Float", x), Values
		}
	case *types.Struct:
		if depth < 3 && u.NumFields() <= 8 && e.seen(u) {
			for f := range u.Fields() {
				acc, _ = e.expr(acc, x+"."+f.Name(), f.Type(), depth+1)
			}
			return acc, e.level(t)
		}
	}
	return call("Val", "&"+x), e.level(t)
}

// seen reports whether the package may name all the fields.
func (e *entry) seen(s *types.Struct) bool {
	for f := range s.Fields() {
		if f.Name() == "_" || !f.Exported() && f.Pkg() != e.pkg {
			return false
		}
	}
	return true
}

// level returns how far the hash of a value of type t looks.
func (e *entry) level(t types.Type) Level {
	if tp, ok := types.Unalias(t).(*types.TypeParam); ok {
		return paramLevel(tp)
	}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Basic:
		if u.Kind() != types.UnsafePointer {
			return Values
		}
	case *types.Array:
		return e.level(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if e.level(f.Type()) != Values {
				return Identity
			}
		}
		return Values
	}
	return Identity
}

// paramLevel returns Values for a type parameter that stands for numbers and strings only.
func paramLevel(tp *types.TypeParam) Level {
	iface, ok := tp.Constraint().Underlying().(*types.Interface)
	if !ok || iface.NumEmbeddeds() == 0 {
		return Identity
	}
	for t := range iface.EmbeddedTypes() {
		if !basicTerms(t) {
			return Identity
		}
	}
	return Values
}

func basicTerms(t types.Type) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Union:
		for term := range u.Terms() {
			if !basicTerms(term.Type()) {
				return false
			}
		}
		return true
	case *types.Basic:
		return u.Kind() != types.UnsafePointer
	case *types.Named:
		if i, ok := u.Underlying().(*types.Interface); ok {
			for t := range i.EmbeddedTypes() {
				if !basicTerms(t) {
					return false
				}
			}
			return i.NumEmbeddeds() > 0
		}
		return basicTerms(u.Underlying())
	}
	return false
}

func isParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

func isContext(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "context" && n.Obj().Name() == "Context"
}

// isFlat reports whether hashing the memory of a t is hashing its value.
func isFlat(t types.Type, sizes types.Sizes) bool {
	if load.HasTypeParam(t) {
		return false
	}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Basic:
		return u.Info()&(types.IsNumeric|types.IsBoolean) != 0 && u.Kind() != types.UnsafePointer
	case *types.Array:
		return isFlat(u.Elem(), sizes)
	case *types.Struct:
		var sum int64
		for f := range u.Fields() {
			if f.Name() == "_" || !isFlat(f.Type(), sizes) {
				return false
			}
			sum += sizes.Sizeof(f.Type())
		}
		return sum == sizes.Sizeof(u)
	}
	return false
}

// exit names the results and returns the call that ends the probe.
func (s *site) exit() string {
	names := s.nameResults()
	results := s.sig.Results()
	var refs []string
	for i, name := range names {
		v := results.At(i)
		level := s.resultLevel(v.Type())
		if i < 4 {
			refs = append(refs, "&"+name)
		} else {
			level = Ignored
		}
		shown := v.Name()
		if shown == "" || shown == "_" {
			shown = "#" + strconv.Itoa(i)
		}
		s.outputs = append(s.outputs, Part{Name: shown, Type: types.TypeString(v.Type(), types.RelativeTo(s.fn.File.Pkg.Types)), Level: level})
	}
	return "whet_.Exit" + strconv.Itoa(len(refs)) + "(" + strings.Join(append([]string{"whk_"}, refs...), ", ") + ")"
}

func (s *site) resultLevel(t types.Type) Level {
	e := &entry{sizes: s.fn.Sizes(), pkg: s.fn.File.Pkg.Types}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Slice:
		if isFlat(u.Elem(), e.sizes) {
			return Contents
		}
	default:
		if e.level(t) == Values {
			return Values
		}
	}
	if s.number&whetprobe.Fresh != 0 {
		return Contents
	}
	return Opaque
}

// nameResults gives the results names where they have none, and returns the names.
func (s *site) nameResults() []string {
	list := s.typ.Results
	if list == nil || len(list.List) == 0 {
		return nil
	}
	var names []string
	if len(list.List[0].Names) > 0 {
		for _, f := range list.List {
			for _, id := range f.Names {
				name := id.Name
				if name == "_" {
					name = fmt.Sprintf("whr%d_", len(names))
					s.src.replace(s.src.offset(id.Pos()), 1, name)
				}
				names = append(names, name)
			}
		}
		return names
	}
	for i, f := range list.List {
		names = append(names, fmt.Sprintf("whr%d_", i))
		before, after := names[i]+" ", ""
		if i == 0 && !list.Opening.IsValid() {
			before, after = "("+before, ")"
		}
		s.src.wrap(f.Type, before, after)
	}
	return names
}
