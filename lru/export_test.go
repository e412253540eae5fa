package lru

import "fmt"

// Check reports the first broken invariant of the structure.
func (c *Cache[K, V]) Check() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used > c.capacity {
		return fmt.Errorf("weight %d above the capacity %d", c.used, c.capacity)
	}
	if n := len(c.buckets); n&(n-1) != 0 || c.n > n/2 {
		return fmt.Errorf("%d buckets for %d entries", n, c.n)
	}
	used, free := 0, 0
	for at := c.recent[0].next; at != 0; at = c.recent[at].next {
		used += c.weightOf(at)
		if e := &c.entries[at]; c.find(e.key, c.hash(e.key)) != at {
			return fmt.Errorf("entry %d is not found by its key %v", at, e.key)
		}
	}
	if used != c.used {
		return fmt.Errorf("weight is %d, want %d", c.used, used)
	}
	for at := c.free; at != 0; at = c.recent[at].next {
		free++
	}
	if c.n+free+1 != len(c.entries) || len(c.recent) != len(c.entries) {
		return fmt.Errorf("%d used and %d free of %d entries and %d links", c.n, free, len(c.entries), len(c.recent))
	}
	return c.checkLists()
}

func (c *Cache[K, V]) checkLists() error {
	for _, l := range []list{c.recent, c.written} {
		if l == nil {
			continue
		}
		n := 0
		for at := l[0].next; at != 0 && n <= c.n; at = l[at].next {
			if l[l[at].next].prev != at {
				return fmt.Errorf("entry %d is not before its next", at)
			}
			n++
		}
		if n != c.n {
			return fmt.Errorf("%d entries in a list, want %d", n, c.n)
		}
	}
	if c.written == nil {
		return nil
	}
	for at := c.written[0].next; at != 0; at = c.written[at].next {
		if next := c.written[at].next; next != 0 && c.times[next] > c.times[at] {
			return fmt.Errorf("entry %d was written after the one before it", next)
		}
	}
	return nil
}

// Places is how many entries the cache has memory for.
func (c *Cache[K, V]) Places() int { return cap(c.entries) }

// Hash is the hash of key in this cache.
func (c *Cache[K, V]) Hash(key K) uint32 { return c.hash(key) }
