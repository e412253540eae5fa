package cache

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// check returns what is wrong with the lists, or the entries on them.
func (s *segments) check() (map[uint16]bool, error) {
	seen := map[uint16]bool{}
	for k, l := range s.lists {
		n := l.first
		for range l.n {
			h := s.head(n)
			switch {
			case seen[n]:
				return nil, fmt.Errorf("entry %d is listed twice", n)
			case h.list() != uint32(k) || !s.holds(n):
				return nil, fmt.Errorf("entry %d is on list %d and says %d, in use %v", n, k, h.list(), s.holds(n))
			case s.head(h.next).prev != n || s.head(h.prev).next != n:
				return nil, fmt.Errorf("neighbours of entry %d disagree", n)
			}
			seen[n] = true
			n = h.next
		}
		if n != l.first || (l.n == 0) != (l.first == nobody) {
			return nil, fmt.Errorf("list %d of %d entries is not closed", k, l.n)
		}
	}
	return seen, nil
}

func (s *shadow) check() error {
	seen, err := s.segments.check()
	if err != nil {
		return err
	}
	found := 0
	for b, n := range s.buckets {
		for ; n != nobody; n = s.after[n] {
			if !seen[n] || int(s.hash[n])&(len(s.buckets)-1) != b {
				return fmt.Errorf("entry %d of a shadow is in the wrong bucket or not listed", n)
			}
			found++
		}
	}
	if found != s.used || len(seen) != s.used || s.used > s.capacity {
		return fmt.Errorf("a shadow of %d has %d entries, lists %d and finds %d", s.capacity, s.used, len(seen), found)
	}
	return nil
}

func (c *Cache[K, V]) check() error {
	all := c.shards.Load()
	total := 0
	for s := range all.each {
		seen, err := s.policy.check()
		if err != nil {
			return err
		}
		if len(seen) != s.live {
			return fmt.Errorf("%d entries listed, %d live", len(seen), s.live)
		}
		total += s.live
		t := s.table.Load()
		for n := range seen {
			if _, m, ok := t.find(c.hasher.Hash(t.key(n)), t.key(n)); !ok || m != n {
				return fmt.Errorf("entry %d is not found by its key", n)
			}
		}
	}
	if c.opts.Weight == nil && int64(total) != c.weight.Load() {
		return fmt.Errorf("%d entries, weight %d", total, c.weight.Load())
	}
	if all.steering.sample.Load() == 0 {
		return nil
	}
	for k := range all.steering.shadows {
		if err := all.steering.shadows[k].check(); err != nil {
			return fmt.Errorf("mode %d: %w", k, err)
		}
	}
	return nil
}

// TestStructure looks at all lists, tables and shadows while traffic of changing kinds makes
// the cache go through its modes and sizes.
func TestStructure(t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 10, 200, 3000, 40_000} {
		c := New[int, int](capacity, nil)
		r := rand.New(rand.NewPCG(uint64(capacity), 2))
		modesSeen := map[uint32]bool{}
		for i := range 60_000 {
			var k int
			switch i / 5000 % 4 {
			case 0:
				k = i % (2*capacity + 1) // a loop
			case 1:
				k = int(float64(3*capacity) * r.Float64() * r.Float64() * r.Float64())
			case 2:
				k = -i + r.IntN(2)*(capacity/2+1) // seen twice, then never more
			case 3:
				k = i/7 - r.IntN(capacity)
			}
			if _, ok := c.Get(k); !ok {
				c.Set(k, i)
			}
			switch r.IntN(2000) {
			case 0:
				c.Delete(k)
			case 1:
				c.Resize(1 + r.IntN(2*capacity))
			}
			modesSeen[c.shards.Load().steering.mode.Load()] = true
			if i%997 == 0 {
				if err := c.check(); err != nil {
					t.Fatalf("capacity %d, operation %d: %v", capacity, i, err)
				}
			}
		}
		t.Logf("capacity %d: modes %v", capacity, modesSeen)
	}
}

// TestModes sends the traffic that each mode is for, and looks whether it is chosen.
func TestModes(t *testing.T) {
	mode := func(key func(i int) int) mode {
		c := New[int, int](500, nil)
		for i := range 200_000 {
			c.GetOrSet(key(i), i)
		}
		return modes[c.shards.Load().steering.mode.Load()]
	}
	if m := mode(func(i int) int { return i % 800 }); !m.duel {
		t.Errorf("in a loop the mode is %+v", m)
	}
	if m := mode(func(i int) int { return i/2 - i%2*150 }); m.duel || m.window < .2 {
		t.Errorf("where keys come back once, after 150 others, the mode is %+v", m)
	}
}

func TestGhosts(t *testing.T) {
	g := newGhosts(1000)
	r := rand.New(rand.NewPCG(1, 1))
	hashes := make([]uint64, 300)
	for i := range hashes {
		hashes[i] = r.Uint64()
		g.put(hashes[i], uint32(1+i%15), 7)
	}
	right := 0
	for i, h := range hashes {
		if g.take(h, 7) == uint32(1+i%15) {
			right++
		}
		if g.take(h, 7) != 0 {
			right--
		}
	}
	if right < 290 {
		t.Errorf("%d of 300 frequencies remembered, once each", right)
	}
	g.put(1, 12, 7)
	if f := g.take(1, 9); f != 3 {
		t.Errorf("frequency 12 is %d two halvings later", f)
	}
	g.put(1, 12, 200)
	if f := g.take(1, 199); f != 0 {
		t.Errorf("frequency 12 is %d after 255 halvings", f)
	}
}
