package shell

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Plain makes text that a file's name may hold safe to print.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, ansi.Strip(text))
}
