package watch

import "math"

// A history is what the metrics were, as far back as a wide screen shows.
type history struct {
	courses map[string]*course
	samples int
}

// A course is the past of a metric: of a counter its rate, else its value.
type course struct {
	points [historyLen]float64 // a ring
	n      int                 // points so far
	seen   int                 // the sample that had it last
}

const (
	historyLen = 256
	maxCourses = 20_000 // metrics with a past; more are shown without
)

// add notes a sample. A metric that was not there for as long as is shown is forgotten.
func (h *history) add(s *sample) {
	if h.courses == nil {
		h.courses = map[string]*course{}
	}
	h.samples++
	for i := range s.Metrics {
		m := &s.Metrics[i]
		c := h.courses[m.Name]
		if c == nil {
			if len(h.courses) >= maxCourses {
				continue
			}
			c = &course{seen: h.samples - 1}
			h.courses[m.Name] = c
		}
		for range min(h.samples-1-c.seen, historyLen) {
			c.push(math.NaN())
		}
		c.push(m.level())
		c.seen = h.samples
	}
	if h.samples%historyLen == 0 {
		for name, c := range h.courses {
			if h.samples-c.seen > historyLen {
				delete(h.courses, name)
			}
		}
	}
}

func (c *course) push(v float64) {
	c.points[c.n%historyLen] = v
	c.n++
}

// level returns what the course of a metric shows, NaN if that is not known yet.
func (m *metric) level() float64 {
	switch {
	case !m.Counter:
		return m.Value
	case m.Rate != nil:
		return *m.Rate
	}
	return math.NaN()
}

// last returns the last width points at most, the oldest first.
func (h *history) last(name string, width int) []float64 {
	c := h.courses[name]
	if c == nil {
		return nil
	}
	n := min(width, c.n, historyLen)
	points := make([]float64, n)
	for i := range points {
		points[i] = c.points[(c.n-n+i)%historyLen]
	}
	return points
}

var bars = []rune("▁▂▃▄▅▆▇█")

// spark draws points in a width, the last one at the right. The lowest bar stands for the
// least of them or, if that is above half of the greatest, for half of it, so that what
// hardly changes looks like it.
func spark(points []float64, width int) string {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if !math.IsNaN(p) {
			lo, hi = min(lo, p), max(hi, p)
		}
	}
	if half := hi / 2; hi > 0 {
		lo = min(lo, half)
	}
	text := make([]rune, width)
	for i := range text {
		text[i] = ' '
		if j := i - (width - len(points)); j >= 0 && !math.IsNaN(points[j]) {
			text[i] = bars[0]
			if hi > lo {
				text[i] = bars[min(int((points[j]/2-lo/2)/(hi/2-lo/2)*float64(len(bars))), len(bars)-1)]
			}
		}
	}
	return string(text)
}
