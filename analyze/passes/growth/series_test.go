package growth

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

const mega = 1 << 20

// made returns a series of n values, 10 ms apart.
func made(n int, f func(i int) float64) series {
	var s series
	for i := range n {
		s.at = append(s.at, time.Duration(i)*10*time.Millisecond)
		s.values = append(s.values, f(i))
	}
	return s
}

func TestTrend(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 5))
	noise := func(v float64) float64 { return v * (1 + 0.01*rnd.NormFloat64()) }
	tests := []struct {
		name  string
		s     series
		grows bool
	}{
		{"line", made(12, func(i int) float64 { return mega * float64(1+i) }), true},
		{"line with noise", made(20, func(i int) float64 { return noise(mega * float64(1+i)) }), true},
		{"steps of a slice that doubles by quarters", made(20, func(i int) float64 {
			return mega * math.Pow(1.25, math.Floor(math.Log(float64(i+1))/math.Log(1.25)))
		}), true},
		{"saw-teeth of b.N, the last long", made(24, func(i int) float64 {
			if i < 8 {
				return mega * float64(1+i%4)
			}
			return mega * float64(i-7)
		}), true},
		{"saw-teeth only", made(24, func(i int) float64 { return mega * float64(1+i%4) }), false},
		{"constant", made(20, func(int) float64 { return noise(8 * mega) }), false},
		{"a cache that fills up", made(30, func(i int) float64 { return mega * 10 * (1 - math.Exp(-float64(i)/4)) }), false},
		{"one jump", made(20, func(i int) float64 {
			if i < 10 {
				return mega
			}
			return 9 * mega
		}), false},
		{"falling", made(20, func(i int) float64 { return mega * (100 - 2*float64(i)) }), false},
		{"noise", made(30, func(int) float64 { return mega * rnd.Float64() }), false},
		{"too small", made(20, func(i int) float64 { return 1000 * float64(i) }), false},
		{"short and steep", made(4, func(i int) float64 { return mega * math.Pow(2, float64(i)) }), true},
		{"short and huge", made(4, func(i int) float64 { return mega * []float64{6, 75, 76, 108}[i] }), true},
		{"short and small", made(4, func(i int) float64 { return mega / 1000 * []float64{6, 75, 76, 108}[i] }), false},
		{"garbage not yet collected, by chance rising", made(15, func(i int) float64 {
			return mega * []float64{1, 0.2, 1, 2, 4, 0.1, 0.3, 0.1, 2, 2.1, 2, 2, 2.1, 2, 0.4}[i]
		}), false},
		{"shorter", made(3, func(i int) float64 { return mega * math.Pow(2, float64(i)) }), false},
		{"too short", made(minEpochs-1, func(i int) float64 { return mega * float64(9+i) }), false},
		{"from much to a little more", made(20, func(i int) float64 { return mega * (100 + float64(i)) }), false},
		{"nothing", series{}, false},
	}
	for _, test := range tests {
		if tr, grows := test.s.trend(leastBytes); grows != test.grows {
			t.Errorf("%s: grows is %v, want %v (%+v of %v)", test.name, grows, test.grows, tr, test.s.values)
		}
	}
}

// TestFellBack: garbage that rises by chance over what is kept, as it was measured; and what
// is kept indeed.
func TestFellBack(t *testing.T) {
	garbage := []float64{1522, 1304, 611, 648, 759, 865, 935, 1341, 1201, 1883, 726, 603, 623, 615, 627, 603, 586}
	tests := []struct {
		name  string
		kb    []float64
		ended bool
		grows bool
	}{
		{"garbage over what is kept", garbage, false, false},
		{"garbage, and what is left after the end", append(garbage[:10:10], 590), true, false},
		{"growth until the end", garbage[:10], false, true},
		{"growth that is left behind", append(garbage[:10:10], 1800), true, true},
		{"growth that is freed at the end", append(garbage[:10:10], 8), true, true},
		{"growth in rounds", []float64{100, 300, 500, 700, 900, 1100, 1300, 1500, 100, 300, 500, 700}, false, true},
	}
	for _, tt := range tests {
		s := made(len(tt.kb), func(i int) float64 { return 1000 * tt.kb[i] })
		if _, grows := s.trendOf(leastBytes, tt.ended); grows != tt.grows {
			t.Errorf("%s: grows is %v", tt.name, grows)
		}
	}
}

func TestStretch(t *testing.T) {
	s := made(10, func(i int) float64 { return []float64{1, 2, 3, 0, 1, 2, 3, 4, 5, 1}[i] })
	if from, to := s.stretch(); from != 3 || to != 8 {
		t.Errorf("the stretch is [%d,%d], want [3,8]", from, to)
	}
}

func TestTheilSen(t *testing.T) {
	s := made(21, func(i int) float64 { return 5 * float64(i) })
	s.values[4], s.values[17] = 9000, -9000
	if got := slope(s.at, s.values); math.Abs(got-500) > 1 {
		t.Errorf("the slope is %g a second, want 500", got)
	}
}
