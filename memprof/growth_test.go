package memprof

import (
	"math"
	"math/rand/v2"
	"testing"
)

const kb, mb = 1 << 10, 1 << 20

// A shape makes a series of n values.
type shape func(r *rand.Rand, n int) []float64

func of(f func(r *rand.Rand, i int) float64) shape {
	return func(r *rand.Rand, n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = 3*mb + f(r, i)
		}
		return v
	}
}

// saw rises by a step an epoch and falls to nothing after each period.
func saw(least, most int, noise float64) shape {
	return func(r *rand.Rand, n int) []float64 {
		period := least + r.IntN(most-least+1)
		phase := r.IntN(period)
		return of(func(r *rand.Rand, i int) float64 {
			return 10*mb*float64((i+phase)%period)/float64(period) + noise*r.NormFloat64()
		})(r, n)
	}
}

// walk is a random walk, which forgets the part lose of itself in each epoch.
func walk(lose float64) shape {
	return func(r *rand.Rand, n int) []float64 {
		at := 0.0
		return of(func(r *rand.Rand, i int) float64 {
			at = at*(1-lose) + 100*kb*r.NormFloat64()
			return at
		})(r, n)
	}
}

// leaks returns the part of so many series that are called leaks.
func leaks(s shape, n int) float64 {
	times := min(500, 20_000/n)
	r := rand.New(rand.NewPCG(uint64(n), 7))
	found := 0
	for range times {
		if Judge(s(r, n), LeastBytes).Verdict == Leak {
			found++
		}
	}
	return float64(found) / float64(times)
}

// TestJudge measures on hundreds of series how often each shape is called a leak. A random
// walk that nothing pulls back does rise, one time in ten as a leak would.
func TestJudge(t *testing.T) {
	leak := func(noise float64) shape {
		return of(func(r *rand.Rand, i int) float64 { return kb*float64(i) + noise*r.NormFloat64() })
	}
	for _, tt := range []struct {
		name        string
		s           shape
		n           int
		least, most float64
	}{
		{"1 KB an epoch", leak(0), 20, 1, 1},
		{"1 KB an epoch, 1 KB of noise", leak(kb), 20, 0.999, 1},
		{"1 KB an epoch, 3 KB of noise", leak(3 * kb), 20, 0.75, 1},
		{"1 KB an epoch, 10 KB of noise, longer", leak(10 * kb), 100, 0.99, 1},
		{"1 KB after a warm-up of 10 MB", of(func(r *rand.Rand, i int) float64 {
			return kb*float64(i) + 10*mb*float64(min(i, 3)) + 100*r.NormFloat64()
		}), 20, 0.99, 1},
		{"faster and faster", of(func(r *rand.Rand, i int) float64 { return kb * float64(i*i) }), 20, 1, 1},
		{"constant", of(func(*rand.Rand, int) float64 { return 0 }), 20, 0, 0},
		{"noise", of(func(r *rand.Rand, _ int) float64 { return 100 * kb * r.NormFloat64() }), 20, 0, 0.001},
		{"noise of few epochs", of(func(r *rand.Rand, _ int) float64 { return 100 * kb * r.NormFloat64() }), MinEpochs, 0, 0.001},
		{"sawtooth", saw(2, 10, 0), 20, 0, 0},
		{"sawtooth with noise", saw(2, 10, 100*kb), 20, 0, 0},
		{"long sawtooth", saw(10, 14, 0), 20, 0, 0},
		{"sawtooth of many epochs", saw(2, 60, 10*kb), 120, 0, 0},
		{"random walk", walk(0), 20, 0, 0.13},
		{"random walk, longer", walk(0), 60, 0, 0.13},
		{"random, with a memory", walk(0.3), 40, 0, 0.01},
		{"what fills", of(func(r *rand.Rand, i int) float64 { return 5*mb*(1-math.Exp(-float64(i)/3)) + kb*r.NormFloat64() }), 20, 0, 0.01},
		{"one step", of(func(r *rand.Rand, i int) float64 { return mb * float64(min(1, i/9)) }), 20, 0, 0},
		{"falling", of(func(r *rand.Rand, i int) float64 { return -kb * float64(i) }), 20, 0, 0},
	} {
		if got := leaks(tt.s, tt.n); got < tt.least || got > tt.most {
			t.Errorf("%s: %.4f of the series are called leaks, want %v to %v", tt.name, got, tt.least, tt.most)
		} else {
			t.Logf("%s: %.4f", tt.name, got)
		}
	}
}
