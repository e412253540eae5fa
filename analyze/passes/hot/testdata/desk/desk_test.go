package desk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func BenchmarkValid(b *testing.B) {
	for b.Loop() {
		if !Valid("EURUSD.FX") {
			b.Fatal("not valid")
		}
	}
}

func BenchmarkMatches(b *testing.B) {
	for b.Loop() {
		if !Matches("^EUR[A-Z]{3}$", "EURUSD") {
			b.Fatal("no match")
		}
	}
}

func BenchmarkLimits(b *testing.B) {
	path := filepath.Join(b.TempDir(), "limits.csv")
	if err := os.WriteFile(path, []byte(strings.Repeat("EURUSD,1000000,5\n", 400)), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if rows, err := Limits(path); err != nil || len(rows) != 400 {
			b.Fatal(len(rows), err)
		}
	}
}

func BenchmarkBook(b *testing.B) {
	book := &Book{orders: make(map[string]int)}
	for i := 0; b.Loop(); i++ {
		if book.Add("buy", i%100, 5) == 0 {
			b.Fatal("not added")
		}
	}
}

func lines(n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprintf("order %d of the day", i)
	}
	return s
}

func BenchmarkReport(b *testing.B) {
	ls := lines(500)
	for b.Loop() {
		if len(Report(ls)) < 500 {
			b.Fatal("short")
		}
	}
}

func BenchmarkKnown(b *testing.B) {
	ls := lines(400)
	for b.Loop() {
		if Known(ls, ls) != 400 {
			b.Fatal("unknown")
		}
	}
}

func BenchmarkClean(b *testing.B) {
	l := &Ledger{orders: make(map[id]int)}
	ls := lines(100)
	for i := 0; b.Loop(); i++ {
		if !IsPair("EURUSD") || l.Add("buy", i%100) == 0 || len(Join(ls)) < 100 || Label("buy", 5) == "" {
			b.Fatal("wrong")
		}
	}
}
