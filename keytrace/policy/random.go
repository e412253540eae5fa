package policy

import "math/rand/v2"

// random evicts any entry.
type random struct {
	capacity int
	held     []uint32
	in       []bool
	rng      *rand.PCG
}

func newRandom(w *Workload, capacity int) Policy {
	return &random{mustHold(capacity), make([]uint32, 0, min(capacity, w.Unique)), make([]bool, w.Unique), rand.NewPCG(1, 2)}
}

func (p *random) Len() int { return len(p.held) }

func (p *random) Access(id uint32) bool {
	if p.in[id] {
		return true
	}
	p.in[id] = true
	if len(p.held) < p.capacity {
		p.held = append(p.held, id)
		return false
	}
	at := p.rng.Uint64() >> 32 * uint64(len(p.held)) >> 32
	p.in[p.held[at]] = false
	p.held[at] = id
	return false
}
