package cache

import (
	"math/bits"
	"sync/atomic"
)

// A policy decides who stays in a shard. What is known of an entry is the first hit in each
// epoch, of which there are about epochsPerTurn while as many entries come as the shard
// holds, so most hits cost it nothing.
//
// It keeps entries in segments, frequencies of evicted keys as ghosts, and the settings
// that its steering finds best. Every method needs the shard's lock and takes O(1), but for
// resize.
//
// Sources: window, duel and segmented main part: Einziger, Friedman, Manes (2017),
// "TinyLFU: A Highly Efficient Cache Admission Policy", ACM TOS 13 (4). Ghosts and
// promotion by a touch: Johnson, Shasha (1994), "2Q", VLDB; Yang et al. (2023), "FIFO
// queues are all you need for cache eviction", SOSP.
type policy struct {
	segments
	ghosts   ghosts // nil until the first eviction
	steering *steering
	mode     uint32 // the one the segments have
	epoch    *atomic.Uint32
	arrivals int // in this epoch
	lookups  int // since the frequencies were halved
}

const epochsPerTurn = 16

func (p *policy) init(capacity int, s *steering, epoch *atomic.Uint32) {
	p.steering, p.epoch = s, epoch
	p.segments.init(capacity, modes[p.mode])
}

// resize changes the number of entries the policy reckons with. It forgets the ghosts.
func (p *policy) resize(capacity int) {
	p.segments.resize(capacity, modes[p.mode])
	if p.ghosts != nil {
		p.ghosts = newGhosts(capacity)
	}
	p.steering.stop()
}

// touch records the first hit of entry n in an epoch.
func (p *policy) touch(n uint16, hash uint64) {
	f := min(p.freq(n)+1, maxFreq)
	p.segments.touch(n, f)
	p.learn(mix(hash), f)
}

// victim returns who has to go. There must be an entry.
func (p *policy) victim() uint16 {
	if p.ghosts == nil {
		p.ghosts = newGhosts(p.capacity)
	}
	if m := p.steering.mode.Load(); m != p.mode {
		p.mode = m
		p.segments.resize(p.capacity, modes[m])
	}
	return p.segments.victim()
}

// insert adds the entry that a miss brought.
func (p *policy) insert(n uint16, hash uint64) {
	h, f := mix(hash), uint32(1)
	if p.ghosts != nil {
		f = min(p.ghosts.take(h, p.time)+1, maxFreq)
	}
	if p.arrivals++; p.arrivals*epochsPerTurn >= p.capacity {
		p.arrivals = 0
		p.epoch.Add(1)
	}
	set32(&p.head(n).meta, p.epoch.Load()&epochMask)
	p.segments.insert(n, f)
	if p.steering.sample.Load() == 0 && 2*(p.lists[window].n+p.main()) > p.capacity {
		p.steering.start(p.capacity)
	}
	p.learn(h, f)
}

// remove forgets entry n, but if it was evicted, not its frequency.
func (p *policy) remove(n uint16, hash uint64, evicted bool) {
	if evicted && p.ghosts != nil {
		p.ghosts.put(mix(hash), p.freq(n), p.time)
	}
	p.unlink(n)
	set32(&p.head(n).meta, 0)
}

// mix spreads a hash anew: by some of its bits the shard was chosen.
func mix(hash uint64) uint64 {
	hi, lo := bits.Mul64(hash, 0x9e3779b97f4a7c15)
	return hi ^ lo
}

// learn tells of a look-up of a key that was asked for f times.
func (p *policy) learn(h uint64, f uint32) {
	if p.lookups++; p.lookups >= period*p.capacity {
		p.lookups = 0
		p.time++
	}
	p.steering.learn(h, f)
}
