package shell

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/whetgo/whet/analyze/capture"
)

// late is how long work may take before progress is told.
const late = 2 * time.Second

// A LateProgress tells the progress of work that is often done before a reader would look.
// A nil one says nothing.
type LateProgress struct {
	mu     sync.Mutex
	p      *Progress
	start  time.Time
	told   time.Time
	silent bool // ended
}

// NewLateProgress returns a progress that is told on w once the work has taken two seconds.
func NewLateProgress(w io.Writer) *LateProgress {
	return &LateProgress{p: NewProgress(w), start: time.Now()}
}

// Part returns what reports one part of the work. The time left is that of the part.
func (l *LateProgress) Part(doing string) func(done, all int64) {
	if l == nil {
		return nil
	}
	start := time.Now()
	return func(done, all int64) {
		l.mu.Lock()
		defer l.mu.Unlock()
		now := time.Now()
		if l.silent || now.Sub(l.start) < late || now.Sub(l.told) < 200*time.Millisecond {
			return
		}
		l.told = now
		what := capture.Progress{Doing: doing}
		if done > 0 && all >= done {
			what.Left = time.Duration(float64(now.Sub(start)) * float64(all-done) / float64(done))
			what.Doing = fmt.Sprintf("%s: %d %%", doing, 100*done/all)
		}
		l.p.Report(what)
	}
}

// End takes the line away. Nothing is written after it; it may be called again.
func (l *LateProgress) End() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.silent {
		l.silent = true
		l.p.End()
	}
}
