package cache

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whetgo/whet/internal/keyhash"
)

// A shard is a part of the cache with a lock of its own; keys are dealt out by hash. What
// bounds the cache is the sum over all shards, so no shard is full while another has room.
type shard[K comparable, V any] struct {
	// What every Get reads and few operations write has a cache line of its own.
	table    atomic.Pointer[table[K, V]]
	epoch    atomic.Uint32 // the policy's time; see touch
	counting atomic.Uint32 // which hits are counted; see mayCount
	_        [48]byte

	counters counters
	touches  touches
	hasher   *keyhash.Hasher[K]
	_        [64]byte

	mu      sync.Mutex
	moved   bool // to other shards: this one is history
	policy  policy
	share   int    // of the capacity
	room    int    // the size the table is expected to need
	unused  int    // entries from this one on have never been used
	free    uint16 // the first of those that were given back, linked by next
	live    int
	flights flights[K, V]
	_       [64]byte
}

func (s *shard[K, V]) init(all *shards[K, V], h *keyhash.Hasher[K], l *layout, share int) {
	s.hasher = h
	s.free = nobody
	s.setShare(share, len(all.list) == 1)
	s.policy.init(s.reckoned(l), &all.steering, &s.epoch)
	s.adopt(newTable[K, V](l, min(s.share, 64)))
}

// reckoned returns how many entries the policy is to reckon with: the share, or if entries
// have weights, few until there are more.
func (s *shard[K, V]) reckoned(l *layout) int {
	if l.weightAt != 0 {
		return min(s.share, 64)
	}
	return s.share
}

// setShare tells the shard how much of the capacity is its part, and whether it is all.
func (s *shard[K, V]) setShare(share int, alone bool) {
	s.share = min(share, tableLimit)
	s.room = s.share
	if !alone {
		s.room = min(share+3*int(math.Sqrt(float64(share)))+8, tableLimit)
	}
}

// adopt makes t the table that readers see.
func (s *shard[K, V]) adopt(t *table[K, V]) {
	s.policy.heads, s.policy.stride = t.entries, t.stride
	s.table.Store(t)
}

// lock takes the lock. It is held for less time than it takes to park a goroutine and to
// wake it again, so it is tried for a while first.
func (s *shard[K, V]) lock() {
	if !s.mu.TryLock() {
		s.lockSlow()
	}
}

func (s *shard[K, V]) lockSlow() {
	for range 100 {
		if s.mu.TryLock() {
			return
		}
		for range 20 { // a moment, in which the holder can have the cache line
		}
	}
	s.mu.Lock()
}

// lock returns the shard of keys of hash h, entered.
func (c *Cache[K, V]) lock(h uint64) *shard[K, V] {
	s := c.shards.Load().of(h)
	for {
		if !s.mu.TryLock() {
			s.lockSlow()
		}
		if s.touches.any() {
			s.drain()
		}
		if !s.moved {
			return s
		}
		c.unlock(s)
		s = c.shards.Load().of(h)
	}
}

// enter takes the lock of s and tells the policy what was touched meanwhile.
func (c *Cache[K, V]) enter(s *shard[K, V]) {
	s.lock()
	if s.touches.any() {
		s.drain()
	}
}

func (s *shard[K, V]) drain() {
	t := s.table.Load()
	for i := range s.touches.len() {
		if n, ok := s.touches.take(i); ok && !s.moved && s.policy.holds(n) {
			s.policy.touch(n, s.hasher.Hash(t.key(n)))
		}
	}
	s.touches.reset()
}

// unlock gives the lock back and tells the listener what was removed.
func (c *Cache[K, V]) unlock(s *shard[K, V]) {
	s.mu.Unlock()
	if c.opts.OnRemove != nil {
		c.events.tell(c.opts.OnRemove)
	}
}

// touch records the first hit of an entry in an epoch.
func (c *Cache[K, V]) touch(s *shard[K, V], e *head, n uint16) {
	if s.touches.full() {
		if !s.mu.TryLock() {
			return // the entry's next hit will try again
		}
		s.mu.Unlock()
		c.enter(s)
		c.unlock(s)
	}
	if s.stamp(e) {
		s.touches.add(n)
	}
}

// stamp writes the epoch into an entry. It returns false if another goroutine has just
// done so.
func (s *shard[K, V]) stamp(e *head) bool {
	m := e.meta.Load()
	return e.meta.CompareAndSwap(m, m&^epochMask|s.epoch.Load()&epochMask)
}

// An item is an entry on its way into the cache.
type item[K comparable, V any] struct {
	hash     uint64
	key      K
	value    V
	deadline int64
	weight   uint32
	tags     []string
	dead     bool // its lifetime was over before it began: it is not kept
}

// complete fills in what follows from the key and the value of x. It calls functions of
// the user, so no lock may be held.
func (c *Cache[K, V]) complete(x *item[K, V]) {
	x.weight = 1
	if c.plain {
		return
	}
	if c.idle > 0 {
		c.completeTTL(x, c.opts.Idle)
		x.deadline |= slides
	} else {
		c.completeTTL(x, c.lifetime(x.key, x.value))
	}
}

func (c *Cache[K, V]) completeTTL(x *item[K, V], ttl time.Duration) {
	x.weight = 1
	if c.opts.Weight != nil {
		x.weight = uint32(min(max(int64(c.opts.Weight(x.key, x.value)), 0), math.MaxUint32))
	}
	if x.dead = ttl < 0; ttl > 0 {
		x.deadline = c.deadlineIn(ttl) &^ slides
	}
	if c.opts.Tags != nil {
		x.tags = c.opts.Tags(x.key, x.value)
	}
}

// put makes x an entry of s, if there is room for it. Whether or not, its key is known to
// have a value. Under the lock of s.
func (c *Cache[K, V]) put(s *shard[K, V], x *item[K, V]) {
	if x.key != x.key {
		return
	}
	if c.absent != nil {
		c.absent.Delete(x.key)
	}
	t := s.table.Load()
	if p, n, ok := t.find(x.hash, x.key); ok && x.dead {
		c.drop(s, n, Deleted)
	} else if ok {
		if c.replace(s, t, p, n, x) {
			return
		}
		c.drop(s, n, Replaced) // it is heavier and there is no room: make room for all of it
	}
	if x.dead {
		return
	}
	if c.makeRoom(s, x) {
		c.insert(s, x)
	} else {
		c.removed(s, x.key, x.value, Evicted)
	}
}

// replace gives entry n the value of x, if there is room for its weight.
func (c *Cache[K, V]) replace(s *shard[K, V], t *table[K, V], p place, n uint16, x *item[K, V]) bool {
	more := int64(x.weight) - int64(t.weight(n))
	if more > 0 && !c.reserve(more) {
		return false
	}
	if c.opts.OnRemove != nil {
		c.removed(s, x.key, t.value(n), c.causeOr(Replaced, t, n))
	}
	t.replace(p, n, x)
	if more < 0 {
		c.weight.Add(more)
	}
	c.added(x)
	if e := t.head(n); e.untouched(s.epoch.Load()) {
		s.stamp(e)
		s.policy.touch(n, x.hash)
	}
	return true
}

// causeOr returns Expired if entry n has, and cause otherwise.
func (c *Cache[K, V]) causeOr(cause Cause, t *table[K, V], n uint16) Cause {
	if !c.fresh(t, n) {
		return Expired
	}
	return cause
}

func (c *Cache[K, V]) insert(s *shard[K, V], x *item[K, V]) {
	s.add(x)
	s.counters.insertions++
	c.added(x)
}

// add makes x an entry, whose key is not there yet.
func (s *shard[K, V]) add(x *item[K, V]) {
	n := s.take()
	t := s.table.Load()
	t.fill(n, x)
	t.link(x.hash, n)
	s.policy.insert(n, x.hash)
	s.live++
	if t.weightAt != 0 && s.live > 2*s.policy.capacity {
		s.policy.resize(s.live) // how many entries there can be shows only as they come
	}
}

// makeRoom evicts until x has a place, and reserves its weight. It returns false if there
// is none: x weighs more than the whole cache, or the rest of it is in other shards.
func (c *Cache[K, V]) makeRoom(s *shard[K, V], x *item[K, V]) bool {
	if int64(x.weight) > c.capacity.Load() {
		return false
	}
	if s.free == nobody && s.unused == tableLimit {
		c.drop(s, s.policy.victim(), Evicted)
	}
	if c.opts.Weight != nil && 2*s.live < s.policy.capacity && s.live > 0 {
		s.policy.resize(s.live)
	}
	need, spare := int64(x.weight), s.live/shedShare+1
	for need > 0 && !c.reserve(need) {
		if (spare == 0 || s.live == 0) && c.shed(s, x.hash, need) {
			continue
		}
		if s.live == 0 {
			c.weight.Add(need - int64(x.weight))
			return false
		}
		spare = max(spare-1, 0)
		n := s.policy.victim() // its weight passes to x, so the total stays what it is
		need -= int64(s.table.Load().weight(n))
		c.remove(s, n, Evicted)
	}
	if need < 0 {
		c.weight.Add(need)
	}
	return true
}

// reserve adds w to the weight of the cache if that stays within the capacity.
func (c *Cache[K, V]) reserve(w int64) bool {
	for {
		sum := c.weight.Load()
		if sum+w > c.capacity.Load() {
			return false
		}
		if c.weight.CompareAndSwap(sum, sum+w) {
			return true
		}
	}
}

// shedShare is the part of a shard that makes room for one heavy entry, before other shards
// must: else each such entry would empty the shard that it comes to, of what is in demand too.
const shedShare = 8

// shed evicts from the shards beside s, whose lock the caller has, until there is room for
// w, a part of each in turn. To wait for another shard could be a deadlock, so it only tries;
// it gives up when they are empty, or when it has found no room for long, because others like
// it have reserved what there was.
func (c *Cache[K, V]) shed(s *shard[K, V], hash uint64, w int64) bool {
	list := c.shards.Load().list
	for range 1000 {
		left := false
		for i := range list {
			other := &list[(hash+uint64(i))%uint64(len(list))]
			if other == s {
				continue
			}
			if !other.mu.TryLock() {
				left = true
				continue
			}
			c.shedFrom(other, w)
			left = left || other.live > 0
			other.mu.Unlock()
			if c.weight.Load()+w <= c.capacity.Load() {
				return true
			}
		}
		if !left {
			return false
		}
		runtime.Gosched()
	}
	return false
}

func (c *Cache[K, V]) shedFrom(s *shard[K, V], w int64) {
	for spare := s.live/shedShare + 1; spare > 0 && s.live > 0 && c.weight.Load()+w > c.capacity.Load(); spare-- {
		c.drop(s, s.policy.victim(), Evicted)
	}
}

// drop removes entry n and gives its weight back.
func (c *Cache[K, V]) drop(s *shard[K, V], n uint16, cause Cause) {
	w := s.table.Load().weight(n)
	c.remove(s, n, cause)
	c.weight.Add(-int64(w))
}

// remove removes entry n, whose weight is the caller's to account for.
func (c *Cache[K, V]) remove(s *shard[K, V], n uint16, cause Cause) {
	t := s.table.Load()
	key := t.key(n)
	h := c.hasher.Hash(key)
	switch cause = c.causeOr(cause, t, n); cause {
	case Evicted:
		s.counters.evictions++
	case Expired:
		s.counters.expirations++
	}
	if c.opts.OnRemove != nil || c.tags != nil {
		c.removed(s, key, t.value(n), cause)
	}
	t.unlink(h, t.locate(h, n))
	t.erase(n)
	s.policy.remove(n, h, cause == Evicted)
	t.head(n).next = s.free
	s.free = n
	s.live--
}

// removed tells the tags and the listener that value is no longer that of key.
func (c *Cache[K, V]) removed(s *shard[K, V], key K, value V, cause Cause) {
	if c.tags != nil && cause != Replaced {
		c.tags.forget(key)
	}
	if c.opts.OnRemove != nil {
		c.events.add(Removal[K, V]{key, value, cause})
	}
}

// added tells the tags that x is in the cache.
func (c *Cache[K, V]) added(x *item[K, V]) {
	if c.tags != nil {
		c.tags.set(x.key, x.tags)
	}
	if x.deadline != 0 {
		c.expect(x.deadline)
	}
}

// take returns an entry that is not in use.
func (s *shard[K, V]) take() uint16 {
	t := s.table.Load()
	if n := s.free; n != nobody {
		s.free = t.head(n).next
		return n
	}
	if s.unused == t.size {
		s.rebuild(t.layout, s.grown(t.size))
	}
	n := uint16(s.unused)
	s.unused++
	return n
}

// grown returns the next size of a table. Tables double until they have room for their
// shard's share and for what chance may deal it beyond that.
func (s *shard[K, V]) grown(size int) int {
	if size < s.room {
		return min(2*size, s.room)
	}
	return min(size+size/4+1, tableLimit)
}

// rebuild moves all entries to a table of the given size and layout, under their old
// numbers.
func (s *shard[K, V]) rebuild(l *layout, size int) {
	old := s.table.Load()
	old.freeze()
	t := newTable[K, V](l, size)
	for i := range s.unused {
		n := uint16(i)
		old.copyTo(n, t, n)
		if s.policy.holds(n) {
			t.link(s.hasher.Hash(old.key(n)), n)
		}
	}
	s.adopt(t)
}

// present finds key if it is there and has not expired.
func (c *Cache[K, V]) present(s *shard[K, V], h uint64, key K) (n uint16, ok bool) {
	t := s.table.Load()
	_, n, ok = t.find(h, key)
	return n, ok && c.fresh(t, n)
}
