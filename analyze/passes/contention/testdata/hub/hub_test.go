package hub

import (
	"testing"
	"time"
)

var names = []string{"ACME", "BETA", "CORE", "DELTA", "EDGE", "FLUX"}

// BenchmarkOf has readers alone, who do not wait for each other.
func BenchmarkOf(b *testing.B) {
	v := NewVenues()
	for _, n := range names {
		v.Set(n, "XNAS")
	}
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			v.Of(names[i%len(names)])
		}
	})
}

// BenchmarkPublish has a subscriber that takes its time with each quote.
func BenchmarkPublish(b *testing.B) {
	var h Hub
	quotes, end := h.Subscribe(), make(chan struct{})
	defer close(end)
	go func() {
		for {
			select {
			case <-quotes:
				time.Sleep(20 * time.Microsecond)
			case <-end:
				return
			}
		}
	}()
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			h.Publish("ACME 100.25")
		}
	})
}
