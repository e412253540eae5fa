package keytrace

import "math/rand/v2"

// number replaces keys by numbers in order of first use. It is a hash table of its own
// because a map takes five times as long; the random seed keeps hostile keys from
// colliding.
func number(keys []uint64) (ids []uint32, unique int) {
	ids = make([]uint32, len(keys))
	t := table{slots: make([]slot, 1<<10), seed: rand.Uint64()}
	for i, key := range keys {
		ids[i] = t.id(key)
	}
	return ids, int(t.n)
}

type table struct {
	slots []slot // a power of two, at most half of them used
	n     uint32
	seed  uint64
}

type slot struct {
	key uint64
	id  uint32 // plus one; 0: free
}

func (t *table) id(key uint64) uint32 {
	s := t.find(key)
	if s.id == 0 {
		if int(t.n) >= len(t.slots)/2 {
			t.grow()
			s = t.find(key)
		}
		t.n++
		*s = slot{key, t.n}
	}
	return s.id - 1
}

func (t *table) find(key uint64) *slot {
	mask := uint64(len(t.slots) - 1)
	for at := mix(key^t.seed) & mask; ; at = (at + 1) & mask {
		if s := &t.slots[at]; s.id == 0 || s.key == key {
			return s
		}
	}
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.id != 0 {
			*t.find(s.key) = s
		}
	}
}
