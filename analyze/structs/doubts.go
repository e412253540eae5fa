package structs

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
)

// Relative qualifies names of types as source in package to does.
func Relative(to *types.Package) types.Qualifier {
	return func(p *types.Package) string {
		if p.Path() == to.Path() {
			return ""
		}
		return p.Name()
	}
}

// PackageOf returns the package of an import path, nil if it was not read.
func PackageOf(p *load.Program, path string) *packages.Package {
	for _, pkg := range p.Packages {
		if pkg.PkgPath == path {
			return pkg
		}
	}
	return nil
}

// Generated reports whether a tool wrote the file, as far as it was read.
func Generated(s *analyze.Session, file string) bool {
	for _, pkg := range s.Program.Packages {
		for _, f := range pkg.Syntax {
			if s.Program.Fset.Position(f.FileStart).Filename == file {
				return ast.IsGenerated(f)
			}
		}
	}
	return false
}

// mostPlaces is how many are named with one doubt.
const mostPlaces = 4

// TagDoubts are about encodings that follow the order of the fields.
func TagDoubts(st *types.Struct) []string {
	for i := range st.NumFields() {
		for _, enc := range []string{"json", "xml", "yaml"} {
			if strings.Contains(st.Tag(i), enc+`:"`) {
				return []string{"the " + strings.ToUpper(enc) + " written of it will have its fields in the new order"}
			}
		}
	}
	return nil
}

// SourceDoubts are what the source of the type's package does with the type that
// depends on the order of its fields.
func SourceDoubts(s *analyze.Session, pkg *packages.Package, obj *types.TypeName) []string {
	var unkeyed, binary, atomics, foreign, compared []string
	for _, file := range pkg.Syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			pos := func() string { return At(s, n) }
			switch n := n.(type) {
			case *ast.CompositeLit:
				if len(n.Elts) > 0 && IsOf(pkg.TypesInfo.TypeOf(n), obj) && !Keyed(n) {
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

// At returns the place of a node, as "file:line".
func At(s *analyze.Session, n ast.Node) string {
	pos := s.Program.Fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", s.RelPath(pos.Filename), pos.Line)
}

// Keyed reports whether a literal with elements names them.
func Keyed(lit *ast.CompositeLit) bool {
	_, ok := lit.Elts[0].(*ast.KeyValueExpr)
	return ok
}

// IsOf reports whether t is the type declared by obj, or an instance of it.
func IsOf(t types.Type, obj *types.TypeName) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Origin().Obj() == obj
}

// mentions reports whether t is a type declared by obj, or a pointer to, slice or array of
// one.
func mentions(t types.Type, obj *types.TypeName) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Pointer:
		return mentions(u.Elem(), obj)
	case *types.Slice:
		return mentions(u.Elem(), obj)
	case *types.Array:
		return mentions(u.Elem(), obj)
	}
	return t != nil && IsOf(t, obj)
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
	case IsOf(to, obj) != IsOf(from, obj) && !types.IsInterface(to) && isStruct(to) && isStruct(from):
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
