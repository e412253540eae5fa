package policy

// clock is fifo with a second chance for what was asked for since the hand last passed:
// the hand stands at the oldest entry and turns a marked one into the newest.
type clock struct {
	rings
	budget
}

func newClock(w *Workload, capacity int) Policy {
	return &clock{newRings(w.Unique), newBudget(w, capacity)}
}

func (p *clock) Len() int { return p.size[1] }

func (p *clock) Access(id uint32) bool {
	if p.ring(id) != 0 {
		p.nodes[id].mark = 1
		return true
	}
	weight := p.weight(id)
	if weight > p.capacity {
		return false
	}
	for p.used+weight > p.capacity {
		p.turn()
	}
	p.push(1, id)
	p.nodes[id].mark = 0
	p.used += weight
	return false
}

func (p *clock) turn() {
	id := p.oldest(1)
	if n := &p.nodes[id]; n.mark != 0 {
		n.mark = 0
		p.move(1, id)
		return
	}
	p.drop(id)
	p.used -= p.weight(id)
}
