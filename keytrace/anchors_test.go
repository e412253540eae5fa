//go:build traces

package keytrace_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/format"
	"github.com/whetgo/whet/keytrace/policy"
)

// An anchor is a public trace with hit ratios, in percent, that others measured on it: LRU
// and SIEVE with libCacheSim and with Go caches, which agree; 2Q and ARC with golang-lru;
// OPT and the best fixed set with programs of their own.
type anchor struct {
	file, format string
	size         int
	opt, static  float64
	lru, twoQ    float64
	arc, sieve   float64
}

var anchors = []anchor{
	{"arc_OLTP.lis", "arc", 500, 46.43, 25.13, 23.45, 30.37, 30.85, 20.62},
	{"arc_OLTP.lis", "arc", 1000, 53.62, 31.27, 32.83, 39.24, 39.12, 32.56},
	{"arc_OLTP.lis", "arc", 2000, 60.40, 37.86, 42.47, 45.87, 46.15, 41.19},
	{"arc_OLTP.lis", "arc", 10000, 73.02, 55.38, 60.70, 62.05, 61.97, 60.47},
	{"cache2k_web07.trace", "be32", 205, 53.43, 36.59, 39.17, 42.12, 42.03, 42.20},
	{"cache2k_web07.trace", "be32", 1024, 63.72, 50.77, 50.56, 53.14, 53.32, 53.44},
	{"cache2k_web07.trace", "be32", 2048, 68.09, 57.30, 55.66, 57.80, 58.09, 57.93},
	{"cache2k_web07.trace", "be32", 5121, 73.07, 67.25, 62.88, 64.31, 64.50, 64.20},
	{"cache2k_orm-busy.trace", "be32", 763, 82.83, 33.39, 77.03, 76.97, 76.78, 70.53},
	{"cache2k_orm-busy.trace", "be32", 7635, 93.31, 75.63, 88.01, 87.96, 88.11, 88.11},
	{"scarab_scarab-recs.trace", "be64", 2584, 53.35, 38.45, 34.71, 40.32, 40.85, 40.83},
	{"scarab_scarab-recs.trace", "be64", 64592, 79.25, 71.79, 72.06, 72.72, 72.56, 71.03},
	{"adapt_size_request.trace", "time-id-size", 368, 35.17, 23.34, 24.29, 25.84, 26.03, 26.14},
	{"adapt_size_request.trace", "time-id-size", 9204, 45.04, 45.04, 39.69, 41.51, 41.48, 41.10},
	{"corda_trace_vaultservice", "be64", 905, 33.33, .67, 33.33, 33.33, 33.30, .67},
	{"corda_trace_vaultservice", "be64", 22617, 33.33, 16.67, 33.33, 33.33, 33.31, 16.67},
	{"lirs_multi1.trace", "lirs", 250, 52.48, 50.20, 42.86, 48.11, 48.34, 45.10},
	{"lirs_multi1.trace", "lirs", 500, 58.79, 56.51, 46.51, 49.40, 49.46, 49.27},
	{"lirs_multi1.trace", "lirs", 1000, 71.40, 69.12, 48.23, 49.75, 57.31, 49.74},
	{"lirs_multi1.trace", "lirs", 2000, 83.57, 83.57, 83.21, 82.82, 83.23, 83.23},
	{"lirs_loop.trace", "lirs", 750, 74.04, 74.04, 0, 51.22, .07, 0},
	{"lirs_loop.trace", "lirs", 1000, 98.71, 98.71, 0, 78.34, .10, 0},
	{"lirs_cs.trace", "lirs", 1000, 60.82, 58.99, 1.83, 34.21, 8.86, 1.83},
	{"lirs_cpp.trace", "lirs", 100, 82.60, 76.71, 69.71, 74.35, 76.62, 69.54},
	{"lirs_2_pools.trace", "lirs", 99, 50.63, 49.46, 21.77, 38.37, 46.03, 47.70},
	{"lirs_multi3.trace", "lirs", 1000, 56.29, 53.05, 37.70, 45.65, 45.67, 39.16},
}

// traces returns the folder of public traces. They are not this project's, so the tests that
// need them are only built when asked for:
//
//	WHET_TRACES=folder go test -tags traces -run Anchors ./keytrace
func traces(t *testing.T) string {
	dir := os.Getenv("WHET_TRACES")
	if dir == "" {
		t.Fatal("WHET_TRACES names no folder (with arc_OLTP.lis.zst, lirs_multi1.trace.gz, …)")
	}
	return dir
}

// open opens the trace of that name, packed or not.
func open(t *testing.T, dir, name, form string) *keytrace.Trace {
	t.Helper()
	for _, packed := range []string{"", ".gz", ".zst"} {
		file := filepath.Join(dir, name+packed)
		if _, err := os.Stat(file); err != nil {
			continue
		}
		tr, err := keytrace.Open(t.Context(), file, format.Options{Format: form})
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	t.Skipf("no %s in WHET_TRACES", name)
	return nil
}

// TestAnchors compares the simulators that model an implementation to the digit with what
// that implementation did.
func TestAnchors(t *testing.T) {
	dir := traces(t)
	for _, a := range anchors {
		t.Run(fmt.Sprintf("%s/%d", a.file, a.size), func(t *testing.T) {
			tr := open(t, dir, a.file, a.format)
			report, err := keytrace.Simulate(t.Context(), tr, policy.Table, []int{a.size}, keytrace.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]float64{"opt": a.opt, "static": a.static, "lru": a.lru, "2q": a.twoQ, "arc-golang-lru": a.arc, "sieve": a.sieve}
			for _, row := range report.Rows {
				got := 100 * row.HitRatio
				if w, ok := want[row.Policy]; ok && math.Abs(got-w) > .0051 {
					t.Errorf("%s: got %.2f, want %.2f", row.Title, got, w)
				}
				t.Logf("%-22s %6.2f", row.Title, got)
			}
			curve, err := keytrace.LRUCurve(t.Context(), tr)
			if err != nil {
				t.Fatal(err)
			}
			if got := 100 * curve.HitRatioAt(a.size); math.Abs(got-a.lru) > .0051 {
				t.Errorf("LRU curve: got %.2f, want %.2f", got, a.lru)
			}
		})
	}
}

// TestSampledAnchors: samples of at least 2000 keys are within a point of the exact LRU
// curve on average over 100 sizes.
func TestSampledAnchors(t *testing.T) {
	dir := traces(t)
	for _, tt := range []struct{ file, format string }{
		{"arc_OLTP.lis", "arc"}, {"arc_P3.lis", "arc"}, {"scarab_scarab-recs.trace", "be64"},
		{"cache2k_orm-busy.trace", "be32"}, {"cache2k_web07.trace", "be32"}, {"adapt_size_request.trace", "time-id-size"},
	} {
		t.Run(tt.file, func(t *testing.T) {
			tr := open(t, dir, tt.file, tt.format)
			exact, err := keytrace.LRUCurve(t.Context(), tr)
			if err != nil {
				t.Fatal(err)
			}
			check := func(name string, c *keytrace.Curve, most float64) {
				mean, worst := distance(exact, c)
				t.Logf("%-24s %7d keys, error %.2f points, at most %.2f", name, c.Keys, mean, worst)
				if c.Keys >= 2000 && mean > most {
					t.Errorf("%s: mean error %.2f points, want at most %v", name, mean, most)
				}
			}
			for _, rate := range []float64{.1, .01} {
				c, err := keytrace.LRUCurve(context.Background(), tr.Sample(rate))
				if err != nil {
					t.Fatal(err)
				}
				check(fmt.Sprintf("rate %g", rate), c, 1)
			}
			for _, keys := range []int{2048, 8192} {
				s := keytrace.NewShards(keys)
				for _, key := range tr.Keys {
					s.Add(key)
				}
				check(fmt.Sprintf("%d keys", keys), s.Curve(), 1.5)
			}
		})
	}
}

// distance returns the mean and the largest difference of two curves, in points, over 100
// sizes from 1 to 100 % of the distinct keys.
func distance(exact, c *keytrace.Curve) (mean, worst float64) {
	for i := 1; i <= 100; i++ {
		size := exact.Unique * i / 100
		d := 100 * math.Abs(exact.HitRatioAt(size)-c.HitRatioAt(size))
		mean += d / 100
		worst = max(worst, d)
	}
	return mean, worst
}
