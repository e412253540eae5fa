package store

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"time"
)

// A Feed is one reader's view of a subscription. It keeps its store alive. Any goroutine may
// use it, but who reads with several gets each event once only.
type Feed struct {
	s *Store
	t *topic
	r *ring
}

// A FeedOption changes one feed.
type FeedOption func(*feedOptions)

type feedOptions struct {
	events int
	drop   Drop
	expect time.Duration
}

// WithRing sets how many market events may be pending, and what happens to those for which there is no room. It
// is 1,024 and DropOldest otherwise. It panics if events is below 1.
func WithRing(events int, d Drop) FeedOption {
	if events < 1 || d > Block {
		panic(fmt.Sprintf("store: ring of %d events with policy %d", events, d))
	}
	return func(o *feedOptions) { o.events, o.drop = events, d }
}

// Expect makes the store watch the subscription: an event is expected at least every so often.
// If none comes for longer, the store is Degraded by ErrStale, and after three times as long
// it drops the connection and dials again. Where several feeds expect something, the
// shortest counts. Without it, a subscription may be as sparse as it likes.
func Expect(every time.Duration) FeedOption {
	return func(o *feedOptions) { o.expect = max(every, 0) }
}

// Next returns the oldest pending event, and waits for one until ctx ends. What was dropped
// before it comes first, as a Gap whose cause is GapSlow, unless the feed is conflated. After
// Close the error is ErrClosed, and after the store has stopped, ErrStopped once what was
// pending is read.
func (f *Feed) Next(ctx context.Context) (Event, error) {
	defer runtime.KeepAlive(f)
	return f.r.next(ctx)
}

// Drain appends all pending events to dst without waiting, and returns how many are
// missing before the first. It costs a lock for all of them.
func (f *Feed) Drain(dst []Event) ([]Event, uint64) {
	defer runtime.KeepAlive(f)
	return f.r.drain(dst)
}

// All yields what Next returns, until ctx ends or the feed is closed; the last is the error.
func (f *Feed) All(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			e, err := f.Next(ctx)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Stats returns the account of this feed.
func (f *Feed) Stats() FeedStats { return f.r.total() }

// Sub returns what the feed is subscribed to.
func (f *Feed) Sub() Sub { return f.t.sub }

// Close ends the feed, and the subscription at the venue if it was its last. What is pending
// is dropped, and counted so. The second Close does nothing.
func (f *Feed) Close() error {
	defer runtime.KeepAlive(f)
	f.t.core.leave(f.t, f.r)
	return nil
}
