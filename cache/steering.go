package cache

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Modes are the ones to choose from. The first is where a cache begins: a short loop leaves
// no time to learn. The last but one is near to LRU, yet keeps most of the main part through
// a scan, so that to choose it by mistake costs little. The last is LRU, for keys that come
// back soon and then never more.
var modes = [...]mode{
	{window: .01, protected: .8, duel: true},
	{window: .05, protected: .8},
	{window: .20, protected: .8},
	{window: .10, protected: .2},
	{window: 1},
}

const (
	shadowSize  = 1024 // the most entries of a shadow
	period      = 10   // frequencies are halved every period × capacity look-ups
	switchBase  = 4    // to switch takes an advantage of so many hits,
	switchShare = 32   // and one for so many entries of a shadow
	forget      = 16   // the advantage is halved every forget × shadow's size look-ups
)

// A steering chooses the mode of a cache. No mode suits every program, so it runs a
// miniature of the cache in each of them, on a sample of the keys, and takes the one that
// hits most. It is shared by the shards.
//
// Source: Waldspurger, Saemundsson, Ahmad, Park (2017), "Cache Modeling and Optimization
// using Miniature Simulations", USENIX ATC.
type steering struct {
	mode   atomic.Uint32 // an index of modes
	sample atomic.Uint64 // a hash is in the sample if its upper half is below; 0: not started
	shards int

	mu      sync.Mutex
	shadows [len(modes)]shadow
	size    int             // of each
	lead    [len(modes)]int // hits of each less those of the mode's
	limit   int             // the lead that makes a switch
	since   int             // look-ups since the leads were halved
	age     int             // and since the frequencies were
}

// start begins for a cache of shards of the given capacity. Until then nothing is learnt
// and no memory taken.
func (s *steering) start(capacity int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sample.Load() != 0 {
		return
	}
	capacity *= s.shards
	s.size = min(capacity, shadowSize)
	s.limit = switchBase + s.size/switchShare
	s.lead, s.since, s.age = [len(modes)]int{}, 0, 0
	for k := range s.shadows {
		s.shadows[k].init(s.size, modes[k])
	}
	s.sample.Store(uint64(s.size) << 32 / uint64(capacity))
}

// stop forgets what was learnt, but not the mode.
func (s *steering) stop() { s.sample.Store(0) }

// learn tells of a look-up of a key that was asked for f times.
func (s *steering) learn(h uint64, f uint32) {
	if h>>32 >= s.sample.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var hits [len(modes)]int
	for k := range s.shadows {
		hits[k] = s.shadows[k].access(uint32(h), f)
	}
	now := s.mode.Load()
	best := now
	for k := range s.lead {
		s.lead[k] += hits[k] - hits[now]
		if s.lead[k] > s.lead[best] {
			best = uint32(k)
		}
	}
	s.grow()
	if s.lead[best] > s.limit {
		s.lead = [len(modes)]int{}
		s.mode.Store(best)
	}
}

// grow lets time pass.
func (s *steering) grow() {
	if s.since++; s.since >= forget*s.size {
		s.since = 0
		for k := range s.lead {
			s.lead[k] /= 2
		}
	}
	if s.age++; s.age >= period*s.size {
		s.age = 0
		for k := range s.shadows {
			s.shadows[k].time++
		}
	}
}

// A shadow is a small cache of hashes.
type shadow struct {
	segments
	entries []head
	hash    []uint32
	after   []uint16 // the next of the same bucket
	buckets []uint16
	used    int
}

func (s *shadow) init(n int, m mode) {
	*s = shadow{
		entries: make([]head, n),
		hash:    make([]uint32, n),
		after:   make([]uint16, n),
		buckets: make([]uint16, 1<<bits.Len(uint(n-1))),
	}
	s.heads, s.stride = unsafe.Pointer(&s.entries[0]), unsafe.Sizeof(head{})
	s.segments.init(n, m)
	for k := range s.buckets {
		s.buckets[k] = nobody
	}
}

// access looks up a key, takes it in if it is not there, and returns its hits.
func (s *shadow) access(h, f uint32) int {
	bucket := s.bucket(h)
	for n := *bucket; n != nobody; n = s.after[n] {
		if s.hash[n] == h {
			s.touch(n, f)
			return 1
		}
	}
	n := uint16(s.used)
	if s.used < s.capacity {
		s.used++
	} else {
		n = s.victim()
		s.drop(n)
	}
	s.hash[n], s.after[n] = h, *bucket
	*bucket = n
	s.insert(n, f)
	return 0
}

func (s *shadow) bucket(h uint32) *uint16 { return &s.buckets[h&uint32(len(s.buckets)-1)] }

func (s *shadow) drop(n uint16) {
	s.unlink(n)
	at := s.bucket(s.hash[n])
	for *at != n {
		at = &s.after[*at]
	}
	*at = s.after[n]
}
