package cache

import (
	"sync/atomic"
	"time"
)

// A clock tells the time since it was made, in nanoseconds, as of some milliseconds ago, for
// the price of an atomic load: reading the real clock costs as much as the rest of a hit. It
// ticks only while it is read, with no goroutine of its own, and uses monotonic time.
//
// Its ticks are timers, and while all processors are busy a timer waits until a goroutine has
// had its time slice: ticks of a millisecond were measured to come after 10 and up to 40. So
// whatever is due soon is compared with the real clock; see before. That also lets the ticks
// be seldom.
type clock struct {
	// now is the time; its lowest bit is set until the first reading after a tick, and the
	// four above are the turn of counters. It is standing while the clock stands still.
	now  atomic.Int64
	base time.Time
	turn uint64 // ticks that were; only the tick's, and that of wake which begins them
}

const (
	tick     = 8 * time.Millisecond
	standing = 1 // odd, so that reading has one thing to ask

	// behind is how late the clock is thought to be at most.
	behind = 16 * int64(tick)
)

func newClock() *clock {
	c := &clock{base: time.Now()}
	c.now.Store(standing)
	return c
}

// read returns the time, which is even and at least 2.
func (c *clock) read() int64 {
	if n := c.now.Load(); n&1 == 0 {
		return n
	}
	return c.wake()
}

// exact returns the time without delay, for the price of reading the real clock.
func (c *clock) exact() int64 { return int64(time.Since(c.base))&^1 + 2 }

// before reports whether it is before the time at: without delay, since the real clock is
// read where it could make a difference.
func (c *clock) before(at int64) bool {
	now := c.read()
	return now < at && (now+behind < at || c.exact() < at)
}

func (c *clock) wake() int64 {
	n := c.now.Load()
	if n != standing {
		c.now.CompareAndSwap(n, n&^1)
		return n &^ 1
	}
	t := c.exact()
	if c.now.CompareAndSwap(n, t) {
		time.AfterFunc(tick, c.tick)
	}
	return t
}

// tick moves the time on, or stops the clock if nobody has read it since the last tick.
func (c *clock) tick() {
	if n := c.now.Load(); n&1 == 1 && c.now.CompareAndSwap(n, standing) {
		return
	}
	c.turn++
	c.now.Store((c.exact()-2*turns)&^(2*turns-1) | int64(turnOf(c.turn))<<1 | 1)
	time.AfterFunc(tick, c.tick)
}
