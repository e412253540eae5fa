package monitor

import (
	"math"
	"time"
)

// A tier keeps points of all metrics, at a distance of its own.
type tier struct {
	every int // samples to a point
	size  int // points that are kept

	samples int         // since the last point
	pushed  int         // points since the beginning
	times   []time.Time // of the points, in a ring
	base    Snapshot    // at the last point
	series  map[string]*series
	left    int // metrics that had no room at the last point
}

// A series is the points of one metric in a tier.
type series struct {
	kind  Kind
	since int         // the tier's number of its first point
	next  int         // the tier's number of the point that comes after its last
	rings [][]float32 // a counter's rate or a gauge's level; a timer's rate, median and 99th percentile

	sum float64 // of a gauge's levels since the last point
	n   int     // of them
}

// parts name the rings of a timer's series.
var parts = [...]string{"@rate", "@p50", "@p99"}

func newTier(every, size int) *tier {
	return &tier{every: every, size: size, times: make([]time.Time, size), series: make(map[string]*series)}
}

// push takes a sample. With max series there are, no more are begun.
func (t *tier) push(s Snapshot, max int) {
	if t.base.At.IsZero() {
		t.base = s
	}
	if t.every > 1 {
		t.addLevels(s)
	}
	if t.samples++; t.samples < t.every {
		return
	}
	t.point(s.Sub(t.base), max)
	t.samples, t.base = 0, s
}

// addLevels adds the gauges' levels to what the next point is the mean of.
func (t *tier) addLevels(s Snapshot) {
	for _, m := range s.Metrics {
		if m.Kind != KindGauge {
			continue
		}
		if of := t.series[m.Name]; of != nil && of.kind == KindGauge {
			of.sum += m.Value
			of.n++
		}
	}
}

// point adds a point to each series.
func (t *tier) point(d Snapshot, max int) {
	t.left = 0
	for _, m := range d.Metrics {
		of := t.series[m.Name]
		if of == nil || of.kind != m.Kind {
			if of == nil && len(t.series) >= max {
				t.left++
				continue
			}
			of = t.begin(m)
		}
		of.put(t, d, m)
	}
	t.times[t.pushed%t.size] = d.At
	t.pushed++
	if len(t.series) > len(d.Metrics) {
		t.forget()
	}
}

func (t *tier) begin(m Metric) *series {
	of := &series{kind: m.Kind, since: t.pushed, next: t.pushed, rings: make([][]float32, 1)}
	if m.Kind == KindTimer {
		of.rings = make([][]float32, len(parts))
	}
	for i := range of.rings {
		of.rings[i] = make([]float32, t.size)
	}
	t.series[m.Name] = of
	return of
}

var noPoint = float32(math.NaN())

// put makes m the series' point that the tier is about to count.
func (of *series) put(t *tier, d Snapshot, m Metric) {
	for of.next = max(of.next, t.pushed-t.size); of.next < t.pushed; of.next++ {
		for _, ring := range of.rings {
			ring[of.next%t.size] = noPoint
		}
	}
	at := t.pushed % t.size
	switch {
	case m.Kind == KindTimer:
		of.rings[1][at], of.rings[2][at] = noPoint, noPoint
		if m.Durations.Count() > 0 {
			of.rings[1][at] = float32(m.Durations.Quantile(.5).Seconds())
			of.rings[2][at] = float32(m.Durations.Quantile(.99).Seconds())
		}
		fallthrough
	case m.Kind == KindCounter:
		of.rings[0][at] = noPoint
		if d.Over > 0 {
			of.rings[0][at] = float32(d.Rate(m))
		}
	case of.n > 0:
		of.rings[0][at] = float32(of.sum / float64(of.n))
		of.sum, of.n = 0, 0
	default:
		of.rings[0][at] = float32(m.Value)
	}
	of.next = t.pushed + 1
}

// forget drops the series that have no point any more.
func (t *tier) forget() {
	for name, of := range t.series {
		if of.next <= t.pushed-t.size {
			delete(t.series, name)
		}
	}
}

// span returns the numbers of the points that are kept: from first up to pushed.
func (t *tier) span() (first int) { return max(0, t.pushed-t.size) }

// values returns the points of one ring, the oldest first; NaN where there is none.
func (t *tier) values(of *series, ring int) []float32 {
	first := t.span()
	vs := make([]float32, 0, t.pushed-first)
	for n := first; n < t.pushed; n++ {
		v := noPoint
		if n >= of.since && n < of.next {
			v = of.rings[ring][n%t.size]
		}
		vs = append(vs, v)
	}
	return vs
}
