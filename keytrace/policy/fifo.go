package policy

// fifo evicts what came in longest ago.
type fifo struct {
	rings
	budget
}

func newFIFO(w *Workload, capacity int) Policy {
	return &fifo{newRings(w.Unique), newBudget(w, capacity)}
}

func (p *fifo) Len() int { return p.size[1] }

func (p *fifo) Access(id uint32) bool {
	if p.ring(id) != 0 {
		return true
	}
	weight := p.weight(id)
	if weight > p.capacity {
		return false
	}
	for p.used+weight > p.capacity {
		p.used -= p.weight(p.evict(1))
	}
	p.push(1, id)
	p.used += weight
	return false
}
