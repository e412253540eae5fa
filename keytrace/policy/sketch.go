package policy

import "math/bits"

// A sketch counts ids approximately, up to 15, and halves all counts every ten times as
// many additions as the cache has entries: a count-min sketch of 4 rows of 4-bit counters,
// 16 counters a word and at least a word an entry.
type sketch struct {
	words       []uint64
	shift       int
	added, most int
}

func newSketch(capacity int) sketch {
	log := max(3, bits.Len(uint(capacity-1)))
	return sketch{words: make([]uint64, 1<<log), shift: 64 - log, most: 10 * capacity}
}

// seeds are odd numbers without structure; one for each row.
var seeds = [4]uint64{0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9, 0xd6e8feb86659fd93}

// slot returns where row r counts id: a word, and the shift of a counter in it. Each row
// has four of a word's 16 counters.
func (s *sketch) slot(r int, id uint32) (word uint64, shift uint) {
	h := (uint64(id) + 1) * seeds[r]
	h ^= h >> 32
	h *= seeds[r]
	return h >> s.shift, uint(r)*16 + uint(h&3)*4
}

func (s *sketch) add(id uint32) {
	added := false
	for r := range seeds {
		word, shift := s.slot(r, id)
		if s.words[word]>>shift&15 < 15 {
			s.words[word] += 1 << shift
			added = true
		}
	}
	if !added {
		return
	}
	if s.added++; s.added == s.most {
		for i, w := range s.words {
			s.words[i] = w >> 1 & 0x7777777777777777
		}
		s.added /= 2
	}
}

func (s *sketch) count(id uint32) uint64 {
	least := uint64(15)
	for r := range seeds {
		word, shift := s.slot(r, id)
		least = min(least, s.words[word]>>shift&15)
	}
	return least
}
