package cache

import (
	"context"
	"time"
)

// A Tier is a second, larger and slower cache behind this one, often shared by many
// processes. A failing tier is left out: the loader is asked instead. Its methods are
// called by many goroutines at once.
type Tier[K comparable, V any] interface {
	// Get returns the value, or ErrNotFound.
	Get(ctx context.Context, key K) (V, error)
	// Set stores the value for ttl, 0 for ever.
	Set(ctx context.Context, key K, value V, ttl time.Duration) error
	// Delete makes it forget the key.
	Delete(ctx context.Context, key K) error
}

// loadThrough asks the second tier before the loader, and tells it what that returned. A
// refresh asks the loader at once.
func (c *Cache[K, V]) loadThrough(ctx context.Context, f *flight[K, V], load Loader[K, V]) (V, error) {
	if !f.again {
		if value, err := c.opts.Tier.Get(ctx, f.key); err == nil {
			return value, nil
		}
	}
	value, err := load(ctx, f.key)
	if err != nil {
		return value, err
	}
	if ttl := c.lifetime(f.key, value); ttl >= 0 {
		f.told = c.opts.Tier.Set(ctx, f.key, value, ttl) == nil
	}
	return value, nil
}

// Invalidate is Delete in this cache and in its second tier, whose error it returns. Set
// and Delete leave the tier alone.
func (c *Cache[K, V]) Invalidate(ctx context.Context, key K) error {
	c.Delete(key)
	if c.opts.Tier == nil {
		return nil
	}
	err := c.opts.Tier.Delete(ctx, key)
	c.Delete(key) // it may have been loaded from the tier meanwhile
	return err
}
