package spin

import (
	"testing"
	"time"
)

// BenchmarkGate has one goroutine keep the gate while another waits for it.
func BenchmarkGate(b *testing.B) {
	var g Gate
	for b.Loop() {
		g.Enter()
		time.AfterFunc(time.Millisecond, g.Leave)
		g.Enter()
		g.Leave()
	}
}

// BenchmarkSession has a writer that is slower than the session.
func BenchmarkSession(b *testing.B) {
	out, stop := make(chan string), make(chan struct{})
	defer close(stop)
	s := NewSession(out, stop)
	for b.Loop() {
		s.Send("order")
		time.Sleep(time.Millisecond)
		<-out
	}
}

// BenchmarkLatch opens the latch from elsewhere.
func BenchmarkLatch(b *testing.B) {
	for b.Loop() {
		var l Latch
		time.AfterFunc(time.Millisecond, l.Open)
		l.Wait()
	}
}

// BenchmarkNext has a value come now and then.
func BenchmarkNext(b *testing.B) {
	values := make(chan int, 1)
	for b.Loop() {
		time.AfterFunc(time.Millisecond, func() { values <- 1 })
		Next(values)
	}
}
