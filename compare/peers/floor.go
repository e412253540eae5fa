package peers

import (
	"math/bits"
	"runtime"
	"sync/atomic"
)

// Floor is no cache to use but a floor: about the least that a bounded cache for many
// goroutines can cost. It is 8-way set-associative with CLOCK inside a set, holds no
// pointers, and reads under a sequence lock (no atomic write, unless the entry was not
// marked as used). It has no statistics, time-outs, deletion or weights, its hash is one
// multiplication, and it evicts while other sets have room.
type Floor struct {
	sets []set8
	load func(uint64) uint64
}

// A set8 is one set; 136 bytes. Keys and values are atomic only for the race detector
// and the memory model: a load costs no more than a plain one.
type set8 struct {
	seq   atomic.Uint32 // odd while a writer is inside
	state atomic.Uint32 // bits 0-7: marked as used; 8-10: the clock's hand; 16-23: holds an entry
	key   [8]atomic.Uint64
	value [8]atomic.Uint64
}

func newFloor(cfg Config[uint64, uint64]) Cache[uint64, uint64] {
	return Floor{make([]set8, max(1, cfg.Cap/8)), cfg.Load}
}

func (c Floor) set(key uint64) *set8 {
	i, _ := bits.Mul64(key*0x9e3779b97f4a7c15, uint64(len(c.sets)))
	return &c.sets[i]
}

func (c Floor) Get(key uint64) (uint64, bool) {
	s := c.set(key)
	for {
		seq := s.seq.Load()
		value, at := s.find(key)
		if seq&1 != 0 || s.seq.Load() != seq {
			runtime.Gosched()
			continue
		}
		if at < 0 {
			return 0, false
		}
		if s.state.Load()&(1<<at) == 0 {
			s.state.Or(1 << at)
		}
		return value, true
	}
}

// find returns the key's value and its place, -1 if the set does not hold it. What it
// returns is void if a writer was inside meanwhile.
func (s *set8) find(key uint64) (value uint64, at int) {
	for i := range s.key {
		if s.key[i].Load() == key && s.state.Load()&(1<<(16+i)) != 0 {
			return s.value[i].Load(), i
		}
	}
	return 0, -1
}

func (c Floor) Set(key, value uint64) {
	s := c.set(key)
	for {
		seq := s.seq.Load()
		if seq&1 == 0 && s.seq.CompareAndSwap(seq, seq+1) {
			break
		}
		runtime.Gosched()
	}
	if _, at := s.find(key); at >= 0 {
		s.value[at].Store(value)
		s.state.Or(1 << at)
	} else {
		s.replace(key, value)
	}
	s.seq.Add(1)
}

// replace gives the place of the first entry from the hand on that is not marked to the
// key, and unmarks those it passes. Marks that readers set meanwhile may be lost.
func (s *set8) replace(key, value uint64) {
	state := s.state.Load()
	at := int(state >> 8 & 7)
	for state&(1<<(16+at)) != 0 && state&(1<<at) != 0 {
		state &^= 1 << at
		at = (at + 1) & 7
	}
	s.key[at].Store(key)
	s.value[at].Store(value)
	s.state.Store(state&^(7<<8|1<<at) | uint32(at+1)&7<<8 | 1<<(16+at))
}

func (c Floor) Load(key uint64) uint64 {
	if value, ok := c.Get(key); ok {
		return value
	}
	value := c.load(key)
	c.Set(key, value)
	return value
}

func (c Floor) Len() int {
	n := 0
	for i := range c.sets {
		n += bits.OnesCount32(c.sets[i].state.Load() >> 16)
	}
	return n
}

func (c Floor) Settle() {}
func (c Floor) Close()  {}
