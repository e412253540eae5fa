package structs

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/internal/load"
)

// A Module is all source that could depend on the order of a struct's fields: every package
// of the modules under development, and their tests.
type Module struct {
	fset     *token.FileSet
	packages []*packages.Package
	ignored  []*ast.File // of other systems and tags: their types are not known
}

const moduleMode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedForTest

// ReadModule reads the modules under development as the go command sees them in dir, with
// the files of overlay, by absolute path, in the place of those on disk. A package that does
// not build is an error: who uses what is not known then.
func ReadModule(ctx context.Context, dir string, flags []string, modules []load.Module, overlay map[string][]byte) (*Module, error) {
	m := &Module{fset: token.NewFileSet()}
	for _, mod := range modules {
		cfg := &packages.Config{Context: ctx, Dir: mod.Dir, Mode: moduleMode, BuildFlags: flags, Fset: m.fset, Env: os.Environ(), Tests: true, Overlay: overlay}
		pkgs, err := packages.Load(cfg, "./...")
		if err != nil {
			return nil, fmt.Errorf("reading module %s: %w", mod.Path, err)
		}
		for _, pkg := range pkgs {
			for _, e := range pkg.Errors {
				return nil, fmt.Errorf("%s does not build: %v", pkg.PkgPath, e)
			}
			m.packages = append(m.packages, pkg)
			m.ignore(pkg)
		}
	}
	return m, nil
}

// ignore reads the files that this build leaves out.
func (m *Module) ignore(pkg *packages.Package) {
	for _, name := range pkg.IgnoredFiles {
		if filepath.Ext(name) != ".go" {
			continue
		}
		if f, err := parser.ParseFile(m.fset, name, nil, parser.SkipObjectResolution); err == nil {
			m.ignored = append(m.ignored, f)
		}
	}
}

// An Obstacle is why a struct is not reordered.
type Obstacle struct {
	Why   string
	Where []token.Position
}

// Obstacles returns what stands against reordering the fields of s: uses that depend on
// the order, and source that cannot be moved about. None: it is safe.
func (m *Module) Obstacles(s *Struct) []Obstacle {
	var o obstacles
	o.declaration(m, s)
	for _, pkg := range m.packages {
		for _, f := range pkg.Syntax {
			o.file(m, pkg, f, s)
		}
	}
	for _, f := range m.ignored {
		o.foreign(m, f, s)
	}
	return o.found
}

type obstacles struct{ found []Obstacle }

func (o *obstacles) add(why string, where ...token.Position) {
	i := slices.IndexFunc(o.found, func(x Obstacle) bool { return x.Why == why })
	if i < 0 {
		o.found = append(o.found, Obstacle{Why: why})
		i = len(o.found) - 1
	}
	for _, w := range where {
		if !slices.Contains(o.found[i].Where, w) { // a package is read again with its tests
			o.found[i].Where = append(o.found[i].Where, w)
		}
	}
}

const (
	whyUnkeyed   = "a literal without the names of the fields"
	whyUnsafe    = "unsafe code that may depend on the order"
	whyBinary    = "encoding/binary reads and writes the fields in their order"
	whyAtomic    = "atomic access that needs the field where it is on 32-bit machines"
	whyConverted = "a conversion between struct types of one order"
	whyAnonymous = "a struct type without a name and of the same fields"
	whyReflect   = "reflection that may follow the order"
	whyCgo       = "C code shares the package"
	whyAssembly  = "assembly may use the offsets of fields"
	whyIgnored   = "a file that this build leaves out writes it without the names of the fields"
	whyComment   = "a comment between the fields that belongs to none"
	whyOneLine   = "fields that share a line"
	whyMeant     = "its layout is meant: blank fields, padding, generated code"
)

// declaration looks at the type's own source.
func (o *obstacles) declaration(m *Module, s *Struct) {
	if s.Meant {
		o.add(whyMeant)
	}
	for _, imp := range s.File.Imports {
		if imp.Path.Value == `"C"` {
			o.add(whyCgo)
		}
	}
	if slices.ContainsFunc(s.Pkg.OtherFiles, func(f string) bool { return filepath.Ext(f) == ".s" || filepath.Ext(f) == ".S" }) {
		o.add(whyAssembly)
	}
	line := func(p token.Pos) int { return s.Pkg.Fset.Position(p).Line }
	last := line(s.Fields.Opening)
	for _, f := range s.Fields.List {
		from, to := span(f)
		if line(from) <= last {
			o.add(whyOneLine, s.Pkg.Fset.Position(f.Pos()))
		}
		last = line(to)
	}
	if last == line(s.Fields.Closing) {
		o.add(whyOneLine, s.Pkg.Fset.Position(s.Fields.Closing))
	}
	for _, c := range s.File.Comments {
		inside := line(c.Pos()) > line(s.Fields.Opening) && c.End() < s.Fields.Closing
		if inside && !slices.ContainsFunc(s.Fields.List, func(f *ast.Field) bool {
			from, to := span(f)
			return from <= c.Pos() && c.End() <= to
		}) {
			o.add(whyComment, s.Pkg.Fset.Position(c.Pos()))
		}
	}
}

// span returns where a field begins and ends, comments included.
func span(f *ast.Field) (from, to token.Pos) {
	from, to = f.Pos(), f.End()
	if f.Doc != nil {
		from = f.Doc.Pos()
	}
	if f.Comment != nil {
		to = f.Comment.End()
	}
	return from, to
}

// file looks at what a file does with the type.
func (o *obstacles) file(m *Module, pkg *packages.Package, f *ast.File, s *Struct) {
	// The type has another object in each package that was checked.
	obj := sameType(pkg, s)
	if obj == nil {
		return
	}
	named := make(map[*ast.StructType]bool) // by a declaration: not interchangeable with another
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			return false
		}
		pos := func() token.Position { return m.fset.Position(n.Pos()) }
		switch n := n.(type) {
		case *ast.TypeSpec:
			if st, ok := n.Type.(*ast.StructType); ok && !n.Assign.IsValid() {
				named[st] = true
			}
		case *ast.CompositeLit:
			if len(n.Elts) > 0 && isOrPoints(pkg.TypesInfo.TypeOf(n), obj) && !Keyed(n) {
				o.add(whyUnkeyed, pos())
			}
		case *ast.StructType:
			if t := pkg.TypesInfo.TypeOf(n); t != nil && !named[n] && types.IdenticalIgnoreTags(t, obj.Type().Underlying()) {
				o.add(whyAnonymous, pos())
			}
		case *ast.CallExpr:
			switch use(pkg.TypesInfo, n, obj) {
			case "binary":
				o.add(whyBinary, pos())
			case "atomic":
				o.add(whyAtomic, pos())
			case "unsafe":
				o.add(whyUnsafe, pos())
			case "conversion":
				o.add(whyConverted, pos())
			}
			if why := within(pkg.TypesInfo, n, obj); why != "" {
				o.add(why, pos())
			}
		}
		return true
	})
}

// sameType returns the object of the type as the package sees it, nil if it does not
// import it, directly or not.
func sameType(pkg *packages.Package, s *Struct) *types.TypeName {
	var find func(p *types.Package, seen map[*types.Package]bool) *types.Package
	find = func(p *types.Package, seen map[*types.Package]bool) *types.Package {
		if p == nil || seen[p] {
			return nil
		}
		seen[p] = true
		if p.Path() == s.Obj.Pkg().Path() {
			return p
		}
		for _, imp := range p.Imports() {
			if found := find(imp, seen); found != nil {
				return found
			}
		}
		return nil
	}
	p := find(pkg.Types, make(map[*types.Package]bool))
	if p == nil {
		return nil
	}
	obj, _ := p.Scope().Lookup(s.Obj.Name()).(*types.TypeName)
	return obj
}

// isOrPoints reports whether t, the type of a literal, is the one declared by obj; the
// literals in one of []*T are of type *T.
func isOrPoints(t types.Type, obj *types.TypeName) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	return IsOf(t, obj)
}

// within says how a call depends on the order of the fields of the type declared by obj
// wherever in its arguments it lies, "" for not at all.
func within(info *types.Info, call *ast.CallExpr, obj *types.TypeName) string {
	if tv := info.Types[call.Fun]; tv.IsType() && len(call.Args) == 1 {
		b, ok := tv.Type.Underlying().(*types.Basic)
		if ok && b.Kind() == types.UnsafePointer && holds(info.TypeOf(call.Args[0]), obj, false) {
			return whyUnsafe
		}
		return ""
	}
	f := load.Callee(info, call)
	if f == nil || f.Pkg() == nil {
		return ""
	}
	path := f.Pkg().Path()
	why := map[string]string{"encoding/binary": whyBinary, "reflect": whyReflect}[path]
	if why == "" {
		return ""
	}
	args := slices.Clone(call.Args)
	if ix, ok := ast.Unparen(call.Fun).(*ast.IndexExpr); ok { // reflect.TypeFor[T]()
		args = append(args, ix.Index)
	}
	for i, arg := range args {
		// The data of encoding/binary is its last argument; in an interface it may be any.
		unknown := path == "encoding/binary" && i == len(args)-1 && f.Signature().Recv() == nil
		if holds(info.TypeOf(arg), obj, unknown) {
			return why
		}
	}
	return ""
}

// holds reports whether t, or what it points to or is a slice of, has a value of the type
// declared by obj in it, or may: of a type parameter, and where unknown of an interface, it
// is not known.
func holds(t types.Type, obj *types.TypeName, unknown bool) bool {
	for t != nil && !IsOf(t, obj) {
		switch u := t.Underlying().(type) {
		case *types.Pointer:
			t = u.Elem()
		case *types.Slice:
			t = u.Elem()
		case *types.Array:
			t = u.Elem()
		case *types.Struct:
			return slices.ContainsFunc(slices.Collect(u.Fields()), func(f *types.Var) bool { return lies(f.Type(), obj) })
		default:
			_, param := types.Unalias(t).(*types.TypeParam)
			return param || unknown && types.IsInterface(t)
		}
	}
	return t != nil
}

// lies reports whether a value of type t has one of the type declared by obj in its own
// memory.
func lies(t types.Type, obj *types.TypeName) bool {
	if IsOf(t, obj) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		return lies(u.Elem(), obj)
	case *types.Struct:
		return slices.ContainsFunc(slices.Collect(u.Fields()), func(f *types.Var) bool { return lies(f.Type(), obj) })
	}
	return false
}

// foreign looks at a file whose types are not known.
func (o *obstacles) foreign(m *Module, f *ast.File, s *Struct) {
	ast.Inspect(f, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 || Keyed(lit) {
			return true
		}
		if namesType(lit.Type, s.Obj.Name()) {
			o.add(whyIgnored, m.fset.Position(lit.Pos()))
		}
		return true
	})
}

// namesType reports whether a literal's type may be, or be made of, one of that name.
func namesType(e ast.Expr, name string) bool {
	found := false
	if e == nil {
		return false
	}
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}

// Risks are what a reader should know of a struct that is safe to reorder as far as this
// module goes.
func (s *Struct) Risks() []string {
	var rs []string
	if s.Obj.Exported() && !strings.Contains(s.Pkg.PkgPath+"/", "/internal/") && s.Pkg.Name != "main" {
		rs = append(rs, "it is exported: other modules that write it without the names of its fields, or convert it, would break")
	}
	rs = append(rs, TagDoubts(s.Struct)...)
	for i, f := range s.Fields.List {
		from, _ := span(f)
		if i > 0 && s.Pkg.Fset.Position(from).Line > s.Pkg.Fset.Position(s.Fields.List[i-1].End()).Line+1 {
			return append(rs, "its fields stand in groups, such as those that a lock guards: the best order mixes them")
		}
	}
	return rs
}
