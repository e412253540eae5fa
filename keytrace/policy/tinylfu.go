package policy

// tinyLFU lets new ids pass through a window of 1 %. What leaves it enters the main part,
// an SLRU, only if it was asked for more often of late than what it would push out.
type tinyLFU struct {
	rings
	window, main, protected int
	sketch                  sketch
}

const (
	tinyWindow = 1 + iota
	tinyProbation
	tinyProtected
)

func newTinyLFU(w *Workload, capacity int) Policy {
	window := max(1, mustHold(capacity)/100)
	main := capacity - window
	return &tinyLFU{newRings(w.Unique), window, main, main * 4 / 5, newSketch(capacity)}
}

func (p *tinyLFU) Len() int {
	return p.size[tinyWindow] + p.size[tinyProbation] + p.size[tinyProtected]
}

func (p *tinyLFU) Access(id uint32) bool {
	p.sketch.add(id)
	switch p.ring(id) {
	case tinyWindow:
		p.move(tinyWindow, id)
		return true
	case tinyProbation, tinyProtected:
		p.move(tinyProtected, id)
		if p.size[tinyProtected] > p.protected {
			p.move(tinyProbation, p.oldest(tinyProtected))
		}
		return true
	}
	p.push(tinyWindow, id)
	if p.size[tinyWindow] > p.window {
		p.admit(p.evict(tinyWindow))
	}
	return false
}

func (p *tinyLFU) admit(candidate uint32) {
	if p.main == 0 {
		return
	}
	if p.size[tinyProbation]+p.size[tinyProtected] == p.main {
		from := uint8(tinyProbation)
		if p.size[from] == 0 {
			from = tinyProtected
		}
		victim := p.oldest(from)
		if p.sketch.count(candidate) <= p.sketch.count(victim) {
			return
		}
		p.drop(victim)
	}
	p.push(tinyProbation, candidate)
}
