package contention

import (
	"slices"
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passtest"
	"github.com/whetgo/whet/profile"
)

func TestQuotes(t *testing.T) {
	found := passtest.Run(t, "testdata/quotes", Pass)
	says(t, found, map[string]saying{
		"(*Book).Last":    {"b.read(symbol) // with b.mu not held", "Book.mu is held in one place, which writes; it guards last"},
		"(*Counters).Add": {"c.by.Load(key)", "Counters.mu is held in 2 places, of which 1 only read and 1 write; it guards by"},
		"CurrentLimits":   {"limits atomic.Pointer[Limits]", "with it held, quotes.CurrentLimits calls cloned"},
	})
	for _, f := range found {
		if f.Rule == "contention/io-under-lock" && !slices.ContainsFunc(f.Evidence, func(e analyze.Evidence) bool { return e.Metric == "allocated with Book.mu held" && e.Value > 10000 }) {
			t.Errorf("%s: the file of 10 kB that is read under the lock is not in the evidence: %+v", f.Title, f.Evidence)
		}
	}
}

func TestHub(t *testing.T) {
	says(t, passtest.Run(t, "testdata/hub", Pass), map[string]saying{
		"(*Hub).Publish": {"c <- quote // with h.mu not held", "Hub.mu is held in 2 places, of which 1 only read and 1 write; it guards to"},
		"(*Venues).Of":   {"of atomic.Pointer[map[string]string]", "Venues.mu is held in 2 places, of which 1 only read and 1 write; it guards of"},
	})
}

// A saying is a part of a finding's snippet, and one of its reasons.
type saying struct{ snippet, why string }

// says checks what the findings of a module say, by the local name of their function.
func says(t *testing.T, found []analyze.Finding, wants map[string]saying) {
	t.Helper()
	for _, f := range found {
		want, ok := wants[profile.Local(f.Where().Func)]
		if !ok {
			t.Errorf("nothing is wanted of %s: %s", f.Where().Func, f.Title)
		}
		if !strings.Contains(f.Advice.Snippet, want.snippet) {
			t.Errorf("%s: the snippet is %q, want it to hold %q", f.Title, f.Advice.Snippet, want.snippet)
		}
		if !slices.Contains(f.Confidence.Why, want.why) {
			t.Errorf("%s: the reasons are %q, want %q among them", f.Title, f.Confidence.Why, want.why)
		}
	}
}

func TestSpin(t *testing.T) {
	for _, f := range passtest.Run(t, "testdata/spin", Pass) {
		if strings.HasSuffix(f.Where().Func, "run") {
			causes(t, f, "again", "flush")
		}
		if f.Gain.Predicted[0] > -0.05 || f.Gain.Predicted[1] > -0.5 {
			t.Errorf("%s: gain %v, want up to nearly the loop's share", f.Title, f.Gain.Predicted)
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

// TestBusy: code that tries once and goes on, works until it is told to stop, or takes
// locks that nobody else takes, does not spin and does not wait.
func TestBusy(t *testing.T) { passtest.Run(t, "testdata/busy", Pass) }

func TestCalm(t *testing.T) { passtest.Run(t, "testdata/calm", Pass) }

func TestQuiet(t *testing.T) { passtest.Quiet(t, Pass) }
