package cache

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestClock: it is late by a tick at most, never goes back, and stands still two ticks after
// it was read last.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock()
		start, last := time.Now(), int64(0)
		for i := range 2000 {
			now := c.read()
			late := int64(time.Since(start)) - now
			if late > int64(tick)+4*turns || late < -2 || now < last || now&1 != 0 || now < 2 {
				t.Fatalf("reading %d: %d after %d, %v late", i, now, last, time.Duration(late))
			}
			last = now
			time.Sleep([]time.Duration{0, 1, 300 * time.Microsecond, tick, tick + 1, 3 * tick, time.Hour}[i%7])
		}
		time.Sleep(2 * tick)
		synctest.Wait()
		if n := c.now.Load(); n != standing {
			t.Errorf("it ticks, at %d, though nobody reads it", n)
		}
	})
}

// TestQuietCache: a cache that nobody uses has no timer running but the one for what expires.
func TestQuietCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(10, &Options[int, int]{TTL: time.Second})
		c.Set(1, 1)
		c.Get(1)
		if c.clock.now.Load() == standing {
			t.Error("the clock stands still while it is read")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if c.clock.now.Load() != standing || c.sweeping.Load() || c.Len() != 0 {
			t.Errorf("after a minute: clock %d, sweep due %v, %d entries", c.clock.now.Load(), c.sweeping.Load(), c.Len())
		}
	})
}
