package cache

import (
	"sync/atomic"
	"time"
)

// A clock tells the time since it was made, in nanoseconds, as of at most about a
// millisecond ago, for the price of an atomic load: reading the real clock costs more than
// the rest of a hit. It ticks only while it is read, with no goroutine of its own, and
// uses monotonic time.
type clock struct {
	// now is the time, whose lowest bit is set until the first reading after a tick;
	// it is standing while the clock stands still.
	now  atomic.Int64
	base time.Time
}

const (
	tick     = time.Millisecond
	standing = 1 // odd, so that reading has one thing to ask
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

// exact returns the time without the millisecond's delay, for the price of reading the
// real clock.
func (c *clock) exact() int64 { return int64(time.Since(c.base))&^1 + 2 }

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
	c.now.Store(c.exact() | 1)
	time.AfterFunc(tick, c.tick)
}
