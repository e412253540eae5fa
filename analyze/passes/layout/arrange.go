package layout

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// An arrangement is how the fields of a struct lie in memory, and how they could.
type arrangement struct {
	st       *types.Struct
	size     int64   // in bytes, now
	best     int64   // in the best order
	order    []int   // the best order, as indexes of fields now
	holes    []int64 // padding after each field, now
	word     int64
	align    int64
	pointers bool
}

// arrange finds the best order of a struct's fields: by alignment, widest first, and
// otherwise as they are. Since a type's size is a multiple of its alignment, this
// leaves no hole but at the end. Fields without size come first: at the end, one
// would be given a byte, so that its address is not the next object's.
func arrange(st *types.Struct, sizes types.Sizes) arrangement {
	a := arrangement{
		st: st, size: sizes.Sizeof(st), align: sizes.Alignof(st), pointers: hasPointers(st),
		word: sizes.Sizeof(types.Typ[types.Uintptr]),
	}
	fields := slices.Collect(st.Fields())
	for i := range fields {
		a.order = append(a.order, i)
	}
	a.holes = holes(fields, a.size, sizes)
	key := func(i int) int64 {
		if t := fields[i].Type(); sizes.Sizeof(t) > 0 {
			return sizes.Alignof(t)
		}
		return 1 << 30
	}
	slices.SortStableFunc(a.order, func(i, j int) int { return cmp.Compare(key(j), key(i)) })
	sorted := make([]*types.Var, len(fields))
	for i, j := range a.order {
		sorted[i] = fields[j]
	}
	a.best = sizes.Sizeof(types.NewStruct(sorted, nil))
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

// block returns the bytes of heap that one object takes, now and in the best order.
func (a arrangement) block() (now, best int64) {
	return sizeClass(a.size, a.word, a.pointers), sizeClass(a.best, a.word, a.pointers)
}

// padded reports whether somebody has spaced the struct on purpose: a blank field
// that has a size, a cache line's pad, or the host's layout.
func padded(st *types.Struct, sizes types.Sizes) bool {
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

// declaration writes the struct in its best order as Go source, with the sizes of the
// fields and the holes of the present order as comments. Shown are the fields of the
// type as declared, which for an instance of a generic type is not a.st.
func (a arrangement) declaration(name string, shown *types.Struct, sizes types.Sizes, rel types.Qualifier) string {
	var b strings.Builder
	fmt.Fprintf(&b, "type %s struct { // %s now, %s then\n", name, bytes(a.size), bytes(a.best))
	for _, i := range a.order {
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
		fmt.Fprintf(&b, " // %s", bytes(sizes.Sizeof(a.st.Field(i).Type())))
		if a.holes[i] > 0 {
			fmt.Fprintf(&b, "; %s of padding here now", bytes(a.holes[i]))
		}
		b.WriteByte('\n')
	}
	b.WriteString("}")
	return b.String()
}

// bytes writes a size: "1 byte", "80 bytes".
func bytes(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}
