package traps

import (
	"context"
	"os"
	"testing"
	"time"
)

var sink uint64

// each runs its functions with equal inputs, many times an operation.
func each(b *testing.B, fs ...func()) {
	b.Helper()
	for b.Loop() {
		for range 10 {
			for _, f := range fs {
				f()
			}
		}
	}
}

func BenchmarkOutside(b *testing.B) {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	each(b,
		func() { sink += Clock("UTC") },
		func() { sink += uint64(len(Stamped("a"))) },
		func() { sink += Dice(6) },
		func() { sink += Logged(f, 3) },
		func() { v, _ := Attempt(4); sink += v },
	)
}

func BenchmarkState(b *testing.B) {
	book := new(Book)
	at := &book
	each(b,
		func() { sink += uint64(len(Serial("o"))) },
		func() { sink += Tallied(1) },
		func() { book.Move(); sink += book.Price(2) },
		func() { sink += book.Take(1) },
		func() { sink += Behind(at) },
	)
}

func BenchmarkArguments(b *testing.B) {
	xs, ys, target, other := make([]uint64, 8), make([]uint64, 8), uint64(0), uint64(0)
	buf := make([]byte, 0, 1<<10)
	each(b,
		func() { xs[0]++; sink += First(xs) },
		func() { sink += uint64(Fill(ys, 5)) },
		func() { buf = Encode(buf[:0], 6) },
		func() { sink += Cleared(&target, 7) },
		func() { other++; sink += Peeked(0, &other) },
		func() { sink += uint64(len(AnyKey("a", "b"))) },
	)
}

func BenchmarkFills(b *testing.B) {
	r := &Register{numbers: make(map[string]uint64)}
	each(b,
		func() { sink += r.Number("a") },
		func() { sink += r.Unit(7) },
		func() { sink += r.Known("b") },
	)
}

func BenchmarkSurroundings(b *testing.B) {
	n := uint64(0)
	c := make(chan uint64, 1)
	soon, cancel := context.WithTimeout(b.Context(), time.Hour)
	defer cancel()
	each(b,
		func() { n++; sink += Tenant(context.WithValue(context.Background(), tenant{}, n), 1) },
		func() { sink += Counted(func() uint64 { n++; return n }, 2) },
		func() { sink += Labelled(context.Background(), 3) },
		func() { n++; c <- n; sink += Received(c, 4) },
		func() { v, _ := Deadline(soon, 5); sink += v },
	)
}

func BenchmarkObjects(b *testing.B) {
	each(b,
		func() { Sheet(&sink, 1) },
		func() { Sheet(&sink, 2) },
	)
}

func BenchmarkFlags(b *testing.B) {
	each(b,
		func() { Raised(&sink, 1) },
		func() { Raised(&sink, 1) },
	)
}

func BenchmarkMade(b *testing.B) {
	each(b,
		func() { s := NewSheaf("a"); s["owner"] = "b"; sink += uint64(len(s)) },
		func() { f := NewFolder("a"); f.notes["b"] = nil; sink += uint64(len(f.notes)) },
	)
}
