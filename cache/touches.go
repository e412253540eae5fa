package cache

import "sync/atomic"

// Touches hands the first hit of an entry in an epoch from the readers, who hold no lock,
// to the policy, which needs one. It is a buffer of fixed size that writers empty; what
// does not fit is not recorded, and the entry's next hit will try again.
type touches struct {
	count atomic.Uint32
	_     [60]byte
	entry [touchLimit]atomic.Uint32 // its number plus one, 0: none
}

const (
	touchLimit = 128
	touchMany  = 6 // of which a writer empties the buffer that has no need of the lock
)

func (t *touches) any() bool  { return t.count.Load() > 0 }
func (t *touches) many() bool { return t.count.Load() >= touchMany }
func (t *touches) full() bool { return t.count.Load() >= touchLimit }

func (t *touches) add(n uint16) {
	if i := t.count.Add(1) - 1; i < touchLimit {
		t.entry[i].Store(uint32(n) + 1)
	}
}

// len, take and reset empty the buffer, oldest first; one goroutine at a time may use them.
func (t *touches) len() uint32 { return min(t.count.Load(), touchLimit) }

// take returns the i-th entry; ok is false if its reader has not got so far.
func (t *touches) take(i uint32) (n uint16, ok bool) {
	x := t.entry[i].Swap(0)
	return uint16(x - 1), x != 0
}

func (t *touches) reset() { t.count.Store(0) }
