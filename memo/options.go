package memo

import (
	"time"

	"github.com/whetgo/whet/cache"
)

// DefaultCapacity is how many answers are remembered if Options do not say.
const DefaultCapacity = 10_000

// Options change how a function remembers. The zero Options, or nil, remember
// DefaultCapacity answers for ever.
type Options struct {
	// Name is what Stats are called.
	Name string

	// Capacity is how many answers are remembered at most; 0 is DefaultCapacity. Memory is
	// taken as they come. Which ones go when there are more is decided by package cache.
	Capacity int

	// TTL is how long an answer is remembered; 0 is for ever. Time is monotonic. What is
	// past it is not given out, and is removed within about a minute.
	TTL time.Duration

	// Errors is how long an error is remembered, with the answer that came with it; 0 is
	// not at all. As many are remembered as Capacity says, beside the other answers. Not
	// remembered is the error of a call that was cancelled, and ErrRecursion.
	Errors time.Duration

	// Refresh is the age at which a remembered answer that is asked for is computed again,
	// in the background, while it is still given out. It must be below TTL.
	Refresh time.Duration

	// Stale is how long past its TTL an answer is still given out if computing it again
	// fails or panics.
	Stale time.Duration
}

// withDefaults returns a copy of o that is complete, and panics if it contradicts itself.
func (o *Options) withDefaults() Options {
	var all Options
	if o != nil {
		all = *o
	}
	switch {
	case all.Capacity < 0:
		panic("memo: Options.Capacity below 0")
	case all.TTL < 0 || all.Errors < 0 || all.Refresh < 0 || all.Stale < 0:
		panic("memo: a negative duration in Options")
	case all.Refresh > 0 && all.Refresh >= all.TTL:
		panic("memo: Options.Refresh must be below Options.TTL")
	}
	if all.Capacity == 0 {
		all.Capacity = DefaultCapacity
	}
	return all
}

func cacheOptions[K comparable, V any](o *Options) *cache.Options[K, V] {
	return &cache.Options[K, V]{TTL: o.TTL, Refresh: o.Refresh, Stale: o.Stale}
}
