//go:build amd64 && !race

package cache

import (
	"sync/atomic"
	"unsafe"
)

// These are stores with release semantics: who sees one sees all that was written before it.
// That is enough for whatever a writer stores for readers without the lock, and Go has only
// atomic stores that also keep later reads from going ahead. On this processor that takes a
// locked instruction, of which a Set would have a dozen, each waiting for every cache miss
// before it; while every plain store of a word is a release. Two of them to one place may
// become one, so what must be seen in between needs an atomic operation.
//
// With the race detector, which knows no releases, and on other processors, whose atomic
// stores are releases at little cost, they are atomic stores (release_atomic.go).

func setWord(to unsafe.Pointer, w uintptr)           { *(*uintptr)(to) = w }
func setPointer(to unsafe.Pointer, p unsafe.Pointer) { *(*unsafe.Pointer)(to) = p }
func set32(to *atomic.Uint32, x uint32)              { *(*uint32)(unsafe.Pointer(to)) = x }

func set64(to *atomic.Uint64, x uint64) { *(*uint64)(unsafe.Pointer(to)) = x }
