package cache

import (
	"iter"
	"slices"
)

// DeleteTag removes the entries that Options.Tags gave the tag, and returns how many there
// were. It costs as much as deleting them one by one, whatever else is in the cache. Loads
// that are under way are not kept, since they may be of the tag.
func (c *Cache[K, V]) DeleteTag(tag string) (deleted int) {
	if c.tags == nil {
		return 0
	}
	c.eachShard(func(s *shard[K, V]) { s.flights.detachAll() })
	for _, key := range c.tags.keysOf(tag) {
		h := c.hasher.Hash(key)
		s := c.lock(h)
		if _, n, ok := s.table.Load().find(h, key); ok && c.tagged(s, n, tag) {
			if c.fresh(s.table.Load(), n) {
				deleted++
			}
			c.drop(s, n, Deleted)
		}
		c.unlock(s)
	}
	return deleted
}

// eachShard calls f with every shard, locked; and with those that Resize puts in their
// place meanwhile.
func (c *Cache[K, V]) eachShard(f func(*shard[K, V])) {
	for {
		all := c.shards.Load()
		for s := range all.each {
			c.within(s, f)
		}
		if all == c.shards.Load() {
			return
		}
	}
}

// tagged reports whether entry n still has the tag.
func (c *Cache[K, V]) tagged(s *shard[K, V], n uint16, tag string) bool {
	t := s.table.Load()
	return slices.Contains(c.tags.namesOf(t.key(n)), tag)
}

func (c *Cache[K, V]) within(s *shard[K, V], f func(*shard[K, V])) {
	c.enter(s)
	defer c.unlock(s) // f may call the user, who may panic
	if !s.moved {
		f(s)
	}
}

// DeleteFunc removes the entries for which del returns true, and returns how many there
// were. It looks at all entries: O(n). del is called with a lock held and must not use the
// cache. Loads that are under way are not kept, since del was not asked about them.
func (c *Cache[K, V]) DeleteFunc(del func(key K, value V) bool) (deleted int) {
	c.eachShard(func(s *shard[K, V]) {
		s.flights.detachAll()
		deleted += c.deleteFrom(s, del)
	})
	return deleted
}

func (c *Cache[K, V]) deleteFrom(s *shard[K, V], del func(K, V) bool) (deleted int) {
	t := s.table.Load()
	t.freeze() // what del was asked about is what goes
	defer t.thaw()
	for i := range s.unused {
		n := uint16(i)
		if !s.policy.holds(n) {
			continue
		}
		if !c.fresh(t, n) {
			c.expire(s, n)
		} else if del(t.key(n), t.value(n)) {
			c.drop(s, n, Deleted)
			deleted++
		}
	}
	return deleted
}

// Clear removes all entries. Loads that are under way are not kept.
func (c *Cache[K, V]) Clear() {
	c.eachShard(func(s *shard[K, V]) {
		s.flights.detachAll()
		for i := range s.unused {
			if n := uint16(i); s.policy.holds(n) {
				c.drop(s, n, Deleted)
			}
		}
	})
	if c.absent != nil {
		c.absent.Clear()
	}
}

// All yields the entries that have not expired, in no order, as they were when the loop
// came to their part of the cache. It counts as no use of them, and the loop's body may do
// what it likes with the cache.
func (c *Cache[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		all := c.shards.Load()
		for i := range all.list {
			for _, x := range c.items(all, i) {
				if !yield(x.key, x.value) {
					return
				}
			}
		}
	}
}

// items returns a copy of the entries of the i-th shard that have not expired, wherever
// Resize may have moved them.
func (c *Cache[K, V]) items(all *shards[K, V], i int) (items []item[K, V]) {
	s := &all.list[i]
	s.lock()
	moved := s.moved
	for x := range s.each {
		if x.deadline == 0 || c.clock.before(x.deadline) {
			items = append(items, x)
		}
	}
	s.mu.Unlock()
	if moved {
		now := c.shards.Load()
		parts := len(now.list) / len(all.list)
		for j := range parts {
			items = append(items, c.items(now, i*parts+j)...)
		}
	}
	return items
}

// each yields all entries. Under the shard's lock.
func (s *shard[K, V]) each(yield func(item[K, V]) bool) {
	t := s.table.Load()
	for i := range s.unused {
		n := uint16(i)
		if s.policy.holds(n) && !yield(item[K, V]{key: t.key(n), value: t.value(n), deadline: t.deadline(n), weight: t.weight(n)}) {
			return
		}
	}
}
