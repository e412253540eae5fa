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
