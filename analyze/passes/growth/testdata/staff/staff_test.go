package staff

import (
	"context"
	"testing"
)

func BenchmarkUsher(b *testing.B) {
	for b.Loop() {
		u := NewUsher()
		for range 100 {
			u.Seat("guest")
		}
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
