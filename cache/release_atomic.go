//go:build !amd64 || race

package cache

import (
	"sync/atomic"
	"unsafe"
)

func setWord(to unsafe.Pointer, w uintptr) { atomic.StoreUintptr((*uintptr)(to), w) }

func setPointer(to unsafe.Pointer, p unsafe.Pointer) {
	atomic.StorePointer((*unsafe.Pointer)(to), p)
}

func set32(to *atomic.Uint32, x uint32) { to.Store(x) }

func set64(to *atomic.Uint64, x uint64) { to.Store(x) }
