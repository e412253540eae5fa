package first

import (
	"sync"
	"testing"
)

// crowd calls f in four goroutines that begin together.
func crowd(f func()) {
	var ready, done sync.WaitGroup
	start := make(chan bool)
	for range 4 {
		ready.Add(1)
		done.Go(func() { ready.Done(); <-start; f() })
	}
	ready.Wait()
	close(start)
	done.Wait()
}

func BenchmarkRates(b *testing.B) {
	for b.Loop() {
		if Rates().sum == 1 || Name("x") == nil {
			b.Fatal()
		}
	}
}

func BenchmarkFees(b *testing.B) {
	for b.Loop() {
		crowd(func() { Fees() })
	}
}

func BenchmarkLimits(b *testing.B) {
	for b.Loop() {
		crowd(func() { Limits() })
	}
}
