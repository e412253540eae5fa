package singleton

import (
	"sync/atomic"
	"unsafe"
)

// A tally counts accesses, exactly. Goroutines count in one of its parts, as their stacks
// lie, so that those that run at the same time seldom want the same cache line.
type tally struct {
	parts [16]struct {
		n atomic.Uint64
		_ [56]byte
	}
}

func newTally(on bool) *tally {
	if !on {
		return nil
	}
	return new(tally)
}

func (t *tally) add() {
	var here byte
	t.parts[uint64(uintptr(unsafe.Pointer(&here))>>11)*0x9e3779b97f4a7c15>>60].n.Add(1)
}

func (t *tally) sum() (n uint64) {
	if t != nil {
		for i := range t.parts {
			n += t.parts[i].n.Load()
		}
	}
	return n
}
