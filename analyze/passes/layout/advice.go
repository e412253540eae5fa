package layout

import (
	"fmt"
	"go/types"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/structs"
	"github.com/whetgo/whet/profile"
)

// advice says how to reorder a type, and what speaks against it.
func advice(s *analyze.Session, t *structs.Total) analyze.Advice {
	obj := t.Named.Obj()
	sizes := types.SizesFor("gc", "amd64")
	pkg := structs.PackageOf(s.Program, obj.Pkg().Path())
	if pkg != nil && pkg.TypesSizes != nil {
		sizes = pkg.TypesSizes
	}
	shown, _ := t.Named.Origin().Underlying().(*types.Struct)
	name := obj.Name()
	if params := t.Named.TypeParams(); params.Len() > 0 {
		name = types.TypeString(t.Named.Origin(), types.RelativeTo(obj.Pkg()))
	}
	a := analyze.Advice{
		Do:      fmt.Sprintf("order the fields of %s by alignment, the widest first", profile.Short(structs.TypeName(t.Named))),
		Snippet: t.Declaration(name, shown, sizes, structs.Relative(obj.Pkg())),
	}
	if t.Owner == profile.Library {
		a.Doubts = append(a.Doubts, "the type is a dependency's: see whether a newer version orders it otherwise, and propose it if not; nothing in this module can change it")
	}
	a.Doubts = append(a.Doubts, structs.TagDoubts(shown)...)
	if pkg != nil {
		a.Doubts = append(a.Doubts, structs.SourceDoubts(s, pkg, obj)...)
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
