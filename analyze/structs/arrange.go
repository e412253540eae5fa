package structs

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/whetgo/whet/internal/sizeclass"
)

// An Arrangement is how the fields of a struct lie in memory, and how they could.
type Arrangement struct {
	Struct   *types.Struct
	Size     int64   // in bytes, now
	Best     int64   // in the best order
	Order    []int   // the best order, as indexes of fields now
	Holes    []int64 // padding after each field, now
	word     int64
	align    int64
	pointers bool
}

// Arrange finds the best order of a struct's fields: by alignment, widest first, and
// otherwise as they are. Since a type's size is a multiple of its alignment, this
// leaves no hole but at the end. Fields without size come first: at the end, one
// would be given a byte, so that its address is not the next object's.
func Arrange(st *types.Struct, sizes types.Sizes) Arrangement {
	a := Arrangement{
		Struct: st, Size: sizes.Sizeof(st), align: sizes.Alignof(st), pointers: HasPointers(st),
		word: sizes.Sizeof(types.Typ[types.Uintptr]),
	}
	fields := slices.Collect(st.Fields())
	for i := range fields {
		a.Order = append(a.Order, i)
	}
	a.Holes = holes(fields, a.Size, sizes)
	key := func(i int) int64 {
		if t := fields[i].Type(); sizes.Sizeof(t) > 0 {
			return sizes.Alignof(t)
		}
		return 1 << 30
	}
	slices.SortStableFunc(a.Order, func(i, j int) int { return cmp.Compare(key(j), key(i)) })
	sorted := make([]*types.Var, len(fields))
	for i, j := range a.Order {
		sorted[i] = fields[j]
	}
	a.Best = sizes.Sizeof(types.NewStruct(sorted, nil))
	return a
}

// holes returns the padding after each of the fields, in bytes.
func holes(fields []*types.Var, size int64, sizes types.Sizes) []int64 {
	hs := make([]int64, len(fields))
	offsets := sizes.Offsetsof(fields)
	for i, f := range fields {
		next := size
		if i+1 < len(fields) {
			next = offsets[i+1]
		}
		hs[i] = next - offsets[i] - sizes.Sizeof(f.Type())
	}
	return hs
}

// Block returns the bytes of heap that one object takes, now and in the best order.
func (a Arrangement) Block() (now, best int64) {
	return sizeclass.Of(a.Size, a.word, a.pointers), sizeclass.Of(a.Best, a.word, a.pointers)
}

// Padded reports whether somebody has spaced the struct on purpose: a blank field
// that has a size, a cache line's pad, or the host's layout.
func Padded(st *types.Struct, sizes types.Sizes) bool {
	for f := range st.Fields() {
		if f.Name() == "_" && sizes.Sizeof(f.Type()) > 0 {
			return true
		}
		if _, ok := f.Type().Underlying().(*types.Array); ok && strings.HasPrefix(strings.ToLower(f.Name()), "pad") {
			return true
		}
		named, ok := types.Unalias(f.Type()).(*types.Named)
		if !ok {
			continue
		}
		switch name := named.Obj().Name(); {
		case strings.Contains(name, "CacheLinePad"):
			return true
		case name == "HostLayout" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "structs":
			return true
		}
	}
	return false
}

// Declaration writes the struct in its best order as Go source, with the sizes of the
// fields and the holes of the present order as comments. Shown are the fields of the
// type as declared, which for an instance of a generic type is not a.Struct.
func (a Arrangement) Declaration(name string, shown *types.Struct, sizes types.Sizes, rel types.Qualifier) string {
	var b strings.Builder
	fmt.Fprintf(&b, "type %s struct { // %s now, %s then\n", name, sizeText(a.Size), sizeText(a.Best))
	for _, i := range a.Order {
		f := shown.Field(i)
		typ := types.TypeString(f.Type(), rel)
		b.WriteByte('\t')
		if !f.Embedded() {
			b.WriteString(f.Name() + " ")
		}
		b.WriteString(typ)
		if tag := shown.Tag(i); tag != "" {
			b.WriteString(" `" + tag + "`")
		}
		fmt.Fprintf(&b, " // %s", sizeText(sizes.Sizeof(a.Struct.Field(i).Type())))
		if a.Holes[i] > 0 {
			fmt.Fprintf(&b, "; %s of padding here now", sizeText(a.Holes[i]))
		}
		b.WriteByte('\n')
	}
	b.WriteString("}")
	return b.String()
}

// sizeText writes a size: "1 byte", "80 bytes".
func sizeText(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// HasPointers reports whether a value of type t holds anything that the collector
// follows.
func HasPointers(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&types.IsString != 0 || t.Kind() == types.UnsafePointer
	case *types.Array:
		return t.Len() > 0 && HasPointers(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if HasPointers(f.Type()) {
				return true
			}
		}
		return false
	}
	return true
}
