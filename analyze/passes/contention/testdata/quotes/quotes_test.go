package quotes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var names = []string{"orders", "fills", "rejects", "cancels", "amends", "quotes"}

func BenchmarkLast(b *testing.B) {
	dir := b.TempDir()
	text := strings.Repeat("2026-11-23 100.25 100.50\n", 400)
	if err := os.WriteFile(filepath.Join(dir, "ACME"), []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	book := NewBook(dir)
	b.ResetTimer()
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := book.Last("ACME"); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkCounters(b *testing.B) {
	c := NewCounters()
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			c.Add(names[i%len(names)], 1)
		}
	})
}

var kept Limits

func BenchmarkCurrentLimits(b *testing.B) {
	for b.Loop() {
		kept = CurrentLimits()
	}
}
