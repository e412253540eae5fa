package keytrace

import (
	"testing"

	"github.com/whetgo/whet/keytrace/policy"
)

// TestHeavy: entries of very different weights share a cache. A heavy one takes its room from
// all shards: if it emptied the one it comes to, far fewer would hit than in one LRU list.
func TestHeavy(t *testing.T) {
	tr := mustGenerate(t, "zipf:n=8000,s=0.9,len=60000")
	tr.Sizes = make([]uint32, tr.Len())
	for i, key := range tr.Keys {
		tr.Sizes[i] = 1 << 10
		if mix(key)%50 == 0 {
			tr.Sizes[i] = 2 << 20
		}
	}
	lru, _ := policy.Lookup("lru")
	r, err := Simulate(t.Context(), tr, []policy.Info{lru, Whet}, []int{32 << 20}, Options{Bytes: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, plain := range r.Rows[:1] {
		own := r.Rows[1+i]
		t.Logf("%d MiB: LRU hits %.1f %%, package cache %.1f %%", plain.Size>>20, 100*plain.HitRatio, 100*own.HitRatio)
		if own.HitRatio < plain.HitRatio-.01 {
			t.Errorf("%d MiB: package cache hits %.1f %%, LRU %.1f %%", plain.Size>>20, 100*own.HitRatio, 100*plain.HitRatio)
		}
	}
}
