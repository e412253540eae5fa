package keytrace

import (
	"fmt"
	"iter"
	"math/rand/v2"
)

// A Spec describes a generated trace. The same Spec gives the same trace everywhere.
type Spec struct {
	Len   int // requests
	Seed  uint64
	Parts []Part // each request comes from one of them, at random by weight
}

// A Part is one kind of requests. Parts do not share keys.
type Part struct {
	// Kind is "zipf" (a few keys are asked for often), "scan" (each key once), "loop"
	// (the same keys in the same order) or "shifting" (zipf whose popular keys change).
	Kind   string
	N      int     // distinct keys of zipf, loop and shifting; at most 2⁴⁰
	S      float64 // exponent of zipf and shifting; 0 is uniform, 1 common
	Every  int     // requests of shifting after which it moves
	By     int     // keys that shifting moves by: the By most popular are new
	Weight float64
}

// Generate returns the trace that a text describes; see [ParseSpec].
func Generate(text string) (*Trace, error) {
	s, err := ParseSpec(text)
	if err != nil {
		return nil, err
	}
	return s.Trace(), nil
}

// Trace returns the trace in memory.
func (s Spec) Trace() *Trace {
	t := &Trace{Keys: make([]uint64, 0, s.Len)}
	for key := range s.Keys() {
		t.Keys = append(t.Keys, key)
	}
	return t
}

// partBits is where the number of a part stands in a key.
const partBits = 48

// Keys returns the keys one by one; memory does not follow Len. It panics if a part's
// kind is unknown.
func (s Spec) Keys() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		rng := rand.New(rand.NewPCG(s.Seed, 0x6b657974726163))
		next := make([]func() uint64, len(s.Parts))
		sum := 0.0
		for i, p := range s.Parts {
			next[i] = p.generator(rng)
			sum += p.Weight
		}
		for range s.Len {
			i := 0
			if len(next) > 1 {
				i = pick(s.Parts, rng.Float64()*sum)
			}
			if !yield(uint64(i)<<partBits | next[i]()) {
				return
			}
		}
	}
}

func pick(parts []Part, x float64) int {
	for i, p := range parts {
		if x -= p.Weight; x < 0 {
			return i
		}
	}
	return len(parts) - 1
}

// generator returns a function that returns the part's next key.
func (p Part) generator(rng *rand.Rand) func() uint64 {
	at := uint64(0)
	switch p.Kind {
	case "zipf":
		return newZipf(rng, p.N, p.S).draw
	case "scan":
		return func() uint64 { at++; return at }
	case "loop":
		return func() uint64 { at++; return (at-1)%uint64(p.N) + 1 }
	case "shifting":
		z := newZipf(rng, p.N, p.S)
		return func() uint64 {
			// Ranks count down from a top that rises: new keys come in as the most
			// popular, and each key sinks.
			top := uint64(p.N) + at/uint64(p.Every)*uint64(p.By)
			at++
			return top - z.draw() + 1
		}
	}
	panic(fmt.Sprintf("keytrace: no generator %q", p.Kind))
}
