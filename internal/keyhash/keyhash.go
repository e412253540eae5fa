// Package keyhash hashes the keys of tables that strangers may fill: each table has a seed of
// its own, so that nobody outside can choose keys that collide in it.
package keyhash

import (
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"unsafe"
)

// A Hasher hashes keys with a seed of its own. Keys that are == have the same hash. The zero
// Hasher is of no use; any number of goroutines may use one that New made.
type Hasher[K comparable] struct {
	how    kind
	k0, k1 uint64
	seed   maphash.Seed
}

type kind uint8

const (
	other  kind = iota // maphash.Comparable
	text               // two multiplications up to 16 bytes, three up to 32, beyond that maphash.String
	word64             // two multiplications, of keys that are one integer of 64 bits
	word32             // the same, of 32 bits
)

// New returns a Hasher with a random seed.
func New[K comparable]() Hasher[K] { return Seeded[K](rand.Uint64(), rand.Uint64()|1) }

// Seeded returns a Hasher that hashes integers and strings up to 32 bytes as k0 and k1 say,
// the same in every run, for tests. If k1 is 0, all integers have the same hash.
func Seeded[K comparable](k0, k1 uint64) Hasher[K] {
	return Hasher[K]{how: kindOf(reflect.TypeFor[K]()), k0: k0, k1: k1, seed: maphash.MakeSeed()}
}

func kindOf(key reflect.Type) kind {
	switch key.Kind() {
	case reflect.String:
		return text
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64, reflect.Uintptr, reflect.Pointer:
		if key.Size() == 4 {
			return word32
		}
		return word64
	}
	return other
}

// Hash returns the hash of key, all of whose bits are good. It allocates nothing. As in a
// map, a key that is an interface which holds what has no ==, panics.
func (h *Hasher[K]) Hash(key K) uint64 {
	switch h.how {
	case word64:
		return h.mix(*(*uint64)(unsafe.Pointer(&key)))
	case text:
		s := *(*string)(unsafe.Pointer(&key))
		switch n := len(s); {
		case n <= 16:
			return short(s, h.k0, h.k1)
		case n <= 32:
			return middle(s, h.k0, h.k1)
		}
		return maphash.String(h.seed, s)
	case word32:
		return h.mix(uint64(*(*uint32)(unsafe.Pointer(&key))))
	}
	return maphash.Comparable(h.seed, key)
}

// Word is Hash for keys that are an integer of 64 bits, for callers whose time it is worth
// to have it inlined; ok is false for others.
func (h *Hasher[K]) Word(key *K) (hash uint64, ok bool) {
	if unsafe.Sizeof(*key) != 8 || h.how != word64 {
		return 0, false
	}
	return h.mix(*(*uint64)(unsafe.Pointer(key))), true
}

// mix is fold twice.
func (h *Hasher[K]) mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^h.k0, h.k1)
	hi, lo = bits.Mul64(hi^lo^h.k0, 0x9e3779b97f4a7c15)
	return hi ^ lo
}
