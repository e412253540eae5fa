package structs

import (
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
)

func structOf(fields ...types.Type) *types.Struct {
	var vars []*types.Var
	for i, f := range fields {
		vars = append(vars, types.NewField(0, nil, string(rune('a'+i)), f, false))
	}
	return types.NewStruct(vars, nil)
}

func TestArrange(t *testing.T) {
	b, i32, i64, str := types.Typ[types.Bool], types.Typ[types.Int32], types.Typ[types.Int64], types.Typ[types.String]
	empty := types.NewStruct(nil, nil)
	for _, tt := range []struct {
		st         *types.Struct
		size, best uintptr
		order      []int
		holes      []int64
	}{
		{structOf(b, i64, b), unsafe.Sizeof(struct {
			_ bool
			_ int64
			_ bool
		}{}), 16, []int{1, 0, 2}, []int64{7, 0, 7}},
		{structOf(b, str, i32, b, i64), unsafe.Sizeof(struct {
			_ bool
			_ string
			_ int32
			_ bool
			_ int64
		}{}), 32, []int{1, 4, 2, 0, 3}, []int64{7, 0, 0, 3, 0}},
		{structOf(i64, empty), unsafe.Sizeof(struct {
			_ int64
			_ struct{}
		}{}), 8, []int{1, 0}, []int64{0, 8}},
		{structOf(), 0, 0, nil, []int64{}},
	} {
		a := Arrange(tt.st, types.SizesFor("gc", "amd64"))
		if a.Size != int64(tt.size) || a.Best != int64(tt.best) || !slices.Equal(a.Order, tt.order) || !slices.Equal(a.Holes, tt.holes) {
			t.Errorf("%v: %d, best %d bytes in order %v, holes %v; want %d, %d, %v, %v", tt.st, a.Size, a.Best, a.Order, a.Holes, tt.size, tt.best, tt.order, tt.holes)
		}
	}
}

// TestMatch tells by the size of its objects which of a line's types a sample is of.
func TestMatch(t *testing.T) {
	sizes := types.SizesFor("gc", "amd64")
	of := func(f Form, fields ...types.Type) Site {
		a := Arrange(structOf(fields...), sizes)
		return Site{Form: f, Arrangement: a, Slot: a.Size, BestSlot: a.Best}
	}
	b, i64 := types.Typ[types.Bool], types.Typ[types.Int64]
	small, large, elems := of(Object, b, i64, b), of(Object, b, i64, b, i64, b), of(Array, b, i64, b)
	for _, tt := range []struct {
		name           string
		sites          []Site
		bytes, objects int64
		saved          int64
		ok             bool
	}{
		{"the first", []Site{small, large}, 24 * 1000, 1000, 8 * 1000, true},
		{"the second, by its class", []Site{small, large}, 48 * 1000, 1000, 24 * 1000, true},
		{"scaled and cut", []Site{small, large}, 48*1000 + 47, 1000, 24 * 1000, true},
		{"another type's", []Site{small, large}, 64 * 1000, 1000, 0, false},
		{"elements", []Site{elems}, 24 * 1000 * 10, 10, 8 * 1000 * 10, true},
		{"smaller than an element", []Site{elems}, 16 * 10, 10, 0, false},
		{"no sites", nil, 24, 1, 0, false},
	} {
		s, ok := match(tt.sites, tt.bytes, tt.objects)
		if ok != tt.ok || ok && s.Saves(tt.bytes, tt.objects) != tt.saved {
			t.Errorf("%s: matched %v, saved %d; want %v, %d", tt.name, ok, s.Saves(tt.bytes, tt.objects), tt.ok, tt.saved)
		}
	}
}

func TestDoubts(t *testing.T) {
	dir, err := filepath.Abs("testdata/doubts")
	if err != nil {
		t.Fatal(err)
	}
	p, err := load.Load(t.Context(), dir, nil, nil, []string{"example.com/doubts"})
	if err != nil || len(p.Packages) != 1 {
		t.Fatal(err, p.Problems)
	}
	s := &analyze.Session{Program: p, Subject: analyze.Subject{Dir: dir}}
	pkg := p.Packages[0]
	obj := pkg.Types.Scope().Lookup("Record").(*types.TypeName)
	got := append(SourceDoubts(s, pkg, obj), TagDoubts(obj.Type().Underlying().(*types.Struct))...)
	src, err := os.ReadFile("testdata/doubts/doubts.go")
	if err != nil {
		t.Fatal(err)
	}
	line := func(text string) string {
		return "doubts.go:" + strconv.Itoa(1+strings.Count(string(src)[:strings.Index(string(src), text)], "\n"))
	}
	for _, want := range []string{
		"names of the fields have to follow the new order: " + line("*r = Record{true"),
		"in their order: " + line("return binary.Write"),
		"unsafe code may depend on the present order: " + line("_ = *(*[24]byte)") + ", " + line("_ = unsafe.Offsetof"),
		"needs both in the same order: " + line("_ = Twin"),
		"such as the first: " + line("atomic.AddInt64"),
		"the JSON written of it",
	} {
		if !slices.ContainsFunc(got, func(d string) bool { return strings.Contains(d, want) }) {
			t.Errorf("no doubt says %q:\n%s", want, strings.Join(got, "\n"))
		}
	}
}
