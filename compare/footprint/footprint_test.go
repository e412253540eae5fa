// Package footprint compares memprof.Footprint with github.com/DmitriyVTitov/size, which
// walks a value by reflection and adds up the sizes of its types: how near each comes to
// what the heap gains, and how long it takes.
//
//	go test -v -run Error .
//	go test -bench . -count 10 .
package footprint

import (
	"container/list"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"

	peer "github.com/DmitriyVTitov/size"

	"github.com/whetgo/whet/memprof"
)

type order struct {
	Buy   bool
	Lots  int64
	Note  string
	Price float64
}

var shapes = []struct {
	name string
	make func() any
}{
	{"numbers", func() any { return make([]int64, 100_000) }},
	{"room", func() any { return make([]order, 10, 20_000) }},
	{"pointers", func() any {
		s := make([]*order, 50_000)
		for i := range s {
			s[i] = &order{Lots: int64(i)}
		}
		return s
	}},
	{"strings", func() any {
		s := make([]string, 50_000)
		for i := range s {
			s[i] = strconv.Itoa(i + 1000)
		}
		return s
	}},
	{"shared", func() any {
		s, note := make([]order, 20_000), strings.Repeat("x", 1000)
		for i := range s {
			s[i].Note = note
		}
		return s
	}},
	{"map", func() any {
		m := make(map[int]int)
		for i := range 50_000 {
			m[i] = i
		}
		return m
	}},
	{"map-of-orders", func() any {
		m := make(map[string]*order)
		for i := range 20_000 {
			m["order "+strconv.Itoa(i)] = &order{}
		}
		return m
	}},
	{"deleted", func() any {
		m := make(map[int]*order)
		for i := range 50_000 {
			m[i] = &order{}
		}
		for i := range 45_000 {
			delete(m, i)
		}
		return m
	}},
	{"interfaces", func() any {
		var s []any
		for i := range 20_000 {
			s = append(s, i+1000, "s"+strconv.Itoa(i))
		}
		return s
	}},
	{"list", func() any {
		l := list.New()
		for i := range 5_000 {
			l.PushBack(i + 1000)
		}
		return l
	}},
	{"channel", func() any {
		c := make(chan *order, 20_000)
		for range 20_000 {
			c <- &order{}
		}
		return c
	}},
	{"map-of-bytes", func() any {
		m := make(map[string][]byte)
		for i := range 5_000 {
			m[strconv.Itoa(i)] = make([]byte, i%100)
		}
		return m
	}},
}

var kept any

func heap(f func() any) float64 {
	kept = nil
	memprof.Collect()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	kept = f()
	memprof.Collect()
	runtime.ReadMemStats(&after)
	return float64(after.HeapAlloc) - float64(before.HeapAlloc)
}

// TestError prints a table of both against the heap, and demands 2 % of ours.
func TestError(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-14s %10s %10s %10s\n", "shape", "heap", "Footprint", "size.Of")
	for _, s := range shapes {
		h := heap(s.make)
		ours, theirs := float64(memprof.Footprint(kept).Bytes)/h-1, float64(peer.Of(kept))/h-1
		fmt.Fprintf(&b, "%-14s %10.0f %+9.1f%% %+9.1f%%\n", s.name, h, 100*ours, 100*theirs)
		if math.Abs(ours) > 0.02 {
			t.Errorf("%s: Footprint is off by %+.1f %%", s.name, 100*ours)
		}
	}
	t.Log(b.String())
	kept = nil
}

func BenchmarkWalk(b *testing.B) {
	for _, s := range shapes {
		v := s.make()
		for name, f := range map[string]func(){
			"footprint": func() { memprof.Footprint(v) },
			"size":      func() { peer.Of(v) },
		} {
			b.Run("shape="+s.name+"/by="+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
			})
		}
	}
}
