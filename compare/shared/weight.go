package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/puzpuzpuz/xsync/v4"

	"github.com/whetgo/whet/hist"
	"github.com/whetgo/whet/singleton"
)

// A weight is what things take of the heap.
type weight struct {
	name  string
	print func(io.Writer)
}

var weights = []weight{
	{"bytes", printInstances},
	{"bytes-hist", printHistograms},
}

const many = 100_000

// heap returns the bytes of live objects.
func heap() float64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// taken returns what makes takes, for each of n, beside what others refer to.
func taken(n int, makes func() any) float64 {
	before := heap()
	x := makes()
	after := heap()
	runtime.KeepAlive(x)
	return (after - before) / float64(n)
}

// printInstances prints what an instance takes beside itself and its key: a uint64 and a pointer
// to what was there before.
func printInstances(w io.Writer) {
	ctx := context.Background()
	all := make([]instance, many)
	fmt.Fprintf(w, "\nbytes: what an instance takes beside itself, of %d by uint64 keys\n\n| | bytes |\n|---|---:|\n", many)
	line := func(name string, makes func() any) { fmt.Fprintf(w, "| %s | %.1f |\n", name, taken(many, makes)) }
	line("singleton.Keyed", func() any {
		k := singleton.NewKeyed(func(_ context.Context, n uint64) (*instance, error) { return &all[n], nil }, nil)
		for n := range uint64(many) {
			_, _ = k.Get(ctx, n)
		}
		return k
	})
	line("singleton.Weak", func() any {
		k := singleton.NewWeak(func(_ context.Context, n uint64) (*instance, func() error, error) { return &all[n], nil, nil }, nil)
		for n := range uint64(many) {
			_, _ = k.Get(ctx, n)
		}
		return k
	})
	line("sync.Map", func() any {
		var m sync.Map
		for n := range uint64(many) {
			m.Store(n, &all[n])
		}
		return &m
	})
	line("sync.Map of sync.OnceValue", func() any {
		var m sync.Map
		for n := range uint64(many) {
			once := sync.OnceValue(func() *instance { return &all[n] })
			once()
			m.Store(n, once)
		}
		return &m
	})
	line("xsync.Map", func() any {
		m := xsync.NewMap[uint64, *instance]()
		for n := range uint64(many) {
			m.Store(n, &all[n])
		}
		return m
	})
	line("map", func() any {
		m := map[uint64]*instance{}
		for n := range uint64(many) {
			m[n] = &all[n]
		}
		return m
	})
	runtime.KeepAlive(all)
}

// printHistograms prints what a distribution of latencies takes, and how far its quantiles are
// from the exact ones.
func printHistograms(w io.Writer) {
	list := latencies()
	exact := slices.Sorted(slices.Values(list[:]))
	qs := []float64{0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1}
	worst := func(quantile func(float64) float64) (e float64) {
		for _, q := range qs {
			want := float64(exact[max(0, int(math.Ceil(q*float64(len(exact))))-1)])
			e = max(e, math.Abs(quantile(q)-want)/want)
		}
		return e * 100
	}
	fmt.Fprintf(w, "\nbytes-hist: a distribution of %d latencies that one goroutine recorded\n\n| | bytes | worst of %d quantiles, %% |\n|---|---:|---:|\n", len(list), len(qs))
	const n = 100
	var errorOf float64
	line := func(name string, makes func() any) {
		bytes := taken(n, func() any {
			all := make([]any, n)
			for i := range all {
				all[i] = makes()
			}
			return all
		})
		fmt.Fprintf(w, "| %s | %.0f | %.2f |\n", name, bytes-16, errorOf)
	}
	line("hist.Histogram", func() any {
		h := new(hist.Histogram)
		for _, v := range list {
			h.Record(v)
		}
		s := h.Snapshot()
		errorOf = worst(func(q float64) float64 { return float64(s.Quantile(q)) })
		return h
	})
	line("HdrHistogram-go, 2 digits to an hour", func() any {
		h := newHDR()
		for _, v := range list {
			_ = h.RecordValue(v)
		}
		errorOf = worst(func(q float64) float64 { return float64(h.ValueAtQuantile(q * 100)) })
		return h
	})
	line("DDSketch, 1/128", func() any {
		h := newDDSketch()
		for _, v := range list {
			_ = h.Add(float64(v))
		}
		errorOf = worst(func(q float64) float64 { v, _ := h.GetValueAtQuantile(q); return v })
		return h
	})
}
