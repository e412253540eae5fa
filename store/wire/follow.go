package wire

import (
	"context"

	"github.com/whetgo/whet/store"
)

// Follow calls f with the ticks or bars of a subscription as they come, several at once where they
// come faster than f returns, until ctx ends or f fails. f may not keep them. Gaps are not
// passed on: who numbers sees them.
func Follow(ctx context.Context, s *store.Store, sub store.Sub, f func([]store.Event) error, opts ...store.FeedOption) error {
	feed, err := s.Feed(ctx, sub, opts...)
	if err != nil {
		return err
	}
	defer feed.Close()
	return Forward(ctx, feed, f)
}

// Forward is Follow with a feed that is there already.
func Forward(ctx context.Context, feed *store.Feed, f func([]store.Event) error) error {
	var batch []store.Event
	for {
		first, err := feed.Next(ctx)
		if err != nil {
			return err
		}
		batch, _ = feed.Drain(append(batch[:0], first))
		if market := marketOnly(batch); len(market) > 0 {
			if err := f(market); err != nil {
				return err
			}
		}
	}
}

// marketOnly returns the ticks and bars among events, in their place.
func marketOnly(events []store.Event) []store.Event {
	kept := events[:0]
	for _, e := range events {
		if k := e.Kind(); k == store.IsTick || k == store.IsBar {
			kept = append(kept, e)
		}
	}
	return kept
}
