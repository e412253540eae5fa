package cache

import (
	"math"
	"time"
	"weak"
)

// Entries expire by being looked at: a reader takes one past its deadline for absent. To
// give back their room, one timer a cache looks over all entries when the first of them
// is due, but at most once a second and, while any has a deadline, at least once a minute.
const (
	sweepSoonest = time.Second
	sweepLatest  = time.Minute
	sweepChunk   = 512 // entries looked at under one lock
)

// fresh reports whether entry n has not expired.
func (c *Cache[K, V]) fresh(t *table[K, V], n uint16) bool {
	d := t.deadline(n)
	return d == 0 || c.clock.before(d)
}

// deadlineIn returns the time that is ttl from now.
func (c *Cache[K, V]) deadlineIn(ttl time.Duration) int64 {
	if d := c.clock.exact() + int64(ttl); d > 0 {
		return d
	}
	return math.MaxInt64
}

// needDeadlines gives every table a place for deadlines.
func (c *Cache[K, V]) needDeadlines() {
	if c.timed.Load() {
		return
	}
	c.resizing.Lock()
	defer c.resizing.Unlock()
	for s := range c.shards.Load().each {
		c.enter(s)
		if t := s.table.Load(); t.deadlineAt == 0 {
			s.rebuild(newLayout[K, V](true, c.opts.Weight != nil), t.size)
		}
		s.mu.Unlock()
	}
	c.timed.Store(true)
}

// expect sees to it that an entry of this deadline is removed some time after it.
func (c *Cache[K, V]) expect(deadline int64) {
	if c.sweeping.Load() || !c.sweeping.CompareAndSwap(false, true) {
		return
	}
	in := min(max(time.Duration(deadline-c.clock.read())+c.opts.Stale, sweepSoonest), sweepLatest)
	cache := weak.Make(c)
	time.AfterFunc(in, func() {
		if c := cache.Value(); c != nil {
			c.sweep()
		}
	})
}

// sweep removes what has expired and can't be given out stale any more.
func (c *Cache[K, V]) sweep() {
	c.sweeping.Store(false) // what is set from here on sees to itself
	next := int64(math.MaxInt64)
	all := c.shards.Load()
	for s := range all.each {
		for from := 0; from < tableLimit; from += sweepChunk {
			c.enter(s)
			end := min(from+sweepChunk, s.unused)
			for n := from; n < end; n++ {
				next = min(next, c.expire(s, uint16(n)))
			}
			done := end == s.unused
			c.unlock(s)
			if done {
				break
			}
		}
	}
	if all != c.shards.Load() {
		next = 0 // Resize has dealt the entries anew
	}
	if next != math.MaxInt64 {
		c.expect(next)
	}
}

// expire removes entry n if it is due. It returns the deadline of one that stays.
func (c *Cache[K, V]) expire(s *shard[K, V], n uint16) int64 {
	d := s.table.Load().deadline(n)
	if d == 0 || !s.policy.holds(n) {
		return math.MaxInt64
	}
	if d > math.MaxInt64-int64(c.opts.Stale) || c.clock.before(d+int64(c.opts.Stale)) {
		return d
	}
	c.drop(s, n, Expired)
	return math.MaxInt64
}
