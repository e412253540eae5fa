package cache

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/whetgo/whet/internal/keyhash"
)

// A Cache holds at most its capacity; see the package's documentation. Make one with New.
// It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	hasher keyhash.Hasher[K]
	shards atomic.Pointer[shards[K, V]]
	idle   int64
	clock  *clock
	curve  *curve

	opts     Options[K, V]
	capacity atomic.Int64
	tags     *tags[K]
	events   events[K, V]
	absent   *Cache[K, struct{}] // keys that a loader did not find
	resting  *Cache[K, struct{}] // keys whose refresh failed
	sweeping atomic.Bool         // a sweep for what expired is due
	resizing sync.Mutex
	plain    bool        // no option changes what an entry is
	direct   bool        // and none has a part in it when a value is replaced
	timed    atomic.Bool // the tables have deadlines

	_      [64]byte     // what follows is written often, what precedes seldom
	weight atomic.Int64 // of all entries; never above the capacity
	_      [64]byte
}

// New returns a cache of the given capacity: entries, or weight if Options.Weight is set.
// Memory is taken as the cache fills. New panics if capacity is below 1 or the options
// contradict each other.
func New[K comparable, V any](capacity int, opts *Options[K, V]) *Cache[K, V] {
	if capacity < 1 {
		panic("cache: New: capacity below 1")
	}
	c := &Cache[K, V]{hasher: keyhash.New[K](), clock: newClock()}
	if opts != nil {
		opts.check()
		c.opts = *opts
	}
	c.idle = int64(c.opts.Idle)
	c.capacity.Store(int64(capacity))
	c.shards.Store(newShards[K, V](capacity, &c.hasher, newLayout[K, V](c.opts.expires(), c.opts.Weight != nil)))
	c.timed.Store(c.opts.expires())
	c.prepare()
	return c
}

// prepare makes the parts that only some options need.
func (c *Cache[K, V]) prepare() {
	o := &c.opts
	c.plain = o.Weight == nil && o.Tags == nil && !o.expires()
	c.direct = c.plain && o.OnRemove == nil && o.NotFound == 0 && o.Stale == 0
	if o.Tags != nil {
		c.tags = newTags[K]()
	}
	if o.Curve {
		c.curve = newCurve(c.Cap(), c.usage)
	}
	if o.NotFound > 0 {
		c.absent = New(c.Cap(), &Options[K, struct{}]{TTL: o.NotFound})
	}
	if o.Refresh > 0 {
		c.resting = New(1024, &Options[K, struct{}]{TTL: (o.TTL - o.Refresh) / 10})
	}
}

// Get returns the value of key. It takes no lock, allocates nothing and costs about as
// much as reading a map.
func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	value, _, _, ok = c.read(key, 1)
	return value, ok
}

// Peek returns the value of key without counting as a use of it.
func (c *Cache[K, V]) Peek(key K) (value V, ok bool) {
	h := c.hasher.Hash(key)
	value, _, deadline, ok := c.shards.Load().of(h).table.Load().get(h, key)
	if !ok || deadline != 0 && !c.clock.before(deadline) {
		var none V
		return none, false
	}
	return value, true
}

// Set makes value the one of key, for as long as the options say. What is in the cache
// stays within the capacity at every moment; other entries are evicted if need be. A key
// that does not equal itself, such as NaN, could never be found and is not kept.
func (c *Cache[K, V]) Set(key K, value V) {
	h := c.hasher.Hash(key)
	if c.direct && c.overwrite(h, key, value) {
		return
	}
	x := item[K, V]{hash: h, key: key, value: value}
	c.complete(&x)
	c.set(&x)
}

// SetTTL is Set for an entry that lives for ttl whatever the options say; 0 is for ever, and
// below 0 the key is deleted. In a cache whose options have no lifetimes the first call copies the whole table.
func (c *Cache[K, V]) SetTTL(key K, value V, ttl time.Duration) {
	c.needDeadlines()
	x := item[K, V]{hash: c.hasher.Hash(key), key: key, value: value}
	c.completeTTL(&x, ttl)
	c.set(&x)
}

func (c *Cache[K, V]) lifetime(key K, value V) time.Duration {
	if c.opts.Lifetime != nil {
		return c.opts.Lifetime(key, value)
	}
	return c.opts.TTL
}

func (c *Cache[K, V]) set(x *item[K, V]) {
	s := c.lock(x.hash)
	s.flights.detach(x.hash, x.key)
	c.put(s, x)
	c.unlock(s)
}

// GetOrSet returns the value of key if there is one, and sets it to value otherwise.
func (c *Cache[K, V]) GetOrSet(key K, value V) (actual V, loaded bool) {
	if actual, loaded = c.Get(key); loaded {
		return actual, true
	}
	x := item[K, V]{hash: c.hasher.Hash(key), key: key, value: value}
	c.complete(&x)
	s := c.lock(x.hash)
	defer c.unlock(s)
	if n, ok := c.present(s, x.hash, key); ok {
		return s.table.Load().value(n), true
	}
	s.flights.detach(x.hash, key)
	c.put(s, &x)
	return value, false
}

// Delete removes key and reports whether it was there. A load of key that is under way
// will return its value to those who wait for it, but it is not kept.
func (c *Cache[K, V]) Delete(key K) (deleted bool) {
	h := c.hasher.Hash(key)
	s := c.lock(h)
	s.flights.detach(h, key)
	_, n, ok := s.table.Load().find(h, key)
	if ok {
		deleted = c.fresh(s.table.Load(), n)
		c.drop(s, n, Deleted)
	}
	c.unlock(s)
	if c.absent != nil {
		c.absent.Delete(key)
	}
	return deleted
}

// Len returns the number of entries, those included that expired and were not yet removed.
func (c *Cache[K, V]) Len() (n int) {
	if c.opts.Weight == nil {
		return int(c.weight.Load())
	}
	for s := range c.shards.Load().each {
		s.lock()
		n += s.live
		s.mu.Unlock()
	}
	return n
}

// Cap returns the capacity: entries, or weight if Options.Weight is set.
func (c *Cache[K, V]) Cap() int { return int(c.capacity.Load()) }
