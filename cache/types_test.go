package cache_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/whetgo/whet/cache"
)

// testTypes sets, replaces, grows, evicts, reads and deletes entries of one pair of types.
// key must give different keys for 0 … n-1.
func testTypes[K comparable, V comparable](t *testing.T, n int, key func(int) K, value func(int) V) {
	t.Run(fmt.Sprintf("%T→%T", *new(K), *new(V)), func(t *testing.T) {
		gone := 0
		c := cache.New(n, &cache.Options[K, V]{OnRemove: func(r cache.Removal[K, V]) { gone++ }})
		all := func(where string, want func(int) (V, bool)) {
			t.Helper()
			for i := range n {
				w, there := want(i)
				if v, ok := c.Get(key(i)); ok != there || ok && v != w {
					t.Fatalf("%s: key %d: %v %v, want %v %v", where, i, v, ok, w, there)
				}
				if v, ok := c.Peek(key(i)); ok != there || ok && v != w {
					t.Fatalf("%s: key %d peeked: %v %v, want %v %v", where, i, v, ok, w, there)
				}
			}
		}
		all("empty", func(int) (V, bool) { return *new(V), false })
		for i := range n {
			c.Set(key(i), value(i))
		}
		all("set", func(i int) (V, bool) { return value(i), true })
		for i := range n {
			c.Set(key(i), value(i+1))
		}
		all("replaced", func(i int) (V, bool) { return value(i + 1), true })
		if gone != n {
			t.Errorf("%d removals, want %d", gone, n)
		}
		for i := 0; i < n; i += 2 {
			if !c.Delete(key(i)) {
				t.Fatalf("key %d was not there to delete", i)
			}
		}
		all("deleted", func(i int) (V, bool) { return value(i + 1), i%2 == 1 })
		for i := 0; i < n; i += 2 {
			c.SetTTL(key(i), value(i), 1e15)
		}
		all("with deadlines", func(i int) (V, bool) { return value(i + i%2), true })
		c.Resize(200_000)
		all("dealt anew", func(i int) (V, bool) { return value(i + i%2), true })
		c.Resize(max(n/3, 1))
		left := 0
		for k, v := range c.All() {
			left++
			if got, ok := c.Get(k); !ok || got != v {
				t.Fatalf("%v: All yields %v, Get %v %v", k, v, got, ok)
			}
		}
		if left != max(n/3, 1) || c.Len() != left {
			t.Errorf("%d entries are left, Len %d, want %d", left, c.Len(), max(n/3, 1))
		}
	})
}

type (
	mixed struct {
		name string
		n    int8
		p    *int
	}
	large  [100]uint64
	odd    [3]byte
	padded struct { // with room that == does not look at
		a byte
		b uint32
		c any
	}
	ordinal uint16
)

func TestTypes(t *testing.T) {
	var ints [2001]int
	var chans [2001]chan bool
	for i := range chans {
		chans[i] = make(chan bool)
	}
	text := func(i int) string { return fmt.Sprint("text ", i) }
	toLarge := func(i int) (v large) {
		for j := range v {
			v[j] = uint64(i * j)
		}
		return v
	}
	toMixed := func(i int) mixed { return mixed{text(i), int8(i), &ints[i]} }
	toPadded := func(i int) padded { return padded{byte(i), uint32(i), text(i)} }
	toOdd := func(i int) odd { return odd{byte(i), byte(i >> 8), 7} }
	toAny := func(i int) any {
		switch i % 9 {
		case 0:
			return i
		case 1:
			return text(i)
		case 2:
			return float64(i)
		case 3:
			return &ints[i]
		case 4:
			return toOdd(i)
		case 5:
			return toMixed(i)
		case 6:
			return chans[i]
		case 7:
			return uint64(i)
		}
		return error(errNumber(i))
	}
	testTypes(t, 2000, func(i int) uint64 { return uint64(i) }, func(i int) uint64 { return uint64(i) })
	testTypes(t, 2000, func(i int) int32 { return int32(-i) }, toOdd)
	testTypes(t, 256, func(i int) uint8 { return uint8(i) }, func(i int) bool { return i%2 == 0 })
	testTypes(t, 2, func(i int) bool { return i == 1 }, text)
	testTypes(t, 2000, text, func(i int) uint8 { return uint8(i) })
	testTypes(t, 2000, toOdd, toMixed)
	testTypes(t, 2000, toMixed, toOdd)
	testTypes(t, 500, toLarge, toLarge)
	testTypes(t, 2000, toAny, toAny)
	testTypes(t, 2000, toPadded, toPadded)
	testTypes(t, 2000, func(i int) *int { return &ints[i] }, func(i int) chan bool { return chans[i] })
	testTypes(t, 2000, func(i int) chan bool { return chans[i] }, func(i int) *int { return &ints[i] })
	testTypes(t, 2000, func(i int) ordinal { return ordinal(i) }, func(i int) struct{} { return struct{}{} })
	testTypes(t, 1, func(int) struct{} { return struct{}{} }, func(int) struct{} { return struct{}{} })
	testTypes(t, 1, func(int) struct{} { return struct{}{} }, text)
	testTypes(t, 1, func(int) [0]string { return [0]string{} }, toAny)
	testTypes(t, 2000, func(i int) float64 { return float64(i) / 3 }, func(i int) complex128 { return complex(float64(i), 1) })
	testTypes(t, 2000, func(i int) error { return errNumber(i) }, func(i int) error { return errNumber(i) })
}

type errNumber int

func (e errNumber) Error() string { return fmt.Sprint("error ", int(e)) }

// TestZeroes: keys that are zero are found when they were set, and only then. What is left
// of removed entries is zero too.
func TestZeroes(t *testing.T) {
	c := cache.New[string, string](1000, nil)
	for i := range 1000 {
		c.Set(fmt.Sprint(i), "")
	}
	for i := range 1000 {
		c.Delete(fmt.Sprint(i))
		if _, ok := c.Get(""); ok {
			t.Fatal("found what was never set")
		}
	}
	c.Set("", "nothing")
	if v, ok := c.Get(""); !ok || v != "nothing" {
		t.Errorf("%q %v", v, ok)
	}
}

// TestDeletedNeighbours deletes every other of many keys: whatever a key's neighbours in
// the table are, what was deleted is not found and what was not is.
func TestDeletedNeighbours(t *testing.T) {
	const n = 200_000
	c := cache.New[uint64, uint64](n, nil)
	for k := range uint64(n) {
		c.Set(k, k)
	}
	for k := uint64(0); k < n; k += 2 {
		if !c.Delete(k) {
			t.Fatalf("key %d was not there", k)
		}
	}
	for k := range uint64(n) {
		if _, ok := c.Get(k); ok != (k%2 == 1) {
			t.Fatalf("key %d: found %v", k, ok)
		}
	}
	if c.Len() != n/2 {
		t.Errorf("%d entries, want %d", c.Len(), n/2)
	}
}

// TestNaN: a key that does not equal itself is not kept, takes no room and breaks nothing.
func TestNaN(t *testing.T) {
	gone := 0
	c := cache.New(3, &cache.Options[float64, int]{OnRemove: func(cache.Removal[float64, int]) { gone++ }})
	for i := range 100 {
		c.Set(math.NaN(), i)
		if v, loaded := c.GetOrSet(math.NaN(), i); v != i || loaded {
			t.Fatal(v, loaded)
		}
		c.SetTTL(math.NaN(), i, 1)
	}
	c.Set(1, 1)
	c.Set(2, 2)
	c.Set(math.NaN(), 3)
	c.Set(3, 3)
	if _, ok := c.Get(math.NaN()); ok || c.Len() != 3 || gone != 0 || c.Delete(math.NaN()) {
		t.Errorf("found %v, %d entries, %d removed", ok, c.Len(), gone)
	}
	zero := math.Copysign(0, -1)
	c.Set(0, 10)
	if v, ok := c.Get(zero); !ok || v != 10 {
		t.Errorf("-0 is %d %v", v, ok)
	}
	m := cache.New[any, int](3, nil)
	for i := range 100 {
		m.Set([2]any{"x", math.NaN()}, i)
	}
	if m.Len() != 0 {
		t.Errorf("%d entries with a NaN inside", m.Len())
	}
}

// TestUnhashable: an interface key that has no == panics as a map does, and the cache goes
// on working.
func TestUnhashable(t *testing.T) {
	c := cache.New[any, int](10, nil)
	for name, do := range map[string]func(){
		"Get":      func() { c.Get([]int{1}) },
		"Set":      func() { c.Set([]int{1}, 1) },
		"Delete":   func() { c.Delete([]int{1}) },
		"GetOrSet": func() { c.GetOrSet(map[int]int{}, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s of an unhashable key does not panic", name)
				}
			}()
			do()
		}()
	}
	c.Set(1, 1)
	if v, ok := c.Get(1); !ok || v != 1 {
		t.Error(v, ok)
	}
}
