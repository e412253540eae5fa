package whetprobe

import (
	"sync/atomic"
	"unsafe"
)

//go:norace
func store(p *uint32, v uint32) { atomic.StoreUint32(p, v) }

//go:norace
func cas(p *uint32, old, new uint32) bool { return atomic.CompareAndSwapUint32(p, old, new) }

//go:norace
func add(p *uint32, d int32) uint32 { return atomic.AddUint32(p, uint32(d)) }

//go:norace
func add64(p *int64, d int64) int64 { return atomic.AddInt64(p, d) }

//go:norace
func loadp(p *unsafe.Pointer) unsafe.Pointer { return atomic.LoadPointer(p) }
