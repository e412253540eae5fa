package layout

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

// advice says how to reorder a type, and what speaks against it.
func advice(s *analyze.Session, t *total) analyze.Advice {
	obj := t.named.Obj()
	sizes := types.SizesFor("gc", "amd64")
	pkg := packageOf(s.Program, obj.Pkg().Path())
	if pkg != nil && pkg.TypesSizes != nil {
		sizes = pkg.TypesSizes
	}
	shown, _ := t.named.Origin().Underlying().(*types.Struct)
	name := obj.Name()
	if params := t.named.TypeParams(); params.Len() > 0 {
		name = types.TypeString(t.named.Origin(), types.RelativeTo(obj.Pkg()))
	}
	a := analyze.Advice{
		Do:      fmt.Sprintf("order the fields of %s by alignment, the widest first", profile.Short(typeName(t.named))),
		Snippet: t.declaration(name, shown, sizes, relative(obj.Pkg())),
	}
	if t.owner == profile.Library {
		a.Doubts = append(a.Doubts, "the type is a dependency's: see whether a newer version orders it otherwise, and propose it if not; nothing in this module can change it")
	}
	a.Doubts = append(a.Doubts, tagDoubts(shown)...)
	if pkg != nil {
		a.Doubts = append(a.Doubts, sourceDoubts(s, pkg, obj)...)
	}
	if obj.Exported() && open(shown) {
		a.Doubts = append(a.Doubts, "other packages that write "+obj.Name()+"{…} without the names of the fields have to follow")
	}
	return a
}

// open reports whether other packages can write literals of the struct without the
// names of its fields: all are exported.
func open(st *types.Struct) bool {
	for f := range st.Fields() {
		if !f.Exported() {
			return false
		}
	}
	return true
}

func relative(to *types.Package) types.Qualifier {
	return func(p *types.Package) string {
		if p.Path() == to.Path() {
			return ""
		}
		return p.Name()
	}
}

func packageOf(p *load.Program, path string) *packages.Package {
	for _, pkg := range p.Packages {
		if pkg.PkgPath == path {
			return pkg
		}
	}
	return nil
}

// generated reports whether a tool wrote the file, as far as it was read.
func generated(s *analyze.Session, file string) bool {
	for _, pkg := range s.Program.Packages {
		for _, f := range pkg.Syntax {
			if s.Program.Fset.Position(f.FileStart).Filename == file {
				return ast.IsGenerated(f)
			}
		}
	}
	return false
}

// tagDoubts are about encodings that follow the order of the fields.
func tagDoubts(st *types.Struct) []string {
	for i := range st.NumFields() {
		for _, enc := range []string{"json", "xml", "yaml"} {
			if strings.Contains(st.Tag(i), enc+`:"`) {
				return []string{"the " + strings.ToUpper(enc) + " written of it will have its fields in the new order"}
			}
		}
	}
	return nil
}

// sourceDoubts are what the source of the type's package does with the type that
// depends on the order of its fields.
func sourceDoubts(s *analyze.Session, pkg *packages.Package, obj *types.TypeName) []string {
	var unkeyed, binary, atomics, foreign, compared []string
	for _, file := range pkg.Syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			pos := func() string { return at(s, n) }
			switch n := n.(type) {
			case *ast.CompositeLit:
				if len(n.Elts) > 0 && isOf(pkg.TypesInfo.TypeOf(n), obj) && !keyed(n) {
					unkeyed = append(unkeyed, pos())
				}
			case *ast.CallExpr:
				switch use(pkg.TypesInfo, n, obj) {
				case "binary":
					binary = append(binary, pos())
				case "atomic":
					atomics = append(atomics, pos())
				case "unsafe":
					foreign = append(foreign, pos())
				case "conversion":
					compared = append(compared, pos())
				}
			}
			return true
		})
	}
	var ds []string
	say := func(where []string, what string) {
		if len(where) > mostPlaces {
			where = append(where[:mostPlaces:mostPlaces], "…")
		}
		if len(where) > 0 {
			ds = append(ds, what+": "+strings.Join(where, ", "))
		}
	}
	say(unkeyed, "literals without the names of the fields have to follow the new order")
	say(binary, "encoding/binary reads and writes the fields in their order")
	say(foreign, "unsafe code may depend on the present order")
	say(compared, "a conversion between struct types needs both in the same order")
	say(atomics, "on 32-bit machines 64-bit atomic access needs a field that stays aligned to 8 bytes, such as the first")
	return ds
}

func at(s *analyze.Session, n ast.Node) string {
	pos := s.Program.Fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", s.RelPath(pos.Filename), pos.Line)
}

func keyed(lit *ast.CompositeLit) bool {
	_, ok := lit.Elts[0].(*ast.KeyValueExpr)
	return ok
}

// isOf reports whether t is the type declared by obj, an instance of it, or a pointer
// to, slice or array of it.
func isOf(t types.Type, obj *types.TypeName) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Origin().Obj() == obj
}

func mentions(t types.Type, obj *types.TypeName) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Pointer:
		return mentions(u.Elem(), obj)
	case *types.Slice:
		return mentions(u.Elem(), obj)
	case *types.Array:
		return mentions(u.Elem(), obj)
	}
	return t != nil && isOf(t, obj)
}

// use says how a call depends on the order of the fields of the type declared by obj:
// "unsafe", "binary", "atomic", "conversion", or "" for not at all.
func use(info *types.Info, call *ast.CallExpr, obj *types.TypeName) string {
	if tv := info.Types[call.Fun]; tv.IsType() && len(call.Args) == 1 {
		return converts(tv.Type, info.TypeOf(call.Args[0]), obj)
	}
	if f := load.Callee(info, call); f != nil && f.Pkg() != nil {
		switch f.Pkg().Path() {
		case "encoding/binary":
			for _, arg := range call.Args {
				if mentions(info.TypeOf(arg), obj) {
					return "binary"
				}
			}
		case "sync/atomic":
			if f.Signature().Recv() == nil && strings.HasSuffix(f.Name(), "64") && len(call.Args) > 0 && fieldOf(info, call.Args[0], obj) {
				return "atomic"
			}
		}
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sel.Sel.Name == "Offsetof" && len(call.Args) == 1 && fieldOf(info, call.Args[0], obj) {
		return "unsafe"
	}
	return ""
}

func converts(to, from types.Type, obj *types.TypeName) string {
	if to == nil || from == nil {
		return ""
	}
	pointer := func(t types.Type) bool {
		b, ok := t.Underlying().(*types.Basic)
		return ok && b.Kind() == types.UnsafePointer
	}
	switch {
	case pointer(to) && mentions(from, obj), pointer(from) && mentions(to, obj):
		return "unsafe"
	case isOf(to, obj) != isOf(from, obj) && !types.IsInterface(to) && isStruct(to) && isStruct(from):
		return "conversion"
	}
	return ""
}

func isStruct(t types.Type) bool {
	_, ok := t.Underlying().(*types.Struct)
	return ok
}

// fieldOf reports whether e is a field of the type declared by obj, or its address.
func fieldOf(info *types.Info, e ast.Expr, obj *types.TypeName) bool {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = ast.Unparen(u.X)
	}
	sel, ok := e.(*ast.SelectorExpr)
	return ok && mentions(info.TypeOf(sel.X), obj)
}
