package monitor

import "strings"

// A Kind says how a metric's value is to be read.
type Kind uint8

const (
	KindCounter Kind = iota + 1 // a total, which only grows
	KindGauge                   // a level, which goes up and down
	KindTimer                   // a distribution of durations
)

var kinds = [...]string{"", "counter", "gauge", "timer"}

// String is the kind in lower case.
func (k Kind) String() string {
	if int(k) >= len(kinds) {
		return "unknown"
	}
	return kinds[k]
}

// A Metric is one thing that was measured, at one moment or, in a difference of snapshots,
// between two.
type Metric struct {
	// Name is a path and a unit, as in package runtime/metrics: /cache/quotes/hits:count.
	Name string
	Kind Kind
	// Value is the total of a counter, the level of a gauge, or how many durations a timer
	// has recorded.
	Value float64
	// Durations are those of a timer, nil for the other kinds.
	Durations *Durations

	// Subject is the name of what was read, and Type what it is, such as "cache": both
	// empty for a counter, gauge or timer of the registry's own.
	Subject, Type string
}

// Unit is the part of the name behind the colon.
func (m Metric) Unit() string {
	_, unit, _ := strings.Cut(m.Name, ":")
	return unit
}

// Path is the part of the name before the colon.
func (m Metric) Path() string {
	path, _, _ := strings.Cut(m.Name, ":")
	return path
}

// Field is the path within the subject, without a slash: "hits" of
// /cache/quotes/hits:count. Without a subject it is the path.
func (m Metric) Field() string {
	return strings.TrimPrefix(strings.TrimPrefix(m.Path(), m.Subject), "/")
}
