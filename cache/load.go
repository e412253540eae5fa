package cache

import (
	"context"
	"errors"
)

// A Loader finds the value of a key that is not in the cache.
type Loader[K comparable, V any] func(ctx context.Context, key K) (V, error)

// ErrNotFound is what a Loader returns, wrapped or not, for a key that has no value; see
// Options.NotFound.
var ErrNotFound = errors.New("cache: not found")

// GetOrLoad returns the value of key, and loads it if it is not there. However many want
// the same key, it is loaded once at a time; no lock is held meanwhile, so load may use the
// cache. Errors are not kept.
//
// If ctx can be cancelled, the caller stops waiting when it is, and load, which then runs
// in a goroutine of its own, is cancelled as soon as nobody waits for it. Its context has
// the values of ctx, but not its deadline. If ctx can't be cancelled, load runs in the
// caller's goroutine and nothing is allocated.
//
// A value that was set, deleted or purged during the load is not overwritten by it.
// A panic in load reaches all who wait, as a *PanicError.
func (c *Cache[K, V]) GetOrLoad(ctx context.Context, key K, load Loader[K, V]) (V, error) {
	value, h, deadline, ok := c.read(key, 0)
	if !ok {
		return c.load(ctx, h, key, load)
	}
	if c.opts.Refresh > 0 && c.dueForRefresh(deadline) {
		c.refresh(ctx, h, key, load)
	}
	return value, nil
}

// load joins the flight of key, or makes one.
func (c *Cache[K, V]) load(ctx context.Context, h uint64, key K, load Loader[K, V]) (none V, err error) {
	for missed := uint64(1); ; missed = 0 {
		s := c.lock(h)
		s.counters.missedLoads += missed
		if n, ok := c.present(s, h, key); ok {
			value := s.table.Load().value(n)
			c.unlock(s)
			return value, nil
		}
		if c.known(key) {
			s.mu.Unlock()
			return none, ErrNotFound
		}
		f := s.flights.find(h, key)
		switch {
		case f != nil:
			s.counters.shared++
		case ctx.Done() == nil:
			f = c.depart(s, h, key)
			s.mu.Unlock()
			o := c.fly(ctx, f, load)
			return o.answer()
		default:
			f = c.depart(s, h, key)
			var own context.Context
			own, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
			go c.fly(own, f, load)
		}
		landed := f.join()
		s.mu.Unlock()
		select {
		case <-landed:
			if !f.lent || f.panicked != nil || !canceled(f.err) {
				return f.answer()
			}
		case <-ctx.Done():
			c.leave(f)
			return none, ctx.Err()
		}
	}
}

// known reports whether key is known to have no value.
func (c *Cache[K, V]) known(key K) bool {
	if c.absent == nil {
		return false
	}
	_, ok := c.absent.Get(key)
	return ok
}

func canceled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (c *Cache[K, V]) depart(s *shard[K, V], h uint64, key K) *flight[K, V] {
	f := s.flights.start(h, key)
	f.began = c.clock.read()
	return f
}

// fly loads the value of f and lands, however the loader ends.
func (c *Cache[K, V]) fly(ctx context.Context, f *flight[K, V], load Loader[K, V]) (o outcome[V]) {
	x := item[K, V]{hash: f.hash, key: f.key}
	returned := false
	defer func() {
		if !returned {
			f.panicked, f.err = caught(recover())
		}
		o = c.land(ctx, f, &x)
	}()
	if c.opts.Tier != nil {
		f.value, f.err = c.loadThrough(ctx, f, load)
	} else {
		f.value, f.err = load(ctx, f.key)
	}
	if x.value = f.value; f.err == nil {
		c.complete(&x)
	}
	returned = true
	return o
}

// leave takes the caller from those who wait for f, and cancels it with the last one.
func (c *Cache[K, V]) leave(f *flight[K, V]) {
	s := c.lock(f.hash)
	if f.waiting--; f.waiting == 0 && f.cancel != nil {
		f.cancel()
		if !f.detached { // who comes now wants a load that is not cancelled
			f.detached = true
			s.flights.drop(f)
		}
	}
	s.mu.Unlock()
}

// land ends flight f: what it brought is kept as x, unless something overtook it, and
// handed to those who wait.
func (c *Cache[K, V]) land(ctx context.Context, f *flight[K, V], x *item[K, V]) outcome[V] {
	s := c.lock(f.hash)
	s.counters.loads++
	s.counters.loadTime += c.clock.read() - f.began
	overtaken := f.detached
	switch {
	case f.err != nil || f.panicked != nil:
		s.counters.loadFailures++
		c.makeDo(s, f)
	case !overtaken:
		c.put(s, x)
	}
	if !overtaken {
		f.detached = true
		s.flights.drop(f)
	}
	if f.cancel != nil {
		f.cancel()
	}
	o := f.outcome
	told := f.told
	if f.landed != nil {
		close(f.landed)
	} else {
		s.flights.recycle(f)
	}
	c.unlock(s)
	if overtaken && told {
		_ = c.opts.Tier.Delete(ctx, x.key) // what the tier was told is out of date
	}
	return o
}

// makeDo gives a load that failed the value that is past its lifetime, if the options
// allow, or remembers that there is none.
func (c *Cache[K, V]) makeDo(s *shard[K, V], f *flight[K, V]) {
	if errors.Is(f.err, ErrNotFound) {
		if c.absent != nil && !f.detached {
			c.absent.Set(f.key, struct{}{})
		}
		return
	}
	if c.opts.Stale == 0 || f.again || f.panicked != nil {
		return
	}
	t := s.table.Load()
	if _, n, ok := t.find(f.hash, f.key); ok && c.clock.before(t.deadline(n)+int64(c.opts.Stale)) {
		s.counters.stale++
		f.outcome = outcome[V]{value: t.value(n)}
	}
}
