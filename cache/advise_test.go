package cache_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/cache"
)

// ask looks keys up and sets those that are missing.
func ask(c *cache.Cache[int, int], keys int, times int) {
	r := rand.New(rand.NewPCG(1, 1))
	for range times {
		k := r.IntN(keys)
		if _, ok := c.Get(k); !ok {
			c.Set(k, k)
		}
	}
}

func TestAdvise(t *testing.T) {
	watched := &cache.Options[int, int]{Curve: true}
	for _, tt := range []struct {
		name                  string
		capacity, keys, times int
		kind                  string
		wantCapacity          int
		least, most           float64 // hit ratio then
	}{
		{"a third of what is asked for", 1000, 3000, 200_000, "larger", 2000, .6, .7},
		{"eight times too large", 10_000, 1000, 100_000, "smaller", 1250, .95, 1},
		{"just right", 1100, 1000, 100_000, "", 0, 0, 0},
		{"hopeless", 100, 100_000, 100_000, "", 0, 0, 0},
		{"too early", 100, 1000, 100, "wait", 0, 0, 0},
	} {
		c := cache.New[int, int](tt.capacity, watched)
		ask(c, tt.keys, tt.times)
		advice := c.Advise()
		if tt.kind == "" {
			if len(advice) != 0 {
				t.Errorf("%s: advised %+v", tt.name, advice)
			}
			continue
		}
		if len(advice) != 1 || advice[0].Kind != tt.kind || advice[0].Capacity != tt.wantCapacity || advice[0].Then < tt.least || advice[0].Then > tt.most && tt.most > 0 {
			t.Errorf("%s: advised %+v", tt.name, advice)
			continue
		}
		if tt.wantCapacity > 0 { // what it says is so
			d := cache.New[int, int](tt.wantCapacity, nil)
			ask(d, tt.keys, tt.times)
			if got := d.Stats().HitRatio(); got < advice[0].Then-.02 {
				t.Errorf("%s: advised %q, measured %.3f", tt.name, advice[0].Text, got)
			}
		}
	}
	if advice := cache.New[int, int](10, nil).Advise(); advice != nil {
		t.Errorf("a cache that is not watched advises %v", advice)
	}
}

func TestAdviseLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.New[int, int](1000, &cache.Options[int, int]{Curve: true, TTL: time.Second})
		for range 30 {
			ask(c, 500, 500)
			time.Sleep(2 * time.Second)
		}
		advice := c.Advise()
		if len(advice) != 1 || advice[0].Kind != "lifetime" || advice[0].Then < .9 || advice[0].Now > .5 {
			t.Errorf("advised %+v", advice)
		}
	})
}
