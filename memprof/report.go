package memprof

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// A Report is what a [Profiler] saw.
type Report struct {
	Baseline   Snapshot   `json:"baseline"`
	Snapshots  []Snapshot `json:"snapshots"`
	Dropped    int        `json:"dropped,omitempty"` // snapshots before these
	Heap       Growth     `json:"heap"`              // bytes
	Goroutines Growth     `json:"goroutines"`        // their number
	Sites      []Site     `json:"sites,omitempty"`   // at which more is alive than at first, leaks first
	SampleRate int        `json:"sample_rate"`       // runtime.MemProfileRate: Sites are estimates of that grain
}

// Leaks returns the sites that leak.
func (r Report) Leaks() []Site {
	var leaks []Site
	for _, s := range r.Sites {
		if s.Growth.Verdict == Leak {
			leaks = append(leaks, s)
		}
	}
	return leaks
}

// WriteTo writes the report as a table and sentences.
func (r Report) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, r.String())
	return int64(n), err
}

// String is the report as a table and sentences.
func (r Report) String() string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "label\theap\tchange\tobjects\tstacks\tgoroutines\tGCs\tGC time\tRSS\t")
	for _, s := range append([]Snapshot{r.Baseline}, r.Snapshots...) {
		resident := "?"
		if s.RSS > 0 {
			resident = size(int64(s.RSS))
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%d\t%d\t%v\t%s\t\n", s.Label, size(int64(s.Heap)), signed(int64(s.Heap)-int64(r.Baseline.Heap)),
			s.Objects, size(int64(s.Stacks)), s.Goroutines, s.GCs-r.Baseline.GCs, (s.GCTime - r.Baseline.GCTime).Round(10*time.Microsecond), resident)
	}
	t.Flush()
	if r.Dropped > 0 {
		fmt.Fprintf(&b, "%d snapshots before these were dropped\n", r.Dropped)
	}
	fmt.Fprintf(&b, "heap: %v\n", r.Heap)
	if g := r.Goroutines; g.Verdict == Leak {
		fmt.Fprintf(&b, "goroutines: leak: %+.1f an epoch, %d epochs\n", g.Slope, g.Epochs)
	}
	for _, s := range r.Leaks() {
		fmt.Fprintf(&b, "%v\n", s)
		for _, f := range s.Stack[min(1, len(s.Stack)):] {
			fmt.Fprintf(&b, "    %s\n", f)
		}
	}
	return b.String()
}

func signed(n int64) string {
	if n > 0 {
		return "+" + size(n)
	}
	return size(n)
}
