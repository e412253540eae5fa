package claims

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// quickly measures all rows in a hurry.
func quickly(t *testing.T) *Report {
	t.Helper()
	r, err := Run(t.Context(), Options{Quick: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var (
	digits   = regexp.MustCompile(`[0-9][0-9.,]*`)
	spaces   = regexp.MustCompile(` +|-{3,}`)
	verdicts = regexp.MustCompile(`not held|held|within the noise|true|false`)
	interval = regexp.MustCompile(`\(?[-−]?[\d.,e+]+ … [-−]?[\d.,e+]+\)?`) // of what never differed there is none
	header   = regexp.MustCompile(`(?m)^Measured .*$`)
)

// shape leaves out of a document what differs from run to run.
func shape(doc string) string {
	doc = interval.ReplaceAllString(doc, "")
	for _, r := range []*regexp.Regexp{header, verdicts, digits, spaces} {
		doc = r.ReplaceAllString(doc, "#")
	}
	return strings.ReplaceAll(strings.ReplaceAll(doc, "-#", "#"), "−#", "#")
}

// TestDocument fails when docs/claims.md is not what the command prints.
func TestDocument(t *testing.T) {
	doc, err := os.ReadFile("../../docs/claims.md")
	if err != nil {
		t.Fatal(err)
	}
	r := quickly(t)
	r.Quick = false
	var out bytes.Buffer
	if err := Markdown(&out, r); err != nil {
		t.Fatal(err)
	}
	got, want := strings.Split(shape(out.String()), "\n"), strings.Split(shape(string(doc)), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("docs/claims.md differs from what whet claims --markdown prints, from line %d on:\n%s\nwant like\n%s", i+1, line(want, i), line(got, i))
		}
	}
	checkCounts(t, r)
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

// checkCounts demands the claims that no noise can touch.
func checkCounts(t *testing.T, r *Report) {
	for _, row := range r.Rows {
		for _, c := range row.Checks {
			if slices.Contains([]string{"weak", "ttl", "drops", "orders"}, row.ID) && c.Verdict != Held {
				t.Errorf("%s: %s: %s: %s", row.ID, c.Claim, c.Found, c.Verdict)
			}
		}
	}
}

func TestInterval(t *testing.T) {
	s := samples{5, 1, 4, 2, 3}
	if lo, mid, hi := s.interval(); lo != 1 || mid != 3 || hi != 5 {
		t.Errorf("of five: %v … %v … %v, want all of them", lo, mid, hi)
	}
	s = nil
	for i := range 15 {
		s = append(s, float64(i+1))
	}
	if lo, mid, hi := s.interval(); lo != 4 || mid != 8 || hi != 12 {
		t.Errorf("of fifteen: %v … %v … %v, want 4 … 8 … 12", lo, mid, hi)
	}
}

func TestVerdicts(t *testing.T) {
	a := samples{100, 100, 100, 100, 100}
	for _, c := range []struct {
		b    samples
		want Verdict
	}{
		{samples{50, 51, 52, 53, 54}, Held},
		{samples{90, 91, 92, 93, 94}, NotHeld},
		{samples{50, 60, 70, 80, 90}, Noise},
	} {
		if got := less("", a, c.b, 30); got.Verdict != c.want {
			t.Errorf("30 %% less than 100 of %v: %v, want %v", c.b, got, c.want)
		}
	}
	if got := atMost("", Figure{Value: 5, Lo: 4, Hi: 6}, 3); got.Verdict != NotHeld {
		t.Errorf("got %v, want not held", got)
	}
}

func TestUnknownRow(t *testing.T) {
	if _, err := Run(context.Background(), Options{Rows: []string{"nope"}}); err == nil {
		t.Error("no error")
	}
}

func TestForms(t *testing.T) {
	r := &Report{Rows: []Row{{ID: "x", Title: "<b>", How: "a|b", Figures: []Figure{{"s&t", 1.234, 1, 2, "ns"}}, Checks: []Check{{"c<d", "1", NotHeld}}}}}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text":     func(b *bytes.Buffer) error { return Text(b, r) },
		"markdown": func(b *bytes.Buffer) error { return Markdown(b, r) },
		"html":     func(b *bytes.Buffer) error { return HTML(b, r) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil || !strings.Contains(b.String(), "1.23") || !strings.Contains(b.String(), "not held") {
			t.Errorf("%s: %v\n%s", name, err, b.String())
		}
		if name == "html" && (strings.Contains(b.String(), "<b>") || !strings.Contains(b.String(), "<svg")) {
			t.Errorf("html is not escaped, or has no plot:\n%s", b.String())
		}
	}
}
