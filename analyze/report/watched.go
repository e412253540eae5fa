package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/terminal"
)

// watched writes what a run with probes saw: how often the same was asked, what a memory
// would have hit, and some of the inputs.
func (s screen) watched(w *analyze.Watched) {
	if w == nil {
		return
	}
	s.Heading("what was asked again")
	ops := ""
	if w.Operations > 0 {
		ops = " in " + counted(int(w.Operations), "operation")
	}
	s.Wrap("  ", fmt.Sprintf("%s of %s%s, %s different, in a run of %s with probes",
		counted(int(w.Calls), "call"), terminal.Clean(w.Subject), ops, inputs(w.Distinct), terminal.Clean(w.Workload)))
	if len(w.Inputs) > 0 {
		s.Wrap(s.Dim("  an input is "), terminal.Clean(strings.Join(w.Inputs, ", ")))
	}
	s.Wrap("  ", answers(w))
	if w.Joined > 0 {
		s.Wrap("  ", fmt.Sprintf("%s began while one with the same input was running", counted(int(w.Joined), "call")))
	}
	s.curve(w.Curve)
	s.samples(w.Samples)
}

func inputs(n float64) string { return counted(int(n+0.5), "input") }

// answers says what came of comparing the answers to equal inputs.
func answers(w *analyze.Watched) string {
	switch {
	case w.Compared == 0:
		return "no answers to equal inputs could be compared"
	case w.Differ == 0:
		return fmt.Sprintf("%s: each answered as before", counted(int(w.Compared), "repeat"))
	}
	return fmt.Sprintf("%s, of which %d were answered otherwise than before", counted(int(w.Compared), "repeat"), w.Differ)
}

// curve draws the hit ratios of memories of several sizes: a bar for one that lives for
// the run, and the figure of one that lives for an operation beside it.
func (s screen) curve(curve []analyze.Hits) {
	if len(curve) == 0 {
		return
	}
	s.WriteByte('\n')
	s.Line(s.Dim("  entries  hits, remembered for the run   and for one operation only"))
	for _, h := range curve {
		entries := "all"
		if h.Entries > 0 {
			entries = strconv.Itoa(h.Entries)
		}
		text := fmt.Sprintf("  %7s  ", entries) + s.Hue(terminal.Cyan, terminal.Pad(wideBar(h.Across), curveBar)) + fmt.Sprintf(" %5s   ", ratio(h.Across))
		s.Line(text + s.Hue(terminal.Blue, terminal.Pad(wideBar(h.Within), curveBar)) + fmt.Sprintf(" %5s", ratio(h.Within)))
	}
}

// curveBar is the number of columns of a hit ratio of 1.
const curveBar = 22

func wideBar(v float64) string {
	eighths := int(min(1, max(0, v))*curveBar*8 + 0.5)
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return text
}

func ratio(v float64) string {
	if v <= 0 {
		return "0 %"
	}
	return share(v)
}

// mostSamples is how many inputs are shown.
const mostSamples = 5

func (s screen) samples(list []analyze.Input) {
	if len(list) == 0 {
		return
	}
	s.WriteByte('\n')
	s.Line(s.Dim("  calls  some inputs, those that came most first"))
	for _, in := range list[:min(len(list), mostSamples)] {
		s.Line(fmt.Sprintf("  %5d  ", in.Calls) + ansi.Truncate(terminal.Clean(in.Text), max(10, s.Width()-9), "…"))
	}
}
