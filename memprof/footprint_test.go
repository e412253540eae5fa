package memprof

import (
	"errors"
	"math/big"
	"reflect"
	"runtime/debug"
	"sync"
	"testing"
	"time"
	"unique"
	"unsafe"
	"weak"
)

// global is in the program itself, and so is what its Next points to.
var global = &order{Note: string(make([]byte, 1000)), Next: &order{}}

type cycle struct {
	self *cycle
	any  any
	m    map[*cycle]*cycle
	c    chan *cycle
	s    []*cycle
}

// TestFootprint looks at values whose size is known exactly, on 64-bit machines.
func TestFootprint(t *testing.T) {
	if word != 8 {
		t.Skip("needs a machine of 64 bits")
	}
	var nothing *order
	var typed any = nothing
	c := new(cycle)
	c.self, c.any, c.m, c.c, c.s = c, c, map[*cycle]*cycle{c: c}, make(chan *cycle, 1), []*cycle{c}
	c.c <- c
	array := make([]*order, 100)
	strong := new([100]int)
	captured := new(order)
	_ = time.Local.String() // loads the zone
	for _, tt := range []struct {
		name           string
		v              any
		bytes, objects uint64
		opaque         int
	}{
		{"nil", nil, 0, 0, 0},
		{"a nil pointer", nothing, 0, 0, 0},
		{"a nil pointer in an interface", &typed, 16, 1, 0},
		{"a number", 1 << 40, 0, 0, 0},
		{"a struct", order{}, 0, 0, 0},
		{"a constant", "text", 0, 0, 0},
		{"a struct with text", order{Note: string(make([]byte, 100))}, 112, 1, 0},
		{"a pointer", new(order), 48, 1, 0},
		{"a pointer in a struct", struct{ o *order }{new(order)}, 48, 1, 0},
		{"a pointer in an array", [1]*order{new(order)}, 48, 1, 0},
		{"a pointer beside nothing", struct {
			_ struct{}
			o *order
		}{o: new(order)}, 48, 1, 0},
		{"a pointer to a pointer", new(&order{}), 48 + 8, 2, 0},
		{"nothing", new(struct{}), 0, 0, 0},
		{"an empty slice", []order{}, 0, 0, 0},
		{"an empty slice with room", make([]order, 0, 10), 480, 1, 0},
		{"the same twice", [][]*order{array, array}, 48 + 896, 2, 0},
		{"parts of one array", [][]*order{array[10:20], array[15:40], array}, 80 + 896, 2, 0},
		{"the end of an array", array[90:], 80, 1, 0},
		{"a field and the whole", []any{&global.Next.Lots, captured, &captured.Price}, 48 + 48, 2, 0},
		{"itself", c, 64 + 48 + 144 + 112 + 8 + 8, 6, 0},
		{"a package variable", global, 1024, 1, 0},
		{"what leads to a package variable", &order{Next: &landmarked}, 48, 1, 0},
		{"an empty map", map[string]int{}, 48, 1, 0},
		{"a nil map", map[string]int(nil), 0, 0, 0},
		{"a small map", map[int32]int32{1: 1, 2: 2}, 48 + 80, 2, 0},
		{"a channel", make(chan int), 112, 1, 0},
		{"a function", reflect.TypeOf, 0, 0, 0},
		{"a closure", func() *order { return captured }, 16, 1, 1},
		{"an unsafe pointer", unsafe.Pointer(captured), 0, 0, 1},
		{"an address", uintptr(unsafe.Pointer(captured)), 0, 0, 0},
		{"a weak pointer", []weak.Pointer[[100]int]{weak.Make(strong)}, 8, 1, 0},
		{"an error", errors.New("text"), 16, 1, 0},
		{"a lock", &sync.Mutex{}, 16, 1, 0},       // in a block of 16 bytes that others may share
		{"a moment", time.Now().Local(), 0, 0, 0}, // whose time zone is a package variable
		{"a large number", new(big.Int).Lsh(big.NewInt(1), 1000), 32 + 176, 2, 0},
	} {
		got := Footprint(tt.v)
		if got.Bytes != tt.bytes || got.Objects != tt.objects || got.Opaque != tt.opaque || got.Cut {
			t.Errorf("%s: got %+v, want %d bytes, %d objects, %d opaque", tt.name, got, tt.bytes, tt.objects, tt.opaque)
		}
	}
	if h := unique.Make("text"); Footprint(h).Cut {
		t.Error("a unique.Handle cannot be read")
	}
}

var landmarked order

// TestFootprintBroken gives pointers to where nothing is: a walk goes on without them.
func TestFootprintBroken(t *testing.T) {
	type torn struct {
		a *order
		p **order
		b *order
	}
	for _, bad := range []uintptr{1 << 40, 1 << 47, 1<<63 + 8} {
		x := []torn{{a: new(order), b: new(order)}}
		*(*uintptr)(unsafe.Pointer(&x[0].p)) = bad
		// A collection that met such a pointer would end the process.
		old := debug.SetGCPercent(-1)
		got := Footprint(x)
		x[0].p = nil
		debug.SetGCPercent(old)
		if !got.Cut || got.Bytes < 24+2*48 {
			t.Errorf("%#x: got %v, want it cut, with what can be read", bad, got)
		}
	}
	if debug.SetPanicOnFault(false) {
		t.Error("faults still panic after a walk")
	}
}

// TestFootprintDeep would overflow the stack if the walk were recursive.
func TestFootprintDeep(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(1 << 20))
	var o *order
	for range 200_000 {
		o = &order{Next: o}
	}
	if got := Footprint(o); got.Objects != 200_000 {
		t.Errorf("got %v, want 200000 objects", got)
	}
}

// TestUnknownMaps estimates maps as if their layout were not known.
func TestUnknownMaps(t *testing.T) {
	if !knownMaps() {
		t.Fatal("the maps of this runtime are not known: see internal/runtime/maps")
	}
	known := knownMaps
	knownMaps = func() bool { return false }
	defer func() { knownMaps = known }()
	m := make(map[string]*order)
	for i := range 100_000 {
		m[string(rune(i))] = new(order)
	}
	got := Footprint(m)
	knownMaps = known
	want := Footprint(m)
	if r := float64(got.Bytes) / float64(want.Bytes); r < 0.8 || r > 1.3 {
		t.Errorf("estimated are %v, by memory it is %v", got, want)
	}
	wrong := map[int]int{1: 1}
	h := *(**mapHeader)(unsafe.Pointer(&wrong))
	h.used = 2
	if ti := (&walker{types: make(map[reflect.Type]*typeInfo)}).info(reflect.TypeFor[map[int]int]()); readable(ti, wrong) {
		t.Error("a map that says another number than it holds is taken for readable")
	}
	h.used = 1
}

// TestFootprintSlices: many slices of one array must not take the square of its length.
func TestFootprintSlices(t *testing.T) {
	array := make([]string, 20_000)
	for i := range array {
		array[i] = string(make([]byte, 16))
	}
	var tails, heads [][]string
	for i := range array {
		tails, heads = append(tails, array[i:]), append(heads, array[:i])
	}
	// A walk of each would take 200 million steps, and as many regions of 48 bytes.
	for name, v := range map[string]any{"tails": tails, "heads": heads} {
		if got := Footprint(v); got.Objects != 20_002 {
			t.Errorf("%s: got %v, want 20002 objects", name, got)
		}
	}
}

func FuzzFootprint(f *testing.F) {
	f.Add([]byte("a tree of seeds"), 3)
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 100)
	f.Fuzz(func(t *testing.T, seed []byte, depth int) {
		built := build(seed, min(max(depth, 0), 50))
		got := Footprint(built)
		if again := Footprint(built); again.Bytes != got.Bytes || again.Objects != got.Objects {
			t.Errorf("twice: %v and %v", got, again)
		}
		if got.Cut || got.Bytes < 8*got.Objects {
			t.Errorf("got %+v", got)
		}
	})
}

// build makes a value that the seed describes.
func build(seed []byte, depth int) any {
	if len(seed) == 0 || depth == 0 {
		return string(seed)
	}
	rest := seed[1:]
	half := rest[:len(rest)/2]
	switch seed[0] % 8 {
	case 0:
		return []any{build(half, depth-1), build(rest, depth-1)}
	case 1:
		v := build(rest, depth-1)
		return &v
	case 2:
		return map[string]any{string(half): build(rest, depth-1)}
	case 3:
		c := make(chan any, 2)
		c <- build(rest, depth-1)
		return c
	case 4:
		return struct{ a, b any }{build(rest, depth-1), seed}
	case 5:
		return [1]*any{new(build(rest, depth-1))}
	case 6:
		m := make(map[int]any)
		for i, b := range rest {
			m[i] = b
		}
		return m
	}
	return seed
}
