package terminal

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ text, line, clean string }{
		{"plain", "plain", "plain"},
		{"\tx :=  1\n", "    x :=  1 ", "x := 1"},
		{"\x1b[31mred\x1b[0m\x07", "red", "red"},
		{"a\u202eb\u2066c\u200b\u2028", "abc", "abc"},
		{"\x9b31m|\u009b32m|", "\uFFFD31m|32m|", "\uFFFD31m|32m|"},
		{"Bar£ €", "Bar£ €", "Bar£ €"},
	} {
		if got := CleanLine(tt.text); strings.Contains(got, "\x1b") || tt.line != got {
			t.Errorf("the line %q: got %q, want %q", tt.text, got, tt.line)
		}
		if got := Clean(tt.text); got != tt.clean {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.clean)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, width := range []int{0, 10, 44, 200} {
		s := NewText(width, true)
		s.Wrap(s.Bold("→ note: "), strings.Repeat("word ", 30)+s.Hue(Red, "end"))
		lines := strings.Split(strings.TrimSuffix(s.String(), "\n"), "\n")
		for i, l := range lines {
			if ansi.StringWidth(l) > s.Width() {
				t.Errorf("width %d: line %q is wider", width, l)
			}
			if i > 0 && !strings.HasPrefix(l, strings.Repeat(" ", 8)+"w") && !strings.Contains(l, "end") {
				t.Errorf("width %d: line %q is not indented below the prefix's end", width, l)
			}
		}
		if got := strings.Count(ansi.Strip(s.String()), "word"); got != 30 {
			t.Errorf("width %d: %d words are left, want 30", width, got)
		}
	}
}

func TestLine(t *testing.T) {
	s := NewText(40, false)
	s.Line(s.Bold("head") + strings.Repeat("€", 50))
	s.Line("short   ")
	if want := "head" + strings.Repeat("€", 35) + "…\nshort\n"; s.String() != want {
		t.Errorf("got %q, want %q", s.String(), want)
	}
	if got := NewText(40, true).Dim("x"); got == "x" || ansi.Strip(got) != "x" {
		t.Errorf("a faint x is %q", got)
	}
}

func TestPad(t *testing.T) {
	if got := Pad("\x1b[1m€\x1b[0m", 3); ansi.StringWidth(got) != 3 {
		t.Errorf("got %q, want 3 columns", got)
	}
	if got := Pad("long", 2); got != "long" {
		t.Errorf("got %q", got)
	}
}
