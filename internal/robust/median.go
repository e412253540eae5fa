package robust

import (
	"math"
	"slices"
)

// An Estimate is a figure with the interval in which it truly lies, in the same unit, with
// a confidence that the function which returns it states.
type Estimate struct{ Value, Lo, Hi float64 }

// Median returns the middle of the values, the mean of the two if there are two, and NaN if
// there are none. The values stay in their order.
func Median[T ~int64 | ~float64](values []T) float64 {
	return middle(slices.Sorted(slices.Values(values)))
}

// middle is Median of sorted values.
func middle[T ~int64 | ~float64](sorted []T) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (float64(sorted[(n-1)/2]) + float64(sorted[n/2])) / 2
}

// Quantile returns the least of the values that a share q of them, or more, does not exceed:
// the first of all for a q of 0, the last for 1. It is always one of them: unlike [Median] it
// never takes the mean of two. It panics if there are no values.
func Quantile[T ~int64 | ~float64](values []T, q float64) T {
	return quantile(slices.Sorted(slices.Values(values)), q)
}

// quantile is Quantile of sorted values.
func quantile[T ~int64 | ~float64](sorted []T, q float64) T {
	// A q that has no finite binary form must not round up to the next rank.
	rank := math.Ceil(q*float64(len(sorted)) - 1e-9)
	return sorted[max(0, min(len(sorted), int(rank))-1)]
}

// MedianInterval returns the median of the values with an interval between two of them that
// holds the median of what they were drawn from with 95 % confidence or more, whatever its
// distribution: as many of the lowest and of the highest are left out as a binomial
// distribution allows, of 15 values three each. Less than six values cannot tell so much:
// the interval is from the least to the greatest, with 94 % of five and 75 % of three. Of
// none, all is NaN.
//
// Hollander, Wolfe, Nonparametric statistical methods, 1999, section 3.6.
func MedianInterval(values []float64) Estimate {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return Estimate{math.NaN(), math.NaN(), math.NaN()}
	}
	k := leftOut(n)
	return Estimate{middle(sorted), sorted[k], sorted[n-1-k]}
}

// leftOut returns how many of n values may be left out at each end so that the median is
// below or above the others with 5 % probability at most.
func leftOut(n int) int {
	exactly := math.Exp2(-float64(n)) // that k of the values are below the median
	below := exactly                  // that k or less are
	k := 0
	for below <= 0.025 && exactly > 0 {
		k++
		exactly *= float64(n-k+1) / float64(k)
		below += exactly
	}
	return max(0, k-1)
}
