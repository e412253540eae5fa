package policy

// opt evicts what is needed last, and does not take in what is needed later than all it
// holds: no policy with this capacity, with or without admission, has more hits.
type opt struct {
	capacity int
	ids      []uint32
	next     []uint32
	at       int // position of the request to come
	held     []bool
	n        int
	// uses is a max-heap of the positions at which held ids are next asked for. A
	// position in the past is stale: its request was a hit and has put a later one in.
	uses useHeap
}

func newOPT(w *Workload, capacity int) Policy {
	return &opt{capacity: mustHold(capacity), ids: w.IDs, next: w.uses(), held: make([]bool, w.Unique)}
}

func (p *opt) Len() int { return p.n }

func (p *opt) Access(id uint32) bool {
	next, hit := p.next[p.at], p.held[id]
	p.at++
	switch {
	case hit && next == never:
		p.held[id] = false // its place is free
		p.n--
	case hit:
		p.expect(next)
	case next == never:
	case p.n < p.capacity:
		p.n++
		p.held[id] = true
		p.expect(next)
	case p.uses[0] > next:
		p.held[p.ids[p.uses[0]]] = false
		p.held[id] = true
		p.uses[0] = next
		p.uses.down(0)
	}
	return hit
}

// expect notes a next use. Stale positions are swept out when they are more than half:
// memory follows the capacity, not the hits.
func (p *opt) expect(next uint32) {
	if len(p.uses) > 2*p.n+64 {
		live := p.uses[:0]
		for _, use := range p.uses {
			if int(use) >= p.at {
				live = append(live, use)
			}
		}
		p.uses = live
		for i := len(live)/2 - 1; i >= 0; i-- {
			p.uses.down(i)
		}
	}
	p.uses.push(next)
}
