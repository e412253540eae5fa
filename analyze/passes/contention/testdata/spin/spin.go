// Package spin has goroutines that try again and again instead of waiting.
package spin

import (
	"runtime"
	"sync/atomic"
)

// A Gate lets one goroutine after the other through.
type Gate struct{ held atomic.Int32 }

// Enter waits until the gate is free.
func (g *Gate) Enter() {
	for !g.held.CompareAndSwap(0, 1) { // want contention/spin
		for range 8 {
			runtime.Gosched()
		}
	}
}

// Leave opens the gate.
func (g *Gate) Leave() { g.held.Store(0) }

// A Session sends messages from a queue; its writer takes them when it can.
type Session struct {
	queue  chan string
	wake   chan struct{}
	stop   chan struct{}
	out    chan string
	unsent []string
}

// NewSession starts a session, which sends to out until stop is closed.
func NewSession(out chan string, stop chan struct{}) *Session {
	s := &Session{queue: make(chan string), wake: make(chan struct{}, 1), stop: stop, out: out}
	go s.run()
	return s
}

// Send queues a message.
func (s *Session) Send(m string) { s.queue <- m }

func (s *Session) run() {
	for { // want contention/spin
		select {
		case m := <-s.queue:
			s.unsent = append(s.unsent, m)
			s.flush()
		case <-s.wake:
			s.flush()
		case <-s.stop:
			return
		}
	}
}

// flush sends what the writer takes at once, and has itself called again for the rest.
func (s *Session) flush() {
	for i, m := range s.unsent {
		select {
		case s.out <- m:
		default:
			s.unsent = s.unsent[i:]
			s.again()
			return
		}
	}
	s.unsent = s.unsent[:0]
}

func (s *Session) again() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// A Latch is opened once.
type Latch struct{ open atomic.Bool }

// Open opens the latch.
func (l *Latch) Open() { l.open.Store(true) }

// Wait waits until it is open.
func (l *Latch) Wait() {
	for turns := 0; ; turns++ { // want contention/spin
		if l.isOpen() {
			return
		}
	}
}

func (l *Latch) isOpen() bool { return l.open.Load() }

// Next returns the next value.
func Next(values <-chan int) int {
	for { // want contention/spin
		select {
		case v := <-values:
			return v
		default:
		}
	}
}
