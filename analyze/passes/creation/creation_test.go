package creation_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/passes/creation"
	"github.com/whetgo/whet/analyze/passtest"
	"github.com/whetgo/whet/analyze/probe"
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

// TestFirst watches functions that create with their first call.
func TestFirst(t *testing.T) {
	s := passtest.Capture(t, "testdata/first")
	cs := creation.Candidates(t.Context(), s)
	res, err := probe.Run(t.Context(), s.Subject, probe.Plan{Candidates: cs, Budget: 9 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range res.Warnings {
		t.Logf("warning: %s", w.Text)
	}
	if fs := analyze.Run(t.Context(), s, creation.With(nil)); slices.ContainsFunc(fs, isFirst) {
		t.Error("without a run with probes, a first call is reported")
	}
	// The static half may say of Rates and of Limits what it reads: that is not looked at here.
	with := &analyze.Pass{Name: "creation", Run: func(ctx context.Context, s *analyze.Session) ([]analyze.Finding, error) {
		fs, err := creation.With(res).Run(ctx, s)
		return slices.DeleteFunc(fs, func(f analyze.Finding) bool { return !isFirst(f) }), err
	}}
	for _, f := range passtest.Compare(t, "testdata/first", s, with) {
		if f.Confidence.Level != analyze.Observed || f.Gain.Metric != "sec/first" || f.Gain.Base < 1e-3 {
			t.Errorf("%s: %s %+v", f.Rule, f.Confidence.Level, f.Gain)
		}
	}
}

// TestUnused watches the functions that use what is made at start: of two objects none is
// called.
func TestUnused(t *testing.T) {
	s := passtest.Capture(t, "testdata/idle")
	res, err := probe.Run(t.Context(), s.Subject, probe.Plan{Candidates: creation.Candidates(t.Context(), s), Budget: 9 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range analyze.Run(t.Context(), s, creation.With(res)) {
		if f.Rule != "creation/eager-init" {
			continue
		}
		found++
		last := f.Confidence.Why[len(f.Confidence.Why)-1]
		if f.Confidence.Level != analyze.Observed || !strings.HasPrefix(last, "made and never used: account and 1 more;") {
			t.Errorf("%s: %s, %q", f.Title, f.Confidence.Level, last)
		}
	}
	if found != 1 {
		t.Errorf("%d findings of what is made at start, want 1", found)
	}
}

func isFirst(f analyze.Finding) bool {
	return f.Rule == "creation/first-call" || f.Rule == "creation/waited-for" || f.Rule == "creation/created-twice"
}
