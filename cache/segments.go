package cache

import (
	"sync/atomic"
	"unsafe"
)

// A head is what every entry begins with, and all that the policy keeps of it.
type head struct {
	// meta is, from the lowest bit: 8 of the epoch of the last hit, 2 of the list, 1 set
	// if the entry was touched since it came, 4 of frequency, 8 of the time at which that
	// was true, 1 set if the entry is in use. Readers change the epoch with a
	// compare-and-swap; all else is written under the shard's lock, with plain stores, so
	// that an epoch may be lost: the entry is then touched once more.
	meta       atomic.Uint32
	prev, next uint16 // in its list, or among the free ones
}

const (
	epochMask = 0xff
	listShift = 8
	touched   = 1 << 10
	freqShift = 11
	maxFreq   = 15
	timeShift = 15
	inUse     = 1 << 23

	frequencyMask = touched | maxFreq<<freqShift | 0xff<<timeShift
)

// untouched reports whether an entry has not been hit in this epoch.
func (h *head) untouched(epoch uint32) bool { return (h.meta.Load()^epoch)&epochMask != 0 }

// The lists an entry can be on.
const (
	window = iota
	probation
	protected
)

const nobody = tableLimit // no entry's number

// A list is circular: its last entry is the one before the first.
type list struct {
	first uint16
	n     int
}

// A mode is how segments treat a newcomer. It begins in the window. From there it goes on
// to the main part, a segmented LRU, if it deserves to, or else is evicted.
type mode struct {
	window    float64 // share of the capacity
	protected float64 // share of the main part

	// duel: it must have been asked for clearly more often than the entry that would go in
	// its place. That survives loops and scans. Otherwise it must have been touched while
	// in the window, and a key that was evicted not long ago goes straight to the main
	// part. That follows change.
	duel bool
}

// Segments are the lists of a shard's entries, or of a shadow's.
type segments struct {
	heads    unsafe.Pointer // the first entry's
	stride   uintptr        // from one to the next
	lists    [3]list        // most recent first
	capacity int
	mode     mode
	window   int   // entries it may have
	keep     int   // entries the protected list may have
	time     uint8 // of the frequencies: each step halves them
}

func (s *segments) init(capacity int, m mode) {
	for k := range s.lists {
		s.lists[k].first = nobody
	}
	s.resize(capacity, m)
}

// resize changes the limits. The lists follow as entries come and go.
func (s *segments) resize(capacity int, m mode) {
	s.capacity, s.mode = capacity, m
	s.window = max(1, int(m.window*float64(capacity)+.5))
	s.keep = int(m.protected * float64(capacity-s.window))
}

func (s *segments) head(n uint16) *head {
	return (*head)(unsafe.Add(s.heads, uintptr(n)*s.stride))
}

// holds reports whether entry n is in use.
func (s *segments) holds(n uint16) bool { return s.head(n).meta.Load()&inUse != 0 }

// freq returns how often entry n was asked for, less what time has taken off.
func (s *segments) freq(n uint16) uint32 {
	m := s.head(n).meta.Load()
	return m >> freqShift & maxFreq >> (s.time - uint8(m>>timeShift))
}

// setFreq notes the frequency of an entry, and that it was touched or is new.
func (s *segments) setFreq(n uint16, f, touched uint32) {
	h := s.head(n)
	set32(&h.meta, h.meta.Load()&^frequencyMask|touched|f<<freqShift|uint32(s.time)<<timeShift)
}

func (s *segments) touch(n uint16, f uint32) {
	s.setFreq(n, f, touched)
	if s.head(n).list() == window || s.all() {
		s.move(window, n)
		return
	}
	s.move(protected, n)
	for range 2 { // not one, for the limit may have been lowered
		if s.lists[protected].n > s.keep {
			s.move(probation, s.last(protected))
		}
	}
}

// all reports whether the window is all there is, which makes it LRU.
func (s *segments) all() bool { return s.window == s.capacity }

// insert adds a newcomer that was asked for f times, counting those before it was evicted.
func (s *segments) insert(n uint16, f uint32) {
	s.setFreq(n, f, 0)
	if f >= 2 && !s.mode.duel && !s.all() {
		s.push(probation, n)
		return
	}
	s.push(window, n)
	for range 2 {
		if s.lists[window].n > s.window && s.main() < s.capacity-s.window {
			s.move(probation, s.last(window))
		}
	}
}

// victim returns who has to go. There must be an entry.
func (s *segments) victim() uint16 {
	v := s.last(probation)
	if v == nobody {
		v = s.last(protected)
	}
	c := s.last(window)
	switch {
	case v == nobody:
		return c
	case s.lists[window].n < s.window:
		return v
	case !s.deserves(c, v):
		return c
	}
	s.move(probation, c)
	return v
}

// deserves reports whether c, which leaves the window, should take the place of v in the
// main part. A duel takes half as much again to win: in a loop c is always one look-up
// ahead of v, and if that were enough each would push out the next.
func (s *segments) deserves(c, v uint16) bool {
	if !s.mode.duel {
		return s.head(c).meta.Load()&touched != 0
	}
	f := s.freq(v)
	return s.freq(c) > f+f/2
}

func (s *segments) main() int { return s.lists[probation].n + s.lists[protected].n }

func (s *segments) last(k uint32) uint16 {
	if s.lists[k].n == 0 {
		return nobody
	}
	return s.head(s.lists[k].first).prev
}

func (h *head) list() uint32 { return h.meta.Load() >> listShift & 3 }

func (s *segments) move(k uint32, n uint16) {
	s.unlink(n)
	s.push(k, n)
}

func (s *segments) push(k uint32, n uint16) {
	l, h := &s.lists[k], s.head(n)
	if m := h.meta.Load(); m&(inUse|3<<listShift) != inUse|k<<listShift {
		set32(&h.meta, m&^(3<<listShift)|k<<listShift|inUse)
	}
	if l.n == 0 {
		h.prev, h.next = n, n
	} else {
		first := s.head(l.first)
		h.prev, h.next = first.prev, l.first
		s.head(first.prev).next = n
		first.prev = n
	}
	l.first = n
	l.n++
}

func (s *segments) unlink(n uint16) {
	h := s.head(n)
	l := &s.lists[h.list()]
	s.head(h.prev).next = h.next
	s.head(h.next).prev = h.prev
	if l.first == n {
		l.first = h.next
	}
	if l.n--; l.n == 0 {
		l.first = nobody
	}
}
