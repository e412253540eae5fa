package repeat

import (
	"math"
	"testing"

	"github.com/whetgo/whet/analyze/probe"
)

// priced returns an instance of a call that takes perCall seconds, 1,000,000 of which were
// seen: near of them asked again after fewer than 16 other inputs, far after some 200,000.
// A look-up takes 50 ns in a small memory, 300 ns in a large one, and to keep an answer there
// another 800 ns.
func priced(t *testing.T, perCall, near, far float64) *instance {
	t.Helper()
	oldSmall, oldLarge := lookUps, largeLookUp
	t.Cleanup(func() { lookUps, largeLookUp = oldSmall, oldLarge })
	lookUps = func() (short, perByte float64) { return 50e-9, 0 }
	largeLookUp = func(length, entries int) (hit, keep float64) { return 300e-9, 800e-9 }
	reuse := probe.Reuse{Calls: 1e6, Repeats: near + far, Distance: make([]float64, 20)}
	reuse.Distance[3], reuse.Distance[18] = near, far
	r := &probe.Record{All: reuse, Within: reuse, Distinct: 1e6 - near - far, Rate: 1}
	c := &instance{r: r, perCall: perCall}
	c.size = c.capacity()
	c.within, c.across = hits(&r.Within, c.size), hits(&r.All, c.size)
	c.remedy.kind = bounded
	c.price()
	return c
}

// What comes again after so many others that a memory of all outgrows the cache must be
// dearer than the look-ups in it; what comes again soon need not.
func TestPrice(t *testing.T) {
	for _, tc := range []struct {
		name               string
		perCall, near, far float64
		size               int
		saved              float64
	}{
		{"cheap, far apart", 164e-9, 0, 500e3, 0, 0},
		{"dear, far apart", 10e-6, 0, 500e3, 0, 0.5 - (0.3+0.5*0.8)/10},
		{"cheap, near", 164e-9, 500e3, 0, 16, 0.5 - 50.0/164},
		{"cheap, mostly near", 300e-9, 700e3, 200e3, 4096, 0.7 - 50.0/300},
		{"dear, mostly near", 100e-6, 700e3, 200e3, 0, 0.9 - (0.3+0.1*0.8)/100},
	} {
		c := priced(t, tc.perCall, tc.near, tc.far)
		if got := c.net(c.across); c.size != tc.size || math.Abs(got-tc.saved) > 1e-9 {
			t.Errorf("%s: a memory of %d saves %v, want one of %d and %v", tc.name, c.size, got, tc.size, tc.saved)
		}
	}
}

// TestHitCost measures a memo that is large: what it takes is no constant of ours.
func TestHitCost(t *testing.T) {
	hit, keep := largeLookUp(32, 5000)
	if hit <= 0 || keep < 0 || math.IsInf(hit+keep, 0) || math.IsNaN(hit+keep) {
		t.Errorf("a hit takes %v s, to keep an answer %v s more", hit, keep)
	}
}
