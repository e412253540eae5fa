package cache

import (
	"sync/atomic"
	"unsafe"
)

// A policy decides who stays. Each shard has one; all its methods need the shard's lock.
type policy struct {
	entries        unsafe.Pointer
	stride         uintptr
	first          uint16 // most recent
	last           uint16
	epoch          *atomic.Uint32
	every, inserts int
}

const nobody = tableLimit
const epochMask = 0xff
const liveBit = 1 << 31

func (p *policy) init(capacity int, epoch *atomic.Uint32) {
	p.first, p.last, p.epoch, p.every = nobody, nobody, epoch, max(1, capacity/64)
}

func (p *policy) resize(capacity int) { p.every = max(1, capacity/64) }
func (p *policy) head(n uint16) *head {
	return (*head)(unsafe.Add(p.entries, uintptr(n)*p.stride))
}
func (p *policy) holds(n uint16) bool { return p.head(n).meta.Load()&liveBit != 0 }

func (p *policy) unlink(n uint16) {
	h := p.head(n)
	if h.prev == nobody {
		p.first = h.next
	} else {
		p.head(h.prev).next = h.next
	}
	if h.next == nobody {
		p.last = h.prev
	} else {
		p.head(h.next).prev = h.prev
	}
}

func (p *policy) push(n uint16) {
	h := p.head(n)
	h.prev, h.next = nobody, p.first
	if p.first == nobody {
		p.last = n
	} else {
		p.head(p.first).prev = n
	}
	p.first = n
}

func (p *policy) touch(n uint16, h uint64) { p.unlink(n); p.push(n) }
func (p *policy) insert(n uint16, h uint64) {
	p.push(n)
	if p.inserts++; p.inserts >= p.every {
		p.inserts = 0
		p.epoch.Add(1)
	}
	p.head(n).meta.Store(liveBit | p.epoch.Load()&epochMask)
}
func (p *policy) remove(n uint16, h uint64, evicted bool) { p.unlink(n); p.head(n).meta.Store(0) }
func (p *policy) victim(h uint64) uint16                  { return p.last }
