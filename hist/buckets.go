package hist

import "math/bits"

// Values of the same bit length lie in a row of 64 buckets, and the six bits after the
// leading one choose the bucket. The next eight bits are the value's offset in the bucket,
// in 1/256 of its width.
const (
	rowBits    = 6
	rowSize    = 1 << rowBits
	rows       = 64 // bit lengths 0 to 63, of all int64 that are not negative
	offsetBits = 8
	offsets    = 1 << offsetBits
)

// split returns the row and the bucket of u, and its offset there.
func split(u uint64) (row, bucket, offset uint64) {
	n := uint64(bits.Len64(u))
	x := u << (64 - n)
	return n, x >> (63 - rowBits) % rowSize, x >> (63 - rowBits - offsetBits) % offsets
}

// indexOf returns the number of v's bucket; numbers rise with the values.
func indexOf(v int64) int {
	row, bucket, _ := split(uint64(max(v, 0)))
	return int(row*rowSize + bucket)
}

// limits returns the least and the greatest value of the bucket of a number that indexOf
// may return.
func limits(index int) (lo, hi int64) {
	n, bucket := index/rowSize, index%rowSize
	if n == 0 {
		return 0, 0
	}
	top := uint64(rowSize | bucket) // the leading one and the bits after it
	if n <= rowBits+1 {
		lo = int64(top >> (rowBits + 1 - n))
		return lo, lo
	}
	width := uint64(1) << (n - rowBits - 1)
	lo = int64(top * width)
	return lo, lo + int64(width-1)
}

// middle returns the value that stands for those of a bucket.
func middle(index int) int64 {
	lo, hi := limits(index)
	return lo + (hi-lo)/2
}

// sumOf returns the sum of count values of a bucket whose offsets add up to offset.
func sumOf(index int, count, offset uint64) float64 {
	lo, hi := limits(index)
	step := float64(hi-lo+1) / offsets
	if step <= 1 { // offsets are exact
		return float64(lo)*float64(count) + step*float64(offset)
	}
	return float64(lo)*float64(count) + step*float64(offset) + (step-1)/2*float64(count)
}
