package policy

// twoQ keeps what was asked for once in a queue and what was asked for again in an LRU
// list; an id that comes back soon after it left the queue goes to the list at once.
type twoQ struct {
	rings
	capacity, recent, ghosts int
}

const (
	twoQRecent = 1 + iota
	twoQFrequent
	twoQGhost
)

func newTwoQ(w *Workload, capacity int) Policy {
	return &twoQ{newRings(w.Unique), mustHold(capacity), capacity / 4, max(1, capacity/2)}
}

func (p *twoQ) Len() int { return p.size[twoQRecent] + p.size[twoQFrequent] }

func (p *twoQ) Access(id uint32) bool {
	switch p.ring(id) {
	case twoQRecent, twoQFrequent:
		p.move(twoQFrequent, id)
		return true
	case twoQGhost:
		// Making room may forget this very ghost; it is promoted all the same.
		p.makeRoom(true)
		if p.ring(id) != 0 {
			p.drop(id)
		}
		p.push(twoQFrequent, id)
	default:
		p.makeRoom(false)
		p.push(twoQRecent, id)
	}
	return false
}

func (p *twoQ) makeRoom(forGhost bool) {
	n := p.size[twoQRecent]
	switch {
	case p.Len() < p.capacity:
	case n > 0 && (n > p.recent || n == p.recent && !forGhost):
		if p.size[twoQGhost] == p.ghosts {
			p.evict(twoQGhost)
		}
		p.move(twoQGhost, p.oldest(twoQRecent))
	default:
		p.evict(twoQFrequent)
	}
}
