// Package lru is a cache that forgets the least recently used entry first.
//
//	c := lru.New[string, Bars](1000, nil)
//	c.Set("EURUSD", bars)
//	bars, ok := c.Get("EURUSD")
//
// The order is exact, not sampled, and one mutex guards it: even a Get writes, so more
// cores do not make it faster. Use package cache where many cores read one cache, where
// scans must not wash out what is popular, or where missing values are to be loaded.
// Use lru where the order itself is part of what you promise, in tests that say which
// entry goes next, and for small or little shared caches.
//
// # Structure
//
// Entries lie in one slice and name each other by number. Two circular doubly linked
// lists run through them with entry 0 as sentinel: one by last use and, where entries
// expire, one by last write, whose end is all that must be looked at. A hash table with
// separate chaining [1, §6.4] leads from a key to its entry. The hash is seeded for each
// cache: nobody can choose keys that collide.
//
// [1] Knuth (1998). "The Art of Computer Programming", volume 3, 2nd edition.
package lru

import (
	"hash/maphash"
	"iter"
	"math"
	"sync"
	"time"
)

// A Cache holds at most its capacity of entries; when full it evicts the least recently
// used. Set, GetOrSet and a Get that hits are uses.
//
// A Cache must be made by New. Any goroutine may use it. All methods take amortized O(1)
// but for All, Clear and Resize, which take O(n). Get, and Set once the cache has reached
// its size, do not allocate. Memory grows with the entries, not with the capacity; what
// Delete and expiry leave is used again, and is returned by Clear and by a Resize that
// leaves less than a quarter. A Cache holds at most 2³¹-2 entries, whatever its capacity.
//
// A key that does not equal itself, as NaN, could never be found and is not kept.
type Cache[K comparable, V any] struct {
	weigh   func(K, V) int    // nil: each entry weighs 1
	onEvict func(K, V, Cause) // nil: nobody asks
	ttl     time.Duration     // 0: never, and the clock is never read
	base    time.Time         // of times and now
	seed    maphash.Seed

	mu sync.Mutex // guards all below

	buckets  []uint32      // heads of the chains of equal low hash bits; a power of two, at least 2n
	entries  []entry[K, V] // entry 0 is the sentinel of both lists
	recent   list          // by use, the latest first
	free     uint32        // first unused entry, chained by recent[].next; 0: none
	n        int           // entries in use
	used     int           // their weight; at most capacity
	capacity int
	stats    Stats

	weights []int           // of each entry; empty if weigh is nil
	written list            // by write, the latest first; empty if ttl is 0
	times   []time.Duration // of each entry's last write; empty if ttl is 0
	now     time.Duration   // as of the last lock; never goes back

	events     []event[K, V] // removals that onEvict has not been told
	spare      []event[K, V] // an empty slice for events
	delivering bool          // somebody is telling them
}

// Options of a Cache; the zero Options are the defaults.
type Options[K comparable, V any] struct {
	// Weight, if set, makes the capacity one of weights, in any unit. An entry keeps
	// the weight it had when it was set. An entry of weight 0 counts as 1; a negative
	// one panics. An entry heavier than the capacity is not kept, and neither is the
	// older value of its key. Weight is called with no lock held, by Set and GetOrSet.
	Weight func(key K, value V) int

	// TTL, if above 0, is how long an entry lives after it was last set; reading it does
	// not prolong its life. Time is monotonic: setting the wall clock changes nothing.
	// Each call of a method removes what has expired by then; no goroutine runs in between.
	// A negative TTL panics.
	TTL time.Duration

	// OnEvict, if set, is told of each value that leaves the cache, exactly once, and
	// why. Calls come one at a time, in the order of the removals, with no lock held:
	// OnEvict may use the cache. What that removes is told when OnEvict has returned.
	//
	// It runs in a goroutine that uses the cache: in the one that removed the value,
	// before its call returns, unless another is inside OnEvict, which then tells both.
	// So a slow OnEvict delays its callers and lets removals pile up in memory.
	OnEvict func(key K, value V, cause Cause)
}

// A Cause is why a value left the cache.
type Cause uint8

const (
	Evicted  Cause = iota + 1 // least recently used when room was needed, or by Resize
	Expired                   // older than the TTL
	Deleted                   // by Delete
	Replaced                  // by a newer value of its key
	Cleared                   // by Clear
	Rejected                  // never kept: heavier than the capacity, or its key is NaN
)

var causes = [...]string{"", "evicted", "expired", "deleted", "replaced", "cleared", "rejected"}

// String is the cause's name in lower case.
func (c Cause) String() string {
	if c == 0 || int(c) >= len(causes) {
		return "unknown"
	}
	return causes[c]
}

// Stats counts what happened since the cache was made. Clear leaves it alone.
type Stats struct {
	Hits, Misses uint64 // of Get and GetOrSet; an expired entry is a miss
	Evictions    uint64 // values that were Evicted
	Expirations  uint64 // values that Expired and whose removal any method has done
	Rejections   uint64 // values that were Rejected
}

// HitRatio is the share of hits in [0,1]; 0 before the first Get.
func (s Stats) HitRatio() float64 {
	if s.Hits == 0 {
		return 0
	}
	return float64(s.Hits) / (float64(s.Hits) + float64(s.Misses))
}

// New returns an empty cache. It panics if capacity is below 1; nil opts are defaults.
func New[K comparable, V any](capacity int, opts *Options[K, V]) *Cache[K, V] {
	checkCapacity(capacity)
	if opts == nil {
		opts = &Options[K, V]{}
	}
	if opts.TTL < 0 {
		panic("lru: negative TTL " + opts.TTL.String())
	}
	c := &Cache[K, V]{
		weigh:    opts.Weight,
		onEvict:  opts.OnEvict,
		ttl:      opts.TTL,
		seed:     maphash.MakeSeed(),
		capacity: capacity,
	}
	if c.ttl > 0 {
		c.base = time.Now()
	}
	c.reset()
	return c
}

func checkCapacity(capacity int) {
	if capacity < 1 {
		panic("lru: capacity below 1")
	}
}

// Get returns the value of key and makes it the most recently used.
func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	hash := c.hash(key)
	c.lock()
	if at := c.find(key, hash); at != 0 {
		value, ok = c.hit(at), true
	} else {
		c.stats.Misses++
	}
	c.unlock()
	return value, ok
}

// Peek returns the value of key and leaves order, hits and misses alone.
func (c *Cache[K, V]) Peek(key K) (value V, ok bool) {
	hash := c.hash(key)
	c.lock()
	if at := c.find(key, hash); at != 0 {
		value, ok = c.entries[at].value, true
	}
	c.unlock()
	return value, ok
}

// Set makes value the value of key and key the most recently used. It reports whether
// other entries were evicted to make room. Any value is kept, nil and zero ones too.
func (c *Cache[K, V]) Set(key K, value V) (evicted bool) {
	hash, weight := c.hash(key), c.weight(key, value)
	c.lock()
	before := c.stats.Evictions
	c.set(c.find(key, hash), key, hash, value, weight)
	evicted = c.stats.Evictions != before
	c.unlock()
	return evicted
}

// GetOrSet is Get if key has a value; else it is Set, returns the value given and counts
// a miss. Nothing comes in between the two. Weight is called in both cases.
func (c *Cache[K, V]) GetOrSet(key K, value V) (actual V, loaded bool) {
	hash, weight := c.hash(key), c.weight(key, value)
	c.lock()
	actual = value
	if at := c.find(key, hash); at != 0 {
		actual, loaded = c.hit(at), true
	} else {
		c.stats.Misses++
		c.set(0, key, hash, value, weight)
	}
	c.unlock()
	return actual, loaded
}

// Delete removes key and reports whether it was there.
func (c *Cache[K, V]) Delete(key K) (deleted bool) {
	hash := c.hash(key)
	c.lock()
	at := c.find(key, hash)
	if at != 0 {
		c.remove(at, Deleted)
	}
	c.unlock()
	return at != 0
}

// Resize changes the capacity, evicts what no longer fits and returns how many that were.
// It panics if capacity is below 1.
func (c *Cache[K, V]) Resize(capacity int) (evicted int) {
	checkCapacity(capacity)
	c.lock()
	before := c.n
	c.capacity = capacity
	c.makeRoom(0)
	evicted = before - c.n
	if c.n < len(c.entries)/4 {
		c.compact()
	}
	c.unlock()
	return evicted
}

// Clear removes all entries and returns their memory.
func (c *Cache[K, V]) Clear() {
	c.lock()
	if c.onEvict != nil {
		for at := c.recent[0].prev; at != 0; at = c.recent[at].prev {
			c.tell(at, Cleared)
		}
	}
	c.reset()
	c.unlock()
}

// Len is the number of entries. Expired ones do not count.
func (c *Cache[K, V]) Len() int {
	c.lock()
	n := c.n
	c.unlock()
	return n
}

// Weight is the total weight of the entries, at most Cap. It is Len without Options.Weight.
func (c *Cache[K, V]) Weight() int {
	c.lock()
	used := c.used
	c.unlock()
	return used
}

// Cap is the capacity, in entries or in weight.
func (c *Cache[K, V]) Cap() int {
	c.lock()
	capacity := c.capacity
	c.unlock()
	return capacity
}

// All yields the entries that are there when the iteration begins, the most recently used
// first. It leaves order and Stats alone; the loop may change the cache.
func (c *Cache[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, e := range c.snapshot() {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

func (c *Cache[K, V]) snapshot() []entry[K, V] {
	c.lock()
	all := make([]entry[K, V], 0, c.n)
	for at := c.recent[0].next; at != 0; at = c.recent[at].next {
		all = append(all, c.entries[at])
	}
	c.unlock()
	return all
}

// Stats returns the counts so far.
func (c *Cache[K, V]) Stats() Stats {
	c.lock()
	s := c.stats
	c.unlock()
	return s
}

func (c *Cache[K, V]) hash(key K) uint32 {
	return uint32(maphash.Comparable(c.seed, key))
}

func (c *Cache[K, V]) weight(key K, value V) int {
	if c.weigh == nil {
		return 1
	}
	w := c.weigh(key, value)
	if w < 0 {
		panic("lru: negative weight")
	}
	return max(w, 1)
}

// lock takes the mutex and removes what has expired.
func (c *Cache[K, V]) lock() {
	if c.ttl != 0 {
		c.lockAndExpire()
	} else {
		c.mu.Lock()
	}
}

// lockAndExpire reads the clock before it takes the mutex, so that nobody waits for that.
func (c *Cache[K, V]) lockAndExpire() {
	now := time.Since(c.base)
	c.mu.Lock()
	c.now = max(c.now, now)
	for at := c.written[0].prev; at != 0 && c.now-c.times[at] >= c.ttl; at = c.written[0].prev {
		c.stats.Expirations++
		c.remove(at, Expired)
	}
}

// unlock releases the mutex and tells onEvict what was removed, unless somebody is at it.
func (c *Cache[K, V]) unlock() {
	if len(c.events) > 0 {
		c.deliverAll()
	}
	c.mu.Unlock()
}

func (c *Cache[K, V]) deliverAll() {
	if c.delivering {
		return
	}
	c.delivering = true
	for len(c.events) > 0 {
		c.deliver()
	}
	c.delivering = false
}

// maxSpare bounds the memory that stays with the cache for the next events, in events.
const maxSpare = 1024

// deliver tells onEvict the events so far. It is called with the mutex held and returns
// so. If onEvict panics, the rest is left to whoever uses the cache next.
func (c *Cache[K, V]) deliver() {
	batch, told, done := c.events, 0, false
	c.events, c.spare = c.spare, nil
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		clear(batch[:told])
		if done {
			if cap(batch) <= maxSpare {
				c.spare = batch[:0]
			}
			return
		}
		c.events = append(batch[told:], c.events...)
		c.delivering = false
		c.mu.Unlock()
	}()
	for told < len(batch) {
		e := batch[told]
		told++
		c.onEvict(e.key, e.value, e.cause)
	}
	done = true
}

type event[K comparable, V any] struct {
	key   K
	value V
	cause Cause
}

func (c *Cache[K, V]) tell(at uint32, cause Cause) {
	if c.onEvict != nil {
		e := &c.entries[at]
		c.events = append(c.events, event[K, V]{e.key, e.value, cause})
	}
}

type entry[K comparable, V any] struct {
	key   K
	value V
	hash  uint32
	chain uint32 // next entry of the bucket; 0: none
}

const (
	minBuckets = 8
	maxEntries = math.MaxInt32 - 1
)

// reset makes the cache empty.
func (c *Cache[K, V]) reset() {
	c.n, c.used, c.free = 0, 0, 0
	c.buckets = make([]uint32, minBuckets)
	c.entries, c.recent = make([]entry[K, V], 1), make(list, 1)
	c.weights, c.written, c.times = nil, nil, nil
	if c.weigh != nil {
		c.weights = make([]int, 1)
	}
	if c.ttl > 0 {
		c.written, c.times = make(list, 1), make([]time.Duration, 1)
	}
}

func (c *Cache[K, V]) hit(at uint32) V {
	c.stats.Hits++
	c.recent.toFront(at)
	return c.entries[at].value
}

// set gives key, which is entry at or new if at is 0, a value.
func (c *Cache[K, V]) set(at uint32, key K, hash uint32, value V, weight int) {
	if weight > c.capacity || key != key {
		c.reject(at, key, value)
		return
	}
	if at == 0 {
		c.makeRoom(weight)
		at = c.insert(key, hash)
	} else {
		c.tell(at, Replaced)
		c.used -= c.weightOf(at)
		c.recent.toFront(at)
		c.makeRoom(weight) // never reaches at: alone, it has all the room
	}
	c.entries[at].value = value
	c.used += weight
	if c.weigh != nil {
		c.weights[at] = weight
	}
	if c.ttl > 0 {
		c.times[at] = c.now
		c.written.toFront(at)
	}
}

func (c *Cache[K, V]) reject(at uint32, key K, value V) {
	if at != 0 {
		c.remove(at, Replaced)
	}
	c.stats.Rejections++
	if c.onEvict != nil {
		c.events = append(c.events, event[K, V]{key, value, Rejected})
	}
}

// makeRoom evicts until weight more fits. The sum is never formed: it could overflow.
func (c *Cache[K, V]) makeRoom(weight int) {
	for c.used > c.capacity-weight || c.n == maxEntries {
		c.stats.Evictions++
		c.remove(c.recent[0].prev, Evicted)
	}
}

func (c *Cache[K, V]) weightOf(at uint32) int {
	if c.weigh == nil {
		return 1
	}
	return c.weights[at]
}

// insert returns an entry for key at the front of both lists.
func (c *Cache[K, V]) insert(key K, hash uint32) uint32 {
	at := c.free
	if at != 0 {
		c.free = c.recent[at].next
	} else {
		at = c.extend()
	}
	c.entries[at].key, c.entries[at].hash = key, hash
	c.recent.pushFront(at)
	if c.ttl > 0 {
		c.written.pushFront(at)
	}
	c.n++
	c.chain(at)
	if c.n > len(c.buckets)/2 {
		c.rehash(2 * len(c.buckets))
	}
	return at
}

// extend adds one entry to all slices.
func (c *Cache[K, V]) extend() uint32 {
	at := len(c.entries)
	c.entries = append(c.entries, entry[K, V]{})
	c.recent = append(c.recent, link{})
	if c.weigh != nil {
		c.weights = append(c.weights, 0)
	}
	if c.ttl > 0 {
		c.written = append(c.written, link{})
		c.times = append(c.times, 0)
	}
	return uint32(at)
}

func (c *Cache[K, V]) remove(at uint32, cause Cause) {
	c.tell(at, cause)
	c.used -= c.weightOf(at)
	c.n--
	c.unchain(at)
	c.recent.unlink(at)
	if c.ttl > 0 {
		c.written.unlink(at)
	}
	c.entries[at] = entry[K, V]{} // keeps nothing alive
	c.recent[at].next = c.free
	c.free = at
}

// rehash makes n buckets, a power of two, and chains all entries anew.
func (c *Cache[K, V]) rehash(n int) {
	c.buckets = make([]uint32, n)
	for at := c.recent[0].next; at != 0; at = c.recent[at].next {
		c.chain(at)
	}
}

// compact moves the entries to new slices, by use and without gaps.
func (c *Cache[K, V]) compact() {
	order := []uint32{0} // order[i] is the entry that becomes number i
	to := make([]uint32, len(c.entries))
	for at := c.recent[0].next; at != 0; at = c.recent[at].next {
		to[at] = uint32(len(order))
		order = append(order, at)
	}
	c.entries, c.weights, c.times = pick(c.entries, order), pick(c.weights, order), pick(c.times, order)
	c.recent, c.written = c.recent.renumber(order, to), c.written.renumber(order, to)
	c.free = 0
	n := minBuckets
	for n < 2*c.n {
		n *= 2
	}
	c.rehash(n)
}

// pick returns the elements of s that order names, or nil of nil.
func pick[T any](s []T, order []uint32) []T {
	if s == nil {
		return nil
	}
	picked := make([]T, len(order))
	for i, at := range order {
		picked[i] = s[at]
	}
	return picked
}

// find returns the entry of key, or 0.
func (c *Cache[K, V]) find(key K, hash uint32) uint32 {
	at := *c.bucket(hash)
	for at != 0 {
		e := &c.entries[at]
		if e.hash == hash && e.key == key {
			break
		}
		at = e.chain
	}
	return at
}

// bucket is where the chain of the entries with this hash begins.
func (c *Cache[K, V]) bucket(hash uint32) *uint32 {
	return &c.buckets[uint(hash)&uint(len(c.buckets)-1)]
}

func (c *Cache[K, V]) chain(at uint32) {
	e := &c.entries[at]
	b := c.bucket(e.hash)
	e.chain, *b = *b, at
}

func (c *Cache[K, V]) unchain(at uint32) {
	e := &c.entries[at]
	b := c.bucket(e.hash)
	for *b != at {
		b = &c.entries[*b].chain
	}
	*b = e.chain
}

// A list is a circular doubly linked list of entries. Element 0 is its sentinel: the
// entry after it is the latest, the one before it the earliest.
type list []link

type link struct{ prev, next uint32 }

func (l list) unlink(at uint32) {
	prev, next := l[at].prev, l[at].next
	l[prev].next, l[next].prev = next, prev
}

func (l list) pushFront(at uint32) {
	first := l[0].next
	l[at] = link{0, first}
	l[first].prev, l[0].next = at, at
}

func (l list) toFront(at uint32) {
	if l[0].next != at {
		l.unlink(at)
		l.pushFront(at)
	}
}

// renumber returns the list of the entries in order under their new numbers.
func (l list) renumber(order, to []uint32) list {
	picked := pick(l, order)
	for i, k := range picked {
		picked[i] = link{to[k.prev], to[k.next]}
	}
	return picked
}
