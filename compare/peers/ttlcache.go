package peers

import "github.com/jellydator/ttlcache/v3"

// TTLCache adapts github.com/jellydator/ttlcache/v3. Its Get loads if it has a loader.
type TTLCache[K comparable, V any] struct{ c *ttlcache.Cache[K, V] }

// newTTLCache keeps the default that a hit prolongs an entry's life.
func newTTLCache[K comparable, V any](cfg Config[K, V]) Cache[K, V] { return makeTTLCache(cfg) }

// newTTLCacheFixed has entries live for the TTL from their last Set, as other peers do.
func newTTLCacheFixed[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return makeTTLCache(cfg, ttlcache.WithDisableTouchOnHit[K, V]())
}

func makeTTLCache[K comparable, V any](cfg Config[K, V], options ...ttlcache.Option[K, V]) Cache[K, V] {
	options = append(options, ttlcache.WithCapacity[K, V](uint64(cfg.Cap)))
	if cfg.TTL > 0 {
		options = append(options, ttlcache.WithTTL[K, V](cfg.TTL))
	}
	if cfg.Load != nil {
		options = append(options, ttlcache.WithLoader(ttlcache.NewSuppressedLoader(
			ttlcache.LoaderFunc[K, V](func(c *ttlcache.Cache[K, V], key K) *ttlcache.Item[K, V] {
				return c.Set(key, cfg.Load(key), ttlcache.DefaultTTL)
			}), nil)))
	}
	return TTLCache[K, V]{ttlcache.New(options...)}
}

func (c TTLCache[K, V]) Get(key K) (value V, ok bool) {
	item := c.c.Get(key)
	if item == nil {
		return value, false
	}
	return item.Value(), true
}

func (c TTLCache[K, V]) Set(key K, value V) { c.c.Set(key, value, ttlcache.DefaultTTL) }
func (c TTLCache[K, V]) Load(key K) V       { return c.c.Get(key).Value() }
func (c TTLCache[K, V]) Len() int           { return c.c.Len() }
func (c TTLCache[K, V]) Settle()            {}
func (c TTLCache[K, V]) Close()             {}
func (c TTLCache[K, V]) Hits() uint64       { return c.c.Metrics().Hits }
