package policy

// lirs keeps ids by the distance between their last two uses. Those with short distances
// (LIR) hold all but 1 % of the cache; the others (HIR) pass through the rest, and become
// LIR when they are asked for again while they are on the stack.
//
// The stack holds recent ids, evicted ones too, down to the oldest LIR one. As in the paper
// its length is not bounded: a simulation pays for it with the array it has anyway.
type lirs struct {
	stack rings // ring lirsHot: LIR and HIR ids together, newest first
	queue rings // ring lirsHot: the resident HIR ids
	low   []bool
	lows  int
	// maxLow and maxHigh are the shares of LIR and resident HIR ids.
	maxLow, maxHigh int
}

const lirsHot = 1

func newLIRS(w *Workload, capacity int) Policy {
	high := max(1, mustHold(capacity)/100)
	return &lirs{
		stack: newRings(w.Unique), queue: newRings(w.Unique), low: make([]bool, w.Unique),
		maxLow: capacity - high, maxHigh: high,
	}
}

func (p *lirs) Len() int { return p.lows + p.queue.size[lirsHot] }

func (p *lirs) Access(id uint32) bool {
	resident := p.queue.ring(id) != 0
	switch {
	case p.low[id]:
		p.stack.move(lirsHot, id)
		p.prune()
		return true
	case resident && p.stack.ring(id) != 0:
		p.queue.drop(id)
		p.promote(id)
	case resident:
		p.stack.push(lirsHot, id)
		p.queue.move(lirsHot, id)
		p.prune()
	case p.lows < p.maxLow:
		p.promote(id)
	default:
		if p.queue.size[lirsHot] == p.maxHigh {
			p.queue.evict(lirsHot)
		}
		if p.stack.ring(id) != 0 {
			p.promote(id)
			break
		}
		p.stack.push(lirsHot, id)
		p.queue.push(lirsHot, id)
		p.prune()
	}
	return resident
}

// promote makes id LIR; the oldest LIR id becomes HIR in its place.
func (p *lirs) promote(id uint32) {
	if p.stack.ring(id) != 0 {
		p.stack.drop(id)
	}
	p.stack.push(lirsHot, id)
	p.low[id] = true
	p.lows++
	if p.lows > p.maxLow {
		old := p.stack.evict(lirsHot)
		p.low[old] = false
		p.lows--
		p.queue.push(lirsHot, old)
	}
	p.prune()
}

// prune shortens the stack until its oldest id is LIR.
func (p *lirs) prune() {
	for p.stack.size[lirsHot] > 0 && !p.low[p.stack.oldest(lirsHot)] {
		p.stack.evict(lirsHot)
	}
}
