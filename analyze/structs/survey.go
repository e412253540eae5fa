package structs

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/whetgo/whet/internal/load"
)

// A Struct is a declared struct type.
type Struct struct {
	Name string // "a/b.T"
	Arrangement
	Obj    *types.TypeName
	Pkg    *packages.Package
	File   *ast.File
	Spec   *ast.TypeSpec
	Fields *ast.FieldList
	Sizes  types.Sizes
	Meant  bool // it is spaced on purpose, or not to be changed by hand
}

// Survey returns the struct types that are declared in the packages of p, outside of
// functions and of test files, in the order of the source. Generic types whose layout
// depends on their arguments are not among them.
func Survey(p *load.Program) []*Struct {
	var all []*Struct
	for _, pkg := range p.Packages {
		if pkg.TypesSizes == nil {
			continue
		}
		for _, f := range pkg.Syntax {
			if strings.HasSuffix(p.Fset.Position(f.FileStart).Filename, "_test.go") {
				continue
			}
			for _, d := range f.Decls {
				gen, ok := d.(*ast.GenDecl)
				if !ok || gen.Tok != token.TYPE {
					continue
				}
				for _, spec := range gen.Specs {
					if s := declared(pkg, f, spec.(*ast.TypeSpec)); s != nil {
						all = append(all, s)
					}
				}
			}
		}
	}
	return all
}

func declared(pkg *packages.Package, f *ast.File, spec *ast.TypeSpec) *Struct {
	syntax, ok := spec.Type.(*ast.StructType)
	obj, isType := pkg.TypesInfo.Defs[spec.Name].(*types.TypeName)
	if !ok || !isType || obj.IsAlias() || syntax.Fields.NumFields() == 0 {
		return nil
	}
	st, ok := obj.Type().Underlying().(*types.Struct)
	if !ok || load.HasTypeParam(st) || slices.ContainsFunc(slices.Collect(st.Fields()), func(v *types.Var) bool { return v.Type() == types.Typ[types.Invalid] }) {
		return nil
	}
	return &Struct{
		Name: pkg.PkgPath + "." + obj.Name(), Arrangement: Arrange(st, pkg.TypesSizes),
		Obj: obj, Pkg: pkg, File: f, Spec: spec, Fields: syntax.Fields, Sizes: pkg.TypesSizes,
		Meant: Padded(st, pkg.TypesSizes) || ast.IsGenerated(f),
	}
}

// Wasted returns the bytes of padding that the best order would do without, of the struct
// itself and of an object of its own.
func (s *Struct) Wasted() (bytes, block int64) {
	now, best := s.Block()
	return s.Size - s.Best, now - best
}

// A Line is a part of a drawing: some bytes of one word, or whole words, of a field.
type Line struct {
	Offset int64
	Bytes  string // a letter for each byte of a field, a dot for one of padding, in words
	Names  string // of the fields that begin there
}

// mostWords is how many words of one field are drawn.
const mostWords = 2

// A Field is how a field lies in its struct now, in bytes.
type Field struct {
	Name, Type         string
	Offset, Size, Hole int64 // Hole: padding after it
}

// Layout returns the fields in their present order.
func (s *Struct) Layout() []Field {
	offsets := s.Sizes.Offsetsof(slices.Collect(s.Struct.Fields()))
	var fs []Field
	for i := range s.Struct.NumFields() {
		f := s.Struct.Field(i)
		fs = append(fs, Field{f.Name(), types.TypeString(f.Type(), Relative(s.Obj.Pkg())), offsets[i], s.Sizes.Sizeof(f.Type()), s.Holes[i]})
	}
	return fs
}

// mostDrawn is how many bytes of a struct are drawn.
const mostDrawn = 1 << 16

// Draw returns the struct a word at a time, in its present order.
func (s *Struct) Draw() []Line {
	cells := []byte(strings.Repeat(".", int(min(s.Size, mostDrawn))))
	names := make(map[int64][]string) // by word
	for _, f := range s.Layout() {
		for at := f.Offset; at < min(f.Offset+f.Size, mostDrawn); at++ {
			cells[at] = letter(f.Name)
		}
		names[f.Offset/s.word] = append(names[f.Offset/s.word], f.Name+" "+f.Type)
	}
	var lines []Line
	same := 0
	for at := 0; at < len(cells); at += int(s.word) {
		l := Line{int64(at), string(cells[at:min(len(cells), at+int(s.word))]), strings.Join(names[int64(at)/s.word], ", ")}
		if same++; l.Names != "" {
			same = 0
		}
		if same < mostWords || l.Bytes != lines[len(lines)-1].Bytes {
			lines = append(lines, l)
		}
	}
	return lines
}

// letter returns what the bytes of a field are drawn as.
func letter(name string) byte {
	if name[0] < 0x80 {
		return name[0]
	}
	return '#'
}

// Names returns the fields in their best order.
func (s *Struct) Names() []string {
	var names []string
	for _, i := range s.Order {
		names = append(names, s.Struct.Field(i).Name())
	}
	return names
}

// Sort orders structs by what their padding wastes of an object, then of the struct.
func Sort(all []*Struct) {
	slices.SortStableFunc(all, func(a, b *Struct) int {
		an, ab := a.Wasted()
		bn, bb := b.Wasted()
		return cmp.Or(cmp.Compare(bb, ab), cmp.Compare(bn, an))
	})
}
