package hist_test

import (
	"math/rand/v2"
	"testing"

	"github.com/whetgo/whet/hist"
)

// latencies are what the benchmarks record: nanoseconds, mostly some microseconds.
func latencies() []int64 {
	return draw(rand.New(rand.NewPCG(1, 2)), 4096, func(r *rand.Rand) int64 { return 1000 + int64(3000*r.ExpFloat64()) })
}

func BenchmarkRecord(b *testing.B) {
	values := latencies()
	rand.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	b.Run("par=no", func(b *testing.B) {
		var h hist.Histogram
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			h.Record(values[i&4095])
			i++
		}
		if got := h.Snapshot().Count(); got != uint64(i) {
			b.Fatalf("%d values, %d were recorded", got, i)
		}
	})
	b.Run("par=yes", func(b *testing.B) {
		var h hist.Histogram
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				h.Record(values[i&4095])
			}
		})
		if got := h.Snapshot().Count(); got != uint64(b.N) {
			b.Fatalf("%d values, %d were recorded", got, b.N)
		}
	})
}

func BenchmarkSnapshot(b *testing.B) {
	var h hist.Histogram
	fill(&h, latencies())
	b.ReportAllocs()
	for b.Loop() {
		h.Snapshot()
	}
}
