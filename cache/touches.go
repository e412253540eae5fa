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

const touchLimit = 128

func (t *touches) full() bool { return t.count.Load() >= touchLimit }

func (t *touches) add(n uint16) {
	if i := t.count.Add(1) - 1; i < touchLimit {
		t.entry[i].Store(uint32(n) + 1)
	}
}

// drain yields what was recorded, oldest first, and forgets it. One goroutine at a time.
func (t *touches) drain(yield func(n uint16) bool) {
	for i := range min(t.count.Load(), touchLimit) {
		if n := t.entry[i].Swap(0); n != 0 && !yield(uint16(n-1)) {
			break
		}
	}
	t.count.Store(0)
}
