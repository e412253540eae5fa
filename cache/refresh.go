package cache

import "context"

// dueForRefresh reports whether an entry of this deadline has reached the age for it.
func (c *Cache[K, V]) dueForRefresh(deadline int64) bool {
	return deadline != 0 && c.clock.read() >= deadline-int64(c.opts.TTL-c.opts.Refresh)
}

// refresh loads key again in the background, if that is still due and nobody does.
func (c *Cache[K, V]) refresh(ctx context.Context, h uint64, key K, load Loader[K, V]) {
	if _, failed := c.resting.Peek(key); failed {
		return
	}
	s := c.lock(h)
	defer s.mu.Unlock()
	n, ok := c.present(s, h, key)
	if !ok || !c.dueForRefresh(s.table.Load().deadline(n)) || s.flights.find(h, key) != nil {
		return
	}
	f := c.depart(s, h, key)
	f.again = true
	go func() {
		if o := c.fly(context.WithoutCancel(ctx), f, load); o.err != nil || o.panicked != nil {
			c.resting.Set(key, struct{}{})
		}
	}()
}
