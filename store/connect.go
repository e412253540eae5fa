package store

import (
	"context"
	"fmt"
)

// connect dials, subscribes again and reconciles; then the store is Live.
func (c *core) connect(r *run) (*link, error) {
	ctx, cancel := context.WithTimeout(r.ctx, c.opts.dialTimeout)
	defer cancel()
	c.counts.dials.Add(1)
	l := newLink(c, r)
	s, err := c.driver.Dial(ctx, c.params, c.opts.secrets, l)
	if err != nil {
		l.end()
		return nil, fmt.Errorf("store: dialling %s: %w", c.params.Driver, err)
	}
	l.session = s
	stop := context.AfterFunc(l.ctx, cancel) // a session that is lost meanwhile is not waited for
	defer stop()
	if err := c.resume(ctx, l); err != nil {
		if l.ctx.Err() != nil {
			err = fmt.Errorf("%w: %w", err, context.Cause(l.ctx))
		}
		c.disconnect(l)
		return nil, err
	}
	return l, nil
}

// resume makes a new session what the old one was.
func (c *core) resume(ctx context.Context, l *link) error {
	if err := c.subscribe(ctx, l); err != nil {
		return fmt.Errorf("store: subscribing again: %w", err)
	}
	for _, b := range c.allBooks() {
		if err := b.reconcile(ctx, l); err != nil {
			return fmt.Errorf("store: reconciling orders: %w", err)
		}
	}
	if !c.up(l) {
		return context.Cause(l.ctx)
	}
	if err := c.subscribe(ctx, l); err != nil { // to what was asked for meanwhile
		return fmt.Errorf("store: subscribing: %w", err)
	}
	return nil
}
