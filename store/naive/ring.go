package naive

// Tick is one trade.
type Tick struct {
	Time  int64 // in nanoseconds since 1970
	Price int64 // in ticks
	Lots  int64
}

// Ring keeps the last ticks of a symbol. It is not safe for concurrent use.
type Ring struct {
	ticks []Tick
	count uint64 // of all ticks pushed
}

// NewRing returns a ring for the last size ticks; size must be positive.
func NewRing(size int) *Ring {
	return &Ring{ticks: make([]Tick, size)}
}

// Push adds a tick, in place of the oldest if the ring is full.
func (r *Ring) Push(t Tick) {
	r.ticks[r.count%uint64(len(r.ticks))] = t
	r.count++
}

// Len returns how many ticks are kept.
func (r *Ring) Len() int {
	return int(min(r.count, uint64(len(r.ticks))))
}

// Last returns the tick pushed n before the latest, which is 0. It reports
// false if that tick is not kept.
func (r *Ring) Last(n int) (Tick, bool) {
	if n < 0 || n >= r.Len() {
		return Tick{}, false
	}
	return r.ticks[(r.count-1-uint64(n))%uint64(len(r.ticks))], true
}

// Dropped returns how many ticks were pushed out.
func (r *Ring) Dropped() uint64 {
	return r.count - uint64(r.Len())
}
