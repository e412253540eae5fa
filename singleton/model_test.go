package singleton_test

import (
	"context"
	"testing"

	"github.com/whetgo/whet/singleton"
)

// FuzzModel feeds the same operations, a byte each, to a Keyed and to a plain map.
func FuzzModel(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x43\x81\x00\x01\xc0\x02"))
	long := make([]byte, 2000)
	for i := range long {
		long[i] = byte(i * i * 31)
	}
	f.Add(long)
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) > 5000 {
			return
		}
		fails := false
		closed := map[int]bool{}
		next := 0
		k := singleton.NewKeyed(func(_ context.Context, key uint16) (int, error) {
			if fails {
				return 0, errBuild
			}
			next++
			return next, nil
		}, &singleton.KeyedOptions[int]{Close: func(n int) error { closed[n] = true; return nil }})
		ref := map[uint16]int{}
		for i, op := range ops {
			key := uint16(op&0x3f) + uint16(i%3)<<8
			held, there := ref[key]
			switch op >> 6 {
			case 0, 1:
				fails = op>>6 == 1
				got, err := k.Get(t.Context(), key)
				switch {
				case there && (got != held || err != nil), !there && fails && err != errBuild, !there && !fails && (got != next || err != nil):
					t.Fatalf("Get(%d): got %d (%v), held %d %v", key, got, err, held, there)
				case !there && !fails:
					ref[key] = got
				}
			case 2:
				if got, ok := k.Peek(key); ok != there || got != held {
					t.Fatalf("Peek(%d): got %d %v, want %d %v", key, got, ok, held, there)
				}
			case 3:
				if err := k.Reset(key); err != nil || there != closed[held] && there {
					t.Fatalf("Reset(%d): %v", key, err)
				}
				delete(ref, key)
			}
			if k.Len() != len(ref) {
				t.Fatalf("%d instances, want %d", k.Len(), len(ref))
			}
		}
		k.Check()
		for key, n := range k.All() {
			if ref[key] != n {
				t.Fatalf("All: %d has %d, want %d", key, n, ref[key])
			}
		}
		if err := k.Close(); err != nil || len(closed) != next {
			t.Fatalf("%d of %d were closed (%v)", len(closed), next, err)
		}
	})
}
