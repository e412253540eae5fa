package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/internal/terminal"
)

// Show writes one finding of a run with all that is behind it. The source is read
// from the subject's files as they are now; it is left out where they are gone.
func Show(w io.Writer, run *archive.Run, f *analyze.Finding, o Options) error {
	s := newScreen(o)
	s.title(f)
	for _, e := range excerpts(run.Subject.Dir, f.Locations, run.Started) {
		s.source(e)
	}
	s.evidence(f)
	s.watched(f.Watched)
	s.advice(f)
	s.predicted(f)
	s.doubts(f)
	s.related(f)
	s.prove(run, f)
	_, err := s.WriteTo(w)
	return err
}

func (s screen) title(f *analyze.Finding) {
	s.Wrap("", s.Bold(terminal.Clean(f.Title)))
	parts := []string{s.confidence(f.Confidence.Level), s.Bold(gain(f.Gain)), terminal.Clean(f.Rule), terminal.Clean(f.ID)}
	s.Wrap("", strings.Join(parts, " · "))
	for _, why := range f.Confidence.Why {
		s.Wrap(s.Dim("  because "), terminal.Clean(why))
	}
}

// bar is the number of columns of a share of 100 %.
const bar = 10

func (s screen) evidence(f *analyze.Finding) {
	if len(f.Evidence) == 0 {
		return
	}
	s.Heading("evidence")
	var values int
	for _, e := range f.Evidence {
		values = max(values, ansi.StringWidth(quantity(e.Value, e.Unit)))
	}
	for _, e := range f.Evidence {
		text := quantity(e.Value, e.Unit)
		head := "  " + strings.Repeat(" ", values-ansi.StringWidth(text)) + s.Bold(text) + "  " +
			fmt.Sprintf("%5s ", share(e.Share)) + s.Hue(terminal.Cyan, terminal.Pad(bars(e.Share), bar)) + "  "
		s.Wrap(head, terminal.Clean(e.Metric)+s.Dim(" ("+terminal.Clean(e.Source)+")"))
	}
}

// bars draws a share; the figure stands beside it.
func bars(share float64) string {
	eighths := int(min(1, max(0, share))*bar*8 + 0.5)
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return text
}

func (s screen) advice(f *analyze.Finding) {
	if f.Advice.Do == "" && f.Advice.Snippet == "" {
		return
	}
	s.Heading("what to do")
	s.Wrap("  ", terminal.Clean(f.Advice.Do))
	if f.Advice.Snippet == "" {
		return
	}
	s.WriteByte('\n')
	for l := range strings.Lines(strings.Trim(f.Advice.Snippet, "\n")) {
		l = strings.TrimRight(terminal.CleanLine(l), " ")
		if l == "" {
			s.WriteByte('\n')
			continue
		}
		fmt.Fprintf(s, "    %s\n", s.Hue(terminal.Green, l)) // code to copy: never cut
	}
}

func (s screen) predicted(f *analyze.Finding) {
	s.Heading("what it would gain")
	g := f.Gain
	text := gain(g)
	if g.Workload != "" {
		text += " on " + terminal.Clean(g.Workload)
	}
	if g.Base > 0 {
		text += ", now " + quantity(g.Base, g.Metric)
	}
	s.Wrap("  ", text)
	if g.Measured != nil {
		s.Wrap("  ", fmt.Sprintf("measured: p=%.3g n=%d; it was predicted to be %s", g.Measured.P, g.Measured.N,
			gain(analyze.Gain{Metric: g.Metric, Base: g.Base, Predicted: g.Predicted})))
	}
	if g.How != "" {
		s.Wrap(s.Dim("  predicted from: "), terminal.Clean(g.How))
	}
}

func (s screen) doubts(f *analyze.Finding) {
	doubts := append(append([]string(nil), f.Advice.Doubts...), f.Cost.Risk...)
	if f.Cost.Bytes > 0 {
		doubts = append(doubts, "it takes "+quantity(float64(f.Cost.Bytes), "B")+" of memory")
	}
	s.Heading("what speaks against it")
	if len(doubts) == 0 {
		s.Wrap("  ", "nothing that was looked for; it is still a prediction until it is measured")
	}
	for _, d := range doubts {
		s.Wrap(s.Hue(terminal.Yellow, "  ! "), terminal.Clean(d))
	}
}

func (s screen) related(f *analyze.Finding) {
	if len(f.Related) == 0 {
		return
	}
	s.Heading("also in this function")
	for _, r := range f.Related {
		s.Wrap("  · ", terminal.Clean(r.Title)+s.Dim(" ("+terminal.Clean(r.Rule)+")"))
		if r.Do != "" {
			s.Wrap("    ", terminal.Clean(r.Do))
		}
	}
}

func (s screen) prove(run *archive.Run, f *analyze.Finding) {
	if f.Repro == "" {
		return
	}
	s.Heading("prove it")
	s.Wrap("  ", "run this before and after the change, and compare:")
	fmt.Fprintf(s, "    %s\n", s.Bold("cd "+shellQuote(terminal.Clean(run.Subject.Dir))+" && "+terminal.Clean(f.Repro))) // to copy: never cut
}
