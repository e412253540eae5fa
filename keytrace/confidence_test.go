package keytrace

import (
	"math"
	"strings"
	"testing"

	"github.com/whetgo/whet/keytrace/policy"
)

// TestSpread: the standard error that a sample tells is that with which samples differ. The
// keys are numbered anew for each of many samples, which has other ones chosen.
func TestSpread(t *testing.T) {
	tr, err := Generate("zipf:n=20000,s=0.8,len=100000")
	if err != nil {
		t.Fatal(err)
	}
	lru, _ := policy.Lookup("lru")
	sieve, _ := policy.Lookup("sieve")
	const samples = 60
	var sum, squares, told float64
	for i := range uint64(samples) {
		other := &Trace{Keys: make([]uint64, tr.Len())}
		for k, key := range tr.Keys {
			other.Keys[k] = mix(key + i<<32)
		}
		r, err := Simulate(t.Context(), other, []policy.Info{lru, sieve}, []int{2000}, Options{Rate: .1})
		if err != nil {
			t.Fatal(err)
		}
		d := r.Rows[1].HitRatio - r.Rows[0].HitRatio
		sum += d
		squares += d * d
		told += r.spread(r.Rows[0], r.Rows[1]) / samples
	}
	real := math.Sqrt((squares - sum*sum/samples) / (samples - 1))
	t.Logf("SIEVE is %.2f points ahead of LRU in samples, give or take %.2f; they tell %.2f", 100*sum/samples, 100*real, 100*told)
	if told < real/1.5 || told > real*1.5 {
		t.Errorf("samples differ by %.4f and tell %.4f", real, told)
	}
}

// TestBest: a sample names package cache unless another policy is clearly ahead; a whole
// trace names who is ahead.
func TestBest(t *testing.T) {
	r := report("lru 100 .3", "whet 100 .50", "lirs 100 .52", "opt 100 .9", "lru 200 .4", "sieve 200 .5")
	want := func(size int, policy string) {
		t.Helper()
		if best, ok := r.Best(size); !ok || best.Policy != policy {
			t.Errorf("at %d: got %v, %v, want %s", size, best, ok, policy)
		}
	}
	want(100, "lirs")
	want(200, "sieve")
	if best, ok := r.Best(300); ok {
		t.Errorf("at a size that was not simulated: %v", best)
	}
	r.Trace.Rate = .05
	// Two groups of keys differ by n hits each way: the standard error is about
	// n × sqrt(2 × 0.95) / 500.
	differ := func(n float64) {
		r.groups = map[place]*residuals{{"whet", 100}: {}, {"lirs", 100}: {n, -n}, {"lru", 100}: {}}
	}
	differ(10) // 0.028
	want(100, "whet")
	if text := r.advice("policy", Wish{Policy: "whet", Size: 100}); !strings.Contains(text, "WHET is as good as any policy simulated (50 %)") {
		t.Errorf("got %q", text)
	}
	differ(2) // 0.0055
	want(100, "lirs")
	r.groups[place{"lru", 100}] = &residuals{100, -100}
	if text := r.advice("policy", Wish{Size: 100}); !strings.Contains(text, "the sample does not tell whether LIRS (52 %) or LRU (30 %) hits more: they differ by 22.0 points, which may be wrong by 27.2.") {
		t.Errorf("got %q", text)
	}
}

// advice returns the text of one kind.
func (r *Report) advice(kind string, w Wish) string {
	for _, a := range Advise(r, w) {
		if a.Kind == kind {
			return a.Text
		}
	}
	return ""
}
