package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"
)

// feed makes a feed's ring, and the subscription at the venue if it is the first.
func (c *core) feed(ctx context.Context, sub Sub, o feedOptions) (*topic, *ring, error) {
	c.mu.Lock()
	if c.state.Phase == Stopped || c.run != nil && c.run.stopping {
		defer c.mu.Unlock()
		return nil, nil, because(ErrStopped, c.state.Cause)
	}
	r := c.startLocked()
	ring := newRing(o.events, o.drop)
	t := c.topic(sub)
	t.tighten(o.expect)
	t.join(ring)
	c.mu.Unlock()
	select {
	case r.kick <- struct{}{}:
	default:
	}
	if err := c.settleFeed(ctx, ring); err != nil {
		c.leave(t, ring)
		return nil, nil, fmt.Errorf("store: feed of %v: %w", sub, c.opts.secrets.hide(err))
	}
	return t, ring, nil
}

// settleFeed returns when the subscription is made, or the store is offline: then it will be.
func (c *core) settleFeed(ctx context.Context, ring *ring) error {
	if err := c.settle(ctx); err != nil && !errors.Is(err, ErrOffline) {
		return err
	}
	u, err := c.use(ctx)
	if errors.Is(err, ErrOffline) {
		return nil
	}
	if err != nil {
		return err
	}
	defer u.done()
	if err := c.subscribe(ctx, u.link); err != nil && u.ctx.Err() == nil {
		return err
	}
	ring.mu.Lock()
	defer ring.mu.Unlock()
	return ring.err
}

// topic returns the topic of a subscription. The caller holds c.mu.
func (c *core) topic(sub Sub) *topic {
	t := c.topics[sub]
	if t == nil {
		t = newTopic(c, sub)
		c.topics[sub] = t
		c.market.Store(new(maps.Clone(c.topics)))
	}
	return t
}

// leave ends a feed, and the subscription at the venue if it was the last.
func (c *core) leave(t *topic, r *ring) {
	r.close(ErrClosed, true)
	c.mu.Lock()
	was, last := t.part(r)
	if was {
		c.closed.add(r.total())
	}
	if last && c.topics[t.sub] == t {
		delete(c.topics, t.sub)
		c.market.Store(new(maps.Clone(c.topics)))
	}
	l := c.link
	c.mu.Unlock()
	if last && was && l != nil {
		l.spawn(func() {
			ctx, cancel := context.WithTimeout(l.ctx, c.opts.dialTimeout)
			defer cancel()
			c.subscribe(ctx, l)
		})
	}
}

// subscribe makes the subscriptions at the venue those that are wanted.
func (c *core) subscribe(ctx context.Context, l *link) error {
	select {
	case c.subs <- struct{}{}:
		defer func() { <-c.subs }()
	case <-ctx.Done():
		return ctx.Err()
	}
	wanted := *c.market.Load()
	var more, less []Sub
	for sub := range wanted {
		if !l.subscribed[sub] {
			more = append(more, sub)
		}
	}
	for sub := range l.subscribed {
		if wanted[sub] == nil {
			less = append(less, sub)
		}
	}
	if err := c.unsubscribe(ctx, l, less); err != nil {
		return err
	}
	if err := c.subscribeTo(ctx, l, more); err != nil {
		return err
	}
	for _, sub := range more {
		if l.subscribed[sub] {
			wanted[sub].rejoin(l)
		}
	}
	return nil
}

func (c *core) unsubscribe(ctx context.Context, l *link, subs []Sub) error {
	if len(subs) == 0 {
		return nil
	}
	if err := c.pace(ctx, l, request{work: FeedWork}); err != nil {
		return err
	}
	if err := l.session.Unsubscribe(ctx, subs...); err != nil {
		return err
	}
	for _, sub := range subs {
		delete(l.subscribed, sub)
	}
	return nil
}

// subscribeTo subscribes to all at once, and if that fails, to one after the other, so that one that is
// refused is no harm to the others: its feeds end.
func (c *core) subscribeTo(ctx context.Context, l *link, subs []Sub) error {
	if len(subs) == 0 {
		return nil
	}
	if err := c.pace(ctx, l, request{work: FeedWork}); err != nil {
		return err
	}
	err := l.session.Subscribe(ctx, subs...)
	switch {
	case err == nil:
		for _, sub := range subs {
			l.subscribed[sub] = true
		}
		return nil
	case len(subs) > 1 && l.ctx.Err() == nil && ctx.Err() == nil:
		for _, sub := range subs {
			if err := c.subscribeTo(ctx, l, []Sub{sub}); err != nil {
				return err
			}
		}
		return nil
	case errors.Is(err, ErrNoSymbol), errors.Is(err, ErrNoFeed):
		c.refuse(subs[0], err)
		return nil
	}
	return err
}

// refuse ends the feeds of a subscription that the venue refuses.
func (c *core) refuse(sub Sub, err error) {
	c.mu.Lock()
	t := c.topics[sub]
	delete(c.topics, sub)
	c.market.Store(new(maps.Clone(c.topics)))
	c.mu.Unlock()
	if t == nil {
		return
	}
	for _, r := range *t.feeds.Load() {
		r.close(c.opts.secrets.hide(err), false)
	}
}

// pace waits for the limits of the address.
func (c *core) pace(ctx context.Context, l *link, r request) error {
	r.account = c.params.Account
	waited, err := l.run.pacer.wait(ctx, r)
	if waited > time.Millisecond {
		c.counts.waits.Add(1)
		c.counts.waited.Add(int64(waited))
	}
	return err
}

func (s *FeedStats) add(t FeedStats) {
	s.Published += t.Published
	s.Delivered += t.Delivered
	s.Dropped += t.Dropped
	s.Pending += t.Pending
	s.Missed += t.Missed
}
