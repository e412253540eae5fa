//go:build traces

package keytrace_test

import (
	"fmt"
	"math"
	"os"
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

	// unseen were never looked at while the policy, or what is advised, was made: patterns
	// of the LIRS authors, addresses of programs by lines of 64 bytes (each in hexadecimal on
	// a line), and generated ones.
	unseen = []struct{ file, format string }{
		{"lirs_backf.trace", "lirs"}, {"lirs_scan.trace", "lirs"}, {"lirs_zigzag.trace", "lirs"},
		{"address_gcc.txt", "plain"}, {"address_gzip.txt", "plain"}, {"address_mcf.txt", "plain"},
		{"address_swim.txt", "plain"}, {"address_twolf.txt", "plain"},
		{"zipf:n=100000,s=0.7,len=1000000,seed=11", ""},
		{"zipf:n=100000,s=0.9,len=500000,seed=12", ""},
		{"zipf:n=20000,s=1.1,len=300000,seed=13", ""},
		{"zipf:n=1000,s=0.8,len=50000,seed=14", ""},
		{"loop:n=5000,len=100000,seed=15", ""},
		{"loop:n=500,len=50000,seed=16", ""},
		{"shifting:n=20000,len=500000,seed=17", ""},
		{"shifting:n=2000,len=100000,seed=18", ""},
		{"zipf:n=20000,s=0.9,len=400000,seed=19+scan:weight=0.3", ""},
		{"zipf:n=20000,s=1,len=400000,seed=20+loop:n=10000,weight=0.5", ""},
		{"zipf:n=3000,s=0.8,len=100000,seed=21+loop:n=1000,weight=0.3", ""},
		{"loop:n=3000,len=200000,seed=22+loop:n=500,weight=1+zipf:n=5000,s=1,weight=1", ""},
	}
)

// eachTrace calls f with every public trace that is there, or with WHET_UNSEEN=1 with every
// unseen one, and with the sizes.
func eachTrace(t *testing.T, f func(name string, tr *keytrace.Trace, sizes []int)) {
	dir := traces(t)
	set := public
	if os.Getenv("WHET_UNSEEN") != "" {
		set = unseen
	}
	for _, p := range set {
		t.Run(p.file, func(t *testing.T) {
			tr := openOrGenerate(t, dir, p.file, p.format)
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

func openOrGenerate(t *testing.T, dir, name, form string) *keytrace.Trace {
	t.Helper()
	if form != "" {
		return open(t, dir, name, form)
	}
	tr, err := keytrace.Generate(name)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestSeeds: eight caches of package cache, which hash with seeds of their own, hit alike. The
// mean over all cells differs by half a point at most. In a cell, a seed decides which keys
// the policy's miniatures see, and so when it changes its mode: that alone must not use up
// the 4 points that the best rival may be ahead (TestRivals).
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

// TestAdvisedPolicy: the policy that Best names for a sample of 5 % of the keys is, on all
// of them, within a point of the best, in nine cells of ten; and where the sample has the
// keys that Simulate wants, its hit ratio is within a point on average.
func TestAdvisedPolicy(t *testing.T) {
	cells, good, large, near, sum := 0, 0, 0, 0, 0.0
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
			advised, _ := sampled.Best(size)
			best, _ := truth.Best(size)
			short, off := 100*(best.HitRatio-real[advised.Policy]), 100*(advised.HitRatio-real[advised.Policy])
			t.Logf("%-26s %7d: advised %-10s %6.2f, best %-10s %6.2f, short by %.2f; expected %+.2f", name, size, advised.Policy, 100*real[advised.Policy], best.Policy, 100*best.HitRatio, short, off)
			cells++
			if short <= 1 {
				good++
			}
			if tr.Unique() >= 20*2000 {
				large++
				sum += math.Abs(off)
				if math.Abs(off) <= 1 {
					near++
				}
			}
		}
	})
	off := sum / float64(max(1, large))
	t.Logf("advised policies within a point of the best: %d of %d cells", good, cells)
	t.Logf("their hit ratios, in samples of 2000 keys or more: off by %.2f points on average, %d of %d within a point", off, near, large)
	if 10*good < 9*cells || off > 1 {
		t.Errorf("%d of %d cells within a point, hit ratios off by %.2f: want 90 %% and a point", good, cells, off)
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
