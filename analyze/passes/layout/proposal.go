package layout

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/structs"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/internal/sizeclass"
)

func joinSorted(names []string) string {
	return strings.Join(slices.Sorted(slices.Values(names)), "\x00")
}

// typ returns the type of what is under the key: of what is put there, or, if nothing
// was seen, of what it is asserted to be. Where that is not one type it is any.
func (k *mapKey) typ() types.Type {
	seen := k.set
	if len(seen) == 0 {
		seen = k.asserted
	}
	if len(seen) == 0 {
		return types.Universe.Lookup("any").Type()
	}
	for _, t := range seen {
		if b, ok := t.(*types.Basic); ok && b.Kind() == types.UntypedNil || !types.Identical(t, seen[0]) {
			return types.Universe.Lookup("any").Type()
		}
	}
	if load.HasTypeParam(seen[0]) {
		return types.Universe.Lookup("any").Type()
	}
	return seen[0]
}

// field returns the name of the field for the key, exported or not: "maxLots" of
// "max-lots".
func (k *mapKey) field(exported bool) string {
	var b strings.Builder
	upper, digit := exported, 'n'
	if exported {
		digit = 'N'
	}
	for _, c := range k.name {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			upper = b.Len() > 0 || exported
			continue
		}
		if b.Len() == 0 && unicode.IsDigit(c) {
			b.WriteRune(digit)
		}
		switch {
		case upper:
			c = unicode.ToUpper(c)
		case b.Len() == 0:
			c = unicode.ToLower(c)
		}
		upper = false
		b.WriteRune(c)
	}
	name := b.String()
	if !token.IsIdentifier(name) {
		name += "Value"
	}
	return name
}

// A proposal is the struct that a map could be.
type proposal struct {
	m        *anyMap
	name     string
	exported bool
	fields   []*types.Var
	size     int64 // in the best order
	mapSize  int64 // of the map with its values
}

func (m *anyMap) propose() proposal {
	fn := m.made[0].fn
	pr := proposal{m: m, exported: m.encoded, name: "values"}
	if m.named != nil {
		pr.name, pr.exported = m.named.Name(), m.encoded || m.named.Exported()
	} else if name := fn.Decl.Name.Name; name != "" {
		pr.name = strings.ToLower(name[:1]) + name[1:] + "Values"
	}
	for _, k := range m.keys {
		pr.fields = append(pr.fields, types.NewField(token.NoPos, fn.File.Pkg.Types, k.field(pr.exported), k.typ(), false))
	}
	sizes := fn.Sizes()
	a := structs.Arrange(types.NewStruct(distinct(pr.fields), nil), sizes)
	_, pr.size = a.Block()
	pr.mapSize = mapBytes(int64(len(m.keys)))
	for _, k := range m.keys {
		if k.boxed {
			pr.mapSize += boxBytes(k.typ(), sizes)
		}
	}
	return pr
}

// distinct makes the names of fields differ, which those of keys may not.
func distinct(fields []*types.Var) []*types.Var {
	seen := make(map[string]bool)
	for i, f := range fields {
		name := f.Name()
		for n := 2; seen[name]; n++ {
			name = fmt.Sprint(f.Name(), n)
		}
		seen[name] = true
		fields[i] = types.NewField(f.Pos(), f.Pkg(), name, f.Type(), false)
	}
	return fields
}

// mapBytes returns the bytes of heap of a map[string]any made for n keys on a 64-bit
// machine: its head and its groups of eight slots of 32 bytes, and beyond one group a
// table and the directory.
func mapBytes(n int64) int64 {
	const head, group, table = 48, 8 + 8*32, 32
	if n <= 8 {
		return head + sizeclass.Of(group, 8, true)
	}
	slots := int64(16)
	for slots*7/8 < n {
		slots *= 2
	}
	return head + table + 8 + sizeclass.Of(group*slots/8, 8, true)
}

// boxBytes returns the bytes of heap of a value of type t in an interface.
func boxBytes(t types.Type, sizes types.Sizes) int64 {
	size := sizes.Sizeof(t)
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Chan, *types.Signature, *types.Interface:
		return 0
	case *types.Basic:
		if size == 1 || u.Kind() == types.UnsafePointer {
			return 0 // bytes lie ready in a table
		}
	}
	return sizeclass.Of(size, sizes.Sizeof(types.Typ[types.Uintptr]), structs.HasPointers(t))
}

// snippet is the declaration of the struct, the literal that makes it and one access.
func (pr proposal) snippet(s *analyze.Session) string {
	var b strings.Builder
	rel := structs.Relative(pr.m.made[0].fn.File.Pkg.Types)
	fmt.Fprintf(&b, "type %s struct {\n", pr.name)
	for i, f := range pr.fields {
		fmt.Fprintf(&b, "\t%s %s", f.Name(), types.TypeString(f.Type(), rel))
		if pr.m.encoded {
			fmt.Fprintf(&b, " `json:%q`", pr.m.keys[i].name)
		}
		b.WriteByte('\n')
	}
	b.WriteString("}\n")
	if lit := pr.m.literal(); lit != nil {
		b.WriteString("\n" + pr.literal(s, lit) + "\n")
	}
	for _, u := range pr.m.uses {
		if ix, ok := u.node.(*ast.IndexExpr); ok {
			if name := pr.fieldFor(u.fn, ix.Index); name != "" {
				fmt.Fprintf(&b, "\n// %s becomes %s.%s", load.Source(s.Program.Fset, ix), load.Source(s.Program.Fset, ix.X), name)
				break
			}
		}
	}
	return strings.TrimSpace(b.String())
}

// literal returns the first literal of the map that has keys, nil if none has.
func (m *anyMap) literal() *ast.CompositeLit {
	for _, p := range m.made {
		if lit, ok := p.node.(*ast.CompositeLit); ok && len(lit.Elts) > 0 {
			return lit
		}
	}
	return nil
}

func (pr proposal) literal(s *analyze.Session, lit *ast.CompositeLit) string {
	var parts []string
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		parts = append(parts, pr.fieldFor(pr.m.made[0].fn, kv.Key)+": "+load.Source(s.Program.Fset, kv.Value))
	}
	return fmt.Sprintf("%s{%s}", pr.name, strings.Join(parts, ", "))
}

// fieldFor returns the field for a constant key, "" for another expression.
func (pr proposal) fieldFor(fn *load.Func, key ast.Expr) string {
	r := mapReader{pkg: fn.File.Pkg}
	name, ok := r.constant(key)
	if !ok {
		return ""
	}
	for i, k := range pr.m.keys {
		if k.name == name {
			return pr.fields[i].Name()
		}
	}
	return ""
}
