package compact_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/compact"
)

func TestSlottedIsSmaller(t *testing.T) {
	p := store.Params{Driver: "sim", Addr: "x"}
	mapped := bytesEach(func() any { return compact.NewMapped(p) })
	slotted := bytesEach(func() any { return compact.NewSlotted(p) })
	if slotted >= mapped {
		t.Errorf("slotted %v B, mapped %v B", slotted, mapped)
	}
}

func bytesEach(f func() any) float64 {
	const n = 2000
	keep := make([]any, n)
	var a, b runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&a)
	for i := range keep {
		keep[i] = f()
	}
	runtime.GC()
	runtime.ReadMemStats(&b)
	runtime.KeepAlive(keep)
	return float64(b.HeapAlloc-a.HeapAlloc) / n
}

func TestWeakLetsGo(t *testing.T) {
	weak, strong := compact.NewWeak(), compact.Strong{}
	const n = 1000
	for i := range n {
		p := store.Params{Driver: "sim", Client: i}
		a, err := weak.Get(t.Context(), p)
		if err != nil || a.Params != p || strong.Open(p).Params != p {
			t.Fatal("not the store of", p)
		}
		first := strong.Open(p)
		if b, _ := weak.Get(t.Context(), p); a != b || strong.Open(p) != first {
			t.Fatal("two stores of", p)
		}
	}
	for range 2000 {
		if runtime.GC(); weak.Len() == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if weak.Len() != 0 || len(strong) != n {
		t.Errorf("%d stores are held weakly, %d strongly; want 0 and %d", weak.Len(), len(strong), n)
	}
}
