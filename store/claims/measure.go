package claims

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/whetgo/whet/internal/robust"
	"github.com/whetgo/whet/store"
)

// A lab is where rows are measured.
type lab struct {
	dir    string // for files
	rounds int
	quick  bool
}

func newLab(dir string, quick bool) *lab {
	l := &lab{dir: dir, rounds: 15, quick: quick}
	if quick {
		l.rounds = 3
	}
	return l
}

// scaled returns n, or a part of it if the lab is in a hurry.
func (l *lab) scaled(n int) int {
	if l.quick {
		return max(n/20, 1)
	}
	return n
}

// serial makes names new: stores are shared by their parameters in the whole process.
var serial atomic.Int64

// params returns those of a venue of its own.
func (l *lab) params(row string) store.Params {
	return store.Params{Driver: "sim", Addr: fmt.Sprint("claims/", row, serial.Add(1)), Account: "DU1"}
}

// A subject is one of those that are compared.
type subject struct {
	name string
	run  func() (float64, error) // measures once
}

// samples are the measurements of a subject, one a round.
type samples []float64

// interleave measures all subjects in every round, beginning with another one each time.
func (l *lab) interleave(subjects []subject) ([]samples, error) {
	all := make([]samples, len(subjects))
	for round := range l.rounds {
		for i := range subjects {
			k := (i + round) % len(subjects)
			runtime.GC()
			v, err := subjects[k].run()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", subjects[k].name, err)
			}
			all[k] = append(all[k], v)
		}
	}
	return all, nil
}

// measured is interleave, with its figures.
func (l *lab) measured(unit string, subjects []subject) ([]Figure, []samples, error) {
	all, err := l.interleave(subjects)
	if err != nil {
		return nil, nil, err
	}
	figures := make([]Figure, len(all))
	for i, s := range all {
		figures[i] = s.figure(subjects[i].name, unit)
	}
	return figures, all, nil
}

// timed returns a subject that times n calls of op, in nanoseconds a call.
func timed(name string, n int, op func() error) subject {
	return subject{name, func() (float64, error) {
		start := time.Now()
		for range n {
			if err := op(); err != nil {
				return 0, err
			}
		}
		return float64(time.Since(start)) / float64(n), nil
	}}
}

// looped returns a subject that times a function which does something n times itself, so that a few
// nanoseconds are not measured together with those of a call.
func looped(name string, n int, loop func(n int) error) subject {
	return subject{name, func() (float64, error) {
		start := time.Now()
		err := loop(n)
		return float64(time.Since(start)) / float64(n), err
	}}
}

// figure returns the median with its interval.
func (s samples) figure(subject, unit string) Figure {
	lo, mid, hi := s.interval()
	return Figure{subject, mid, lo, hi, unit}
}

func (s samples) interval() (lo, mid, hi float64) {
	e := robust.MedianInterval(s)
	return e.Lo, e.Value, e.Hi
}

// counted returns a figure of something that was counted once.
func counted(subject string, v float64, unit string) Figure { return Figure{subject, v, v, v, unit} }

// less checks that b is at least so many percent less than a.
func less(claim string, a, b samples, percent float64) Check {
	gains := make(samples, len(a))
	for i := range a {
		gains[i] = 100 * (1 - b[i]/a[i])
	}
	lo, mid, hi := gains.interval()
	return Check{claim, fmt.Sprintf("%.1f %% less (%.1f … %.1f)", mid, lo, hi), verdict(lo >= percent, hi < percent)}
}

// atMost checks that a figure is not above a limit.
func atMost(claim string, f Figure, limit float64) Check {
	return Check{claim, text(f), verdict(f.Hi <= limit, f.Lo > limit)}
}

// exactly checks a count.
func exactly(claim string, got, want float64) Check {
	return Check{claim, fmt.Sprintf("%g", got), verdict(got == want, got != want)}
}

func verdict(yes, no bool) Verdict {
	switch {
	case yes:
		return Held
	case no:
		return NotHeld
	}
	return Noise
}

// text returns a figure with its interval.
func text(f Figure) string {
	if f.Lo == f.Hi {
		return number(f.Value) + " " + f.Unit
	}
	return fmt.Sprintf("%s %s (%s … %s)", number(f.Value), f.Unit, number(f.Lo), number(f.Hi))
}

// number returns three digits that count.
func number(v float64) string {
	switch a := math.Abs(v); {
	case v == math.Trunc(v) && a < 1e9:
		return fmt.Sprintf("%.0f", v)
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// heap returns the bytes that are alive.
func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// bytesEach returns a subject that measures the live heap of n things.
func bytesEach(name string, n int, build func(i int) (any, error)) subject {
	return subject{name, func() (float64, error) {
		keep := make([]any, n)
		before := heap()
		for i := range keep {
			x, err := build(i)
			if err != nil {
				return 0, err
			}
			keep[i] = x
		}
		b := heap() - before
		runtime.KeepAlive(keep)
		return b / float64(n), nil
	}}
}
