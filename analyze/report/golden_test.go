package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
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
	got = strings.ReplaceAll(got, filepath.Dir(dir), "/TESTDATA")
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

func TestGitHub(t *testing.T) {
	got := compare(t, "github", func(w io.Writer, dir string) error {
		run := sample(dir)
		run.Findings[1].Title = "100 %:\n::error::a,b"
		run.Findings[3].Locations[0].File = "../../../outside.go"
		return report.GitHub(w, run, filepath.Dir(dir), report.Options{Known: map[string]bool{"90ff03": true}})
	})
	if n := strings.Count(got, "\n"); n != 3 || strings.Count("\n"+got, "\n::") != 3 {
		t.Errorf("got %d lines, want 3 annotations: the second forges none, one is known and one outside", n)
	}
	if !strings.HasPrefix(got, "::warning file=subject/bars.go,line=20,") {
		t.Error("the first is not on its line")
	}
}

func TestSARIF(t *testing.T) {
	got := compare(t, "sarif", func(w io.Writer, dir string) error {
		return report.SARIF(w, sample(dir), filepath.Dir(dir), report.Options{Known: map[string]bool{"90ff03": true}})
	})
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID              string
				RuleIndex           int
				PartialFingerprints map[string]string
				Locations           []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI, URIBaseID string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(got), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || len(run.Results) != 5 {
		t.Fatalf("got version %s, %d results", log.Version, len(run.Results))
	}
	for i, r := range run.Results {
		at := r.Locations[0].PhysicalLocation.ArtifactLocation
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || len(r.PartialFingerprints) == 0 ||
			strings.HasPrefix(at.URI, "/") || !strings.HasPrefix(at.URI, "subject/") || at.URIBaseID != "SRCROOT" {
			t.Errorf("result %d: %+v", i, r)
		}
	}
}

func TestHTML(t *testing.T) {
	got := compare(t, "page", func(w io.Writer, dir string) error { return report.HTML(w, sample(dir), report.Options{}) })
	for _, bad := range []string{"<script", "http://", "https://", "src=", "@import", "url("} {
		if strings.Contains(got, bad) {
			t.Errorf("the page holds %q: it is to need nothing else", bad)
		}
	}
	for _, want := range []string{"prefers-color-scheme: dark", "viewport", "<svg", "symbol &lt; &#34;&amp;&#34;", "▶ 20"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	checkTags(t, got)
}

// checkTags demands that the page's elements are closed in the order in which they
// were opened.
func checkTags(t *testing.T, page string) {
	t.Helper()
	_, page, _ = strings.Cut(page, "</style>")
	dec := xml.NewDecoder(strings.NewReader("<head>" + page))
	dec.Strict = false
	dec.AutoClose = []string{"br"}
	dec.Entity = xml.HTMLEntity
	depth := 1 // <html> was cut off
	for {
		tok, err := dec.Token()
		if err != nil {
			t.Fatalf("at byte %d: %v", dec.InputOffset(), err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
			if e.Name.Local == "body" && depth != 1 {
				t.Fatalf("%d elements are still open at the end of the body", depth-1)
			} else if e.Name.Local == "body" {
				return
			}
		}
	}
}

func TestHTMLOfHostileText(t *testing.T) {
	run := sample("testdata/subject")
	const hostile = `"><script>alert(1)</script><img src=x onerror=y>`
	f := &run.Findings[0]
	f.Title, f.ID, f.Rule, f.Repro, f.Gain.Metric, f.Gain.Workload = hostile, hostile, hostile, hostile, hostile, hostile
	f.Advice = analyze.Advice{Do: hostile, Snippet: hostile, Doubts: []string{hostile}}
	f.Locations = []analyze.Location{{File: hostile, Line: 1, Func: hostile, Note: hostile}}
	run.Warnings = []analyze.Warning{{Text: hostile}}
	var b bytes.Buffer
	if err := report.HTML(&b, run, report.Options{}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); strings.Contains(got, "<script") || strings.Contains(got, "<img") {
		t.Error("markup of the program got into the page")
	}
	checkTags(t, b.String())
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
