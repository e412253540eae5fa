package book

import "testing"

var sink any

func BenchmarkOrder(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		o := NewOrder(3, 1.5)
		sink = o
	}
}

func BenchmarkFill(b *testing.B) {
	f := &Fill{Price: 1.5}
	for b.Loop() {
		f = f.Clone()
	}
	sink = f
}

func BenchmarkTicks(b *testing.B) {
	for b.Loop() {
		sink = Ticks(1000)
	}
}

func BenchmarkPair(b *testing.B) {
	for b.Loop() {
		sink = NewPair(1, 2)
	}
}

func BenchmarkSpread(b *testing.B) {
	var board Board
	board.Fill(100_000)
	sum, i := 0.0, 0
	for b.Loop() {
		sum += board.Spread(i)
		i++
	}
	sink = sum
	sink = &board
}

func BenchmarkQuiet(b *testing.B) {
	c := new(Cache[int, Trade])
	for b.Loop() {
		sink = NewLevel(1.5)
		sink = NewTrade(3)
		sink = NewCounter()
		c.Put(1, Trade{})
	}
	sink = c
}
