package singleton

import (
	"io"
	"time"
)

// Options say how a Value is made and ended. The zero Options are what nil means.
type Options[T any] struct {
	Name string // in Stats

	// Close ends an instance that is not wanted any more. If it is nil and the instance is an
	// io.Closer, its Close method does.
	Close func(T) error

	// Backoff is how long after a failed build Get returns the same error again without
	// trying; it doubles with every failure in a row, up to MaxBackoff, or 64 times Backoff
	// if that is 0. If Backoff is 0, the next Get tries again.
	Backoff, MaxBackoff time.Duration

	// Count has accesses counted, which costs about three nanoseconds each, and 16 KiB.
	Count bool
}

// KeyedOptions say how the instances of a Keyed are made and ended, and how many there may
// be. The zero KeyedOptions are what nil means.
type KeyedOptions[T any] struct {
	Name                string        // in Stats
	Close               func(T) error // as in Options
	Backoff, MaxBackoff time.Duration // as in Options, for each key by itself
	Count               bool          // as in Options

	// Capacity is how many instances there may be, 0 for any number.
	Capacity int
	// Evict has an instance that was not asked for lately closed and forgotten when there is
	// no room for another; those who still use it see it closed. Without Evict, Get returns
	// ErrFull for a new key.
	Evict bool
}

// WeakOptions say how the instances of a Weak are made. The zero WeakOptions are what nil
// means.
type WeakOptions struct {
	Name                string        // in Stats
	Backoff, MaxBackoff time.Duration // as in Options, for each key by itself
	Count               bool          // as in Options
}

// closerOf returns how to close an instance, given what the options say.
func closerOf[T any](given func(T) error) func(T) error {
	if given != nil {
		return given
	}
	return func(value T) error {
		if c, ok := any(value).(io.Closer); ok {
			return c.Close()
		}
		return nil
	}
}
