package keyhash

import "math/bits"

// short hashes a string of at most 16 bytes as wyhash does: two words that together have all
// its bytes, which may overlap, are multiplied, and the product is folded and spread with the
// length.
func short(s string, k0, k1 uint64) uint64 {
	var a, b uint64
	switch n := len(s); {
	case n >= 8:
		a, b = first8(s), first8(s[n-8:])
	case n >= 4:
		a, b = first4(s), first4(s[n-4:])
	case n > 0:
		a = uint64(s[0]) | uint64(s[n/2])<<8 | uint64(s[n-1])<<16
	}
	hi, lo := bits.Mul64(a^k0, b^k1)
	hi, lo = bits.Mul64(hi^lo^uint64(len(s)), 0x9e3779b97f4a7c15)
	return hi ^ lo
}

// middle hashes a string of 17 to 32 bytes in the same way, as four words.
func middle(s string, k0, k1 uint64) uint64 {
	end := s[len(s)-16:]
	x := fold(first8(s)^k0, first8(s[8:])^k1)
	y := fold(first8(end)^k1, first8(end[8:])^k0)
	return fold(x^uint64(len(s)), y^k1)
}

// fold is the multiply-and-fold step of wyhash (Wang Yi, 2019).
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// first8 is one load where the processor's order of bytes is this one.
func first8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func first4(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}
