package policy

// sieve is a queue in which nothing moves: the hand walks from old to new, clears the
// marks it meets and evicts the first entry without one, then stays there.
type sieve struct {
	rings
	budget
	hand uint32 // where the next walk starts; the ring's root: at the oldest
}

func newSieve(w *Workload, capacity int) Policy {
	p := &sieve{rings: newRings(w.Unique), budget: newBudget(w, capacity)}
	p.hand = p.root()
	return p
}

func (p *sieve) root() uint32 { return p.unique + 1 }

func (p *sieve) Len() int { return p.size[1] }

func (p *sieve) Access(id uint32) bool {
	if p.ring(id) != 0 {
		p.nodes[id].mark = 1
		return true
	}
	weight := p.weight(id)
	if weight > p.capacity {
		return false
	}
	for p.used+weight > p.capacity {
		p.walk()
	}
	p.push(1, id)
	p.nodes[id].mark = 0
	p.used += weight
	return false
}

func (p *sieve) walk() {
	for {
		if p.hand == p.root() {
			p.hand = p.oldest(1)
		}
		n := &p.nodes[p.hand]
		if n.mark == 0 {
			break
		}
		n.mark = 0
		p.hand = n.newer
	}
	victim := p.hand
	p.hand = p.nodes[victim].newer
	p.drop(victim)
	p.used -= p.weight(victim)
}
