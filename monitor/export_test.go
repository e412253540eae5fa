package monitor

import "time"

// TrendOf is trendOf.
func TrendOf(times, values []float64) (slope, lo, hi float64, sure bool) {
	t := trendOf(times, values)
	return t.slope, t.lo, t.hi, t.sure
}

// Kebab is kebab.
func Kebab(name string) string { return kebab(name) }

// GrowthOf is growthOf.
func GrowthOf(times, values []float64) (slope float64, over time.Duration, ok bool) {
	g, ok := growthOf(times, values)
	return g.slope, g.over, ok
}

// SeriesKept returns how many series each tier keeps.
func (h *History) SeriesKept() (n []int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.tiers {
		n = append(n, len(t.series))
	}
	return n
}
