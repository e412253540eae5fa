package measure

import "math/bits"

// A hist counts durations in nanoseconds in 16 buckets an octave, exact below 16 and to
// 6 % above.
type hist [61 * 16]int64

func (h *hist) add(ns int64) {
	if ns < 16 {
		h[max(ns, 0)]++
		return
	}
	octave := bits.Len64(uint64(ns)) - 1
	h[(octave-3)*16+int(ns>>(octave-4)&15)]++
}

// quantile returns the lower end of the bucket that holds the quantile q in [0,1]; 0 of an
// empty histogram.
func (h *hist) quantile(q float64) float64 {
	var n, sum int64
	for _, c := range h {
		n += c
	}
	want := min(n-1, int64(q*float64(n)))
	for i, c := range h {
		if sum += c; sum > want && c > 0 {
			if i < 16 {
				return float64(i)
			}
			return float64(int64(16+i%16) << (i/16 - 1))
		}
	}
	return 0
}
