package keytrace

import (
	"math"
	"math/rand/v2"
)

// A zipf draws ranks 1 … n with probabilities in proportion to rank^-s, for any s ≥ 0
// (rand.Zipf needs s > 1), by rejection-inversion: constant time and memory.
//
// [1] Hörmann, Derflinger (1996). "Rejection-Inversion to Generate Variates from Monotone
// Discrete Distributions". ACM TOMACS 6 (3).
type zipf struct {
	rng            *rand.Rand
	n, s           float64
	first, last    float64 // the integral's values between which is drawn
	alwaysAccepted float64
}

func newZipf(rng *rand.Rand, n int, s float64) *zipf {
	z := &zipf{rng: rng, n: float64(n), s: s}
	z.first = z.integral(1.5) - 1
	z.last = z.integral(z.n + .5)
	z.alwaysAccepted = 2 - z.inverse(z.integral(2.5)-z.height(2))
	return z
}

func (z *zipf) draw() uint64 {
	for {
		u := z.last + z.rng.Float64()*(z.first-z.last)
		x := z.inverse(u)
		k := min(max(math.Floor(x+.5), 1), z.n)
		if k-x <= z.alwaysAccepted || u >= z.integral(k+.5)-z.height(k) {
			return uint64(k)
		}
	}
}

// height is the density x^-s, integral its integral from 1, inverse the integral's inverse.
func (z *zipf) height(x float64) float64 { return math.Exp(-z.s * math.Log(x)) }

func (z *zipf) integral(x float64) float64 {
	log := math.Log(x)
	return log * ratio(math.Expm1, (1-z.s)*log)
}

func (z *zipf) inverse(x float64) float64 {
	return math.Exp(x * ratio(math.Log1p, max(-1, x*(1-z.s))))
}

// ratio is f(x)/x, and its limit 1 near 0, where s is 1.
func ratio(f func(float64) float64, x float64) float64 {
	if math.Abs(x) < 1e-12 {
		return 1
	}
	return f(x) / x
}
