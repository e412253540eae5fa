// Package load reads the source of the packages that a profile shows to be hot.
//
// Only those are parsed and type-checked; what they import is read from export data.
// A module of a hundred thousand lines costs what its hot packages cost.
package load

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/profile"
)

// A Program is the loaded source. It is read-only once loaded, and safe for
// concurrent use. Its zero value is an empty program.
type Program struct {
	Modules  []Module // under development
	Fset     *token.FileSet
	Packages []*packages.Package // type-checked, sorted by path
	Problems []string            // what could not be read, and why

	funcs map[string]*Func // by normalized name
	files map[string]*File // by import path and base name
}

// A File is a parsed file of a loaded package.
type File struct {
	Path   string // absolute
	Syntax *ast.File
	Pkg    *packages.Package
	funcs  []*Func // in the order of the source
}

// A Func is a declared function or method.
type Func struct {
	Name string // normalized, as profile.Enclosing gives it
	Decl *ast.FuncDecl
	File *File
}

const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedModule

// Load reads the packages of the given import paths, as the go command run in dir
// with the build flags sees them. Packages with errors are read as far as they go;
// what was wrong is in Problems.
func Load(ctx context.Context, dir string, flags []string, modules []Module, paths []string) (*Program, error) {
	p := &Program{Modules: modules, Fset: token.NewFileSet()}
	if len(paths) == 0 {
		return p, nil
	}
	cfg := &packages.Config{Context: ctx, Dir: dir, Mode: mode, BuildFlags: flags, Fset: p.Fset, Env: os.Environ()}
	pkgs, err := packages.Load(cfg, paths...)
	if err != nil {
		return p, fmt.Errorf("loading source: %w", err)
	}
	slices.SortFunc(pkgs, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	for _, pkg := range pkgs {
		for _, e := range pkg.Errors {
			p.Problems = append(p.Problems, fmt.Sprintf("%s: %v", pkg.PkgPath, e))
		}
		if pkg.Types != nil && pkg.TypesInfo != nil {
			p.Packages = append(p.Packages, pkg)
		}
	}
	p.index()
	return p, nil
}

func (p *Program) index() {
	p.funcs = make(map[string]*Func)
	p.files = make(map[string]*File)
	for _, pkg := range p.Packages {
		for _, syntax := range pkg.Syntax {
			f := &File{Path: p.Fset.Position(syntax.FileStart).Filename, Syntax: syntax, Pkg: pkg}
			for _, name := range names(pkg) {
				p.files[path.Join(name, filepath.Base(f.Path))] = f
			}
			p.indexFuncs(f)
		}
	}
}

func (p *Program) indexFuncs(f *File) {
	for _, d := range f.Syntax.Decls {
		decl, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := funcName(decl)
		fn := &Func{Name: f.Pkg.PkgPath + "." + name, Decl: decl, File: f}
		f.funcs = append(f.funcs, fn)
		for _, pkg := range names(f.Pkg) {
			p.funcs[pkg+"."+name] = fn
		}
	}
}

// names returns the import paths by which a profile may call pkg: a command's own
// package is "main" in its binary, and goes by its path in a test's.
func names(pkg *packages.Package) []string {
	if pkg.Name == "main" {
		return []string{pkg.PkgPath, "main"}
	}
	return []string{pkg.PkgPath}
}

// funcName returns a declaration's name as the linker spells it, normalized.
func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		if d.Type.TypeParams != nil {
			return d.Name.Name + "[...]"
		}
		return d.Name.Name
	}
	t, star := ast.Unparen(d.Recv.List[0].Type), ""
	if s, ok := t.(*ast.StarExpr); ok {
		t, star = ast.Unparen(s.X), "*"
	}
	params := ""
	switch x := t.(type) {
	case *ast.IndexExpr:
		t, params = x.X, "[...]"
	case *ast.IndexListExpr:
		t, params = x.X, "[...]"
	}
	name := "?"
	if id, ok := t.(*ast.Ident); ok {
		name = id.Name
	}
	if star != "" {
		return "(*" + name + params + ")." + d.Name.Name
	}
	return name + params + "." + d.Name.Name
}

// Func returns the declared function of a profile's function name, or the one that
// encloses the closure of that name; nil if its source is not loaded.
func (p *Program) Func(name string) *Func { return p.funcs[profile.Unescape(profile.Enclosing(name))] }

// FuncAt returns the declared function around a frame's line, nil if its source is
// not loaded. An inlined frame gives the inlined function.
func (p *Program) FuncAt(fr profile.Frame) *Func {
	f := p.FileOf(fr)
	if f == nil {
		return nil
	}
	for _, fn := range f.funcs {
		if p.Line(fn.Decl.Pos()) <= fr.Line && fr.Line <= p.Line(fn.Decl.End()) {
			return fn
		}
	}
	return nil
}

// FileOf returns the file of a frame, nil if it is not loaded. It goes by import
// path and base name, so that profiles of trimmed and of foreign builds match.
func (p *Program) FileOf(fr profile.Frame) *File {
	return p.files[path.Join(profile.Package(fr.Func), path.Base(filepath.ToSlash(fr.File)))]
}

// Path returns the absolute path of a frame's file, "" if it is not loaded.
func (p *Program) Path(fr profile.Frame) string {
	if f := p.FileOf(fr); f != nil {
		return f.Path
	}
	return ""
}

// Line returns the line of a position, 0 if it has none.
func (p *Program) Line(pos token.Pos) int {
	if p.Fset == nil || !pos.IsValid() {
		return 0
	}
	return p.Fset.Position(pos).Line
}

// Nodes returns the nodes of fn that begin on the given line, outermost first.
func (p *Program) Nodes(fn *Func, line int) []ast.Node {
	var nodes []ast.Node
	ast.Inspect(fn.Decl, func(n ast.Node) bool {
		if n == nil || p.Line(n.End()) < line {
			return false
		}
		if p.Line(n.Pos()) == line {
			nodes = append(nodes, n)
		}
		return true
	})
	return nodes
}

// Info returns the types of the function's package.
func (fn *Func) Info() *types.Info { return fn.File.Pkg.TypesInfo }

// Sizes returns the sizes of the program's target; those of gc on amd64 if unknown.
func (fn *Func) Sizes() types.Sizes {
	if s := fn.File.Pkg.TypesSizes; s != nil {
		return s
	}
	return types.SizesFor("gc", "amd64")
}

// FuncsOf returns the declared functions of a package, file by file.
func (p *Program) FuncsOf(pkg *packages.Package) []*Func {
	var fns []*Func
	for _, syntax := range pkg.Syntax {
		if f := p.files[path.Join(pkg.PkgPath, filepath.Base(p.Fset.Position(syntax.FileStart).Filename))]; f != nil {
			fns = append(fns, f.funcs...)
		}
	}
	return fns
}
