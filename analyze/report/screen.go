package report

import (
	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/terminal"
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

// A screen is a run being laid out for a terminal.
type screen struct{ *terminal.Text }

func newScreen(o Options) screen { return screen{terminal.NewText(o.Width, o.Color)} }

// confidence returns a level's symbol and word, coloured.
func (s screen) confidence(l analyze.Level) string {
	switch text := symbol(l) + " " + terminal.Clean(string(l)); l {
	case analyze.Verified:
		return s.Hue(terminal.Green, text)
	case analyze.Observed:
		return s.Hue(terminal.Cyan, text)
	case analyze.Profiled:
		return s.Hue(terminal.Blue, text)
	default:
		return s.Dim(text)
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
