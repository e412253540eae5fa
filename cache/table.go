package cache

import (
	"math/bits"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// A table holds the entries of one shard: an index of buckets and an array of entries.
//
// A bucket is half a cache line: up to eight entries by number, and for each one byte of
// its hash, so that one comparison of a word finds the candidates. An entry that finds its
// bucket full goes to a following one, and each bucket it had to pass counts it.
//
// Readers take no lock. They read the tags, the entry's number and the entry, and then
// the bucket's sequence number once more: it has moved if the entry was given to another
// key or its value was being replaced. Entries never move between buckets, so a key that
// is present all the time is found all the time. Writers hold the shard's lock.
//
// The entries lie in memory of a type made at run time (layout.go), so that a cache pays
// only for the fields it uses and the collector skips what has no pointers.
type table[K comparable, V any] struct {
	buckets []bucket
	entries unsafe.Pointer // the first of size entries
	size    int
	frozen  atomic.Bool // see overwrite
	*layout

	// What read needs of the layout, where it lies with the rest.
	stride, deadlineAt uintptr
	valueHow           copyHow
	simple             bool
}

type bucket struct {
	tags   atomic.Uint64    // a byte an entry, 0: none
	number [2]atomic.Uint64 // 16 bits an entry
	seq    atomic.Uint32    // odd while a value is being replaced
	passed atomic.Uint32    // entries that passed this bucket because it was full
}

const (
	tableLimit = 1<<16 - 1 // the most entries of a table: their numbers have 16 bits
	lowBytes   = 0x0101010101010101
	highBits   = 0x8080808080808080
)

func newTable[K comparable, V any](l *layout, size int) *table[K, V] {
	return &table[K, V]{
		buckets: make([]bucket, size/6+1), // three quarters full
		entries: l.allocate(size),
		size:    size,
		layout:  l,
		stride:  l.stride, deadlineAt: l.deadlineAt, valueHow: l.values.how, simple: l.simple,
	}
}

// home returns the number of the bucket where a key of hash h belongs.
func (t *table[K, V]) home(h uint64) int {
	return int(uint64(uint32(h>>8)) * uint64(len(t.buckets)) >> 32)
}

// bucket returns the home of a key of hash h.
func (t *table[K, V]) bucket(h uint64) *bucket {
	return (*bucket)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(t.buckets)), uintptr(t.home(h))*unsafe.Sizeof(bucket{})))
}

func (t *table[K, V]) after(i int) int {
	if i++; i == len(t.buckets) {
		return 0
	}
	return i
}

func (t *table[K, V]) at(n uint16) unsafe.Pointer {
	return unsafe.Add(t.entries, uintptr(n)*t.stride)
}

func (t *table[K, V]) head(n uint16) *head { return (*head)(t.at(n)) }

func (t *table[K, V]) entry(n uint16) *entry[K, V] { return (*entry[K, V])(t.at(n)) }

func (t *table[K, V]) key(n uint16) K { return load(&t.entry(n).key, &t.keys) }

func (t *table[K, V]) value(n uint16) V { return load(&t.entry(n).value, &t.values) }

// deadline returns when entry n expires, 0 for never.
func (t *table[K, V]) deadline(n uint16) int64 {
	if t.deadlineAt == 0 {
		return 0
	}
	return (*atomic.Int64)(unsafe.Add(t.at(n), t.deadlineAt)).Load()
}

func (t *table[K, V]) setDeadline(n uint16, at int64) {
	if t.deadlineAt != 0 {
		(*atomic.Int64)(unsafe.Add(t.at(n), t.deadlineAt)).Store(at)
	}
}

// deferDeadline changes the deadline of entry n if it still is what the reader saw.
func (t *table[K, V]) deferDeadline(n uint16, old, to int64) {
	(*atomic.Int64)(unsafe.Add(t.at(n), t.deadlineAt)).CompareAndSwap(old, to)
}

// weight returns what entry n weighs. Under the shard's lock.
func (t *table[K, V]) weight(n uint16) uint32 {
	if t.weightAt == 0 {
		return 1
	}
	return *(*uint32)(unsafe.Add(t.at(n), t.weightAt))
}

func (t *table[K, V]) setWeight(n uint16, w uint32) {
	if t.weightAt != 0 {
		*(*uint32)(unsafe.Add(t.at(n), t.weightAt)) = w
	}
}

// tagOf returns the byte that stands for a hash, at least 2; see candidates.
func tagOf(h uint64) uint64 { return max(h&0xff, 2) }

// candidates returns a word whose high bits mark the bytes of tags that may equal tag. A
// byte above an equal one is marked wrongly if it differs from tag by 1. That is another
// entry, whose key is compared anyway; no free way, which is 0, since tags are at least 2.
func candidates(tags, tag uint64) uint64 {
	x := tags ^ tag*lowBytes
	return (x - lowBytes) &^ x & highBits
}

func (b *bucket) entry(way int) uint16 {
	return uint16(b.number[way>>2].Load() >> (way & 3 * 16))
}

func (b *bucket) setEntry(way int, n uint16) {
	w, shift := &b.number[way>>2], way&3*16
	set64(w, w.Load()&^(0xffff<<shift)|uint64(n)<<shift)
}

func (b *bucket) tag(way int) uint64 { return b.tags.Load() >> (way * 8) & 0xff }

func (b *bucket) setTag(way int, tag uint64) {
	set64(&b.tags, b.tags.Load()&^(0xff<<(way*8))|tag<<(way*8))
}

// get finds key without a lock, whatever writers do meanwhile.
//
//go:noinline
func (t *table[K, V]) get(h uint64, key K) (value V, n uint16, deadline int64, ok bool) {
	i, tag := t.home(h), tagOf(h)
	var k cell[K]
	var v cell[V]
	for range t.buckets {
		b := &t.buckets[i]
	again:
		seq := b.seq.Load()
		for m := candidates(b.tags.Load(), tag); m != 0; m &= m - 1 {
			n = b.entry(bits.TrailingZeros64(m) >> 3)
			e := t.entry(n)
			k.load(&e.key, &t.keys)
			v.load(&e.value, &t.values)
			deadline = t.deadline(n)
			if b.seq.Load() != seq || seq&1 != 0 {
				runtime.Gosched()
				goto again
			}
			if k.v == key {
				return v.v, n, deadline, true
			}
		}
		if b.passed.Load() == 0 {
			break
		}
		i = t.after(i)
	}
	var none V
	return none, 0, 0, false
}

// A place is where the index names an entry.
type place struct {
	bucket *bucket
	way    int
}

// find finds key. Under the shard's lock.
func (t *table[K, V]) find(h uint64, key K) (p place, n uint16, ok bool) {
	i, tag := t.home(h), tagOf(h)
	for range t.buckets {
		b := &t.buckets[i]
		for m := candidates(b.tags.Load(), tag); m != 0; m &= m - 1 {
			way := bits.TrailingZeros64(m) >> 3
			if n = b.entry(way); t.key(n) == key {
				return place{b, way}, n, true
			}
		}
		if b.passed.Load() == 0 {
			break
		}
		i = t.after(i)
	}
	return place{}, 0, false
}

// locate finds the place of entry n, whose key has hash h.
func (t *table[K, V]) locate(h uint64, n uint16) place {
	i := t.home(h)
	for {
		b := &t.buckets[i]
		for m := candidates(b.tags.Load(), tagOf(h)); m != 0; m &= m - 1 {
			if way := bits.TrailingZeros64(m) >> 3; b.entry(way) == n {
				return place{b, way}
			}
		}
		i = t.after(i)
	}
}

// fill writes entry n, which the index does not name yet.
func (t *table[K, V]) fill(n uint16, x *item[K, V]) {
	e := t.entry(n)
	store(&e.key, x.key, &t.keys)
	store(&e.value, x.value, &t.values)
	t.setDeadline(n, x.deadline)
	t.setWeight(n, x.weight)
}

// link makes the index name entry n. Readers see it from here on.
func (t *table[K, V]) link(h uint64, n uint16) {
	for i := t.home(h); ; i = t.after(i) {
		b := &t.buckets[i]
		tags := b.tags.Load()
		if free := (tags - lowBytes) &^ tags & highBits; free != 0 {
			way := bits.TrailingZeros64(free) >> 3
			b.setEntry(way, n)
			b.setTag(way, tagOf(h))
			return
		}
		b.passed.Add(1)
	}
}

// unlink takes the entry at p out of the index. What is in the entry may be overwritten
// from here on: readers that are in it will see the sequence number move, and a writer that
// is in it without the shard's lock is waited for.
func (t *table[K, V]) unlink(h uint64, p place) {
	p.bucket.setTag(p.way, 0)
	p.bucket.leave(2)
	for i := t.home(h); &t.buckets[i] != p.bucket; i = t.after(i) {
		t.buckets[i].passed.Add(^uint32(0))
	}
}

// replace gives the entry at p another value.
func (t *table[K, V]) replace(p place, n uint16, x *item[K, V]) {
	to := &t.entry(n).value
	t.setWeight(n, x.weight)
	if t.deadlineAt == 0 && unsafe.Sizeof(cell[V]{}) == wordSize {
		store(to, x.value, &t.values) // one word: no reader can see half of it
		return
	}
	seq := p.bucket.seq.Add(1)
	store(to, x.value, &t.values)
	t.setDeadline(n, x.deadline)
	set32(&p.bucket.seq, seq+1)
}

// erase drops what the unlinked entry n refers to.
func (t *table[K, V]) erase(n uint16) {
	var key K
	var value V
	if t.keys.how != copyPlain {
		store(&t.entry(n).key, key, &t.keys)
	}
	if t.values.how != copyPlain {
		store(&t.entry(n).value, value, &t.values)
	}
}

// copyTo copies entry n to entry m of another table, head and all.
func (t *table[K, V]) copyTo(n uint16, to *table[K, V], m uint16) {
	to.fill(m, &item[K, V]{key: t.key(n), value: t.value(n), deadline: t.deadline(n), weight: t.weight(n)})
	from, h := t.head(n), to.head(m)
	set32(&h.meta, from.meta.Load())
	h.prev, h.next = from.prev, from.next
}
