package memprof

import (
	"fmt"
	"math"
	"slices"

	"github.com/whetgo/whet/internal/robust"
)

// A Verdict says how a quantity behaved over epochs.
type Verdict string

// The verdicts.
const (
	// Few: there are fewer than [MinEpochs] values.
	Few Verdict = "few"
	// Steady: it moved by less than matters.
	Steady Verdict = "steady"
	// Leak: it rises, from quarter to quarter, and has not come to rest.
	Leak Verdict = "leak"
	// Settling: it rose and has come to rest, as what is being filled for the first time.
	Settling Verdict = "settling"
	// Sawtooth: it rises and is let go of again.
	Sawtooth Verdict = "sawtooth"
	// Noise: it moves, and none of the above can be said.
	Noise Verdict = "noise"
)

// MinEpochs is how many values there must be for a verdict: with fewer, chance makes
// series that rise too often.
const MinEpochs = 8

// LeastBytes is what bytes must gain over all epochs for growth to matter: the runtime
// itself keeps some KB more for each thread of the system that it happens to start.
const LeastBytes = 8 << 10

const (
	surely     = 0.001  // probability of a series that only seems to rise
	mostlyUp   = 0.9    // of all steps: a series that rises so needs no other proof
	resting    = 0.1    // of the gain: less in the last quarter is rest
	let        = 0.5    // of the range: a step down by this is a release
	madToSigma = 1.4826 // of a normal distribution
)

// A Growth is how a quantity grew, an epoch at a time.
type Growth struct {
	Verdict Verdict `json:"verdict"`
	Epochs  int     `json:"epochs"`
	// Slope is the median growth an epoch, Low and High bound it with 95 % confidence.
	Slope  float64 `json:"slope"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Gained float64 `json:"gained"` // Slope over all epochs
	Noise  float64 `json:"noise"`  // standard deviation around the slope, by its median
	P      float64 `json:"p"`      // probability of rising so without a trend
}

// String says the verdict and the slope: "leak: 1024 B an epoch (1020 to 1030), 20 epochs".
func (g Growth) String() string {
	if g.Verdict == Few {
		return fmt.Sprintf("few: %d epochs, %d are needed", g.Epochs, MinEpochs)
	}
	return fmt.Sprintf("%s: %+.0f B an epoch (%+.0f to %+.0f), %d epochs", g.Verdict, g.Slope, g.Low, g.High, g.Epochs)
}

// Judge says how the values grew: a quantity at the end of successive epochs, such as the
// bytes that are alive after a collection. What gains less than least is steady; see
// [LeastBytes].
//
// The slope is Theil and Sen's, which a quarter of wild values does not move. It is a leak
// if all of this holds: least was gained; the least value of each quarter is above that of the
// quarter before, and the least of the last above all of the first, which no sawtooth
// is that has let go in between; the last quarter still gains; and either nine of ten steps
// rise or the Mann-Kendall test, with the variance of series that remember (Hamed and Rao),
// gives chance less than one in a thousand. A sawtooth of a period longer than what is
// watched is a leak as far as can be seen.
//
// A leak below a warm-up is seen as well: what has come to rest is judged again without
// its first third. Values that are not finite make it Noise. It takes time in proportion to
// the square of the values.
func Judge(values []float64, least float64) Growth {
	g := Growth{Verdict: Few, Epochs: len(values)}
	if len(values) < MinEpochs {
		return g
	}
	if slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
		g.Verdict = Noise
		return g
	}
	g.measure(values)
	g.Verdict = g.judge(values, least)
	if tail := values[len(values)/3:]; g.Verdict == Settling && len(tail) >= MinEpochs {
		t := Growth{Epochs: len(tail)}
		if t.measure(tail); t.judge(tail, least) == Leak {
			t.Verdict = Leak
			return t
		}
	}
	return g
}

func (g *Growth) measure(v []float64) {
	x := make([]float64, len(v))
	for i := range x {
		x[i] = float64(i)
	}
	slopes := robust.SlopesOf(x, v)
	g.Slope = slopes.Median()
	g.Gained = g.Slope * float64(len(v)-1)
	rest := make([]float64, len(v))
	for i := range v {
		rest[i] = v[i] - g.Slope*x[i]
	}
	middle := robust.Median(rest)
	away := make([]float64, len(v))
	for i := range rest {
		away[i] = math.Abs(rest[i] - middle)
	}
	g.Noise = madToSigma * robust.Median(away)
	s, variance := robust.Kendall(v, rest)
	g.P = robust.P(s, variance)
	g.Low, g.High = slopes.Interval(variance, robust.Z95)
}

func (g *Growth) judge(v []float64, least float64) Verdict {
	switch {
	case slices.Max(v)-slices.Min(v) < least:
		return Steady
	case rises(v):
		switch {
		case rested(v):
			return Settling
		case g.Gained >= least && (g.P < surely || up(v) >= mostlyUp):
			return Leak
		}
	}
	if released(v) {
		return Sawtooth
	}
	return Noise
}

// quarters cuts a series into four parts that follow each other.
func quarters(v []float64) (q [4][]float64) {
	for i := range q {
		q[i] = v[i*len(v)/4 : (i+1)*len(v)/4]
	}
	return q
}

// rises reports whether the floor of the series does.
func rises(v []float64) bool {
	q := quarters(v)
	for i := 1; i < len(q); i++ {
		if slices.Min(q[i]) < slices.Min(q[i-1]) {
			return false
		}
	}
	return slices.Min(q[3]) > slices.Max(q[0])
}

// rested reports whether the series gains little more at its end.
func rested(v []float64) bool {
	q := quarters(v)
	first, third, last := robust.Median(q[0]), robust.Median(q[2]), robust.Median(q[3])
	return last-third < resting*(last-first)
}

// up returns the part of the steps that rise.
func up(v []float64) float64 {
	n := 0
	for i := 1; i < len(v); i++ {
		if v[i] > v[i-1] {
			n++
		}
	}
	return float64(n) / float64(len(v)-1)
}

// released reports whether a step falls by much of all that the series spans.
func released(v []float64) bool {
	span := slices.Max(v) - slices.Min(v)
	for i := 1; i < len(v); i++ {
		if v[i-1]-v[i] >= let*span {
			return true
		}
	}
	return false
}
