package monitor

import (
	"context"
	"log/slog"
	"math"
	"os"
	"slices"
	"sync"
	"time"
)

// A History takes a snapshot of a registry each period, remembers them for a day in bounded
// memory, and applies rules that give advice. Make one with NewHistory and run it:
//
//	h := monitor.NewHistory(registry, nil)
//	go h.Run(ctx)
//
// Any goroutine may use it. It takes about 4 kB for each metric, and 12 kB for each timer.
type History struct {
	registry *Registry
	opts     HistoryOptions
	started  time.Time

	sampling sync.Mutex // one sample is taken at a time

	mu      sync.Mutex // guards what follows
	changed chan struct{}
	tiers   []*tier
	last    Snapshot   // the latest
	diff    Snapshot   // between the latest and the one before
	marks   []Snapshot // the latest first, marksEvery samples apart
	samples int
	advice  advice
}

// HistoryOptions change what a History does. Nil, or the zero HistoryOptions, are the
// defaults.
type HistoryOptions struct {
	Period    time.Duration // between snapshots; 0: a second
	MaxSeries int           // how many metrics are remembered; 0: 4096. Others are only read
	Rules     []Rule        // nil: those of Rules
	Logger    *slog.Logger  // is told of advice that comes and goes; nil: nobody is
}

// The tiers: points a second apart for 5 minutes, 12 seconds for an hour, 5 minutes for a
// day, if the period is a second.
var tierSizes = []struct{ every, size int }{{1, 300}, {12, 300}, {300, 288}}

const (
	marksEvery = 10 // samples
	marksKept  = 7  // so that Recent covers a minute, if the period is a second
)

// NewHistory returns the history of a registry. It is empty until Run or Sample is called.
// It panics if an option is negative.
func NewHistory(r *Registry, opts *HistoryOptions) *History {
	h := &History{registry: r, started: time.Now(), changed: make(chan struct{})}
	if opts != nil {
		h.opts = *opts
	}
	if h.opts.Period < 0 || h.opts.MaxSeries < 0 {
		panic("monitor: NewHistory: a negative option")
	}
	if h.opts.Period == 0 {
		h.opts.Period = time.Second
	}
	if h.opts.MaxSeries == 0 {
		h.opts.MaxSeries = 4096
	}
	if h.opts.Rules == nil {
		h.opts.Rules = Rules()
	}
	for _, s := range tierSizes {
		h.tiers = append(h.tiers, newTier(s.every, s.size))
	}
	return h
}

// Run takes samples until ctx ends, and returns its error.
func (h *History) Run(ctx context.Context) error {
	tick := time.NewTicker(h.opts.Period)
	defer tick.Stop()
	for {
		h.Sample()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Sample takes a snapshot and remembers it. Run calls it; call it yourself to choose the
// moments.
func (h *History) Sample() {
	h.sampling.Lock()
	defer h.sampling.Unlock()
	s := h.registry.Snapshot()
	h.take(s)
	if h.due() {
		h.judge()
	}
	h.mu.Lock()
	close(h.changed)
	h.changed = make(chan struct{})
	h.mu.Unlock()
}

// take remembers a snapshot.
func (h *History) take(s Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.tiers {
		t.push(s, h.opts.MaxSeries)
	}
	if h.samples > 0 {
		h.diff = s.Sub(h.last)
	} else {
		h.diff = s.Sub(s)
	}
	h.last = s
	if h.samples%marksEvery == 0 {
		h.marks = slices.Insert(h.marks, 0, s)
		h.marks = slices.Delete(h.marks, min(marksKept, len(h.marks)), len(h.marks))
	}
	h.samples++
}

// Changed returns a channel that is closed when the next sample has been taken.
func (h *History) Changed() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.changed
}

// Registry returns whose history it is.
func (h *History) Registry() *Registry { return h.registry }

// Last returns the latest snapshot.
func (h *History) Last() Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// Recent returns what happened during about the last minute, if the period is a second;
// sixty periods in general.
func (h *History) Recent() Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.recent()
}

func (h *History) recent() Snapshot {
	if len(h.marks) == 0 {
		return Snapshot{}
	}
	return h.last.Sub(h.marks[len(h.marks)-1])
}

// Windows returns how far the history reaches back, in the steps that it has: three of
// both, the finest first.
func (h *History) Windows() []Window {
	var all []Window
	for _, t := range h.tiers {
		step := time.Duration(t.every) * h.opts.Period
		all = append(all, Window{Step: step, Length: time.Duration(t.size) * step})
	}
	return all
}

// A Window is a part of the past: its length, and the time between two points of it.
type Window struct{ Step, Length time.Duration }

// Series returns the points of the metrics that keep says, or of all if it is nil, in the
// finest window that is not shorter than length, or the longest.
func (h *History) Series(length time.Duration, keep func(name string) bool) Series {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, window := h.tiers[len(h.tiers)-1], h.Windows()
	at := len(window) - 1
	for i := range window {
		if window[i].Length >= length {
			t, at = h.tiers[i], i
			break
		}
	}
	s := Series{Window: window[at], Values: make(map[string][]float32)}
	for n := t.span(); n < t.pushed; n++ {
		s.Times = append(s.Times, t.times[n%t.size])
	}
	for name, of := range t.series {
		if keep != nil && !keep(name) {
			continue
		}
		if of.kind != KindTimer {
			s.Values[name] = t.values(of, 0)
			continue
		}
		for i, part := range parts {
			s.Values[name+part] = t.values(of, i)
		}
	}
	return s
}

// Series are points of the past: at each of Times, the oldest first, the level of a gauge
// or the rate of a counter by its name, and of a timer its rate, median and 99th percentile
// since the point before by its name and "@rate", "@p50" or "@p99". A point that is not
// known is NaN.
type Series struct {
	Window Window
	Times  []time.Time
	Values map[string][]float32
}

// points returns the times, in seconds since the first, and values of a series that has
// all its points.
func (s Series) points(name string) (times, values []float64) {
	for i, v := range s.Values[name] {
		if !math.IsNaN(float64(v)) {
			times = append(times, s.Times[i].Sub(s.Times[0]).Seconds())
			values = append(values, float64(v))
		}
	}
	return times, values
}

// processName is the program's, without its folder.
func processName() string {
	if len(os.Args) == 0 {
		return ""
	}
	return baseName(os.Args[0])
}
