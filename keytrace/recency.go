package keytrace

import "math/bits"

// recency answers how many distinct ids were used since an id was last used. Each id has a
// bit at the slot of its last use; a Fenwick tree counts the bits of words of 64 slots, so
// that it stays small enough for the processor's caches. Slots grow with time and are
// compacted when they run out: memory follows the ids, not the requests.
type recency struct {
	words []uint64
	tree  []uint32 // of the counts of words, from 1
	owner []uint32 // id by slot
	slot  []uint32 // by id
	next  int      // first free slot
	live  int      // bits set
}

const nowhere = 1<<32 - 1

// touch uses id and returns its distance: 1 if it was the last one used, 0 if it was never
// used.
func (r *recency) touch(id uint32) (distance int) {
	for int(id) >= len(r.slot) {
		r.slot = append(r.slot, nowhere)
	}
	if s := r.slot[id]; s != nowhere {
		distance = r.live - r.upTo(s) + 1
		r.clear(s)
	}
	if r.next == len(r.owner) {
		r.compact()
	}
	s := uint32(r.next)
	r.next++
	r.slot[id], r.owner[s] = s, id
	r.words[s/64] |= 1 << (s % 64)
	r.add(s, 1)
	r.live++
	return distance
}

// forget makes id as if it was never used.
func (r *recency) forget(id uint32) {
	r.clear(r.slot[id])
	r.slot[id] = nowhere
}

func (r *recency) clear(s uint32) {
	r.words[s/64] &^= 1 << (s % 64)
	r.add(s, ^uint32(0))
	r.live--
}

func (r *recency) add(s, d uint32) {
	for i := s/64 + 1; int(i) < len(r.tree); i += i & -i {
		r.tree[i] += d
	}
}

// upTo returns how many bits are set up to slot s.
func (r *recency) upTo(s uint32) int {
	n := bits.OnesCount64(r.words[s/64] << (63 - s%64))
	for i := s / 64; i > 0; i -= i & -i {
		n += int(r.tree[i])
	}
	return n
}

// compact moves the bits together, in twice the room they need.
func (r *recency) compact() {
	words := max(16, (2*r.live+63)/64)
	owner := make([]uint32, 0, words*64)
	for s, id := range r.owner {
		if r.words[s/64]>>(s%64)&1 != 0 {
			r.slot[id] = uint32(len(owner))
			owner = append(owner, id)
		}
	}
	r.next = len(owner)
	r.owner = owner[:words*64]
	r.words = make([]uint64, words)
	r.tree = make([]uint32, words+1)
	for s := range r.next {
		r.words[s/64] |= 1 << (s % 64)
	}
	for i := 1; i <= words; i++ {
		r.tree[i] += uint32(bits.OnesCount64(r.words[i-1]))
		if up := i + i&-i; up <= words {
			r.tree[up] += r.tree[i]
		}
	}
}
