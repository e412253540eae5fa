package policy

// slru keeps what was asked for again in a protected list of 80 %; what falls out of it,
// and what is new, is on probation.
type slru struct {
	rings
	capacity, protected int
}

const (
	slruProbation = 1 + iota
	slruProtected
)

func newSLRU(w *Workload, capacity int) Policy {
	return &slru{newRings(w.Unique), mustHold(capacity), capacity * 4 / 5}
}

func (p *slru) Len() int { return p.size[slruProbation] + p.size[slruProtected] }

func (p *slru) Access(id uint32) bool {
	if p.ring(id) != 0 {
		p.move(slruProtected, id)
		if p.size[slruProtected] > p.protected {
			p.move(slruProbation, p.oldest(slruProtected))
		}
		return true
	}
	if p.Len() == p.capacity {
		p.evict(slruProbation)
	}
	p.push(slruProbation, id)
	return false
}
