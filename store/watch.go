package store

import (
	"context"
	"fmt"
	"time"
)

// watch returns why a session is over: it was lost, it is mute, or the run ends.
func (c *core) watch(r *run, l *link) error {
	w := watchdog{core: c, link: l, quiet: make(map[*topic]time.Duration)}
	for {
		period := w.period()
		var tick <-chan time.Time
		var timer *time.Timer
		if period > 0 {
			timer = time.NewTimer(period)
			tick = timer.C
		}
		select {
		case <-l.ctx.Done():
			return context.Cause(l.ctx)
		case <-r.kick: // the rates have changed
		case <-tick:
			if err := w.look(period); err != nil {
				return err
			}
		}
		if timer != nil {
			timer.Stop()
		}
	}
}

// A watchdog looks whether what should come does.
type watchdog struct {
	core  *core
	link  *link
	still time.Duration            // the connection is silent
	since time.Duration            // the orders were last checked
	quiet map[*topic]time.Duration // a subscription is
}

const (
	looks   = 4 // in the shortest time something is expected in
	patient = 3 // times that a subscription may be silent before the connection is given up
)

// period returns the time between two looks; 0 is never.
func (w *watchdog) period() time.Duration {
	shortest := w.core.opts.ping
	for _, t := range *w.core.market.Load() {
		if e := time.Duration(t.expect.Load()); e > 0 && (shortest == 0 || e < shortest) {
			shortest = e
		}
	}
	if shortest == 0 {
		return 0
	}
	return max(shortest/looks, time.Millisecond)
}

// look judges the time since the last look.
func (w *watchdog) look(period time.Duration) error {
	for _, t := range *w.core.market.Load() {
		if err := w.topic(t, period); err != nil {
			return err
		}
	}
	if w.since += period; w.core.opts.ping > 0 && w.since >= w.core.opts.ping {
		w.since = 0
		w.checkOrders()
	}
	if w.link.beat.Swap(false) {
		w.still = 0
		return nil
	}
	if w.still += period; w.core.opts.ping == 0 || w.still < w.core.opts.ping {
		return nil
	}
	w.still = 0
	ctx, cancel := context.WithTimeout(w.link.ctx, w.core.opts.ping)
	defer cancel()
	if err := w.link.session.Ping(ctx); err != nil {
		return fmt.Errorf("%w: ping: %w", ErrStale, err)
	}
	return nil
}

// checkOrders asks for order events that were lost on their way.
func (w *watchdog) checkOrders() {
	for _, b := range w.core.allBooks() {
		w.link.spawn(func() { b.check(w.link) })
	}
}

func (w *watchdog) topic(t *topic, period time.Duration) error {
	expect := time.Duration(t.expect.Load())
	if expect == 0 {
		return nil
	}
	about := trouble{kind: staleSub, sub: t.sub}
	if t.beat.Swap(false) {
		if w.quiet[t] > expect {
			w.core.mend(about)
		}
		w.quiet[t] = 0
		return nil
	}
	before := w.quiet[t]
	w.quiet[t] += period
	err := fmt.Errorf("%w: %v", ErrStale, t.sub)
	switch {
	case w.quiet[t] > patient*expect:
		return err
	case w.quiet[t] > expect && before <= expect:
		w.core.put(Note{Time: At(time.Now()), Class: MarketNotes, Symbol: t.sub.Symbol, Text: err.Error()})
		w.core.degrade(about, err)
	}
	return nil
}
