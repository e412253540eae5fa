package singleton

import (
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"unsafe"
)

// A hasher hashes keys with a seed of its own, so that nobody outside can choose keys
// that collide.
type hasher[K comparable] struct {
	how    hashing
	k0, k1 uint64
	seed   maphash.Seed
}

type hashing uint8

const (
	hashAny    hashing = iota // maphash.Comparable
	hashString                // maphash.String
	hash64                    // two multiplications, of keys that are one integer of 64 bits
	hash32                    // the same, of 32 bits
)

func newHasher[K comparable]() hasher[K] {
	h := hasher[K]{seed: maphash.MakeSeed(), k0: rand.Uint64(), k1: rand.Uint64() | 1}
	switch t := reflect.TypeFor[K](); t.Kind() {
	case reflect.String:
		h.how = hashString
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64, reflect.Uintptr, reflect.Pointer:
		h.how = hash64
		if t.Size() == 4 {
			h.how = hash32
		}
	}
	return h
}

func (h *hasher[K]) hash(key K) uint64 {
	switch h.how {
	case hash64:
		return h.mix(*(*uint64)(unsafe.Pointer(&key)))
	case hashString:
		return maphash.String(h.seed, *(*string)(unsafe.Pointer(&key)))
	case hash32:
		return h.mix(uint64(*(*uint32)(unsafe.Pointer(&key))))
	}
	return maphash.Comparable(h.seed, key)
}

// mix is the multiply-and-fold step of wyhash (Wang Yi, 2019), twice.
func (h *hasher[K]) mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^h.k0, h.k1)
	hi, lo = bits.Mul64(hi^lo^h.k0, 0x9e3779b97f4a7c15)
	return hi ^ lo
}
