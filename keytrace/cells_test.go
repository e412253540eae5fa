//go:build traces

package keytrace_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/policy"
)

// public are the traces of WHET_TRACES; each is replayed at four sizes, in per cent of its
// distinct keys.
var (
	public = []struct{ file, format string }{
		{"arc_OLTP.lis", "arc"}, {"arc_P2.lis", "arc"}, {"arc_P3.lis", "arc"},
		{"cache2k_web07.trace", "be32"}, {"cache2k_orm-busy.trace", "be32"},
		{"scarab_scarab-recs.trace", "be64"}, {"adapt_size_request.trace", "time-id-size"},
		{"corda_trace_vaultservice", "be64"},
		{"lirs_multi1.trace", "lirs"}, {"lirs_multi3.trace", "lirs"}, {"lirs_loop.trace", "lirs"},
		{"lirs_cs.trace", "lirs"}, {"lirs_cpp.trace", "lirs"}, {"lirs_2_pools.trace", "lirs"},
	}
	shares = []float64{1, 5, 10, 25}
)

// eachTrace calls f with every public trace that is there, and with the sizes.
func eachTrace(t *testing.T, f func(name string, tr *keytrace.Trace, sizes []int)) {
	dir := traces(t)
	for _, p := range public {
		t.Run(p.file, func(t *testing.T) {
			tr := open(t, dir, p.file, p.format)
			curve, err := keytrace.LRUCurve(t.Context(), tr)
			if err != nil {
				t.Fatal(err)
			}
			var sizes []int
			for _, s := range shares {
				sizes = append(sizes, max(10, int(s/100*float64(curve.Unique))))
			}
			f(p.file, tr, sizes)
		})
	}
}

// TestSeeds: eight caches of package cache, which hash with seeds of their own, hit alike:
// the mean over all cells differs by half a point at most, a cell by four (arc_P3 at
// 25 %; the next 1.5).
func TestSeeds(t *testing.T) {
	const seeds = 8
	var runs []policy.Info
	for i := range seeds {
		p := keytrace.Whet
		p.Name = fmt.Sprint("whet-", i)
		runs = append(runs, p)
	}
	sums, cells, widest := make(map[string]float64), 0, 0.0
	eachTrace(t, func(name string, tr *keytrace.Trace, sizes []int) {
		report, err := keytrace.Simulate(t.Context(), tr, runs, sizes, keytrace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		low, high := make(map[int]float64), make(map[int]float64)
		for _, row := range report.Rows {
			h := 100 * row.HitRatio
			sums[row.Policy] += h
			if _, ok := low[row.Size]; !ok {
				low[row.Size], high[row.Size] = h, h
				cells++
			}
			low[row.Size], high[row.Size] = min(low[row.Size], h), max(high[row.Size], h)
		}
		for _, s := range sizes {
			t.Logf("%-26s %7d: %6.2f to %6.2f", name, s, low[s], high[s])
			widest = max(widest, high[s]-low[s])
		}
	})
	low, high := math.Inf(1), math.Inf(-1)
	for _, sum := range sums {
		low, high = min(low, sum/float64(cells)), max(high, sum/float64(cells))
	}
	t.Logf("%d cells, %d seeds: means from %.2f to %.2f, the widest cell %.2f points", cells, seeds, low, high, widest)
	if high-low > .5 || widest > 4 {
		t.Errorf("seeds make %.2f points of the mean and %.2f of a cell, want at most 0.5 and 4", high-low, widest)
	}
}

// TestAdvisedPolicy: the policy that does best on 5 % of the keys is, on all of them, within
// a point of the best, in nine cells of ten.
func TestAdvisedPolicy(t *testing.T) {
	cells, good, large, largeGood := 0, 0, 0, 0
	eachTrace(t, func(name string, tr *keytrace.Trace, sizes []int) {
		truth, err := keytrace.Simulate(t.Context(), tr, keytrace.Policies(), sizes, keytrace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sampled, err := keytrace.Simulate(t.Context(), tr, keytrace.Policies(), sizes, keytrace.Options{Rate: .05})
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range sizes {
			real := ratios(truth, size)
			advised, best := bestOf(ratios(sampled, size)), bestOf(real)
			short := 100 * (real[best] - real[advised])
			t.Logf("%-26s %7d: advised %-10s %6.2f, best %-10s %6.2f, short by %.2f", name, size, advised, 100*real[advised], best, 100*real[best], short)
			cells++
			if short <= 1 {
				good++
			}
			if size >= 2000 { // 100 sampled entries or more
				large++
				if short <= 1 {
					largeGood++
				}
			}
		}
	})
	t.Logf("within a point: %d of %d cells; of those with 100 entries in the sample or more, %d of %d", good, cells, largeGood, large)
	if 10*largeGood < 9*large {
		t.Errorf("%d of %d cells of some size within a point, want 90 %%", largeGood, large)
	}
}

// ratios returns the hit ratios of the policies that can be had, at a size.
func ratios(r *keytrace.Report, size int) map[string]float64 {
	m := make(map[string]float64)
	for _, row := range r.Rows {
		if row.Size == size && !row.Offline {
			m[row.Policy] = row.HitRatio
		}
	}
	return m
}

// bestOf returns the policy of the highest ratio, of equals the first by name.
func bestOf(ratios map[string]float64) string {
	best := ""
	for p, r := range ratios {
		if best == "" || r > ratios[best] || r == ratios[best] && p < best {
			best = p
		}
	}
	return best
}
