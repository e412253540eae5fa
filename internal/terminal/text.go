// Package terminal lays text out for a terminal, and makes text of others safe to print
// there.
package terminal

import (
	"bytes"
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

const (
	usual = 80 // columns where nobody knows
	least = 40 // columns that are laid out for; a narrower terminal wraps
)

// A Text is lines being laid out in so many columns, in colour or without. It is used by
// one goroutine.
type Text struct {
	bytes.Buffer
	width int
	color bool
}

// NewText returns an empty text; a width of 0 or less is 80, and none is below 40. Colour
// allows the 16 of the terminal and bold and faint.
func NewText(width int, color bool) *Text {
	if width <= 0 {
		width = usual
	}
	return &Text{width: max(width, least), color: color}
}

// Width returns the columns that the text is laid out in.
func (t *Text) Width() int { return t.width }

// Line writes one line, cut to the width.
func (t *Text) Line(text string) {
	t.WriteString(strings.TrimRight(ansi.Truncate(text, t.width, "…"), " "))
	t.WriteByte('\n')
}

// Wrap writes text in as many lines as it needs: the first one after the prefix, the
// others indented as far.
func (t *Text) Wrap(prefix, text string) {
	columns := ansi.StringWidth(prefix)
	indent := strings.Repeat(" ", columns)
	for i, l := range strings.Split(ansi.Wrap(text, max(t.width-columns, least/2), ""), "\n") {
		if i > 0 {
			prefix = indent
		}
		t.WriteString(strings.TrimRight(prefix+l, " "))
		t.WriteByte('\n')
	}
}

// Heading writes the title of a part, after an empty line.
func (t *Text) Heading(text string) { fmt.Fprintf(t, "\n%s\n", t.Bold(text)) }

// Bold returns the text marked up as bold, or as it is where the text has no colour; so do
// Dim and Hue.
func (t *Text) Bold(text string) string { return t.style(lipgloss.NewStyle().Bold(true), text) }

// Dim returns the text marked up as faint.
func (t *Text) Dim(text string) string { return t.style(lipgloss.NewStyle().Faint(true), text) }

// A Color is one of the terminal's own, by its number: what it looks like is the reader's
// choice.
type Color string

const (
	Red    Color = "1"
	Green  Color = "2"
	Yellow Color = "3"
	Blue   Color = "4"
	Cyan   Color = "6"
)

// Hue returns the text in a colour.
func (t *Text) Hue(c Color, text string) string {
	return t.style(lipgloss.NewStyle().Foreground(lipgloss.Color(string(c))), text)
}

func (t *Text) style(st lipgloss.Style, text string) string {
	if !t.color || strings.TrimSpace(text) == "" {
		return text
	}
	return st.Render(text)
}

// Pad fills text with spaces up to the given number of columns.
func Pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-ansi.StringWidth(text)))
}
