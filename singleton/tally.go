package singleton

import (
	"sync/atomic"
	"unsafe"
)

// A tally counts accesses, exactly. Goroutines count in one of its parts, as their stacks
// lie, so that those that run at the same time seldom want the same cache line: with 16 parts
// and 20 goroutines they did often enough to double the time.
type tally struct {
	parts [1 << tallyBits]struct {
		n atomic.Uint64
		_ [56]byte
	}
}

const tallyBits = 8

func newTally(on bool) *tally {
	if !on {
		return nil
	}
	return new(tally)
}

// add counts an access. Stacks lie at least 2 KiB apart.
func (t *tally) add() {
	var here struct{} // has an address, but needs no place in the frame
	t.parts[uint64(uintptr(unsafe.Pointer(&here))>>11)*0x9e3779b97f4a7c15>>(64-tallyBits)].n.Add(1)
}

func (t *tally) sum() (n uint64) {
	if t != nil {
		for i := range t.parts {
			n += t.parts[i].n.Load()
		}
	}
	return n
}
