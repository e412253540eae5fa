package desk

import (
	"os"
	"path/filepath"
	"testing"
)

func orders() (os []Order) {
	for i := range 100 {
		os = append(os, Order{[]string{"EUR", "USD", "JPY"}[i%3], uint64(i)})
	}
	return os
}

var sink uint64

func BenchmarkValue(b *testing.B) {
	os := orders()
	for b.Loop() {
		sink += Value(os)
	}
}

func BenchmarkWeighed(b *testing.B) {
	xs := make([]uint64, 50)
	for b.Loop() {
		sink += Weighed(xs)
	}
}

func BenchmarkScaled(b *testing.B) {
	xs := make([]uint64, 50)
	for b.Loop() {
		sink += Scaled(xs, "lots")
	}
}

func BenchmarkSides(b *testing.B) {
	var lines []string
	for i := range 100 {
		side := []string{"side=buy&symbol=ES&lots=3", "side=sell&symbol=NQ&lots=2"}[i%2]
		lines = append(lines, "/orders?"+side+"&venue=CME%20Globex&text=first%20in%2C%20first%20out&tif=day&client=%31%37&v=2")
	}
	for b.Loop() {
		sink += uint64(Sides(lines))
	}
}

func BenchmarkFees(b *testing.B) {
	var roots []string
	for i := range 100 {
		roots = append(roots, []string{"ES", "NQ"}[i%2])
	}
	c := &Crosses{pairs: []string{"EURUSD", "USDJPY"}}
	var pairs []string
	for i := range 100 {
		pairs = append(pairs, c.pairs[i%2])
	}
	for b.Loop() {
		sink += Fees(roots) + c.Crossed(pairs)
	}
}

func BenchmarkLimits(b *testing.B) {
	path := filepath.Join(b.TempDir(), "limits")
	if err := os.WriteFile(path, []byte("100"), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for range 20 {
			if _, err := Limits(path); err != nil {
				b.Fatal(err)
			}
		}
	}
}
