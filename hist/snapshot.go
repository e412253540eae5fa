package hist

import (
	"fmt"
	"iter"
	"math"
	"slices"
)

// A Snapshot is a distribution of values. It never changes, so any goroutine may ask it.
// The zero Snapshot is of no value at all.
type Snapshot struct {
	buckets []bucket // those that are not empty, ascending
	count   uint64
	sum     float64
}

type bucket struct {
	index int
	count uint64
}

// append adds the tallies of a row that is above all there are.
func (s *Snapshot) append(row int, sum *[rowSize]tally) {
	for b, t := range sum {
		if t.number == 0 {
			continue
		}
		index := row*rowSize + b
		s.buckets = append(s.buckets, bucket{index, t.number})
		s.count += t.number
		s.sum += sumOf(index, t.number, t.offset)
	}
}

// Count returns the number of values.
func (s Snapshot) Count() uint64 { return s.count }

// Sum returns the sum of the values, within 1/32,768 of the exact one.
func (s Snapshot) Sum() float64 { return s.sum }

// Mean returns the mean of the values, within 1/32,768 of the exact one; 0 if there are none.
func (s Snapshot) Mean() float64 {
	if s.count == 0 {
		return 0
	}
	return s.sum / float64(s.count)
}

// Quantile returns the smallest recorded value v such that at least a fraction q of the
// values are ≤ v; of no values it is 0. So Quantile(0) is the smallest value, Quantile(1)
// the greatest. The result is within 1/128 of the exact value, and exact if that is below
// 128. It takes time proportional to the number of buckets in use and does not allocate. It
// panics if q is not in [0,1].
func (s Snapshot) Quantile(q float64) int64 {
	if !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("hist: quantile %v is not in [0,1]", q))
	}
	rank := uint64(max(1, math.Ceil(q*float64(s.count))))
	for _, b := range s.buckets {
		if b.count >= rank {
			return middle(b.index)
		}
		rank -= b.count
	}
	if len(s.buckets) == 0 {
		return 0
	}
	return middle(s.buckets[len(s.buckets)-1].index) // q*count was rounded up, beyond 2^53 values
}

// AtMost returns how many values are ≤ v. It is exact if v is the greatest value of its
// bucket, as all v < 128 are, and one less than a power of two; otherwise values of v's
// bucket count in proportion to how much of it is ≤ v.
func (s Snapshot) AtMost(v int64) uint64 {
	var n uint64
	for _, b := range s.buckets {
		lo, hi := limits(b.index)
		if hi > v {
			if lo <= v {
				n += uint64(float64(b.count) * (float64(v-lo+1) / float64(hi-lo+1)))
			}
			break
		}
		n += b.count
	}
	return n
}

// A Bucket is a number of values that lie from Min to Max, both included.
type Bucket struct {
	Min, Max int64
	Count    uint64
}

// Buckets returns the buckets that are not empty, in ascending order. Buckets of different
// snapshots are the same or do not overlap.
func (s Snapshot) Buckets() iter.Seq[Bucket] {
	return func(yield func(Bucket) bool) {
		for _, b := range s.buckets {
			lo, hi := limits(b.index)
			if !yield(Bucket{lo, hi, b.count}) {
				return
			}
		}
	}
}

// Merge returns the distribution of the values of both.
func (s Snapshot) Merge(other Snapshot) Snapshot {
	r := Snapshot{
		buckets: make([]bucket, 0, max(len(s.buckets), len(other.buckets))),
		count:   s.count + other.count,
		sum:     s.sum + other.sum,
	}
	a, b := s.buckets, other.buckets
	for len(a) > 0 && len(b) > 0 {
		switch x, y := a[0], b[0]; {
		case x.index < y.index:
			r.buckets, a = append(r.buckets, x), a[1:]
		case x.index > y.index:
			r.buckets, b = append(r.buckets, y), b[1:]
		default:
			r.buckets = append(r.buckets, bucket{x.index, x.count + y.count})
			a, b = a[1:], b[1:]
		}
	}
	r.buckets = append(append(r.buckets, a...), b...)
	return r
}

// Sub returns the distribution of the values that s has and earlier does not: if both are
// snapshots of one histogram, those recorded between them. If earlier is not an earlier
// snapshot of the same, as when a process was started again and counts from the beginning,
// the result is s.
func (s Snapshot) Sub(earlier Snapshot) Snapshot {
	r := Snapshot{buckets: make([]bucket, 0, len(s.buckets))}
	e := earlier.buckets
	for _, b := range s.buckets {
		if len(e) > 0 && e[0].index == b.index {
			if e[0].count > b.count {
				return s
			}
			b.count -= e[0].count
			e = e[1:]
		}
		if b.count > 0 {
			r.buckets = append(r.buckets, b)
			r.count += b.count
		}
	}
	if len(e) > 0 { // of a bucket that s does not have
		return s
	}
	r.buckets = slices.Clip(r.buckets)
	if r.count > 0 {
		r.sum = r.clamp(s.sum - earlier.sum)
	}
	return r
}

// clamp returns what is nearest to sum that the sum of the values can be: differences of
// large sums are rounded.
func (s Snapshot) clamp(sum float64) float64 {
	var lo, hi float64
	for b := range s.Buckets() {
		lo += float64(b.Min) * float64(b.Count)
		hi += float64(b.Max) * float64(b.Count)
	}
	return min(max(sum, lo), hi)
}
