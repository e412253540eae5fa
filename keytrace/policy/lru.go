package policy

// lru evicts what was asked for longest ago.
type lru struct {
	rings
	budget
}

func newLRU(w *Workload, capacity int) Policy {
	return &lru{newRings(w.Unique), newBudget(w, capacity)}
}

func (p *lru) Len() int { return p.size[1] }

func (p *lru) Access(id uint32) bool {
	if p.ring(id) != 0 {
		p.move(1, id)
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
