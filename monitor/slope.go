package monitor

import (
	"math"

	"github.com/whetgo/whet/internal/robust"
)

// A trend is the straight line that fits a series best, in spite of outliers.
type trend struct {
	slope  float64 // per second: the Theil-Sen estimate
	lo, hi float64 // its confidence interval of 99 %
	n      int     // points
	sure   bool    // the Mann-Kendall test finds a direction at 1 %
}

// trendOf returns the trend of values at times, in seconds, which rise. With fewer than 8
// points there is none.
func trendOf(times, values []float64) trend {
	t := trend{n: len(values)}
	if t.n < 8 {
		return t
	}
	slopes := robust.SlopesOf(times, values)
	s, variance := robust.Kendall(values, nil)
	t.slope = slopes.Median()
	t.lo, t.hi = slopes.Interval(variance, robust.Z99)
	t.sure = variance > 0 && math.Abs(s)-1 > robust.Z99*math.Sqrt(variance)
	return t
}
