package keyhash

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"
)

type (
	name  string
	id    int32
	point struct{ x, y float64 }
)

// TestEqual: keys that are == have one hash, wherever their bytes lie.
func TestEqual(t *testing.T) {
	zero := 0.0
	testEqual(t, "account", strings.Clone("account"))
	testEqual(t, "", strings.Repeat("a", 0))
	testEqual(t, name("n"), name(strings.Clone("n")))
	testEqual(t, -1, -1)
	testEqual(t, id(-7), id(-7))
	testEqual(t, uint8(3), uint8(3))
	testEqual(t, &zero, &zero)
	testEqual(t, 0.0, math.Copysign(0, -1))
	testEqual(t, point{0, 1}, point{math.Copysign(0, -1), 1})
	testEqual[any](t, "x", strings.Clone("x"))
}

func testEqual[K comparable](t *testing.T, a, b K) {
	t.Helper()
	h := New[K]()
	if got, want := h.Hash(b), h.Hash(a); got != want || a != b {
		t.Errorf("%T: %v has hash %#x, %v has %#x", a, b, got, a, want)
	}
}

// TestSeeded: the hash of a key is another one in every Hasher, and every bit of the hash is
// sometimes set and sometimes not.
func TestSeeded(t *testing.T) {
	testSeeded(t, "account")
	testSeeded(t, strings.Repeat("long", 100))
	testSeeded(t, name(""))
	testSeeded(t, 0)
	testSeeded(t, id(-7))
	testSeeded(t, uint8(3))
	testSeeded(t, 1.5)
	testSeeded(t, point{1, 2})
	testSeeded[any](t, "x")
}

func testSeeded[K comparable](t *testing.T, key K) {
	t.Helper()
	const hashers = 128 // a bit is the same in all of them once in 2^127
	seen, set, unset := map[uint64]bool{}, uint64(0), uint64(0)
	for range hashers {
		h := New[K]()
		sum := h.Hash(key)
		seen[sum] = true
		set |= sum
		unset |= ^sum
	}
	if len(seen) != hashers || set != math.MaxUint64 || unset != math.MaxUint64 {
		t.Errorf("%T: %v has %d hashes in %d hashers; bits set %#x, not set %#x", key, key, len(seen), hashers, set, unset)
	}
}

// TestReproduced: Seeded gives integers the same hash in every run.
func TestReproduced(t *testing.T) {
	h, same := Seeded[uint64](1, 3), Seeded[uint64](1, 3)
	if got, want := same.Hash(9), h.Hash(9); got != want {
		t.Errorf("%#x, want %#x", got, want)
	}
	if all := Seeded[uint32](1, 0); all.Hash(1) != all.Hash(2) {
		t.Error("with a k1 of 0 two keys have two hashes")
	}
}

// TestShort: strings of all lengths about those at which the way of hashing changes have
// hashes of their own, which every byte and the length change in about half of the bits.
func TestShort(t *testing.T) {
	h := New[string]()
	seen := map[uint64]string{}
	for n := range 40 {
		for _, c := range []string{"\x00", "a", "\xff"} {
			s := strings.Repeat(c, n)
			if other, ok := seen[h.Hash(s)]; ok && other != s {
				t.Errorf("%q and %q have one hash", s, other)
			}
			seen[h.Hash(s)] = s
		}
		for i := range n {
			changed, base := 0, strings.Repeat("k", n)
			for bit := range 8 {
				other := []byte(base)
				other[i] ^= 1 << bit
				changed += bits.OnesCount64(h.Hash(base) ^ h.Hash(string(other)))
			}
			if changed < 8*64/4 || changed > 8*64*3/4 { // eleven standard deviations
				t.Errorf("byte %d of %d changes %d of %d bits", i, n, changed, 8*64)
			}
		}
	}
}

// TestShortSpreads: names that differ little fall into buckets as chance would have it, by the
// lowest bits and by the highest.
func TestShortSpreads(t *testing.T) {
	const names, buckets = 1 << 15, 1 << 8
	for _, form := range []string{"%d", "%05d", "account-%d", "%d-account", "the account of %d", "user:%016x:v1", "%07x/%[1]x", "%016b"} {
		h := New[string]()
		var low, high [buckets]int
		for i := range names {
			sum := h.Hash(fmt.Sprintf(form, i))
			low[sum%buckets]++
			high[sum>>56]++
		}
		const mean = names / buckets // the deviation is its root, 11
		if most := max(slices.Max(low[:]), slices.Max(high[:])); most > 2*mean {
			t.Errorf("%s: a bucket has %d names, on average one has %d", form, most, mean)
		}
	}
}

func TestAllocs(t *testing.T) {
	texts, structs := New[string](), New[point]()
	if n := testing.AllocsPerRun(100, func() { texts.Hash("account"); structs.Hash(point{1, 2}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
