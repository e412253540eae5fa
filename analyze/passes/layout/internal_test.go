package layout

import (
	"go/types"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

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
