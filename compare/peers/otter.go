package peers

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
)

// Otter adapts github.com/maypok86/otter/v2.
type Otter[K comparable, V any] struct {
	c     *otter.Cache[K, V]
	load  otter.LoaderFunc[K, V]
	clock *otter.CoarseClock
}

func newOtter[K comparable, V any](cfg Config[K, V]) Cache[K, V] { return makeOtter(cfg, nil) }

// newOtterCoarse reads time from a clock that a goroutine advances every millisecond.
func newOtterCoarse[K comparable, V any](cfg Config[K, V]) Cache[K, V] {
	return makeOtter(cfg, otter.NewCoarseClock(time.Millisecond))
}

func makeOtter[K comparable, V any](cfg Config[K, V], clock *otter.CoarseClock) Cache[K, V] {
	o := &otter.Options[K, V]{MaximumSize: cfg.Cap, InitialCapacity: cfg.Cap}
	if clock != nil {
		o.Clock = clock
	}
	if cfg.TTL > 0 {
		o.ExpiryCalculator = otter.ExpiryWriting[K, V](cfg.TTL)
	}
	if cfg.Stats {
		o.StatsRecorder = stats.NewCounter()
	}
	load := func(_ context.Context, key K) (V, error) { return cfg.Load(key), nil }
	return Otter[K, V]{otter.Must(o), load, clock}
}

func (c Otter[K, V]) Get(key K) (V, bool) { return c.c.GetIfPresent(key) }
func (c Otter[K, V]) Set(key K, value V)  { c.c.Set(key, value) }
func (c Otter[K, V]) Len() int            { return c.c.EstimatedSize() }
func (c Otter[K, V]) Settle()             { c.c.CleanUp() }
func (c Otter[K, V]) Hits() uint64        { return c.c.Stats().Hits }

func (c Otter[K, V]) Load(key K) V {
	value, _ := c.c.Get(context.Background(), key, c.load)
	return value
}

func (c Otter[K, V]) Close() {
	c.c.StopAllGoroutines()
	if c.clock != nil {
		c.clock.Stop()
	}
}
