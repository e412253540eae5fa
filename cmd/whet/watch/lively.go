package watch

import (
	"cmp"
	"math"
	"slices"
)

// telling are the metrics that say most of any Go program, in all sources.
var telling = []string{
	"/sched/goroutines", "goroutines", "go_goroutines",
	"/memory/classes/heap/objects", "memstats.HeapAlloc", "go_memstats_heap_alloc_bytes",
}

// liveliest returns n metrics to show where there is room for no more: first those that say
// most of any program, then those that moved most, in parts of their own size.
func (h *history) liveliest(s *sample, n int) []*metric {
	type scored struct {
		m     *metric
		score float64
	}
	var all []scored
	for i := range s.Metrics {
		m := &s.Metrics[i]
		score := h.liveliness(m.Name)
		if k := slices.Index(telling, m.Name); k >= 0 {
			score = float64(10 + len(telling) - k)
		}
		all = append(all, scored{m, score})
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	var ms []*metric
	for _, x := range all[:min(n, len(all))] {
		ms = append(ms, x.m)
	}
	return ms
}

// liveliness returns how much a metric moved lately: 0 if not, at most 2.
func (h *history) liveliness(name string) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range h.last(name, 30) {
		if !math.IsNaN(p) {
			lo, hi = min(lo, p), max(hi, p)
		}
	}
	if hi <= lo {
		return 0
	}
	return min((hi-lo)/max(math.Abs(hi), math.Abs(lo)), 2)
}
