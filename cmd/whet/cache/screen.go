package cache

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/whetgo/whet/analyze/report"
	"github.com/whetgo/whet/internal/terminal"
	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/plot"
)

// A screen is an answer being laid out for a terminal.
type screen struct{ *terminal.Text }

func newScreen(o report.Options) screen { return screen{terminal.NewText(o.Width, o.Color)} }

func (s screen) show(w io.Writer, ans *answer) error {
	s.Wrap(s.Bold("whet: "), terminal.Clean(ans.about.Name)+": "+strings.Join(ans.about.facts(), " · "))
	s.table(ans.report)
	s.plot(ans)
	s.advice(ans)
	_, err := s.WriteTo(w)
	return err
}

// facts says in words what a trace is.
func (a About) facts() []string {
	facts := []string{fmt.Sprintf("%d requests", a.Requests), fmt.Sprintf("%d keys", a.Keys)}
	if a.Keys > 0 {
		facts = append(facts, fmt.Sprintf("%s of the keys asked for once", percentOf(float64(a.OneTimers)/float64(a.Keys))))
	}
	if a.Seconds > 0 {
		facts = append(facts, a.span().String())
	}
	if a.Rate < 1 {
		facts = append(facts, fmt.Sprintf("recorded from %s of the keys", percentOf(a.Rate)))
	}
	return append(facts, a.Format)
}

// A tableLine is a policy with its row at each size.
type tableLine struct {
	title   string
	offline bool
	mean    float64
	rows    []keytrace.Row
}

// tableLines returns the bounds, then the others, each the best on average first.
func tableLines(r *keytrace.Report) []tableLine {
	var lines []tableLine
	for i, row := range r.Rows {
		if i == 0 || row.Policy != r.Rows[i-1].Policy {
			lines = append(lines, tableLine{title: row.Title, offline: row.Offline})
		}
		l := &lines[len(lines)-1]
		l.rows = append(l.rows, row)
		l.mean += row.HitRatio
	}
	slices.SortStableFunc(lines, func(a, b tableLine) int {
		if a.offline != b.offline {
			if a.offline {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.mean, a.mean)
	})
	return lines
}

// Widths of the table's columns.
const (
	titleWidth = 22
	cellWidth  = 8
)

func (s screen) table(r *keytrace.Report) {
	lines := tableLines(r)
	if len(lines) == 0 {
		return
	}
	best := make([]float64, len(lines[0].rows))
	for _, l := range lines {
		for i, row := range l.rows {
			if !l.offline {
				best[i] = max(best[i], row.HitRatio)
			}
		}
	}
	fit := max(1, (s.Width()-titleWidth)/cellWidth)
	for from := 0; from < len(best); from += fit {
		s.block(r, lines, best, from, min(from+fit, len(best)))
	}
	s.WriteString(s.Dim("  hit ratio in %; * the best that does not know the future") + "\n")
}

// block writes the columns from one to another.
func (s screen) block(r *keytrace.Report, lines []tableLine, best []float64, from, to int) {
	head, part := terminal.Pad("entries", titleWidth), terminal.Pad("of the keys", titleWidth)
	if r.Trace.Bytes {
		head = terminal.Pad("cache size", titleWidth)
	}
	for _, row := range lines[0].rows[from:to] {
		if r.Trace.Bytes {
			head += fmt.Sprintf("%7s ", strings.ReplaceAll(memoryOf(float64(row.Size)), " ", ""))
			continue
		}
		head += fmt.Sprintf("%7d ", row.Size)
		part += fmt.Sprintf("%7s ", percentOf(float64(row.Size)/float64(max(1, r.Trace.Unique))))
	}
	s.WriteString("\n" + s.Bold(strings.TrimRight(head, " ")) + "\n")
	if !r.Trace.Bytes {
		s.WriteString(s.Dim(strings.TrimRight(part, " ")) + "\n")
	}
	for _, l := range lines {
		title := l.title
		if l.offline {
			title += " (bound)"
		}
		text := s.title(l, ansi.Truncate(title, titleWidth, "…"))
		for i, row := range l.rows[from:to] {
			cell := fmt.Sprintf("%7.2f", 100*row.HitRatio)
			switch {
			case l.offline:
				text += s.Dim(cell) + " "
			case row.HitRatio == best[from+i] && row.HitRatio > 0:
				text += s.Hue(terminal.Green, s.Bold(cell)+"*")
			default:
				text += cell + " "
			}
		}
		s.WriteString(strings.TrimRight(text, " ") + "\n")
	}
}

func (s screen) title(l tableLine, text string) string {
	switch {
	case l.offline:
		return s.Dim(terminal.Pad(text, titleWidth))
	case l.rows[0].Policy == own.Name:
		return s.Bold(terminal.Pad(text, titleWidth))
	}
	return terminal.Pad(text, titleWidth)
}

// plotHeight is the rows of the chart in the terminal.
const plotHeight = 12

// plot draws OPT, LRU and package cache.
func (s screen) plot(ans *answer) {
	all := plot.New(ans.report, ans.curve, own.Name)
	c := *all
	c.Lines = nil
	for _, name := range []string{"opt", "lru", own.Name} {
		for _, l := range all.Lines {
			if l.Name == name && len(l.Points) > 1 {
				c.Lines = append(c.Lines, l)
			}
		}
	}
	if len(c.Lines) == 0 {
		return
	}
	hues := map[string]terminal.Color{"opt": "", "lru": terminal.Blue, own.Name: terminal.Green}
	legend := "\n" + s.Bold("hit ratio by size")
	for i, l := range c.Lines {
		legend += "   " + s.paint(hues[l.Name], string(plot.Mark(i))+" "+l.Title)
	}
	s.WriteString(legend + "\n")
	for _, row := range c.Text(min(s.Width(), 100)-2, plotHeight) {
		text := "  "
		for _, cell := range row {
			if cell.Line < 0 {
				text += s.Dim(string(cell.Char))
			} else {
				text += s.paint(hues[c.Lines[cell.Line].Name], string(cell.Char))
			}
		}
		s.WriteString(strings.TrimRight(text, " ") + "\n")
	}
}

func (s screen) paint(color terminal.Color, text string) string {
	if color == "" {
		return s.Dim(text)
	}
	return s.Hue(color, text)
}

func (s screen) advice(ans *answer) {
	s.WriteString("\n" + s.Bold("advice") + "\n")
	for _, a := range ans.advice {
		s.Wrap("  - ", terminal.Clean(a.Text))
	}
	for _, w := range ans.report.Warnings {
		s.Wrap(s.Hue(terminal.Yellow, "  ! "), terminal.Clean(w))
	}
}
