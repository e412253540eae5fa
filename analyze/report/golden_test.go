package report_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/analyze/report"
)

var update = flag.Bool("update", false, "write the golden files")

// compare compares what write writes with the golden file, the folder of the subject
// written as SUBJECT.
func compare(t *testing.T, name string, write func(w io.Writer, dir string) error) string {
	t.Helper()
	dir, err := filepath.Abs("testdata/subject")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := write(&b, dir); err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(b.String(), dir, "SUBJECT")
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
	return got
}

func TestTerminal(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    report.Options
	}{
		{"terminal-width=80", report.Options{Kept: true}},
		{"terminal-width=140-top=2", report.Options{Width: 140, Top: 2, Kept: true}},
		{"terminal-width=50-lost", report.Options{Width: 50}},
		{"terminal-color", report.Options{Color: true, Kept: true}},
		{"terminal-baseline-chdir", report.Options{Width: 140, Kept: true, Chdir: "my dir", Known: map[string]bool{"81c0aa": true}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := compare(t, tt.name, func(w io.Writer, dir string) error { return report.Terminal(w, sample(dir), tt.o) })
			checkScreen(t, got, tt.o)
		})
	}
}

// checkScreen checks what holds of every screen: no line is too wide but those to be
// copied, and escapes are there only where colour was asked for.
func checkScreen(t *testing.T, got string, o report.Options) {
	t.Helper()
	width := o.Width
	if width == 0 {
		width = 80
	}
	for l := range strings.Lines(got) {
		l = strings.TrimRight(l, "\n")
		copied := strings.HasPrefix(l, "  go ") || strings.HasPrefix(l, "  whet ")
		if n := ansi.StringWidth(l); n > width && !copied {
			t.Errorf("line of %d columns on a screen of %d: %q", n, width, l)
		}
	}
	if !o.Color && strings.ContainsRune(got, '\x1b') {
		t.Error("an escape sequence without colour")
	}
}

func TestColourSaysNothingAlone(t *testing.T) {
	var plain, coloured bytes.Buffer
	run := sample("testdata/subject")
	if err := report.Terminal(&plain, run, report.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := report.Terminal(&coloured, run, report.Options{Color: true}); err != nil {
		t.Fatal(err)
	}
	if plain.String() == coloured.String() {
		t.Error("colour was asked for and there is none")
	}
	if got := ansi.Strip(coloured.String()); got != plain.String() {
		t.Errorf("without its colours: got\n%s\nwant\n%s", got, plain.String())
	}
}

func TestTerminalOfNothing(t *testing.T) {
	compare(t, "terminal-nothing", func(w io.Writer, dir string) error {
		run := sample(dir)
		run.Findings, run.Workloads, run.Interrupted = nil, nil, true
		return report.Terminal(w, run, report.Options{Kept: true})
	})
}

func TestShow(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    int
		o    report.Options
	}{
		{"show-hot", 0, report.Options{}},
		{"show-hot-color", 0, report.Options{Color: true}},
		{"show-contention-width=50", 1, report.Options{Width: 50}},
		{"show-verified", 4, report.Options{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			compare(t, tt.name, func(w io.Writer, dir string) error {
				run := sample(dir)
				return report.Show(w, run, &run.Findings[tt.n], tt.o)
			})
		})
	}
}

func TestJSON(t *testing.T) {
	compare(t, "findings", func(w io.Writer, dir string) error {
		return archive.EncodeFindings(w, sample(dir).Findings)
	})
}

// A program may print anything; none of it may steer the reader's terminal.
func TestHostileText(t *testing.T) {
	const hostile = "a\x1b]0;title\x07b\x1b[2Jc\x9b31md\u202ee\x00\r\nf"
	f := analyze.Finding{
		Title: hostile, Rule: hostile, ID: hostile, Repro: hostile,
		Advice:     analyze.Advice{Do: hostile, Snippet: hostile, Doubts: []string{hostile}},
		Confidence: analyze.Confidence{Level: "\x1b[5m", Why: []string{hostile}},
		Locations:  []analyze.Location{{File: hostile, Line: 3, Func: hostile, Note: hostile}},
		Evidence:   []analyze.Evidence{{Source: hostile, Metric: hostile, Unit: hostile, Value: 1}},
		Gain:       analyze.Gain{Metric: hostile, Workload: hostile, How: hostile, Base: 1, Predicted: [2]float64{-1, -1}},
		Related:    []analyze.Related{{Rule: hostile, Title: hostile, Do: hostile}},
	}
	run := sample("testdata/subject")
	run.Findings = []analyze.Finding{f}
	run.Warnings = []analyze.Warning{{About: hostile, Text: hostile}}
	run.Subject.Dir, run.Subject.Patterns = hostile, []string{hostile}
	var b bytes.Buffer
	if err := report.Terminal(&b, run, report.Options{Kept: true}); err != nil {
		t.Fatal(err)
	}
	if err := report.Show(&b, run, &f, report.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, r := range b.String() {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == '\u202e' {
			t.Errorf("%q reached the terminal", r)
		}
	}
}

func TestFind(t *testing.T) {
	fs := sample("").Findings
	fs[1].Fingerprint = "3f2a9cffff" // begins as the first one's does
	for _, tt := range []struct{ name, want, err string }{
		{"1", "hot-3f2a", ""},
		{"5", "repeat-90ff", ""},
		{"hot-3f2a", "hot-3f2a", ""},
		{"layout", "layout-0b1c", ""},
		{"3f2a9c0", "hot-3f2a", ""},
		{"3f2a", "", `could be hot-3f2a or contention-81c0`},
		{"0", "", "no finding"},
		{"6", "", "1 to 5"},
		{"lay", "", "no finding"},
		{"", "", "no finding"},
		{"nonsense", "", "no finding"},
	} {
		f, err := report.Find(fs, tt.name)
		switch {
		case tt.err == "" && (err != nil || f.ID != tt.want):
			t.Errorf("Find(%q): got %v, %v, want %s", tt.name, f, err, tt.want)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("Find(%q): got error %v, want %q", tt.name, err, tt.err)
		}
	}
}
