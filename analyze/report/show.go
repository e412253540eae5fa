package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
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

func (s *screen) title(f *analyze.Finding) {
	s.wrap("", s.bold(clean(f.Title)))
	parts := []string{s.confidence(f.Confidence.Level), s.bold(gain(f.Gain)), clean(f.Rule), clean(f.ID)}
	s.wrap("", strings.Join(parts, " · "))
	for _, why := range f.Confidence.Why {
		s.wrap(s.dim("  because "), clean(why))
	}
}

// bar is the number of columns of a share of 100 %.
const bar = 10

func (s *screen) evidence(f *analyze.Finding) {
	if len(f.Evidence) == 0 {
		return
	}
	s.heading("evidence")
	var values int
	for _, e := range f.Evidence {
		values = max(values, ansi.StringWidth(quantity(e.Value, e.Unit)))
	}
	for _, e := range f.Evidence {
		text := quantity(e.Value, e.Unit)
		head := "  " + strings.Repeat(" ", values-ansi.StringWidth(text)) + s.bold(text) + "  " +
			fmt.Sprintf("%5s ", share(e.Share)) + s.hue(cyan, pad(bars(e.Share), bar)) + "  "
		s.wrap(head, clean(e.Metric)+s.dim(" ("+clean(e.Source)+")"))
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

func (s *screen) advice(f *analyze.Finding) {
	if f.Advice.Do == "" && f.Advice.Snippet == "" {
		return
	}
	s.heading("what to do")
	s.wrap("  ", clean(f.Advice.Do))
	if f.Advice.Snippet == "" {
		return
	}
	s.WriteByte('\n')
	for l := range strings.Lines(strings.Trim(f.Advice.Snippet, "\n")) {
		l = strings.TrimRight(cleanLine(l), " ")
		if l == "" {
			s.WriteByte('\n')
			continue
		}
		fmt.Fprintf(s, "    %s\n", s.hue(green, l)) // code to copy: never cut
	}
}

func (s *screen) predicted(f *analyze.Finding) {
	s.heading("what it would gain")
	g := f.Gain
	text := gain(g)
	if g.Workload != "" {
		text += " on " + clean(g.Workload)
	}
	if g.Base > 0 {
		text += ", now " + quantity(g.Base, g.Metric)
	}
	s.wrap("  ", text)
	if g.Measured != nil {
		s.wrap("  ", fmt.Sprintf("measured: p=%.3g n=%d; it was predicted to be %s", g.Measured.P, g.Measured.N,
			gain(analyze.Gain{Metric: g.Metric, Base: g.Base, Predicted: g.Predicted})))
	}
	if g.How != "" {
		s.wrap(s.dim("  predicted from: "), clean(g.How))
	}
}

func (s *screen) doubts(f *analyze.Finding) {
	doubts := append(append([]string(nil), f.Advice.Doubts...), f.Cost.Risk...)
	if f.Cost.Bytes > 0 {
		doubts = append(doubts, "it takes "+quantity(float64(f.Cost.Bytes), "B")+" of memory")
	}
	s.heading("what speaks against it")
	if len(doubts) == 0 {
		s.wrap("  ", "nothing that was looked for; it is still a prediction until it is measured")
	}
	for _, d := range doubts {
		s.wrap(s.hue(yellow, "  ! "), clean(d))
	}
}

func (s *screen) related(f *analyze.Finding) {
	if len(f.Related) == 0 {
		return
	}
	s.heading("also in this function")
	for _, r := range f.Related {
		s.wrap("  · ", clean(r.Title)+s.dim(" ("+clean(r.Rule)+")"))
		if r.Do != "" {
			s.wrap("    ", clean(r.Do))
		}
	}
}

func (s *screen) prove(run *archive.Run, f *analyze.Finding) {
	if f.Repro == "" {
		return
	}
	s.heading("prove it")
	s.wrap("  ", "run this before and after the change, and compare:")
	fmt.Fprintf(s, "    %s\n", s.bold("cd "+shellQuote(clean(run.Subject.Dir))+" && "+clean(f.Repro))) // to copy: never cut
}
