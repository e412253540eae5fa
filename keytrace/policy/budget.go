package policy

// A budget counts what is held: entries, or bytes if ids have sizes.
type budget struct {
	capacity, used int64
	sizes          []uint32 // nil: 1 each
}

func newBudget(w *Workload, capacity int) budget {
	return budget{capacity: int64(mustHold(capacity)), sizes: w.Sizes}
}

func (b *budget) weight(id uint32) int64 {
	if b.sizes == nil {
		return 1
	}
	return max(1, int64(b.sizes[id]))
}
