package cache

import (
	"math/bits"
	"runtime"
	"unsafe"
)

// Most keys that are set are there already. Where a value is one word and nobody asks what
// becomes of the old one, it is replaced without the shard's lock: the bucket's sequence
// number, made odd by a compare-and-swap, is a lock of the bucket for as long as it takes to
// write the word. What takes an entry out of the index waits for it (table.unlink), and what
// must see no value change freezes the table.

// overwrite gives key another value, if that is all there is to do.
func (c *Cache[K, V]) overwrite(h uint64, key K, value V) bool {
	s := c.shards.Load().of(h)
	t := s.table.Load()
	n, ok := t.overwrite(h, key, value)
	if !ok {
		return false
	}
	if e := t.head(n); e.untouched(s.epoch.Load()) {
		c.touch(s, e, n)
	}
	if s.touches.many() && s.mu.TryLock() { // else who takes the lock would have it all to do
		s.drain()
		s.mu.Unlock()
	}
	return true
}

// overwrite replaces the value of key, if it is in the bucket where it belongs and no other
// writer is there. It needs no lock.
func (t *table[K, V]) overwrite(h uint64, key K, value V) (n uint16, ok bool) {
	l := t.layout
	if unsafe.Sizeof(cell[V]{}) != wordSize || l.deadlineAt != 0 {
		return 0, false
	}
	b := t.bucket(h)
	seq, tags := b.seq.Load(), b.tags.Load()
	for m := candidates(tags, tagOf(h)); m != 0; m &= m - 1 {
		way := bits.TrailingZeros64(m) >> 3
		n = b.entry(way)
		e := t.entry(n)
		k := load(&e.key, &l.keys)
		if seq&1 != 0 || b.seq.Load() != seq { // the key may be half of one and half of another
			break
		}
		if k != key {
			continue
		}
		if !b.seq.CompareAndSwap(seq, seq+1) {
			break
		}
		if ok = !t.frozen.Load() && b.tag(way) == tagOf(h); ok {
			store(&e.value, value, &l.values)
		}
		set32(&b.seq, seq+2)
		return n, ok
	}
	return 0, false
}

// freeze keeps values as they are until thaw: when it returns, no writer without the
// shard's lock is in the table, and none can enter. Under that lock.
func (t *table[K, V]) freeze() {
	t.frozen.Store(true)
	for i := range t.buckets {
		t.buckets[i].leave(0)
	}
}

func (t *table[K, V]) thaw() { t.frozen.Store(false) }

// leave waits until nobody is writing in the bucket, and then counts n, which is even, on
// its sequence number.
func (b *bucket) leave(n uint32) {
	for {
		if seq := b.seq.Load(); seq&1 == 0 && b.seq.CompareAndSwap(seq, seq+n) {
			return
		}
		runtime.Gosched()
	}
}
