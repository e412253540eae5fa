// Package robust says what measurements say by their order, so that no outlier and no
// assumption about the noise decides: whether a series rises, where the middle of samples
// lies and how surely, and how many times one series is another.
package robust

import (
	"math"
	"slices"
)

// TheilSen returns the median of [SlopesOf] the points, 0 if there are none.
func TheilSen(x, y []float64) float64 { return SlopesOf(x, y).Median() }

// Slopes are the slopes between all pairs of points whose x differ, smallest first. They take
// time and memory in proportion to the square of the points.
type Slopes []float64

// SlopesOf returns the slopes between points.
func SlopesOf(x, y []float64) Slopes {
	slopes := make([]float64, 0, len(y)*(len(y)-1)/2)
	for i := range y {
		for j := i + 1; j < len(y); j++ {
			if dx := x[j] - x[i]; dx != 0 {
				slopes = append(slopes, (y[j]-y[i])/dx)
			}
		}
	}
	slices.Sort(slopes)
	return slopes
}

// Median returns the middle slope, the upper one of two; 0 of none. It is not moved by
// outliers below 29 % of the points.
//
// Theil, A rank-invariant method of linear regression analysis, 1950; Sen, Estimates of
// the regression coefficient based on Kendall's tau, 1968.
func (s Slopes) Median() float64 {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)/2]
}

// The quantiles of the normal distribution between whose negative and itself 95 and 99 % lie.
const (
	Z95 = 1.959964
	Z99 = 2.575829
)

// Interval returns the bounds between which the slope lies with the confidence of z, by the
// order of the slopes (Sen 1968). Variance is that of Kendall's S, as [Kendall] returns it.
func (s Slopes) Interval(variance, z float64) (low, high float64) {
	n := len(s)
	if n == 0 {
		return 0, 0
	}
	c := z * math.Sqrt(variance)
	at := func(i float64) float64 { return s[min(n-1, max(0, int(i)))] }
	return at((float64(n) - c) / 2), at((float64(n)+c)/2 + 0.5)
}

// Kendall returns Mann's statistic S of the series y, the pairs that rise less those that
// fall, and its variance where y has no trend. Ties are counted as such, and the variance
// is that of a series whose values depend on those before them as much as the ranks of the
// residuals do that residuals holds: such a series has less to say than its length. It is
// never below that of independent values. Residuals may be nil.
//
// Mann, Nonparametric tests against trend, 1945; Hamed and Rao, A modified Mann-Kendall
// trend test for autocorrelated data, 1998.
func Kendall(y, residuals []float64) (s, variance float64) {
	n := float64(len(y))
	for i := range y {
		for j := i + 1; j < len(y); j++ {
			switch {
			case y[j] > y[i]:
				s++
			case y[j] < y[i]:
				s--
			}
		}
	}
	variance = n * (n - 1) * (2*n + 5)
	sorted := slices.Sorted(slices.Values(y))
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		t := float64(j - i)
		variance -= t * (t - 1) * (2*t + 5)
		i = j
	}
	return s, variance / 18 * max(1, dependence(residuals))
}

// P returns the probability that S is as high or higher without a rising trend, by the
// normal distribution that S has from 8 values on.
func P(s, variance float64) float64 {
	if variance <= 0 {
		return 1
	}
	return math.Erfc((s-1)/math.Sqrt(2*variance)) / 2
}

// dependence returns by what the variance of S is larger than that of independent values.
func dependence(residuals []float64) float64 {
	n := float64(len(residuals))
	if n < 4 {
		return 1
	}
	r := ranks(residuals)
	mean, square := (n+1)/2, 0.0
	for _, v := range r {
		square += (v - mean) * (v - mean)
	}
	if square == 0 {
		return 1
	}
	sum := 0.0
	for k := 1; k < len(r)-1; k++ {
		c := 0.0
		for i := k; i < len(r); i++ {
			c += (r[i] - mean) * (r[i-k] - mean)
		}
		if rho := c / square; math.Abs(rho) > Z95/math.Sqrt(n) {
			m := n - float64(k)
			sum += m * (m - 1) * (m - 2) * rho
		}
	}
	return 1 + 2/(n*(n-1)*(n-2))*sum
}

// ranks returns the place of each value in the order of all, from 1 on; of equal ones the
// mean of their places.
func ranks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case v[a] < v[b]:
			return -1
		case v[a] > v[b]:
			return 1
		}
		return 0
	})
	r := make([]float64, len(v))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && v[order[j]] == v[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			r[order[k]] = float64(i+j+1) / 2
		}
		i = j
	}
	return r
}
