package hist

import (
	"math"
	"slices"
)

// Width is how far a value may be from the one that stands for it, in parts of it.
const Width = 1.0 / (2 * rowSize)

// NearlyFull makes the words of all rows lack a few values until they are emptied, as if n
// values of offset 0 had been recorded in each bucket of value v, and returns n.
func (h *Histogram) NearlyFull(v int64) (n uint64) {
	row, bucket, _ := split(uint64(v))
	for i := range h.stripes {
		if s := h.stripes[i].Load(); s != nil {
			if r := s.rows[row].Load(); r != nil {
				r[bucket].Add(fullBit - 100)
				n += fullBit - 100
			}
		}
	}
	return n
}

// Spilled reports whether a word of v was emptied.
func (h *Histogram) Spilled(v int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.spilled[indexOf(v)].number > 0
}

// Limits returns the least and the greatest value of v's bucket.
func Limits(v int64) (lo, hi int64) { return limits(indexOf(v)) }

// Equal reports whether s and t have the same buckets and, but for rounding, the same sum.
func (s Snapshot) Equal(t Snapshot) bool {
	return slices.Equal(s.buckets, t.buckets) && s.count == t.count &&
		math.Abs(s.sum-t.sum) <= 1e-9*math.Abs(s.sum)
}
