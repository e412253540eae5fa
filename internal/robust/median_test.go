package robust

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3, 1, 2}, 2},
		{[]float64{4, 1, 2, 3}, 2.5},
		{[]float64{7}, 7},
	} {
		given := slices.Clone(tt.values)
		if got := Median(given); got != tt.want || !slices.Equal(given, tt.values) {
			t.Errorf("the median of %v is %v, want %v; left behind %v", tt.values, got, tt.want, given)
		}
	}
	if got := Median([]time.Duration{time.Second, 4 * time.Second}); got != 2.5e9 {
		t.Errorf("the median of 1 s and 4 s is %v, want 2.5e9", got)
	}
	if got := Median[float64](nil); !math.IsNaN(got) {
		t.Errorf("the median of nothing is %v", got)
	}
}

// TestQuantile counts, of many samples, how many are at most the quantile and below it.
func TestQuantile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		values := make([]float64, 1+r.IntN(40))
		for i := range values {
			values[i] = float64(r.IntN(30)) // some are equal
		}
		q := float64(r.IntN(101)) / 100
		got := Quantile(values, q)
		atMost, below := 0, 0
		for _, v := range values {
			if v <= got {
				atMost++
			}
			if v < got {
				below++
			}
		}
		n := float64(len(values))
		if !slices.Contains(values, got) || float64(atMost) < q*n-1e-6 || below > 0 && float64(below) >= q*n-1e-6 {
			t.Fatalf("the quantile %v of %v is %v", q, values, got)
		}
	}
	hundred, _ := count(100, func(i float64) float64 { return 0 })
	if got := Quantile(hundred, 0.99); got != 98 {
		t.Errorf("99 %% of 0 to 99 are at most %v, want 98", got)
	}
}

// TestMedianInterval draws samples, most of them small, of a distribution that leans to one
// side, and counts how often the interval holds its median: as often as the binomial
// distribution says.
func TestMedianInterval(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for n, want := range map[int]float64{3: 0.75, 5: 0.9375, 6: 0.9688, 9: 0.9609, 15: 0.9648, 40: 0.9615} {
		const times = 4000
		held := 0
		for range times {
			values := make([]float64, n)
			for i := range values {
				values[i] = r.ExpFloat64()
			}
			e := MedianInterval(values)
			if e.Lo <= math.Ln2 && math.Ln2 <= e.Hi {
				held++
			}
			if e.Value < e.Lo || e.Hi < e.Value {
				t.Fatalf("the median of %v is %+v", values, e)
			}
		}
		if got := float64(held) / times; math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/times) {
			t.Errorf("%d values: the interval holds the median in %.3f of the cases, want %.3f", n, got, want)
		}
	}
	if e := MedianInterval(nil); !math.IsNaN(e.Value + e.Lo + e.Hi) {
		t.Errorf("of nothing: %+v", e)
	}
}

// TestRatio measures a known ratio many times, with noise of each figure and noise that
// rounds have in common. About 95 % of the intervals must hold it, more where the rounds
// differ much, and what the rounds have in common must not make them wide.
func TestRatio(t *testing.T) {
	for _, tt := range []struct{ common, least, most, width float64 }{
		{0.02, 0.94, 0.975, 0.14},
		{0.2, 0.95, 1, 0.25},
	} {
		const times, rounds, truth = 1000, 15, 1.3
		r := rand.New(rand.NewPCG(3, 4))
		held, width := 0, 0.0
		for range times {
			var values, base []float64
			for range rounds {
				round := math.Exp(tt.common * r.NormFloat64())
				base = append(base, 50*round*math.Exp(0.05*r.NormFloat64()))
				values = append(values, 50*truth*round*math.Exp(0.05*r.NormFloat64()))
			}
			e := ratio(values, base, resamples/10) // a part will do, and the race detector is slow
			if e.Lo <= truth && truth <= e.Hi {
				held++
			}
			if e.Lo > e.Value || e.Value > e.Hi {
				t.Fatalf("the interval [%v, %v] does not hold its ratio %v", e.Lo, e.Hi, e.Value)
			}
			width += (e.Hi - e.Lo) / times
		}
		if got := float64(held) / times; got < tt.least || got > tt.most {
			t.Errorf("noise in common %v: the interval holds the ratio in %.3f of the cases, want %v to %v", tt.common, got, tt.least, tt.most)
		}
		if width > tt.width {
			t.Errorf("noise in common %v: the intervals are %.3f wide on average, want %v at most", tt.common, width, tt.width)
		}
	}
}

func TestRatioOfEqualSeries(t *testing.T) {
	x := []float64{3, 9, 4, 7, 5, 8}
	if got, want := Ratio(x, x), (Estimate{1, 1, 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if e := Ratio(nil, nil); !math.IsNaN(e.Value + e.Lo + e.Hi) {
		t.Errorf("of nothing: %+v", e)
	}
	defer func() {
		if recover() == nil {
			t.Error("series of different lengths are compared")
		}
	}()
	Ratio(x, x[1:])
}
