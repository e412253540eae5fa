package contention

import (
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passtest"
)

func TestQuotes(t *testing.T) {
	snippets := map[string]string{
		"contention/io-under-lock": "b.read(symbol) // with b.mu not held",
		"contention/hot-lock":      "c.by.Load(key)",
		"contention/read-mostly":   "limits atomic.Pointer[Limits]",
	}
	for _, f := range passtest.Run(t, "testdata/quotes", Pass) {
		if want := snippets[f.Rule]; !strings.Contains(f.Advice.Snippet, want) {
			t.Errorf("%s: the snippet is %q, want it to hold %q", f.Rule, f.Advice.Snippet, want)
		}
	}
}

func TestSpin(t *testing.T) {
	for _, f := range passtest.Run(t, "testdata/spin", Pass) {
		if strings.HasSuffix(f.Where().Func, "run") {
			causes(t, f, "again", "flush")
		}
		if f.Gain.Predicted[0] > -0.2 {
			t.Errorf("%s: gain %v, want nearly the loop's share", f.Title, f.Gain.Predicted)
		}
	}
}

// causes checks that the finding names the functions that keep its loop awake.
func causes(t *testing.T, f analyze.Finding, names ...string) {
	t.Helper()
	for _, name := range names {
		named := false
		for _, l := range f.Locations {
			named = named || l.Role == analyze.Cause && strings.HasSuffix(l.Func, "."+name)
		}
		if !named {
			t.Errorf("%s: %s is not among the causes: %+v", f.Title, name, f.Locations)
		}
	}
}

func TestCalm(t *testing.T) { passtest.Run(t, "testdata/calm", Pass) }

func TestQuiet(t *testing.T) { passtest.Quiet(t, Pass) }
