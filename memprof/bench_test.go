package memprof

import (
	"strconv"
	"testing"
)

func BenchmarkFootprint(b *testing.B) {
	orders := make([]*order, 100_000)
	m := make(map[string]*order)
	for i := range orders {
		orders[i] = &order{Note: strconv.Itoa(i + 1000)}
		m[orders[i].Note] = orders[i]
	}
	for name, v := range map[string]any{"slice": orders, "map": m} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			n := Footprint(v).Objects
			for b.Loop() {
				n = Footprint(v).Objects
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/object")
		})
	}
}

func BenchmarkTake(b *testing.B) {
	for b.Loop() {
		Take("")
	}
}

func BenchmarkScope(b *testing.B) {
	for b.Loop() {
		Start("").End()
	}
}

func BenchmarkJudge(b *testing.B) {
	v := make([]float64, 120)
	for i := range v {
		v[i] = float64(i * 100_000)
	}
	for b.Loop() {
		Judge(v, LeastBytes)
	}
}
