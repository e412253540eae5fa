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
	h := c.hasher.hash(key)
	s := c.shards.Load().of(h)
	t := s.table.Load()
	value, n, deadline, ok := t.get(h, key)
	if c.curve != nil {
		c.curve.observe(h)
	}
	if !ok || deadline != 0 && !c.alive(t, n, deadline) {
		return c.load(ctx, h, key, load)
	}
	c.hit(s, t, n, h)
	if c.opts.Refresh > 0 && c.dueForRefresh(deadline) {
		c.refresh(ctx, h, key, load)
	}
	return value, nil
}

// load joins the flight of key, or makes one.
func (c *Cache[K, V]) load(ctx context.Context, h uint64, key K, load Loader[K, V]) (none V, err error) {
	if c.absent != nil {
		if _, ok := c.absent.Get(key); ok {
			return none, ErrNotFound
		}
	}
	for missed := uint64(1); ; missed = 0 {
		s := c.lock(h)
		s.counters.missedLoads += missed
		if n, ok := c.present(s, h, key); ok {
			value := s.table.Load().value(n)
			c.unlock(s)
			return value, nil
		}
		f := s.flights.find(h, key)
		switch {
		case f != nil:
			s.counters.shared++
		case ctx.Done() == nil:
			f = c.depart(s, h, key)
			c.unlock(s)
			o := c.fly(ctx, f, load)
			return o.answer()
		default:
			f = c.depart(s, h, key)
			var own context.Context
			own, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
			go c.fly(own, f, load)
		}
		landed := f.join()
		c.unlock(s)
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

func canceled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (c *Cache[K, V]) depart(s *shard[K, V], h uint64, key K) *flight[K, V] {
	f := s.flights.start(h, key)
	f.purges, f.began = c.purges.Load(), c.clock.read()
	return f
}

// fly loads the value of f and lands, however the loader ends.
func (c *Cache[K, V]) fly(ctx context.Context, f *flight[K, V], load Loader[K, V]) (o outcome[V]) {
	returned := false
	defer func() {
		if !returned {
			f.panicked, f.err = caught(recover())
		}
		o = c.land(f)
	}()
	if c.opts.Tier != nil {
		load = c.through(load)
	}
	f.value, f.err = load(ctx, f.key)
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
	c.unlock(s)
}

// land ends flight f: what it brought is kept, unless something overtook it, and handed to
// those who wait.
func (c *Cache[K, V]) land(f *flight[K, V]) outcome[V] {
	x := item[K, V]{hash: f.hash, key: f.key, value: f.value}
	good := f.err == nil && f.panicked == nil
	if good {
		c.complete(&x)
	}
	s := c.lock(f.hash)
	s.counters.loads++
	s.counters.loadTime += c.clock.read() - f.began
	switch {
	case !good:
		s.counters.loadFailures++
		c.makeDo(s, f)
	case !f.detached && f.purges == c.purges.Load():
		c.put(s, &x)
	}
	if !f.detached {
		f.detached = true
		s.flights.drop(f)
	}
	if f.cancel != nil {
		f.cancel()
	}
	o := f.outcome
	if f.landed != nil {
		close(f.landed)
	} else {
		s.flights.recycle(f)
	}
	c.unlock(s)
	return o
}

// makeDo gives a load that failed the value that is past its lifetime, if the options
// allow, or remembers that there is none.
func (c *Cache[K, V]) makeDo(s *shard[K, V], f *flight[K, V]) {
	if errors.Is(f.err, ErrNotFound) {
		if c.absent != nil && !f.detached && f.purges == c.purges.Load() {
			c.absent.Set(f.key, struct{}{})
		}
		return
	}
	if c.opts.Stale == 0 {
		return
	}
	t := s.table.Load()
	if _, n, ok := t.find(f.hash, f.key); ok && c.clock.read() < t.deadline(n)+int64(c.opts.Stale) {
		s.counters.stale++
		f.outcome = outcome[V]{value: t.value(n)}
	}
}

// through returns load with the second tier before it.
func (c *Cache[K, V]) through(load Loader[K, V]) Loader[K, V] {
	return func(ctx context.Context, key K) (V, error) {
		if value, err := c.opts.Tier.Get(ctx, key); err == nil {
			return value, nil
		}
		value, err := load(ctx, key)
		if err == nil {
			_ = c.opts.Tier.Set(ctx, key, value, c.lifetime(key, value)) // a tier that fails is left out
		}
		return value, err
	}
}

// Invalidate is Delete in this cache and in its second tier, whose error it returns.
func (c *Cache[K, V]) Invalidate(ctx context.Context, key K) error {
	if c.opts.Tier != nil {
		if err := c.opts.Tier.Delete(ctx, key); err != nil {
			c.Delete(key)
			return err
		}
	}
	c.Delete(key)
	return nil
}

// dueForRefresh reports whether an entry of this deadline has reached the age for it.
func (c *Cache[K, V]) dueForRefresh(deadline int64) bool {
	return deadline != 0 && c.clock.read() >= deadline-int64(c.opts.TTL-c.opts.Refresh)
}

// refresh loads key again in the background, if nobody does.
func (c *Cache[K, V]) refresh(ctx context.Context, h uint64, key K, load Loader[K, V]) {
	if _, failed := c.resting.Peek(key); failed {
		return
	}
	s := c.lock(h)
	defer c.unlock(s)
	if s.flights.find(h, key) != nil {
		return
	}
	f := c.depart(s, h, key)
	go func() {
		if o := c.fly(context.WithoutCancel(ctx), f, load); o.err != nil || o.panicked != nil {
			c.resting.Set(key, struct{}{})
		}
	}()
}

// LoadAll returns the values of keys, calling load once with those that are not there and
// that nobody else is loading. What load leaves out is not found: it is not in the result,
// and remembered as GetOrLoad does. load runs in the caller's goroutine, with ctx. If it
// fails, or another's load of one of the keys does, so does LoadAll, with the values it has.
func (c *Cache[K, V]) LoadAll(ctx context.Context, keys []K, load func(ctx context.Context, keys []K) (map[K]V, error)) (map[K]V, error) {
	found := make(map[K]V, len(keys))
	var missing, others []K
	var own []*flight[K, V]
	for _, key := range keys {
		if value, ok := c.Get(key); ok {
			found[key] = value
		} else if f := c.book(key); f != nil {
			missing, own = append(missing, key), append(own, f)
		} else {
			others = append(others, key)
		}
	}
	err := c.loadTogether(ctx, missing, own, load, found)
	for _, key := range others {
		value, e := c.GetOrLoad(ctx, key, func(ctx context.Context, key K) (V, error) {
			m, err := load(ctx, []K{key})
			value, ok := m[key]
			if err == nil && !ok {
				err = ErrNotFound
			}
			return value, err
		})
		if e == nil {
			found[key] = value
		} else if err == nil && !errors.Is(e, ErrNotFound) {
			err = e
		}
	}
	return found, err
}

// book starts a flight of key for a load of many, unless there is one or key was found to
// have no value.
func (c *Cache[K, V]) book(key K) *flight[K, V] {
	if c.absent != nil {
		if _, ok := c.absent.Get(key); ok {
			return nil
		}
	}
	h := c.hasher.hash(key)
	s := c.lock(h)
	defer c.unlock(s)
	if s.flights.find(h, key) != nil {
		return nil
	}
	f := c.depart(s, h, key)
	f.lent = true
	return f
}

// loadTogether loads keys with one call and lands their flights.
func (c *Cache[K, V]) loadTogether(ctx context.Context, keys []K, own []*flight[K, V], load func(context.Context, []K) (map[K]V, error), found map[K]V) (err error) {
	if len(keys) == 0 {
		return nil
	}
	var values map[K]V
	var panicked *PanicError
	returned := false
	defer func() {
		if !returned {
			panicked, err = caught(recover())
		}
		for i, f := range own {
			value, ok := values[keys[i]]
			f.value, f.err, f.panicked = value, err, panicked
			if err == nil && !ok {
				f.err = ErrNotFound
			} else if err == nil && panicked == nil {
				found[keys[i]] = value
			}
			c.land(f)
		}
		if panicked != nil {
			panic(panicked)
		}
	}()
	values, err = load(ctx, keys)
	returned = true
	return err
}
