package cache

import (
	"math/bits"
	"sync/atomic"
	"unsafe"
)

// read is what Get and GetOrLoad have in common: it looks key up and takes note of the hit,
// or counts so many misses. It also returns the key's hash and, of a hit, the deadline.
//
// A hit waits for memory: for the bucket, then for the entry, then for the bytes of its key.
// What counts is how many hits the processor has under way at a time, and so how few
// instructions each is. So what happens on nearly every hit stands here, without a call
// between, and what seldom happens is behind one branch: in attend, if the entry was found,
// or else in seek.
func (c *Cache[K, V]) read(key K, miss uint64) (value V, h uint64, deadline int64, ok bool) {
	if h, ok = c.hasher.Word(&key); !ok {
		h = c.hasher.Hash(key)
	}
	s := c.shards.Load().of(h)
	t := s.table.Load()
	if c.curve != nil {
		c.curve.observe(h)
	}
	if !t.simple {
		return c.seek(s, t, h, key, miss)
	}
	b := t.bucket(h)
	seq := b.seq.Load()
	for m := candidates(b.tags.Load(), tagOf(h)); m != 0; m &= m - 1 {
		n := b.entry(bits.TrailingZeros64(m) >> 3)
		at := unsafe.Add(t.entries, uintptr(n)*t.stride)
		e := (*entry[K, V])(at)
		if unsafe.Sizeof(e.key) == wordSize {
			if loadWord(&e.key) != key {
				continue
			}
		} else {
			k := loadPair(&e.key)
			if b.seq.Load() != seq {
				break // it may be half of one key and half of another
			}
			if k != key {
				continue
			}
		}
		switch unsafe.Sizeof(e.value) {
		case wordSize:
			if t.valueHow == copyPlain {
				value = loadWord(&e.value)
			} else {
				value = loadPointer(&e.value)
			}
		case 2 * wordSize:
			value = loadPair(&e.value)
		default:
			value = loadTriple(&e.value)
		}
		if t.deadlineAt != 0 {
			deadline = (*atomic.Int64)(unsafe.Add(at, t.deadlineAt)).Load()
		}
		meta := e.meta.Load()
		if b.seq.Load() != seq || seq&1 != 0 {
			break
		}
		now := c.clock.now.Load()
		if c.seldom(s, meta, deadline, now) && !c.attend(s, t, n, deadline) {
			break
		}
		if mayCount(h, now, s.counting.Load()) {
			s.count()
		}
		return value, h, deadline, true
	}
	return c.seek(s, t, h, key, miss)
}

// seek is read for all that is not simple.
//
//go:noinline
func (c *Cache[K, V]) seek(s *shard[K, V], t *table[K, V], h uint64, key K, miss uint64) (value V, _ uint64, deadline int64, ok bool) {
	value, n, deadline, ok := t.get(h, key)
	now := c.clock.now.Load()
	if ok && c.seldom(s, t.head(n).meta.Load(), deadline, now) {
		ok = c.attend(s, t, n, deadline)
	}
	if !ok {
		s.counters.misses.Add(miss)
		var none V
		return none, h, 0, false
	}
	if mayCount(h, now, s.counting.Load()) {
		s.count()
	}
	return value, h, deadline, true
}

// seldom reports whether a hit has something to attend to: the first since a tick of the clock,
// or of the entry in this epoch, or one whose deadline slides or is near.
func (c *Cache[K, V]) seldom(s *shard[K, V], meta uint32, deadline, now int64) bool {
	return uint32(now)&1|(meta^s.epoch.Load())&epochMask|uint32(deadline)&slides != 0 || uint64(deadline-1) < uint64(now+behind)
}

// attend does what a hit of entry n seldom asks for: it wakes the clock, tells the policy, and
// puts a sliding deadline off. It returns false if the entry has expired, which makes it no hit.
//
//go:noinline
func (c *Cache[K, V]) attend(s *shard[K, V], t *table[K, V], n uint16, deadline int64) bool {
	c.clock.read()
	if deadline != 0 && !c.clock.before(deadline) {
		return false
	}
	if deadline&slides != 0 {
		c.slide(t, n, deadline)
	}
	if e := t.head(n); e.untouched(s.epoch.Load()) {
		c.touch(s, e, n)
	}
	return true
}

// slides marks a deadline that reading puts off. Times without it are even.
const slides = 1

// slide puts the deadline of an entry off, unless little of its time is over.
func (c *Cache[K, V]) slide(t *table[K, V], n uint16, deadline int64) {
	now := c.clock.read()
	if c.idle < 16*behind {
		now = c.clock.exact()
	}
	if deadline-now < c.idle-c.idle/16 {
		t.deferDeadline(n, deadline, now+c.idle|slides)
	}
}
