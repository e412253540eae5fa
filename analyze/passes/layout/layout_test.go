package layout_test

import (
	"go/parser"
	"go/token"
	"math"
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passes/layout"
	"github.com/whetgo/whet/analyze/passtest"
)

func TestPadding(t *testing.T) {
	seen := make(map[string]analyze.Finding)
	for _, f := range passtest.Run(t, "testdata/book", layout.Pass) {
		seen[f.Where().Func] = f
		parses(t, f.Advice.Snippet)
	}
	for _, tt := range []struct {
		typ, metric, workload string
		saving                float64
	}{
		{"Order", "B/op", "BenchmarkOrder", 1.0 / 2},
		{"Fill", "B/op", "BenchmarkFill", 0},
		{"Tick", "B/op", "BenchmarkTicks", 1.0 / 3},
		{"Pair[...]", "B/op", "BenchmarkPair", 1.0 / 2},
		{"Quote", "B", "BenchmarkSpread", 0},
	} {
		f, ok := seen["type example.com/book."+tt.typ]
		if !ok {
			continue // passtest has said so
		}
		if f.Gain.Metric != tt.metric || f.Gain.Workload != tt.workload {
			t.Errorf("%s: gain %+v, want %s of %s", tt.typ, f.Gain, tt.metric, tt.workload)
		}
		if tt.saving > 0 && math.Abs(-f.Gain.Predicted[1]-tt.saving) > 0.05 {
			t.Errorf("%s: at most %.2f is saved, want %.2f", tt.typ, -f.Gain.Predicted[1], tt.saving)
		}
	}
	want := "type Order struct { // 40 bytes now, 24 bytes then\n\tLots int64 // 8 bytes\n\tPrice float64 // 8 bytes\n\tBuy bool // 1 byte; 7 bytes of padding here now\n"
	if got := seen["type example.com/book.Order"].Advice.Snippet; !strings.HasPrefix(got, want) {
		t.Errorf("the snippet is\n%s\nwant\n%s", got, want)
	}
}

func TestMapOfAny(t *testing.T) {
	for _, f := range passtest.Run(t, "testdata/desk", layout.Pass) {
		parses(t, f.Advice.Snippet)
		if f.Where().Func != "example.com/desk.NewParams" {
			continue
		}
		for _, want := range []string{"MaxLots int64", "Account string", "Client int", `Params{Driver: "file", Account: account, Client: client, MaxLots: int64(100)}`, `p["max-lots"] becomes p.MaxLots`} {
			if !strings.Contains(f.Advice.Snippet, want) {
				t.Errorf("the snippet is\n%s\nwant it to hold %q", f.Advice.Snippet, want)
			}
		}
		if g := f.Gain; g.Workload != "BenchmarkParams" || g.Predicted[1] > -0.4 {
			t.Errorf("gain %+v, want most of BenchmarkParams", g)
		}
	}
}

// parses fails the test if the declaration that a snippet begins with is not Go.
func parses(t *testing.T, snippet string) {
	t.Helper()
	decl, _, _ := strings.Cut(snippet, "\n}")
	if _, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+decl+"\n}", 0); err != nil {
		t.Errorf("%v in\n%s", err, snippet)
	}
}

func TestQuiet(t *testing.T) { passtest.Quiet(t, layout.Pass) }
