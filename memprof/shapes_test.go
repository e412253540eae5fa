package memprof

import (
	"container/list"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type order struct {
	Buy   bool
	Lots  int64
	Price float64
	Note  string
	Next  *order
}

type tree struct {
	left, right *tree
	key         int
	value       any
}

func grow(depth int) *tree {
	if depth == 0 {
		return nil
	}
	t := &tree{key: depth, value: strconv.Itoa(1000 + depth)}
	t.left, t.right = grow(depth-1), grow(depth-1)
	return t
}

// shapes are kinds of data, each of some megabytes.
var shapes = []struct {
	name string
	make func() any
}{
	{"slice of numbers", func() any { return make([]int64, 300_000) }},
	{"slice with room", func() any { return make([]order, 10, 20_000) }},
	{"slice of slices", func() any {
		s := make([][]byte, 20_000)
		for i := range s {
			s[i] = make([]byte, i%300)
		}
		return s
	}},
	{"short strings", func() any {
		s := make([]string, 50_000)
		for i := range s {
			s[i] = strconv.Itoa(i + 1000)
		}
		return s
	}},
	{"strings cut from one", func() any {
		return strings.Split(strings.Repeat("some words that follow each other, and others, ", 20_000), ", ")
	}},
	{"map of numbers", func() any {
		m := make(map[int]int)
		for i := range 100_000 {
			m[i] = i
		}
		return m
	}},
	{"set", func() any {
		m := make(map[int64]struct{})
		for i := range 100_000 {
			m[int64(i)] = struct{}{}
		}
		return m
	}},
	{"map of strings to structs", func() any {
		m := make(map[string]order, 30_000)
		for i := range 30_000 {
			m["key of an order "+strconv.Itoa(i)] = order{Note: "note " + strconv.Itoa(i)}
		}
		return m
	}},
	{"map of large elements", func() any {
		m := make(map[[20]int64][200]byte)
		for i := range 5_000 {
			m[[20]int64{int64(i)}] = [200]byte{}
		}
		return m
	}},
	{"small maps", func() any {
		s := make([]map[string]any, 5_000)
		for i := range s {
			s[i] = map[string]any{"id": i + 1000, "name": "n" + strconv.Itoa(i), "at": time.Unix(int64(i), 0)}
		}
		return s
	}},
	{"map after deletions", func() any {
		m := make(map[int]*order)
		for i := range 100_000 {
			m[i] = &order{}
		}
		for i := range 90_000 {
			delete(m, i)
		}
		return m
	}},
	{"linked list", func() any {
		var o *order
		for i := range 50_000 {
			o = &order{Lots: int64(i), Next: o}
		}
		return o
	}},
	{"ring", func() any {
		l := list.New()
		for i := range 20_000 {
			l.PushBack([]int{i, i})
		}
		return l
	}},
	{"tree", func() any { return grow(15) }},
	{"interfaces", func() any {
		s := make([]any, 0, 40_000)
		for i := range 10_000 {
			s = append(s, i+1000, float64(i), order{Lots: 1}, &order{})
		}
		return s
	}},
	{"shared parts", func() any {
		note, all := strings.Repeat("x", 1<<20), make([]*order, 20_000)
		for i := range all {
			all[i] = &order{Note: note[i:]}
		}
		return [][]*order{all, all, all[5:100]}
	}},
	{"channel of numbers", func() any {
		c := make(chan [4]int64, 50_000)
		for range 1000 {
			c <- [4]int64{}
		}
		return c
	}},
	{"channel of pointers", func() any {
		c := make(chan *order, 50_000)
		for range 40_000 {
			c <- new(order)
		}
		return c
	}},
	{"objects above 32 KB", func() any {
		s := make([]*[5000]*int, 100)
		for i := range s {
			s[i] = new([5000]*int)
			s[i][0] = new(int)
		}
		return s
	}},
	{"objects with a header", func() any {
		s := make([]*[80]*int, 5_000)
		for i := range s {
			s[i] = new([80]*int)
		}
		return s
	}},
	{"sync.Map", func() any {
		m := new(sync.Map)
		for i := range 30_000 {
			m.Store(i, &order{})
		}
		return m
	}},
	{"atomic pointers", func() any {
		s := make([]atomic.Pointer[order], 30_000)
		for i := range s {
			s[i].Store(&order{Note: strconv.Itoa(i + 1000)})
		}
		return s
	}},
	{"bits", func() any {
		s := make([]*[1]bool, 20_000)
		for i := range s {
			s[i] = new([1]bool)
		}
		return s
	}},
}

var kept any

// heapOf returns the bytes and objects by which the heap grows where make's result is kept.
func heapOf(make func() any) (bytes, objects float64) {
	kept = nil
	Collect()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	kept = make()
	Collect()
	runtime.ReadMemStats(&after)
	return float64(after.HeapAlloc) - float64(before.HeapAlloc), float64(after.HeapObjects) - float64(before.HeapObjects)
}

// TestShapes compares footprints with the differences that the values make to the heap.
func TestShapes(t *testing.T) {
	if got := len(shapes); got < 12 {
		t.Fatalf("%d shapes", got)
	}
	for _, s := range shapes {
		bytes, objects := heapOf(s.make)
		got := Footprint(kept)
		off := float64(got.Bytes)/bytes - 1
		t.Logf("%-26s %9.0f B on the heap, %9d B: %+.2f %%; %.0f and %d objects", s.name, bytes, got.Bytes, 100*off, objects, got.Objects)
		if math.Abs(off) > 0.02 || got.Cut || got.Opaque > 0 {
			t.Errorf("%s: %v, the heap grew by %.0f bytes in %.0f objects", s.name, got, bytes, objects)
		}
	}
	kept = nil
}

func ExampleFootprint() {
	m := map[string][]int{"a": make([]int, 1000)}
	m["b"] = m["a"] // shared: counted once
	fmt.Println(Footprint(m))
	// Output: 8.4 KB in 3 objects: 8.0 KB []int, 400 B map[string][]int
}
