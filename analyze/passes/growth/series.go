package growth

import (
	"slices"
	"time"

	"github.com/whetgo/whet/internal/robust"
)

// A series is one quantity at successive moments.
type series struct {
	at     []time.Duration
	values []float64
}

// A trend is a stretch of a series that grows.
type trend struct {
	from, to    int     // of the series, both included
	first, last float64 // values there
	slope       float64 // a second: the median over all pairs of moments
}

// gained returns by how much the value rose.
func (t trend) gained() float64 { return t.last - t.first }

const (
	minEpochs = 6    // of a stretch
	fewEpochs = 4    // of a stretch that is steep: what leaks fast makes each epoch slow
	partOf    = 5    // of all epochs that a stretch must be, one in; of a short one, one in two
	steepStep = 1.15 // of a value to the one before, at least, for a stretch to be steep
	drop      = 0.5  // of the value before: below, another stretch begins; a slice that moves falls to 0.56
	rising    = 0.75 // of the steps
	minRises  = 3    // steps that rise
	minFactor = 1.5  // of the last value to the first
	resting   = 0.1  // of the rise: less than this in the last third is saturation
	mostDrops = 0.2  // of all steps that are large drops: beyond, the series is noise

	atRest     = 1.15 // times the least value of a stretch, or as much below, is where it began
	restEpochs = 3    // there make a stay
)

// trendOf is trend for a series whose last value may be of the moment after the end of
// the workload: where growth does not show with it, it is left out, since nothing grows
// any more between the end and then.
func (s series) trendOf(least float64, ended bool) (trend, bool) {
	t, grows := s.trend(least)
	if !grows && ended {
		n := len(s.values) - 1
		t, grows = series{s.at[:n], s.values[:n]}.trend(least)
	}
	return t, grows && !s.fellBack(t, least, ended)
}

// fellBack reports whether the series came back to where the stretch began, and stayed
// there: what rose was then garbage that a collection had not met yet, and what is kept is
// the rest. A container that is made anew for each round, or freed at the end, falls to next
// to nothing.
func (s series) fellBack(t trend, least float64, ended bool) bool {
	floor := slices.Min(s.values[t.from : t.to+1])
	if floor < least {
		return false
	}
	low := 0 // values in a row
	for i, v := range s.values[t.to+1:] {
		if low++; v > atRest*floor || v*atRest < floor {
			low = 0
		}
		if low == restEpochs || low > 0 && ended && t.to+1+i == len(s.values)-1 {
			return true
		}
	}
	return false
}

// trend returns the longest stretch of the series without a large drop, and whether it
// grows by at least the given amount without coming to rest.
func (s series) trend(least float64) (trend, bool) {
	from, to := s.stretch()
	t := trend{from: from, to: to}
	if to-from+1 < fewEpochs || float64(s.drops()) > mostDrops*float64(len(s.values)-1) {
		return t, false
	}
	v, at := s.values[from:to+1], s.at[from:to+1]
	if len(v)*partOf < len(s.values) || len(v) < minEpochs && (2*len(v) < len(s.values) || !steep(v) && !huge(v, least)) {
		return t, false
	}
	t.first, t.last, t.slope = v[0], v[len(v)-1], slope(at, v)
	n := len(v) - 1
	lastThird := v[n] - v[n-n/3]
	up, notDown := steps(v)
	grows := t.slope > 0 && t.gained() >= least && t.last >= minFactor*t.first &&
		up >= minRises && float64(notDown) >= rising*float64(n) &&
		lastThird >= resting*t.gained()
	return t, grows
}

// steep reports whether each step rises, and by much.
func steep(v []float64) bool {
	for i := 1; i < len(v); i++ {
		if v[i] < steepStep*v[i-1] || v[i] == 0 {
			return false
		}
	}
	return true
}

// huge reports whether a short stretch grows to a multiple, by far more than the least
// that counts, with at most one step down.
func huge(v []float64, least float64) bool {
	first, last := v[0], v[len(v)-1]
	_, notDown := steps(v)
	return last >= 4*first && last-first >= 16*least && notDown >= len(v)-2
}

// steady reports whether the stretch is long and hardly ever falls: what is wanted where
// nothing but the series speaks for a leak.
func (s series) steady(t trend) bool {
	_, notDown := steps(s.values[t.from : t.to+1])
	return t.to-t.from+1 >= 8 && float64(notDown) >= 0.9*float64(t.to-t.from)
}

// drops counts the large drops.
func (s series) drops() int {
	n := 0
	for i := 1; i < len(s.values); i++ {
		if s.values[i] < drop*s.values[i-1] {
			n++
		}
	}
	return n
}

// stretch returns the longest run of values none of which is far below the one before;
// of equal ones the last.
func (s series) stretch() (from, to int) {
	start := 0
	from, to = 0, -1
	for i, v := range s.values {
		if i > 0 && v < drop*s.values[i-1] {
			start = i
		}
		if i-start >= to-from {
			from, to = start, i
		}
	}
	return from, to
}

// steps counts the steps that rise, and those that do not fall by more than 2 %, which
// is within what sampling makes of a constant.
func steps(v []float64) (up, notDown int) {
	for i := 1; i < len(v); i++ {
		if v[i] > v[i-1] {
			up++
		}
		if v[i] >= 0.98*v[i-1] {
			notDown++
		}
	}
	return up, notDown
}

// slope returns the slope of the values, a second.
func slope(at []time.Duration, v []float64) float64 {
	sec := make([]float64, len(at))
	for i := range at {
		sec[i] = at[i].Seconds()
	}
	return robust.TheilSen(sec, v)
}
