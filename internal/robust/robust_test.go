package robust

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func count(n int, f func(i float64) float64) (x, y []float64) {
	for i := range n {
		x, y = append(x, float64(i)), append(y, f(float64(i)))
	}
	return x, y
}

func TestTheilSen(t *testing.T) {
	x, y := count(20, func(i float64) float64 { return 3*i + 7 })
	for _, wild := range []int{2, 9, 15, 18} {
		y[wild] = 1e9
	}
	if got := TheilSen(x, y); got != 3 {
		t.Errorf("the slope is %v in spite of wild values, want 3", got)
	}
	if got := TheilSen([]float64{1, 1}, []float64{1, 2}); got != 0 {
		t.Errorf("the slope of one moment is %v, want 0", got)
	}
	if got := TheilSen(nil, nil); got != 0 {
		t.Errorf("the slope of nothing is %v, want 0", got)
	}
}

// TestInterval counts how often the interval holds the slope: 95 % is what it says.
func TestInterval(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const times = 2000
	held := 0
	for range times {
		x, y := count(20, func(i float64) float64 { return 2*i + 5*r.NormFloat64() })
		_, variance := Kendall(y, nil)
		low, high := SlopesOf(x, y).Interval(variance, Z95)
		if low <= 2 && 2 <= high {
			held++
		}
	}
	if got := float64(held) / times; got < 0.93 || got > 0.98 {
		t.Errorf("the interval holds the slope in %.3f of the cases, want 0.95", got)
	}
}

func TestKendall(t *testing.T) {
	for _, tt := range []struct {
		y           []float64
		s, variance float64
	}{
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 45, 125}, // n(n-1)(2n+5)/18
		{[]float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, -45, 125},
		{[]float64{1, 1, 1, 1}, 0, 0},
		{[]float64{23, 24, 29, 6, 29, 24, 24, 29, 23}, 3, (9*8*23 - (2*1*9 + 3*2*11 + 3*2*11)) / 18.0},
	} {
		if s, v := Kendall(tt.y, nil); s != tt.s || math.Abs(v-tt.variance) > 1e-9 {
			t.Errorf("%v: S is %v with variance %v, want %v, %v", tt.y, s, v, tt.s, tt.variance)
		}
	}
}

// TestP counts how often series without a trend are as extreme as P says.
func TestP(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const times = 4000
	rare := 0
	for range times {
		_, y := count(20, func(float64) float64 { return r.NormFloat64() })
		if P(Kendall(y, y)) < 0.05 {
			rare++
		}
	}
	if got := float64(rare) / times; got < 0.025 || got > 0.065 {
		t.Errorf("%.3f of the series without a trend have P below 0.05", got)
	}
	if got := P(0, 0); got != 1 {
		t.Errorf("P of equal values is %v, want 1", got)
	}
}

// TestDependence looks at series that remember: S varies more, and less is certain.
func TestDependence(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	at := 0.0
	_, walk := count(50, func(float64) float64 { at += r.NormFloat64(); return at })
	_, white := count(50, func(float64) float64 { return r.NormFloat64() })
	if w, n := dependence(walk), dependence(white); w < 2 || n > 2 {
		t.Errorf("a walk's variance is multiplied by %.1f and noise's by %.1f, want above and below 2", w, n)
	}
	if got := dependence([]float64{1, 1, 1, 1, 1}); got != 1 {
		t.Errorf("of equal values: %v, want 1", got)
	}
}

func TestRanks(t *testing.T) {
	if got := ranks([]float64{5, 1, 5, 3}); !slices.Equal(got, []float64{3.5, 1, 3.5, 2}) {
		t.Errorf("got %v", got)
	}
}
