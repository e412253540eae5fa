package report

import (
	"bytes"
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/whetgo/whet/analyze"
)

// Options say how a run is shown. The zero value shows every finding, in black and
// white, for 80 columns.
type Options struct {
	Width int  // columns of the terminal; 0 for 80
	Color bool // mark up with the terminal's 16 colours
	Top   int  // findings that are shown, 0 for all
	Kept  bool // the run is kept: "whet show" can be typed next
	// Chdir is the folder that the command was told to work in, as it was typed: the
	// commands to type next need it too.
	Chdir string
	// Known holds the fingerprints of a baseline's findings; those that are not in
	// it are marked as new. Nil for no baseline.
	Known map[string]bool
}

// minWidth is the narrowest screen that is laid out for; a narrower one wraps.
const minWidth = 40

// A screen is text being laid out for a terminal.
type screen struct {
	bytes.Buffer
	width int
	color bool
}

func newScreen(o Options) *screen {
	width := o.Width
	if width <= 0 {
		width = 80
	}
	return &screen{width: max(width, minWidth), color: o.Color}
}

// line writes one line, cut to the screen's width.
func (s *screen) line(text string) {
	s.WriteString(strings.TrimRight(ansi.Truncate(text, s.width, "…"), " "))
	s.WriteByte('\n')
}

// wrap writes text in as many lines as it needs: the first one after the prefix, the
// others indented as far.
func (s *screen) wrap(prefix, text string) {
	indent := strings.Repeat(" ", ansi.StringWidth(prefix))
	room := max(s.width-len(indent), minWidth/2)
	for i, l := range strings.Split(ansi.Wrap(text, room, ""), "\n") {
		if i > 0 {
			prefix = indent
		}
		s.WriteString(strings.TrimRight(prefix+l, " "))
		s.WriteByte('\n')
	}
}

// heading writes the title of a part, after an empty line.
func (s *screen) heading(text string) {
	fmt.Fprintf(s, "\n%s\n", s.bold(text))
}

func (s *screen) style(st lipgloss.Style, text string) string {
	if !s.color || text == "" {
		return text
	}
	return st.Render(text)
}

func (s *screen) bold(text string) string { return s.style(lipgloss.NewStyle().Bold(true), text) }
func (s *screen) dim(text string) string  { return s.style(lipgloss.NewStyle().Faint(true), text) }

func (s *screen) hue(color, text string) string {
	return s.style(lipgloss.NewStyle().Foreground(lipgloss.Color(color)), text)
}

// The terminal's colours, by number: what they look like is the reader's choice.
const (
	red    = "1"
	green  = "2"
	yellow = "3"
	blue   = "4"
	cyan   = "6"
)

// confidence returns a level's symbol and word, coloured.
func (s *screen) confidence(l analyze.Level) string {
	switch text := symbol(l) + " " + clean(string(l)); l {
	case analyze.Verified:
		return s.hue(green, text)
	case analyze.Observed:
		return s.hue(cyan, text)
	case analyze.Profiled:
		return s.hue(blue, text)
	default:
		return s.dim(text)
	}
}

func symbol(l analyze.Level) string {
	switch l {
	case analyze.Static:
		return "○"
	case analyze.Profiled:
		return "◐"
	case analyze.Observed:
		return "●"
	case analyze.Verified:
		return "✔"
	}
	return "?"
}

// pad fills text with spaces up to the given number of columns.
func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-ansi.StringWidth(text)))
}

// clean makes one line that is safe to print of text which the analyzed program may
// have made: no escape sequences, no control characters, no runs of white space.
func clean(text string) string {
	return strings.Join(strings.Fields(cleanLine(text)), " ")
}

// cleanLine is clean for a line of source: its white space is kept, tabs as four
// columns.
func cleanLine(text string) string {
	text = strings.ReplaceAll(ansi.Strip(strings.ToValidUTF8(text, "\uFFFD")), "\t", "    ")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r':
			return ' '
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1 // controls, and those that turn the direction of text
		}
		return r
	}, text)
}
