package hist

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// A Histogram counts values. The zero Histogram is empty and ready to use; it must not be
// copied. Any number of goroutines may use it at the same time.
type Histogram struct {
	stripes [stripes]atomic.Pointer[stripe]

	mu      sync.Mutex    // guards what follows, and that a snapshot sees a word before or after its spilling
	spilled map[int]tally // by number of the bucket: what words could not hold
	inUse   int           // buckets, by the last snapshot
}

const stripes = 16

// A stripe holds what some of the goroutines have recorded.
type stripe struct {
	rows [rows]atomic.Pointer[row]
}

// A row counts the values of one bit length. A word has the number of the values of a
// bucket in its low 28 bits and the sum of their offsets in the others, so that one addition
// counts both. It is emptied into spilled when the number reaches 2^27, long before
// either part can overflow.
type row [rowSize]atomic.Uint64

const (
	numberBits = 28
	numberMask = 1<<numberBits - 1
	fullBit    = 1 << (numberBits - 1)
)

// A tally is a number of values of one bucket and the sum of their offsets.
type tally struct{ number, offset uint64 }

func (t *tally) add(word uint64) {
	t.number += word & numberMask
	t.offset += word >> numberBits
}

// Record counts v; a negative v counts as 0. It takes about 4 ns, and allocates only when a
// goroutine is the first of its stripe to record a value of v's magnitude.
func (h *Histogram) Record(v int64) {
	n, bucket, offset := split(uint64(max(v, 0)))
	if s := h.stripes[stripeNumber()].Load(); s != nil {
		if r := s.rows[n].Load(); r != nil {
			if r[bucket].Add(offset<<numberBits|1)&fullBit != 0 {
				h.empty(&r[bucket], int(n*rowSize+bucket))
			}
			return
		}
	}
	h.first(n)[bucket].Add(offset<<numberBits | 1)
}

// stripeNumber returns a number that is mostly the same for the same goroutine and another for
// others: where its stack lies, by Fibonacci hashing, which keeps neighbours apart.
func stripeNumber() uintptr {
	var here byte
	return uintptr(uint64(uintptr(unsafe.Pointer(&here))>>11) * 0x9e3779b97f4a7c15 >> 60)
}

// first returns the row for values of bit length n, made if it is not there.
func (h *Histogram) first(n uint64) *row {
	p := &h.stripes[stripeNumber()]
	if p.Load() == nil {
		p.CompareAndSwap(nil, new(stripe))
	}
	r := &p.Load().rows[n]
	if r.Load() == nil {
		r.CompareAndSwap(nil, new(row))
	}
	return r.Load()
}

// empty moves what is in word, of the bucket of index, to where there is room.
func (h *Histogram) empty(word *atomic.Uint64, index int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.spilled == nil {
		h.spilled = map[int]tally{}
	}
	t := h.spilled[index]
	t.add(word.Swap(0))
	h.spilled[index] = t
}

// Snapshot returns what was recorded until now. It takes a few microseconds, more if many
// goroutines have recorded, and one allocation unless new buckets came into use. It does not
// hold up those who record; what they record meanwhile is in it or not, but never in part.
func (h *Histogram) Snapshot() Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	var s Snapshot
	if h.inUse > 0 {
		s.buckets = make([]bucket, 0, h.inUse)
	}
	var sum [rowSize]tally
	for n := range rows {
		if h.row(n, &sum) {
			s.append(n, &sum)
		}
	}
	h.inUse = len(s.buckets)
	return s
}

// row puts what was recorded in the buckets of a row into sum, and reports whether there may
// be anything; if not, sum is left as it is.
func (h *Histogram) row(n int, sum *[rowSize]tally) (some bool) {
	for i := range h.stripes {
		s := h.stripes[i].Load()
		if s == nil {
			continue
		}
		r := s.rows[n].Load()
		if r == nil {
			continue
		}
		if !some {
			some = true
			clear(sum[:])
		}
		for b := range r {
			sum[b].add(r[b].Load())
		}
	}
	if some && len(h.spilled) > 0 {
		for b := range sum {
			t := h.spilled[n*rowSize+b]
			sum[b].number += t.number
			sum[b].offset += t.offset
		}
	}
	return some
}
