package report_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/compare/measure"
	"github.com/whetgo/whet/compare/report"
)

var results = report.Results{
	CPU: "A processor", Time: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Command: "go run . -quick", Rounds: 3, Sample: time.Millisecond, Scale: 10,
	Versions: map[string]string{"github.com/maypok86/otter/v2": "v2.4.0"},
	Speed: []measure.Speed{
		{Row: "get", Key: "u64", Procs: 1, Peer: "otter", Ns: []float64{20, 21, 22}, Hit: 100, Fill: 76.3},
		{Row: "get", Key: "u64", Procs: 1, Peer: "floor-8way", Ns: []float64{10, 10.5, 11}, Hit: 99.2, Fill: 70},
		{Row: "get", Key: "u64", Procs: 2, Peer: "otter", Ns: []float64{12, 12, 12}, Bytes: 3.21},
	},
	Lifetime: []measure.Lifetime{{Key: "u64", Procs: 1, Peer: "whet-cache", More: []float64{1.5, 1.5}}},
	Latency: []measure.Latency{
		{Peer: "otter", Op: "get", Ns: [4][]float64{{50}, {80}, {200}, {400}}},
		{Peer: "otter", Op: "set", Ns: [4][]float64{{110}, {240}, {770}, {4000}}},
	},
	Bound:  []measure.Bound{{Peer: "otter", Largest: 125.7, Settled: 100}},
	Memory: []measure.Memory{{Key: "u64", Peer: "otter", Entries: 1000, Overhead: 66.04, GC: 1.94}},
	HitRatio: []measure.HitRatio{
		{Trace: "loop", Requests: 100, Cap: 10, Peer: "otter", Hit: 20.18, Settled: 20.92, Largest: 110},
		{Trace: "loop", Requests: 100, Cap: 10, Peer: "floor-8way", Hit: 1, Settled: 1, Largest: 100},
		{Trace: "loop", Requests: 100, Cap: 20, Peer: "otter", Hit: 30, Settled: 30, Largest: 100},
		{Trace: "loop", Requests: 100, Cap: 20, Peer: "floor-8way", Hit: 2, Settled: 2, Largest: 100},
	},
}

func TestMarkdown(t *testing.T) {
	var b strings.Builder
	if err := report.Markdown(&b, results); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"Measured on 24 November 2026", "A processor", "    go run . -quick\n", "**A quick run**",
		"| otter | github.com/maypok86/otter/v2 v2.4.0 | yes | yes | yes | yes |",
		"| u64, GOMAXPROCS 1 | ns/op | ÷ otter | ÷ golang-lru | B/op | hit % | size % | wait % |\n|---|--:|--:|--:|--:|--:|--:|--:|\n" +
			"| floor-8way | 10.5 | 0.50 [0.50, 0.50] | – | 0 | 99.2 | 70.0 | 0.0 |\n| otter | 21.0 | 1 | – | 0 | 100.0 | 76.3 | 0.0 |\n",
		"| otter | 12.0 | 1 | – | 3.21 |",
		"| otter | 50.0 | 80.0 | 200 | 400 | 110 | 240 | 770 | 4000 |",
		"| Get with a TTL, u64, GOMAXPROCS 1, more than without | ≤ 2 ns | 1.50 [1.50, 1.50] | held |",
		"| whet-cache | u64 | 1 | 1.50 [1.50, 1.50] |",
		"| otter | 125.7 | 100.0 |",
		"| otter | 66.0 | 1000 | 1.94 |",
		"| loop, 100 requests | 10 | 20 |",
		"| otter | 20.18 ‡ (20.92) | 30.00 |", "| floor-8way | 1.00 | 2.00 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for _, absent := range []string{"| theine |", "## Get or load", "%!"} {
		if strings.Contains(text, absent) {
			t.Errorf("%q is in the document", absent)
		}
	}
	columns(t, text)
}

// columns tests that the rows of every table are as wide as its head.
func columns(t *testing.T, text string) {
	t.Helper()
	width := 0
	cell := regexp.MustCompile(`\|`)
	for line := range strings.Lines(text) {
		n := len(cell.FindAllString(line, -1))
		switch {
		case !strings.HasPrefix(line, "|"):
			width = 0
		case width == 0:
			width = n
		case n != width:
			t.Errorf("%q has %d cells, its head %d", line, n, width)
		}
	}
}

// TestBars: what was aimed at is held or missed by the figures alone, and of what was missed the
// document says why.
func TestBars(t *testing.T) {
	for ns, want := range map[float64]string{30: "| ≤ 0.36 × otter | 0.30 [0.30, 0.30] | held |", 50: "| ≤ 0.36 × otter | 0.50 [0.50, 0.50] | missed |"} {
		r := report.Results{Speed: []measure.Speed{
			{Row: "get", Key: "u64", Procs: 1, Peer: "otter", Ns: []float64{100, 100}},
			{Row: "get", Key: "u64", Procs: 1, Peer: "whet-cache", Ns: []float64{ns, ns}},
		}}
		var b strings.Builder
		if err := report.Markdown(&b, r); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if !strings.Contains(text, want) || strings.Contains(text, "Tried: epochs") != (ns == 50) {
			t.Errorf("want %q in\n%s", want, text)
		}
		columns(t, text)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestMarkdownError(t *testing.T) {
	if err := report.Markdown(full{}, results); err == nil || err.Error() != "disk full" {
		t.Errorf("got %v", err)
	}
}
