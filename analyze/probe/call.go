package probe

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"github.com/whetgo/whet/internal/load"
)

// probeCall cuts the probe into a call: its arguments are wrapped, and its result. The
// callee is called from where it was, so its traces and its callers are the same.
func (s *site) probeCall() error {
	info, call := s.src.info, s.call
	c := fmt.Sprintf("whc%d_", s.index())
	callee := load.Callee(info, call)
	results := callee.Signature().Results().Len()
	if sig, ok := info.TypeOf(call.Fun).(*types.Signature); ok {
		results = sig.Results().Len()
	}
	args, err := s.arguments()
	if err != nil {
		return err
	}
	end, ok := s.ending(c, results)
	if len(args) == 0 {
		if !ok {
			return fmt.Errorf("its arguments are constants, and its results cannot be watched")
		}
		s.same(c, results)
	}
	for i, a := range args {
		before, after := fmt.Sprintf("whet_.Arg%s(&%s, %d, ", a.form, c, s.number), ")"
		if i == len(args)-1 {
			before = fmt.Sprintf("whet_.Last%s(&%s, %d, ", a.form, c, s.number)
			if !ok {
				before, after = "whet_.Done(&"+c+", "+before, "))"
			}
		}
		s.src.wrap(a.expr, before+a.addr, after)
	}
	if ok && len(args) > 0 {
		s.src.wrap(call, end, ")")
	}
	s.src.insert(s.src.offset(s.body.Lbrace)+1, " var "+c+" whet_.Call;")
	return nil
}

// An argument is wrapped in Arg or Last of a form.
type argument struct {
	expr ast.Expr
	form string // "", "Str", "Int", "Flat"
	addr string // "&" where the address is wrapped
}

// arguments returns what can be an input of the call, and notes the parts.
func (s *site) arguments() (args []argument, err error) {
	info, e := s.src.info, &entry{sizes: s.fn.Sizes(), pkg: s.fn.File.Pkg.Types}
	if sel, ok := ast.Unparen(s.call.Fun).(*ast.SelectorExpr); ok {
		if selection := info.Selections[sel]; selection != nil && selection.Kind() == types.MethodVal {
			if byValue(selection) {
				args = append(args, argument{expr: sel.X})
				e.part("receiver", "", selection.Recv(), e.level(selection.Recv()))
			} else {
				e.part("receiver", "", selection.Recv(), Ignored)
			}
		}
	}
	for i, arg := range s.call.Args {
		tv := info.Types[arg]
		name := "arg" + strconv.Itoa(i)
		switch {
		case tuple(tv.Type):
			return nil, fmt.Errorf("its arguments come from one call")
		case tv.Value != nil || tv.IsNil() || untyped(arg, tv.Type) || isContext(tv.Type):
			e.part(name, "", tv.Type, Ignored)
		default:
			form, level := e.form(tv.Type)
			args = append(args, argument{expr: arg, form: form})
			e.part(name, "", tv.Type, level)
		}
	}
	s.inputs = e.parts
	return args, nil
}

func tuple(t types.Type) bool {
	_, ok := t.(*types.Tuple)
	return ok
}

// untyped reports whether an expression may take its type from where it stands: a
// comparison, a shift, a function literal is no input that could be wrapped.
func untyped(e ast.Expr, t types.Type) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		b, ok := types.Unalias(t).Underlying().(*types.Basic)
		return x.Op == token.SHL || x.Op == token.SHR || ok && b.Info()&types.IsBoolean != 0
	case *ast.UnaryExpr:
		return x.Op == token.NOT
	case *ast.FuncLit:
		return true
	}
	return false
}

// form returns the form of Arg for a type, and how far it looks.
func (e *entry) form(t types.Type) (string, Level) {
	if !isParam(t) {
		switch u := types.Unalias(t).Underlying().(type) {
		case *types.Basic:
			switch {
			case u.Info()&types.IsString != 0:
				return "Str", Values
			case u.Info()&types.IsInteger != 0:
				return "Int", Values
			}
		case *types.Slice:
			if isFlat(u.Elem(), e.sizes) {
				return "Flat", Contents
			}
		}
	}
	return "", e.level(t)
}

// byValue reports whether a method's receiver can be wrapped where it stands: it needs no
// address that the wrapped value would not have.
func byValue(sel *types.Selection) bool {
	t := sel.Recv()
	if isParam(t) {
		return false
	}
	switch types.Unalias(t).Underlying().(type) {
	case *types.Pointer, *types.Interface:
		return true
	}
	f, ok := sel.Obj().(*types.Func)
	if !ok || len(sel.Index()) != 1 || f.Signature().Recv() == nil {
		return false
	}
	_, ptr := types.Unalias(f.Signature().Recv().Type()).(*types.Pointer)
	return !ptr
}

// ending returns the code that, before the call, has its results watched; false if they
// cannot be.
func (s *site) ending(c string, results int) (string, bool) {
	if s.detached() {
		return "", false
	}
	level := func(t types.Type) Level { return s.resultLevel(t) }
	sig, ok := s.src.info.TypeOf(s.call.Fun).(*types.Signature)
	if !ok || results == 0 || results > 2 {
		return "", false
	}
	var names []string
	for v := range sig.Results().Variables() {
		name, ok := s.typeName(v.Type())
		if !ok && results > 1 {
			s.outputs = nil
			return "", false
		}
		names = append(names, name)
		s.outputs = append(s.outputs, Part{Name: "#" + strconv.Itoa(len(s.outputs)), Type: types.TypeString(v.Type(), types.RelativeTo(s.fn.File.Pkg.Types)), Level: level(v.Type())})
	}
	if results == 1 {
		return "whet_.Ret(&" + c + ", ", true
	}
	return fmt.Sprintf("whet_.Ret2[%s, %s](&%s)(", names[0], names[1], c), true
}

// same wraps a call whose input never changes.
func (s *site) same(c string, results int) {
	before := fmt.Sprintf("whet_.Same(&%s, %d, ", c, s.number)
	if results == 2 {
		var names [2]string
		for i, v := range s.resultVars() {
			names[i], _ = s.typeName(v.Type())
		}
		before = fmt.Sprintf("whet_.Same2[%s, %s](&%s, %d)(", names[0], names[1], c, s.number)
	}
	s.src.wrap(s.call, before, ")")
}

func (s *site) resultVars() (vs []*types.Var) {
	if sig, ok := s.src.info.TypeOf(s.call.Fun).(*types.Signature); ok {
		for v := range sig.Results().Variables() {
			vs = append(vs, v)
		}
	}
	return vs
}

// detached reports whether the call is started by go or defer: nothing can be around it.
func (s *site) detached() bool {
	found := false
	ast.Inspect(s.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = found || n.Call == s.call
		case *ast.DeferStmt:
			found = found || n.Call == s.call
		}
		return !found
	})
	return found
}

// typeName spells a type as the file can, false if it cannot: a package that it does not
// import, a type declared in a function.
func (s *site) typeName(t types.Type) (string, bool) {
	ok := true
	qualifier := func(p *types.Package) string {
		if p == s.fn.File.Pkg.Types {
			return ""
		}
		name := s.imported(p)
		ok = ok && name != ""
		return name
	}
	text := types.TypeString(t, qualifier)
	return text, ok && s.global(t, make(map[types.Type]bool))
}

// imported returns the name by which the file knows a package, "" if it does not.
func (s *site) imported(p *types.Package) string {
	for _, spec := range s.src.file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || path != p.Path() {
			continue
		}
		switch {
		case spec.Name == nil:
			return p.Name()
		case spec.Name.Name != "." && spec.Name.Name != "_":
			return spec.Name.Name
		}
	}
	return ""
}

// global reports whether a type's name means the same at the call as in its package: it
// is not declared in a function, and nothing in a function hides it.
func (s *site) global(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	switch u := t.(type) {
	case *types.Basic:
		return s.plain(u.Name(), nil)
	case *types.Pointer:
		return s.global(u.Elem(), seen)
	case *types.Slice:
		return s.global(u.Elem(), seen)
	case *types.Map:
		return s.global(u.Key(), seen) && s.global(u.Elem(), seen)
	case *types.Named:
		obj := u.Obj()
		if obj.Pkg() == nil {
			return s.plain(obj.Name(), obj)
		}
		for arg := range u.TypeArgs().Types() {
			if !s.global(arg, seen) {
				return false
			}
		}
		if obj.Parent() != obj.Pkg().Scope() {
			return false
		}
		if obj.Pkg() != s.fn.File.Pkg.Types {
			return s.visible(s.imported(obj.Pkg()))
		}
		return s.plain(obj.Name(), obj)
	}
	return false
}

// plain reports whether a name at the call is that of the object, or of a predeclared type.
func (s *site) plain(name string, obj types.Object) bool {
	scope := s.fn.File.Pkg.Types.Scope().Innermost(s.call.Pos())
	if scope == nil {
		return false
	}
	_, found := scope.LookupParent(name, s.call.Pos())
	if obj == nil {
		obj = types.Universe.Lookup(name)
	}
	return found == obj
}

// visible reports whether a name at the call is that of an import.
func (s *site) visible(name string) bool {
	scope := s.fn.File.Pkg.Types.Scope().Innermost(s.call.Pos())
	if scope == nil {
		return false
	}
	_, found := scope.LookupParent(name, s.call.Pos())
	_, ok := found.(*types.PkgName)
	return ok
}
