package policy

// s3FIFO has a small queue that most ids leave soon, a main queue for those asked for
// more than once in it, and ghosts that let an id come back into main.
type s3FIFO struct {
	rings
	capacity, small, main int
}

const (
	s3Small = 1 + iota
	s3Main
	s3Ghost
)

func newS3FIFO(w *Workload, capacity int) Policy {
	small := max(1, mustHold(capacity)/10)
	return &s3FIFO{newRings(w.Unique), capacity, small, capacity - small}
}

func (p *s3FIFO) Len() int { return p.size[s3Small] + p.size[s3Main] }

func (p *s3FIFO) Access(id uint32) bool {
	n := &p.nodes[id]
	if n.ring == s3Small || n.ring == s3Main {
		n.mark = min(n.mark+1, 3)
		return true
	}
	for p.Len() >= p.capacity {
		if p.size[s3Small] >= p.small || p.size[s3Main] == 0 {
			p.evictSmall()
		} else {
			p.evictMain()
		}
	}
	into := uint8(s3Small)
	if n.ring == s3Ghost { // still, after making room
		p.drop(id)
		into = s3Main
	}
	n.mark = 0
	p.push(into, id)
	return false
}

// evictSmall moves ids to main until one becomes a ghost.
func (p *s3FIFO) evictSmall() {
	for p.size[s3Small] > 0 {
		id := p.oldest(s3Small)
		if n := &p.nodes[id]; n.mark > 1 {
			n.mark = 0
			p.move(s3Main, id)
			if p.size[s3Main] > p.main {
				p.evictMain()
			}
			continue
		}
		p.drop(id)
		p.remember(id)
		return
	}
}

func (p *s3FIFO) remember(id uint32) {
	if p.main == 0 {
		return
	}
	if p.size[s3Ghost] == p.main {
		p.evict(s3Ghost)
	}
	p.push(s3Ghost, id)
}

func (p *s3FIFO) evictMain() {
	for {
		id := p.oldest(s3Main)
		n := &p.nodes[id]
		if n.mark == 0 {
			p.drop(id)
			return
		}
		n.mark--
		p.move(s3Main, id)
	}
}
