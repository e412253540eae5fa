package shell

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"github.com/whetgo/whet/analyze/capture"
	"github.com/whetgo/whet/internal/terminal"
)

// quietTime is the least time between two lines of progress that stay: a log is not
// to be filled with them.
const quietTime = 5 * time.Second

// A Progress tells on standard error what is being done and how long it still takes:
// in one line that is rewritten on a terminal, in a line now and then elsewhere.
// Its methods may be called by several goroutines; a nil progress says nothing.
type Progress struct {
	w     io.Writer
	tty   bool
	width int

	mu    sync.Mutex
	now   capture.Progress
	at    time.Time // when now was told
	shown time.Time // when a line was last written
	stop  chan struct{}
	done  sync.WaitGroup
}

func NewProgress(w io.Writer) *Progress {
	p := &Progress{w: w, width: 80, stop: make(chan struct{})}
	if f := Terminal(w); f != nil {
		p.tty = true
		if width, _, err := term.GetSize(f.Fd()); err == nil && width > 0 {
			p.width = width
		}
		p.done.Go(p.tick)
	}
	return p
}

// tick rewrites the line while nothing is reported, so that the time left runs down.
func (p *Progress) tick() {
	t := time.NewTicker(500 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-t.C:
			p.mu.Lock()
			if p.now.Doing != "" {
				p.write()
			}
			p.mu.Unlock()
		}
	}
}

// Report tells what is being done now.
func (p *Progress) Report(now capture.Progress) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now, p.at = now, time.Now()
	if p.tty || time.Since(p.shown) >= quietTime {
		p.write()
	}
}

// write is called with mu held.
func (p *Progress) write() {
	p.shown = time.Now()
	line := "whet: " + progressLine(p.now, time.Since(p.at))
	if p.tty {
		fmt.Fprint(p.w, "\r"+ansi.Truncate(line, p.width-1, "…")+ansi.EraseLineRight)
		return
	}
	fmt.Fprintln(p.w, line)
}

func progressLine(now capture.Progress, since time.Duration) string {
	var b strings.Builder
	if now.Total > 1 {
		fmt.Fprintf(&b, "[%d/%d] ", min(now.Done+1, now.Total), now.Total)
	}
	b.WriteString(terminal.Clean(now.Doing))
	if left := now.Left - since; now.Left > 0 {
		fmt.Fprintf(&b, ", about %d s left", max(1, int(left.Round(time.Second).Seconds())))
	}
	return b.String()
}

// End takes the line away. Nothing is written after it.
func (p *Progress) End() {
	if p == nil || !p.tty {
		return
	}
	close(p.stop)
	p.done.Wait()
	fmt.Fprint(p.w, "\r"+ansi.EraseLineRight)
}
