package cache

// Resize changes the capacity and returns how many entries had to go. It panics if capacity
// is below 1. While it runs the bound is the old capacity or the new one, whichever is
// larger; when it has returned, the new one. Its cost is that of the evictions, but if the
// capacity outgrows the cache's shards, all entries are copied to more of them, while
// writers wait.
func (c *Cache[K, V]) Resize(capacity int) (evicted int) {
	if capacity < 1 {
		panic("cache: Resize: capacity below 1")
	}
	evicted = c.resize(capacity)
	if c.opts.OnRemove != nil {
		c.events.tell(c.opts.OnRemove)
	}
	return evicted
}

func (c *Cache[K, V]) resize(capacity int) (evicted int) {
	c.resizing.Lock()
	defer c.resizing.Unlock()
	all := c.shards.Load()
	if c.opts.Weight == nil && !roomy(capacity, len(all.list)) {
		all = c.deal(all, capacity)
	}
	c.capacity.Store(int64(capacity))
	for s := range all.each {
		c.enter(s)
		s.resize(shareOf(capacity, len(all.list)), len(all.list) == 1)
		s.mu.Unlock()
	}
	for c.weight.Load() > int64(capacity) {
		for s := range all.each {
			evicted += c.shrink(s)
		}
	}
	return evicted
}

func (s *shard[K, V]) resize(share int, alone bool) {
	s.setShare(share, alone)
	if s.table.Load().weightAt == 0 {
		s.policy.resize(s.share)
	}
}

// shrink evicts at most a sixteenth of the entries of s, while the cache is above its
// capacity.
func (c *Cache[K, V]) shrink(s *shard[K, V]) (evicted int) {
	c.enter(s)
	defer s.mu.Unlock()
	for n := max(1, s.live/16); evicted < n && s.live > 0 && c.weight.Load() > c.capacity.Load(); evicted++ {
		c.drop(s, s.policy.victim(), Evicted)
	}
	return evicted
}

// deal moves all entries and flights to shards that are right for the capacity.
func (c *Cache[K, V]) deal(old *shards[K, V], capacity int) *shards[K, V] {
	for s := range old.each {
		c.enter(s)
	}
	all := newShards[K, V](capacity, &c.hasher, old.list[0].table.Load().layout)
	for s := range old.each {
		s.table.Load().freeze()
		for x := range s.each {
			x.hash = c.hasher.Hash(x.key)
			all.of(x.hash).add(&x)
		}
		for _, f := range s.flights.list {
			to := all.of(f.hash)
			to.flights.list = append(to.flights.list, f)
		}
		all.list[0].counters.add(&s.counters)
		s.moved, s.live, s.unused, s.flights = true, 0, 0, flights[K, V]{}
	}
	c.shards.Store(all)
	for s := range old.each {
		s.mu.Unlock()
	}
	return all
}
