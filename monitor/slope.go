package monitor

import (
	"math"
	"slices"
)

// A trend is the straight line that fits a series best, in spite of outliers.
type trend struct {
	slope  float64 // per second: the Theil-Sen estimate [1]
	lo, hi float64 // its confidence interval of 99 %
	n      int     // points
	sure   bool    // the Mann-Kendall test [2] finds a direction at 1 %
}

// z99 is the quantile of the normal distribution for a two-sided level of 1 %.
const z99 = 2.5758

// trendOf returns the trend of values at times, in seconds, which rise. With fewer than 8
// points there is none.
//
// [1] Sen (1968). "Estimates of the regression coefficient based on Kendall's tau". Journal
// of the American Statistical Association 63, §2 and §6.
//
// [2] Kendall (1975). "Rank correlation methods", 4th edition, chapter 4, with its
// correction for ties.
func trendOf(times, values []float64) trend {
	n := len(values)
	if n < 8 {
		return trend{n: n}
	}
	slopes := make([]float64, 0, n*(n-1)/2)
	s := 0.
	for i := range n {
		for j := i + 1; j < n; j++ {
			slopes = append(slopes, (values[j]-values[i])/(times[j]-times[i]))
			switch d := values[j] - values[i]; {
			case d > 0:
				s++
			case d < 0:
				s--
			}
		}
	}
	slices.Sort(slopes)
	sigma := math.Sqrt(varianceOfS(values))
	t := trend{slope: middleOf(slopes), n: n}
	around, half := float64(len(slopes))/2, z99*sigma/2
	t.lo = slopes[max(0, int(math.Floor(around-half)))]
	t.hi = slopes[min(len(slopes)-1, int(math.Ceil(around+half)))]
	t.sure = sigma > 0 && (math.Abs(s)-1)/sigma > z99
	return t
}

// varianceOfS returns the variance of Kendall's S if there is no trend.
func varianceOfS(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	of := func(k float64) float64 { return k * (k - 1) * (2*k + 5) }
	v := of(float64(len(sorted)))
	for len(sorted) > 0 {
		k := 1
		for k < len(sorted) && sorted[k] == sorted[0] {
			k++
		}
		v -= of(float64(k))
		sorted = sorted[k:]
	}
	return v / 18
}

func middleOf(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return middleOf(slices.Sorted(slices.Values(values)))
}
