// Package measure takes the figures of the comparison.
package measure

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Median returns the middle of the numbers, the mean of the two if there are two, and NaN
// if there are none.
func Median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(xs))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// A Ratio is how many times as long as a base something takes.
type Ratio struct {
	Value  float64 // ratio of the medians
	Lo, Hi float64 // 95 % interval
}

const resamples = 2000

// Compare returns the ratio of the medians of two series that were measured in the same
// rounds, one number a round, with the interval of the percentile bootstrap over rounds:
// rounds are drawn with their two numbers together, so that what slows a whole round
// cancels out. With less than six rounds the interval is too narrow. It panics if the
// series differ in length.
//
// Efron, Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
func Compare(xs, base []float64) Ratio {
	if len(xs) != len(base) {
		panic("measure: series of different rounds")
	}
	r := rand.New(rand.NewPCG(1, uint64(len(xs))))
	ratios := make([]float64, resamples)
	x, b := make([]float64, len(xs)), make([]float64, len(xs))
	for i := range ratios {
		for j := range xs {
			k := r.IntN(len(xs))
			x[j], b[j] = xs[k], base[k]
		}
		ratios[i] = Median(x) / Median(b)
	}
	slices.Sort(ratios)
	return Ratio{Median(xs) / Median(base), ratios[resamples*25/1000], ratios[resamples*975/1000-1]}
}

// Spread returns the 95 % interval of the median of a series, of which each number is a
// round's, by the same bootstrap.
func Spread(xs []float64) (lo, hi float64) {
	r := rand.New(rand.NewPCG(2, uint64(len(xs))))
	medians, x := make([]float64, resamples), make([]float64, len(xs))
	for i := range medians {
		for j := range xs {
			x[j] = xs[r.IntN(len(xs))]
		}
		medians[i] = Median(x)
	}
	slices.Sort(medians)
	return medians[resamples*25/1000], medians[resamples*975/1000-1]
}
