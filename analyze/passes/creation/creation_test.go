package creation_test

import (
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passes/creation"
	"github.com/whetgo/whet/analyze/passtest"
)

func TestDesk(t *testing.T) {
	for _, f := range passtest.Run(t, "testdata/desk", creation.Pass) {
		switch f.Rule {
		case "creation/eager-init":
			start(t, f)
		case "creation/registry-under-lock":
			registry(t, f)
		}
	}
}

// start checks what is said of the regular expressions in package rules.
func start(t *testing.T, f analyze.Finding) {
	if w := f.Where(); w.Func != "var example.com/desk/rules.pairRE" || !strings.Contains(f.Title, "12 regular expressions") {
		t.Errorf("%s at %s, want 12 regular expressions at pairRE", f.Title, w.Func)
	}
	for _, want := range []string{"RE = sync.OnceValue(func() *regexp.Regexp { return compile(`^(?:", "so for the other"} {
		if !strings.Contains(f.Advice.Snippet, want) {
			t.Errorf("the snippet is %q, want it to hold %q", f.Advice.Snippet, want)
		}
	}
	if g := f.Gain; g.Metric != "sec" || g.Base < 1e-4 || g.Predicted[1] > -0.1 {
		t.Errorf("gain %+v", g)
	}
}

// registry checks what is said of (*Hub).Market.
func registry(t *testing.T, f analyze.Finding) {
	for _, want := range []string{"type marketsKey struct", "sync.OnceValues(func() (*Market, error) { return newMarket(symbol) })"} {
		if !strings.Contains(f.Advice.Snippet, want) {
			t.Errorf("the snippet is %q, want it to hold %q", f.Advice.Snippet, want)
		}
	}
	if f.Gain.Workload != "BenchmarkMarket" || f.Gain.Predicted[1] > -0.5 {
		t.Errorf("gain %+v, want most of BenchmarkMarket", f.Gain)
	}
}

func TestCalm(t *testing.T) { passtest.Run(t, "testdata/calm", creation.Pass) }

func TestQuiet(t *testing.T) { passtest.Quiet(t, creation.Pass) }
