package cache

import "time"

// Options change what a cache does. The zero Options, or nil, are a cache of entries that
// weigh 1 and never expire. A cache keeps what it needs of them; the same Options can make
// many caches.
type Options[K comparable, V any] struct {
	// Weight says what an entry weighs; the capacity is then the sum of the weights. It is
	// called once for each value set. A negative weight counts as 0, and one beyond
	// 1<<32 - 1 as that. An entry that weighs more than the whole capacity is not kept.
	// What stays does not depend on weights, and is decided less well where there is room
	// for a few thousand entries only, since a large capacity is dealt into many shards. A
	// heavy entry takes its room from all of them.
	Weight func(key K, value V) int

	// TTL is how long an entry lives after it was set; 0 is for ever.
	TTL time.Duration
	// Idle is how long an entry lives after it was last set or read, in place of TTL.
	Idle time.Duration
	// Lifetime, in place of TTL, says how long this entry lives; 0 is for ever, and below
	// 0 it is not kept.
	Lifetime func(key K, value V) time.Duration

	// Refresh is the age at which an entry that GetOrLoad asks for is loaded again, in the
	// background, while the old value is still given out. It must be below TTL. A failed
	// refresh leaves the old value until its TTL, and is tried again after a tenth of the
	// time that remains between Refresh and TTL.
	Refresh time.Duration
	// Stale is how long after its end an entry is still given out by GetOrLoad, if loading
	// it again fails. Until then it takes its room.
	Stale time.Duration
	// NotFound is how long GetOrLoad remembers that a loader returned ErrNotFound. What is
	// remembered has a bound of its own, the same number of keys as the capacity.
	NotFound time.Duration

	// Tags names the groups an entry belongs to, for DeleteTag.
	Tags func(key K, value V) []string

	// OnRemove is told of every entry that is removed, once, those of a key in order. No
	// lock is held, so it may use the cache. One call is made at a time, by a goroutine that
	// uses the cache or by the timer that removes what expired; a slow one slows them.
	OnRemove func(Removal[K, V])

	// Tier is asked by GetOrLoad before the loader, and told what the loader returned.
	Tier Tier[K, V]

	// Curve makes the cache watch a sample of its keys, so that Curve and Advise can tell
	// what another capacity would do.
	Curve bool
}

func (o *Options[K, V]) check() {
	switch {
	case o.TTL < 0 || o.Idle < 0 || o.Refresh < 0 || o.Stale < 0 || o.NotFound < 0:
		panic("cache: a negative duration in Options")
	case o.TTL > 0 && o.Idle > 0, o.TTL > 0 && o.Lifetime != nil, o.Idle > 0 && o.Lifetime != nil:
		panic("cache: only one of Options.TTL, Idle and Lifetime can be set")
	case o.Refresh > 0 && o.Refresh >= o.TTL:
		panic("cache: Options.Refresh must be below Options.TTL")
	}
}

func (o *Options[K, V]) expires() bool {
	return o.TTL > 0 || o.Idle > 0 || o.Lifetime != nil
}
