package layout

import (
	"go/types"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/load"
)

// TestSizeClass compares with what append asks the allocator for: all of a block, less
// its header.
func TestSizeClass(t *testing.T) {
	for n := 1; n <= 70_000; n += 1 + n/200 {
		if got, want := sizeClass(int64(n), 8, false), int64(cap(append([]byte(nil), make([]byte, n)...))); got != want {
			t.Errorf("%d bytes without pointers: %d, the allocator gives %d", n, got, want)
		}
	}
	if unsafe.Sizeof(uintptr(0)) != 8 {
		return
	}
	for n := 1; n <= 9000; n += 1 + n/200 {
		want := int64(cap(append([]*byte(nil), make([]*byte, n)...))) * 8
		if n > mostBitmap && want < classes[len(classes)-1] {
			want += headerSize
		}
		if got := sizeClass(int64(8*n), 8, true); got != want {
			t.Errorf("%d pointers: %d bytes, the allocator gives %d", n, got, want)
		}
	}
}

var kept any

// allocated returns the bytes that f allocates each time.
func allocated(f func()) float64 {
	const times = 2000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / times
}

func TestMapBytes(t *testing.T) {
	for _, n := range []int{2, 5, 8, 9, 14, 15, 28, 29, 32} {
		keys := make([]string, n)
		for i := range keys {
			keys[i] = strconv.Itoa(i)
		}
		got := allocated(func() {
			m := make(map[string]any, n)
			for _, k := range keys {
				m[k] = true
			}
			kept = m
		})
		if want := float64(mapBytes(int64(n))); math.Abs(got-want) > 0.03*want {
			t.Errorf("a map of %d keys takes %.0f bytes, predicted are %.0f", n, got, want)
		}
	}
}

func TestBoxBytes(t *testing.T) {
	sizes := types.SizesFor("gc", "amd64")
	word, text, wide := int64(1000), strings.Repeat("x", 20), struct{ a, b, c *int }{}
	for _, tt := range []struct {
		t   types.Type
		box func()
	}{
		{types.Typ[types.Int64], func() { kept = word; word++ }},
		{types.Typ[types.String], func() { kept = text }},
		{types.Typ[types.Bool], func() { kept = word > 3 }},
		{types.NewPointer(types.Typ[types.Int]), func() { kept = &wide }},
		{types.NewArray(types.NewPointer(types.Typ[types.Int]), 3), func() { kept = wide }},
	} {
		if got, want := allocated(tt.box), float64(boxBytes(tt.t, sizes)); math.Abs(got-want) > 1 && tt.t != types.Typ[types.Int64] {
			t.Errorf("%v in an interface takes %.1f bytes, predicted are %.0f", tt.t, got, want)
		} else if got > want+9 {
			t.Errorf("%v in an interface takes %.1f bytes, predicted are %.0f", tt.t, got, want)
		}
	}
}

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
		a := arrange(tt.st, types.SizesFor("gc", "amd64"))
		if a.size != int64(tt.size) || a.best != int64(tt.best) || !slices.Equal(a.order, tt.order) || !slices.Equal(a.holes, tt.holes) {
			t.Errorf("%v: %d, best %d bytes in order %v, holes %v; want %d, %d, %v, %v", tt.st, a.size, a.best, a.order, a.holes, tt.size, tt.best, tt.order, tt.holes)
		}
	}
}

// TestMatch tells by the size of its objects which of a line's types a sample is of.
func TestMatch(t *testing.T) {
	sizes := types.SizesFor("gc", "amd64")
	of := func(f form, fields ...types.Type) site {
		a := arrange(structOf(fields...), sizes)
		return site{form: f, arrangement: a, slot: a.size, bestSlot: a.best}
	}
	b, i64 := types.Typ[types.Bool], types.Typ[types.Int64]
	small, large, elems := of(object, b, i64, b), of(object, b, i64, b, i64, b), of(array, b, i64, b)
	for _, tt := range []struct {
		name           string
		sites          []site
		bytes, objects int64
		saved          int64
		ok             bool
	}{
		{"the first", []site{small, large}, 24 * 1000, 1000, 8 * 1000, true},
		{"the second, by its class", []site{small, large}, 48 * 1000, 1000, 24 * 1000, true},
		{"scaled and cut", []site{small, large}, 48*1000 + 47, 1000, 24 * 1000, true},
		{"another type's", []site{small, large}, 64 * 1000, 1000, 0, false},
		{"elements", []site{elems}, 24 * 1000 * 10, 10, 8 * 1000 * 10, true},
		{"smaller than an element", []site{elems}, 16 * 10, 10, 0, false},
		{"no sites", nil, 24, 1, 0, false},
	} {
		s, ok := match(tt.sites, tt.bytes, tt.objects)
		if ok != tt.ok || ok && s.saved(tt.bytes, tt.objects) != tt.saved {
			t.Errorf("%s: matched %v, saved %d; want %v, %d", tt.name, ok, s.saved(tt.bytes, tt.objects), tt.ok, tt.saved)
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
	got := append(sourceDoubts(s, pkg, obj), tagDoubts(obj.Type().Underlying().(*types.Struct))...)
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

func TestField(t *testing.T) {
	for _, tt := range []struct {
		key      string
		exported bool
		want     string
	}{
		{"max-lots", true, "MaxLots"}, {"max-lots", false, "maxLots"}, {"ID", false, "iD"}, {"2nd", true, "N2nd"},
		{"", true, "Value"}, {"type", false, "typeValue"}, {"a.b c", true, "ABC"}, {"_x", false, "x"},
	} {
		if got := (&mapKey{name: tt.key}).field(tt.exported); got != tt.want {
			t.Errorf("field of %q is %q, want %q", tt.key, got, tt.want)
		}
	}
}
