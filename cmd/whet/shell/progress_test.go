package shell

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/analyze/capture"
)

func TestProgressLine(t *testing.T) {
	for _, tt := range []struct {
		now   capture.Progress
		since time.Duration
		want  string
	}{
		{capture.Progress{Doing: "listing packages", Total: 1}, 0, "listing packages"},
		{capture.Progress{Doing: "running BenchmarkX", Done: 2, Total: 9, Left: 14 * time.Second}, 0, "[3/9] running BenchmarkX, about 14 s left"},
		{capture.Progress{Doing: "running BenchmarkX", Done: 9, Total: 9, Left: 14 * time.Second}, 4 * time.Second, "[9/9] running BenchmarkX, about 10 s left"},
		{capture.Progress{Doing: "x", Left: time.Second}, time.Minute, "x, about 1 s left"},
		{capture.Progress{Doing: "a\n\x1b[2Jb"}, 0, "a b"},
	} {
		if got := progressLine(tt.now, tt.since); got != tt.want {
			t.Errorf("%+v after %v: got %q, want %q", tt.now, tt.since, got, tt.want)
		}
	}
}

// A log is not to be filled: a line every five seconds at most, none rewritten.
func TestProgressInALog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := NewProgress(&b)
		for i := range 120 {
			p.Report(capture.Progress{Doing: "running", Done: i, Total: 120})
			time.Sleep(100 * time.Millisecond)
		}
		p.End()
		if n := strings.Count(b.String(), "\n"); n != 3 || strings.ContainsAny(b.String(), "\r\x1b") {
			t.Errorf("got %d lines in 12 s, want 3:\n%s", n, b.String())
		}
	})
}

func TestNoProgress(*testing.T) {
	var p *Progress
	p.Report(capture.Progress{Doing: "x"})
	p.End()
}
