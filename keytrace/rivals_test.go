//go:build traces

package keytrace_test

import (
	"math"
	"testing"

	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/policy"
)

// A rival is the hit ratio, in per cent, of the best Go cache at one size of a trace: otter
// and theine with their background work waited for, golang-lru's LRU, 2Q and ARC,
// golang-fifo's SIEVE and S3-FIFO, ristretto, phuslu/lru, sturdyc. They were chosen knowing
// the answer, for each size anew, so that no one cache is as good as their mean.
type rival struct {
	size int
	best float64
}

var rivals = []struct {
	file, format, class string
	cells               []rival
}{
	{"corda_trace_vaultservice", "be64", "application", []rival{{905, 33.33}, {4523, 33.33}, {9047, 33.33}, {22617, 33.33}}},
	{"cache2k_web07.trace", "be32", "application", []rival{{205, 43.50}, {1024, 54.05}, {2048, 58.09}, {5121, 64.50}}},
	{"adapt_size_request.trace", "time-id-size", "application", []rival{{368, 26.87}, {1841, 35.22}, {3682, 38.33}, {9204, 41.51}}},
	{"lirs_2_pools.trace", "lirs", "small", []rival{{99, 47.70}, {497, 52.01}, {994, 54.55}, {2485, 61.66}}},
	{"lirs_loop.trace", "lirs", "small", []rival{{250, 23.22}, {500, 48.60}, {750, 72.51}, {1000, 98.56}}},
	{"lirs_cs.trace", "lirs", "small", []rival{{250, 13.63}, {500, 29.85}, {1000, 58.19}, {1250, 72.41}}},
	{"lirs_cpp.trace", "lirs", "small", []rival{{100, 76.62}, {250, 85.34}, {500, 85.91}, {900, 86.42}}},
	{"lirs_multi1.trace", "lirs", "small", []rival{{250, 48.34}, {500, 55.23}, {1000, 68.30}, {2000, 83.38}}},
	{"lirs_multi3.trace", "lirs", "small", []rival{{250, 34.73}, {500, 44.36}, {1000, 50.78}, {2500, 64.40}}},
	{"arc_OLTP.lis", "arc", "block", []rival{{500, 33.54}, {1000, 40.84}, {2000, 46.94}, {10000, 62.09}}},
	{"scarab_scarab-recs.trace", "be64", "application", []rival{{2584, 42.50}, {12918, 54.96}, {25837, 62.35}, {64592, 72.72}}},
	{"cache2k_orm-busy.trace", "be32", "application", []rival{{763, 77.03}, {3817, 84.48}, {7635, 88.19}, {19087, 93.83}}},
	{"arc_P3.lis", "arc", "block", []rival{{7625, 4.37}, {38127, 21.37}, {76254, 35.21}, {190636, 60.19}}},
	{"arc_P2.lis", "arc", "block", []rival{{9133, 12.37}, {45667, 37.85}, {91335, 53.09}, {228337, 75.08}}},
}

// behind is how far the mean may be behind that of the best rivals, in points: what was
// asked for over 24 traces, less what the best rivals have there.
var behind = map[string]float64{"all": 55.31 - 54.7, "application": 59.84 - 59.5, "block": 47.14 - 46.3, "small": 57.86 - 57.0}

// TestRivals: package cache hits, on average, nearly what the best of its rivals at each size
// does; in no cell but one 4 points less than they, or a point less than LRU. The one is
// arc_P3 at 25 %, with some seeds (docs/cache.md).
func TestRivals(t *testing.T) {
	dir := traces(t)
	lru, _ := policy.Lookup("lru")
	ours, theirs, count := make(map[string]float64), make(map[string]float64), make(map[string]float64)
	regret, lost, outside := math.Inf(-1), math.Inf(-1), 0
	for _, r := range rivals {
		t.Run(r.file, func(t *testing.T) {
			tr := open(t, dir, r.file, r.format)
			for _, cell := range r.cells {
				report, err := keytrace.Simulate(t.Context(), tr, []policy.Info{lru, keytrace.Whet}, []int{cell.size}, keytrace.Options{})
				if err != nil {
					t.Fatal(err)
				}
				plain, own := 100*report.Rows[0].HitRatio, 100*report.Rows[1].HitRatio
				t.Logf("%-26s %7d: %6.2f, %+6.2f to the best rival, %+6.2f to LRU", r.file, cell.size, own, own-cell.best, own-plain)
				regret, lost = max(regret, cell.best-own), max(lost, plain-own)
				if cell.best-own > 4 || plain-own > 1 {
					outside++
				}
				for _, class := range []string{"all", r.class} {
					ours[class] += own
					theirs[class] += cell.best
					count[class]++
				}
			}
		})
	}
	for class, n := range count {
		own, best := ours[class]/n, theirs[class]/n
		t.Logf("%-12s %2.0f cells: %.2f, the best rivals %.2f", class, n, own, best)
		if own < best-behind[class] {
			t.Errorf("%s: %.2f, want at least %.2f", class, own, best-behind[class])
		}
	}
	t.Logf("at most %.2f points below the best rival and %.2f below LRU", regret, lost)
	if outside > 1 {
		t.Errorf("%d cells are 4 points below the best rival, or 1 below LRU", outside)
	}
}
