package policy

// arc balances a list of ids seen once (t1) and a list of ids seen more often (t2) by the
// hits on the ghosts of either (b1, b2).
type arc struct {
	rings
	capacity int
	p        float64 // how many entries t1 should have, in [0,capacity]
}

const (
	arcT1 = 1 + iota
	arcT2
	arcB1
	arcB2
)

func newARC(w *Workload, capacity int) Policy {
	return &arc{rings: newRings(w.Unique), capacity: mustHold(capacity)}
}

func (p *arc) Len() int { return p.size[arcT1] + p.size[arcT2] }

// Access is figure 4 of the paper, with its numbers of the cases.
func (p *arc) Access(id uint32) bool {
	t1, b1, b2 := p.size[arcT1], p.size[arcB1], p.size[arcB2]
	switch p.ring(id) {
	case arcT1, arcT2: // I
		p.move(arcT2, id)
		return true
	case arcB1: // II
		p.p = min(float64(p.capacity), p.p+max(1, float64(b2)/float64(b1)))
		p.replace(false)
		p.move(arcT2, id)
	case arcB2: // III
		p.p = max(0, p.p-max(1, float64(b1)/float64(b2)))
		p.replace(true)
		p.move(arcT2, id)
	default: // IV
		switch total := p.Len() + b1 + b2; {
		case t1+b1 == p.capacity && t1 < p.capacity:
			p.evict(arcB1)
			p.replace(false)
		case t1+b1 == p.capacity:
			p.evict(arcT1)
		case total >= p.capacity:
			if total == 2*p.capacity {
				p.evict(arcB2)
			}
			p.replace(false)
		}
		p.push(arcT1, id)
	}
	return false
}

func (p *arc) replace(fromB2 bool) {
	n := float64(p.size[arcT1])
	if n > 0 && (n > p.p || fromB2 && n == p.p) {
		p.move(arcB1, p.oldest(arcT1))
	} else {
		p.move(arcB2, p.oldest(arcT2))
	}
}

// arcGolang is golang-lru's variant: whole steps of p, ghosts trimmed to capacity-p and
// p when a new id comes in.
type arcGolang struct {
	rings
	capacity, p int
}

func newARCGolang(w *Workload, capacity int) Policy {
	return &arcGolang{rings: newRings(w.Unique), capacity: mustHold(capacity)}
}

func (p *arcGolang) Len() int { return p.size[arcT1] + p.size[arcT2] }

func (p *arcGolang) Access(id uint32) bool {
	b1, b2 := p.size[arcB1], p.size[arcB2]
	switch p.ring(id) {
	case arcT1, arcT2:
		p.move(arcT2, id)
		return true
	case arcB1:
		p.p = min(p.capacity, p.p+max(1, b2/b1))
		p.drop(id)
		p.makeRoom(false)
		p.push(arcT2, id)
	case arcB2:
		p.p = max(0, p.p-max(1, b1/b2))
		p.drop(id)
		p.makeRoom(true)
		p.push(arcT2, id)
	default:
		p.makeRoom(false)
		if p.size[arcB1] > p.capacity-p.p {
			p.evict(arcB1)
		}
		if p.size[arcB2] > p.p {
			p.evict(arcB2)
		}
		p.push(arcT1, id)
	}
	return false
}

func (p *arcGolang) makeRoom(fromB2 bool) {
	n := p.size[arcT1]
	switch {
	case p.Len() < p.capacity:
	case p.size[arcT2] == 0 && n <= p.p: // golang-lru holds one too many, or forgets it
		p.evict(arcT1)
	case n > p.p || n > 0 && fromB2 && n == p.p:
		p.move(arcB1, p.oldest(arcT1))
	default:
		p.move(arcB2, p.oldest(arcT2))
	}
	for _, ghosts := range []uint8{arcB1, arcB2} {
		if p.size[ghosts] > p.capacity {
			p.evict(ghosts)
		}
	}
}
