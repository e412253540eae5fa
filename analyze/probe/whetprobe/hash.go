package whetprobe

import (
	"math/bits"
	"unsafe"
)

// Seed begins a hash.
const Seed uint64 = 0x9e3779b97f4a7c15

// whole is how many bytes of a string or slice are hashed whole; of longer ones, pieces
// of pieceLen are.
const (
	whole    = 4096
	pieceLen = 64
	pieces   = whole / pieceLen
)

type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

// mix is the multiplication step of wyhash.
//
//go:norace
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return hi ^ lo
}

// Int hashes an integer.
func Int[T integer](h uint64, v T) uint64 { return mix(h, uint64(v)) }

// Bool hashes a boolean.
func Bool[T ~bool](h uint64, v T) uint64 {
	if v {
		return mix(h, 1)
	}
	return mix(h, 2)
}

// Float hashes the bits of a floating-point number: a NaN is itself, and the two zeros
// are two.
func Float[T ~float32 | ~float64](h uint64, v T) uint64 {
	f := float64(v)
	return mix(h, *(*uint64)(unsafe.Pointer(&f)))
}

// Str hashes the bytes of a string.
func Str[T ~string](h uint64, v T) uint64 {
	s := string(v)
	return memory(h, unsafe.Pointer(unsafe.StringData(s)), uintptr(len(s)))
}

// Flat hashes the elements of a slice of numbers, or of structs of such. They are read
// as memory is copied: should another goroutine write them, the hash is of something in
// between, and no harm is done.
//
//go:nocheckptr
func Flat[S ~[]E, E any](h uint64, v S) uint64 {
	var e E
	return memory(h, hide(unsafe.SliceData(v)), uintptr(len(v))*unsafe.Sizeof(e))
}

// Head hashes a slice's address and length.
//
//go:nocheckptr
func Head[S ~[]E, E any](h uint64, v S) uint64 {
	return mix(mix(h, uint64(uintptr(hide(unsafe.SliceData(v))))), uint64(len(v)))
}

// Strs hashes the elements of a slice of strings, of a long one the first.
func Strs[S ~[]E, E ~string](h uint64, v S) uint64 {
	h = mix(h, uint64(len(v)))
	for _, s := range v[:min(len(v), whole/8)] {
		h = Str(h, s)
	}
	return h
}

// Is reports whether there is something behind a pointer.
func Is[T any](p *T) bool { return p != nil }

// Val hashes a value of any type: of pointers, maps, channels and functions the address,
// of slices the address and length, of interfaces the type and the value in them.
//
//go:nocheckptr
func Val[T any](h uint64, p *T) uint64 { return val(h, typeOf[T](), hide(p)) }

//go:norace
func memory(h uint64, p unsafe.Pointer, n uintptr) uint64 {
	if n <= whole {
		return mix(h, uint64(memhash(p, memSeed, n))^uint64(n))
	}
	return long(h, p, n)
}

//go:norace
func long(h uint64, p unsafe.Pointer, n uintptr) uint64 {
	step := (n - pieceLen) / (pieces - 1)
	h = mix(h, uint64(n))
	for i := range uintptr(pieces) {
		at := i * step
		if i == pieces-1 {
			at = n - pieceLen
		}
		h = mix(h, uint64(memhash(unsafe.Add(p, at), memSeed, pieceLen)))
	}
	return h
}

const memSeed = 0x7f4a7c15

//go:linkname memhash runtime.memhash
//go:noescape
func memhash(p unsafe.Pointer, seed, n uintptr) uintptr

// hide returns p without the compiler's knowing: what p points to need not move to the
// heap for being hashed.
//
//go:nocheckptr
func hide[T any](p *T) unsafe.Pointer { return noescape(unsafe.Pointer(p)) }

//go:linkname noescape runtime.noescape
//go:noescape
func noescape(p unsafe.Pointer) unsafe.Pointer
