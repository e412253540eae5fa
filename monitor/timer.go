package monitor

import (
	"time"

	"github.com/whetgo/whet/hist"
)

// A Timer records how long things take. Make one with Registry.Timer; any goroutine may use
// it.
type Timer struct{ hist hist.Histogram }

func newTimer() *Timer { return new(Timer) }

// Observe records d; a negative d counts as 0. It takes a few nanoseconds and seldom
// allocates (package hist says when).
func (t *Timer) Observe(d time.Duration) { t.hist.Record(int64(d)) }

// Start begins a span of time: defer t.Start().End()
func (t *Timer) Start() Span { return Span{t, time.Now()} }

// Durations returns what was recorded until now.
func (t *Timer) Durations() *Durations { return &Durations{hist: t.hist.Snapshot()} }

func (t *Timer) read(name string) Metric {
	d := t.Durations()
	return Metric{Name: name, Kind: KindTimer, Value: d.count(), Durations: d}
}

// A Span is time that is being measured.
type Span struct {
	timer *Timer
	began time.Time
}

// End records the time since Start, and returns it. Time is monotonic: setting the wall
// clock changes nothing.
func (s Span) End() time.Duration {
	d := time.Since(s.began)
	s.timer.Observe(d)
	return d
}
