package terminal

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// Clean makes one line that is safe to print of text that others may have made, such as an
// analyzed program or a file's name: no escape sequences, no control characters, nothing that
// is not seen, such as what turns the direction of text, no runs of white space.
func Clean(text string) string {
	return strings.Join(strings.Fields(CleanLine(text)), " ")
}

// CleanLine is [Clean] for a line of source: its white space is kept, tabs as four columns.
func CleanLine(text string) string {
	text = strings.ReplaceAll(ansi.Strip(strings.ToValidUTF8(text, "\uFFFD")), "\t", "    ")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r':
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, text)
}
