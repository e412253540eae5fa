package rank_test

import (
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/rank"
)

func finding(category, fn, metric string, lo, hi float64) analyze.Finding {
	return analyze.Finding{
		Rule: category + "/x", Category: category, Title: category + " in " + fn,
		Locations:  []analyze.Location{{Func: fn, Role: analyze.Primary}},
		Confidence: analyze.Confidence{Level: analyze.Profiled},
		Gain:       analyze.Gain{Metric: metric, Predicted: [2]float64{lo, hi}},
	}
}

func TestRank(t *testing.T) {
	verified := finding("hot", "p.Verified", "sec/op", -0.5, -0.6)
	verified.Confidence.Level = analyze.Verified
	risky := finding("hot", "p.Risky", "sec/op", -0.5, -0.6)
	risky.Cost.Risk = []string{"a", "b", "c"}
	got := rank.Rank(nil, []analyze.Finding{
		risky,
		finding("alloc", "p.Both", "B/op", -0.5, -0.6),
		finding("hot", "p.Cold", "sec/op", -0.001, -0.01),
		finding("hot", "p.Both", "sec/op", -0.5, -0.6),
		finding("contention", "p.Both", "sec/op", -0.2, -0.3),
		verified,
		finding("hot", "p.Wide", "sec/op", -0.05, -1),
	})
	var order []string
	for _, f := range got {
		order = append(order, f.Category+" "+f.Where().Func)
	}
	want := "hot p.Verified, hot p.Both, hot p.Risky, hot p.Wide, contention p.Both"
	if s := strings.Join(order, ", "); s != want {
		t.Errorf("order: %s\nwant:  %s", s, want)
	}
	both := got[1]
	if len(both.Related) != 1 || both.Related[0].Rule != "alloc/x" {
		t.Errorf("the garbage of p.Both is not folded into its time: %+v", both.Related)
	}
	seen := make(map[string]bool)
	for _, f := range got {
		if !strings.HasPrefix(f.ID, f.Category+"-") || seen[f.ID] {
			t.Errorf("bad ID %q", f.ID)
		}
		seen[f.ID] = true
	}
}

func TestIDsAreToldApart(t *testing.T) {
	a, b := finding("hot", "p.A", "sec/op", -0.5, -0.6), finding("hot", "p.B", "sec/op", -0.5, -0.6)
	a.Fingerprint, b.Fingerprint = "abcdef01", "abcdff02"
	got := rank.Rank(nil, []analyze.Finding{a, b})
	if got[0].ID != "hot-abcd" || got[1].ID != "hot-abcdf" {
		t.Errorf("got %s and %s", got[0].ID, got[1].ID)
	}
}

// TestConfirm: what is read on a hot line and seen again in a run with probes is one
// finding, observed.
func TestConfirm(t *testing.T) {
	at := []analyze.Location{{File: "a.go", Line: 7, Func: "p.F", Role: analyze.Primary}}
	read := analyze.Finding{
		Rule: "hot/compile-per-call", Category: "hot", Title: "compiles", Fingerprint: "aa11", Locations: at,
		Confidence: analyze.Confidence{Level: analyze.Profiled, Why: []string{"hot"}},
		Advice:     analyze.Advice{Do: "guess"},
		Gain:       analyze.Gain{Metric: "sec/op", Workload: "W", Predicted: [2]float64{-0.1, -0.8}, How: "how often was not observed"},
	}
	seen := analyze.Finding{
		Rule: "repeat/memoize", Category: "repeat", Title: "asked again", Fingerprint: "bb22", Locations: at,
		Confidence: analyze.Confidence{Level: analyze.Observed, Why: []string{"seen"}},
		Advice:     analyze.Advice{Do: "remember 16"},
		Gain:       analyze.Gain{Metric: "sec/op", Workload: "W", Predicted: [2]float64{-0.6, -0.7}, How: "counted"},
		Watched:    &analyze.Watched{Subject: "regexp.Compile in p.F", Line: 7, Calls: 100},
	}
	check := func(name string, fs []analyze.Finding, rule string, level analyze.Level, do string) {
		t.Helper()
		got := rank.Rank(nil, fs)
		if len(got) != 1 {
			t.Fatalf("%s: %d findings, want one", name, len(got))
		}
		f := got[0]
		if f.Rule != rule || f.Confidence.Level != level || f.Advice.Do != do || len(f.Related) != 1 || f.Related[0].Rule == rule {
			t.Errorf("%s: got %s %s %q related %v", name, f.Rule, f.Confidence.Level, f.Advice.Do, f.Related)
		}
	}
	check("a guess is replaced", []analyze.Finding{read, seen}, "hot/compile-per-call", analyze.Observed, "remember 16")
	strong := read
	strong.Gain.Predicted, strong.Gain.How = [2]float64{-0.9, -0.95}, "counted"
	check("what is sure stays", []analyze.Finding{strong, seen}, "hot/compile-per-call", analyze.Observed, "guess")
	elsewhere := seen
	elsewhere.Locations = []analyze.Location{{File: "a.go", Line: 9, Func: "p.F", Role: analyze.Primary}}
	check("another line confirms nothing", []analyze.Finding{strong, elsewhere}, "hot/compile-per-call", analyze.Profiled, "guess")
}
