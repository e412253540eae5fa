package hall

import (
	"context"
	"strconv"
	"testing"
)

func BenchmarkOpen(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		if Open(i).ID != i {
			b.Fatal("another show")
		}
	}
}

func BenchmarkSell(b *testing.B) {
	s := Open(1)
	for i := 0; b.Loop(); i++ {
		s.Sell(strconv.Itoa(i))
	}
}

func BenchmarkRing(b *testing.B) {
	bell := new(Bell)
	for b.Loop() {
		if bell.Ring("first").loud != 3 {
			b.Fatal("not loud")
		}
	}
}

func BenchmarkUsher(b *testing.B) {
	for b.Loop() {
		NewUsher().Seat("guest")
	}
}

func BenchmarkPrice(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		if _, err := Price(context.Background(), i); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCurtain(b *testing.B) {
	for b.Loop() {
		ctx, cancel := context.WithCancel(context.Background())
		c := &Curtain{raise: make(chan struct{})}
		c.Hang(ctx)
		cancel()
		c.Raise()
	}
}
