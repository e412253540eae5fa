package policy

import (
	"cmp"
	"slices"
)

// static holds the most requested ids and takes in nothing else.
type static struct {
	chosen, held []bool
	n            int
}

func newStatic(w *Workload, capacity int) Policy {
	count := make([]uint32, w.Unique)
	order := make([]uint32, w.Unique)
	for i := range order {
		order[i] = uint32(i)
	}
	for _, id := range w.IDs {
		count[id]++
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	p := &static{chosen: make([]bool, w.Unique), held: make([]bool, w.Unique)}
	for _, id := range order[:min(mustHold(capacity), len(order))] {
		p.chosen[id] = true
	}
	return p
}

func (p *static) Len() int { return p.n }

func (p *static) Access(id uint32) bool {
	if !p.chosen[id] || p.held[id] {
		return p.held[id]
	}
	p.held[id] = true
	p.n++
	return false
}
