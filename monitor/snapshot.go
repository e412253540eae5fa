package monitor

import (
	"slices"
	"strings"
	"time"
)

// A Snapshot is what all instruments and sources of a registry said at about one moment.
type Snapshot struct {
	At time.Time
	// Over is the time between the two snapshots of a difference, and 0 otherwise.
	Over time.Duration
	// Metrics are sorted by name. They must not be changed.
	Metrics []Metric
}

func (s *Snapshot) sort() {
	byName := func(a, b Metric) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(s.Metrics, byName) {
		slices.SortStableFunc(s.Metrics, byName)
	}
	// Of two that claim one name the first stands.
	s.Metrics = slices.CompactFunc(s.Metrics, func(a, b Metric) bool { return a.Name == b.Name })
}

// Get returns the metric of that name, in O(log metrics).
func (s Snapshot) Get(name string) (m Metric, ok bool) {
	at, ok := slices.BinarySearchFunc(s.Metrics, name, func(m Metric, name string) int { return strings.Compare(m.Name, name) })
	if !ok {
		return Metric{}, false
	}
	return s.Metrics[at], true
}

// Value returns the value of the metric of that name, 0 if there is none.
func (s Snapshot) Value(name string) float64 {
	m, _ := s.Get(name)
	return m.Value
}

// Sub returns what happened between an earlier snapshot and s: counters and timers are
// differences, gauges stay as they are in s. What is not in earlier began in between, at
// nothing, and so did a counter that fell.
func (s Snapshot) Sub(earlier Snapshot) Snapshot {
	d := Snapshot{At: s.At, Over: s.At.Sub(earlier.At), Metrics: slices.Clone(s.Metrics)}
	was := earlier.Metrics
	for i := range d.Metrics {
		m := &d.Metrics[i]
		for len(was) > 0 && was[0].Name < m.Name {
			was = was[1:]
		}
		if len(was) > 0 && was[0].Name == m.Name && was[0].Kind == m.Kind {
			m.sub(was[0])
		}
	}
	return d
}

// sub makes m the difference to what it was.
func (m *Metric) sub(was Metric) {
	switch {
	case m.Kind == KindCounter && m.Value >= was.Value:
		m.Value -= was.Value
	case m.Kind == KindTimer && m.Value >= was.Value:
		m.Value -= was.Value
		m.Durations = m.Durations.sub(was.Durations)
	}
}

// Rate returns the value of a counter or timer per second of the difference, and the level
// of a gauge.
func (s Snapshot) Rate(m Metric) float64 {
	if m.Kind == KindGauge || s.Over <= 0 {
		return m.Value
	}
	return m.Value / s.Over.Seconds()
}
