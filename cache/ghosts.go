package cache

// Ghosts remember how often evicted keys were asked for: about 4/3 as many keys as the
// cache holds, at 3 bytes for each of its entries, and some more in a small cache, where
// they cost nothing. A key is known by 11 bits of its hash in one of the buckets, so that
// one look-up in 300 finds another's.
type ghosts []ghostBucket

// A ghostBucket holds ghosts, the latest first: fingerprint and frequency, 0 if there is
// none.
type ghostBucket struct {
	time  uint8 // at which the frequencies were true; see segments
	slots [7]uint16
}

func newGhosts(capacity int) ghosts {
	return make(ghosts, capacity*3/16+min((capacity+7)/8, 256))
}

// find returns the bucket of a hash, brought up to date, and the key's fingerprint.
func (g ghosts) find(h uint64, time uint8) (*ghostBucket, uint16) {
	b := &g[uint64(uint32(h))*uint64(len(g))>>32]
	if n := time - b.time; n > 0 {
		for k, x := range b.slots {
			b.slots[k] = x&^maxFreq | x&maxFreq>>n
		}
		b.time = time
	}
	return b, (uint16(h>>32) | 1<<15) &^ maxFreq
}

// take forgets a key and returns its frequency, 0 if it is not known.
func (g ghosts) take(h uint64, time uint8) uint32 {
	b, key := g.find(h, time)
	for k, x := range b.slots {
		if x&^maxFreq == key {
			copy(b.slots[k:], b.slots[k+1:])
			b.slots[len(b.slots)-1] = 0
			return uint32(x & maxFreq)
		}
	}
	return 0
}

// put adds a key in the place of the least frequent one, of several the oldest.
func (g ghosts) put(h uint64, f uint32, time uint8) {
	b, key := g.find(h, time)
	out := len(b.slots) - 1
	for k := out - 1; k >= 0 && b.slots[out] != 0; k-- {
		if b.slots[k]&maxFreq < b.slots[out]&maxFreq {
			out = k
		}
	}
	copy(b.slots[1:out+1], b.slots[:out])
	b.slots[0] = key | uint16(f)
}
