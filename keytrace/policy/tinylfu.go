package policy

// tinyLFU lets new ids pass through a window of 1 %. What leaves it enters the main part,
// an SLRU, only if it was asked for more often of late than what it would push out.
type tinyLFU struct {
	rings
	capacity, window, main, protected int
	sketch                            sketch
	climber                           *climber // nil: the window stays
}

const (
	tinyWindow = 1 + iota
	tinyProbation
	tinyProtected
)

func newTinyLFU(w *Workload, capacity int) Policy { return tiny(w, capacity) }

func newTinyLFUAdaptive(w *Workload, capacity int) Policy {
	p := tiny(w, capacity)
	p.climber = newClimber(capacity)
	return p
}

func tiny(w *Workload, capacity int) *tinyLFU {
	p := &tinyLFU{rings: newRings(w.Unique), capacity: mustHold(capacity), sketch: newSketch(capacity)}
	p.divide(max(1, capacity/100))
	return p
}

// divide sets the shares of the parts.
func (p *tinyLFU) divide(window int) {
	p.window = window
	p.main = p.capacity - window
	p.protected = p.main * 4 / 5
}

func (p *tinyLFU) Len() int {
	return p.size[tinyWindow] + p.size[tinyProbation] + p.size[tinyProtected]
}

func (p *tinyLFU) Access(id uint32) bool {
	hit := p.access(id)
	if p.climber != nil {
		if window := p.climber.observe(hit, p.window); window != p.window {
			p.resize(window)
		}
	}
	return hit
}

func (p *tinyLFU) access(id uint32) bool {
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

// resize moves the oldest of what has become too large to where there is room.
func (p *tinyLFU) resize(window int) {
	p.divide(window)
	for p.size[tinyProtected] > p.protected {
		p.move(tinyProbation, p.oldest(tinyProtected))
	}
	for p.size[tinyWindow] > p.window {
		p.move(tinyProbation, p.oldest(tinyWindow))
	}
	for p.size[tinyProbation]+p.size[tinyProtected] > p.main {
		p.move(tinyWindow, p.oldest(tinyProbation))
	}
}
