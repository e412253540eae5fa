package store

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// A fill is the fetching of bars that a topic has missed. While it is under way, bars that
// come are held, so that the feeds get all in order.
type fill struct {
	cancel context.CancelFunc // nil: none is under way
	held   []Event
	asked  Time // bars before it that are missing do not exist: history has one after them
}

const (
	maxHeld  = 1 << 12 // bars held during a fill
	fillPace = 200 * time.Millisecond
	fillTry  = 4 // times, until a gap is left as it is
)

func (f *fill) abort() {
	if f.cancel != nil {
		f.cancel()
	}
	f.cancel, f.held = nil, nil // history has what was held
}

// bar judges a bar by its time. The caller holds t.mu.
func (t *topic) bar(l *link, e Event) {
	at := e.Time()
	switch {
	case t.fill.cancel != nil:
		t.hold(l, e)
	case t.lastTime != 0 && at <= t.lastTime:
		t.core.counts.duplicates.Add(1)
	case t.lastTime != 0 && at > t.lastTime.Add(t.sub.Interval) && at > t.fill.asked:
		t.fetch(l, at)
		t.hold(l, e)
	default:
		t.lastTime, t.torn = at, false
		t.out = append(t.out, e)
	}
}

// hold keeps a bar until the fill that is under way is done. If they become too many, the
// gap is left as it is.
func (t *topic) hold(l *link, e Event) {
	t.fill.held = append(t.fill.held, e)
	if len(t.fill.held) > maxHeld {
		t.giveUp()
	}
}

// rejoin is called when a topic was subscribed to at the venue, and fetches what bars it has missed while the
// connection was lost. The first time there is nothing, and it must not wait for t.mu: who publishes may hold it
// until a feed has room whose reader waits for this.
func (t *topic) rejoin(l *link) {
	t.since.CompareAndSwap(0, int64(At(time.Now())))
	if t.sub.Kind != Bars || !t.broken.Load() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.torn && t.fill.cancel == nil {
		t.fetch(l, At(time.Now()))
	}
}

// fetch begins to fetch the bars after the last one that begin before to; if there was none, those that were not
// closed when the topic was subscribed to. The caller holds t.mu.
func (t *topic) fetch(l *link, to Time) {
	ctx, cancel := context.WithCancel(l.ctx)
	q := Query{t.sub.Symbol, t.sub.Interval, t.lastTime + 1, to}
	if t.lastTime == 0 {
		q.From = t.from().Floor(t.sub.Interval)
	}
	started := l.spawn(func() { t.fetching(ctx, l, q) })
	if !started { // the session is over; the next one fetches
		cancel()
		return
	}
	t.fill.cancel = cancel
}

func (t *topic) fetching(ctx context.Context, l *link, q Query) {
	for try := 1; ; try++ {
		bars, err := t.ask(ctx, l, q)
		if err == nil {
			t.filled(ctx, l, q, bars)
			return
		}
		if sleep(ctx, fillPace<<try) != nil {
			return // aborted, and so forgotten
		}
		if try == fillTry {
			t.core.put(Note{Class: MarketNotes, Symbol: q.Symbol, Text: "a gap could not be filled: " + err.Error()})
			t.mu.Lock()
			if ctx.Err() == nil {
				t.out = t.out[:0]
				t.giveUp()
				t.publish(l.ctx, t.out)
			}
			t.mu.Unlock()
			return
		}
	}
}

// ask asks for history, but not for ever: an answer may be lost.
func (t *topic) ask(ctx context.Context, l *link, q Query) ([]Bar, error) {
	ctx, cancel := context.WithTimeout(ctx, t.core.opts.dialTimeout)
	defer cancel()
	return t.core.history(ctx, l, q)
}

// filled publishes fetched bars, and then those that were held.
func (t *topic) filled(ctx context.Context, l *link, q Query, bars []Bar) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	t.out = t.out[:0]
	if n := len(bars); n > 0 {
		t.gap(Gap{From: t.from(), To: q.To, Missed: uint64(n), Cause: GapFilled})
		t.core.counts.filled.Add(uint64(n))
		for _, b := range bars {
			t.out = append(t.out, BarEvent(b))
		}
		t.lastTime = bars[n-1].Time
	}
	t.torn = false
	held := t.release()
	t.fill.asked = t.lastTime
	if len(held) > 0 && held[0].Time() >= q.To { // it closed after all that was asked for
		t.fill.asked = max(t.fill.asked, held[0].Time())
	}
	for _, e := range held {
		t.bar(l, e) // which may find another hole, after q.To
	}
	t.publish(l.ctx, t.out)
}

// giveUp publishes what was held after a gap that stays open. The caller holds t.mu and
// publishes t.out.
func (t *topic) giveUp() {
	held := t.release()
	g := Gap{From: t.from(), Cause: GapVenue}
	if t.torn {
		g.Cause = GapSession
	}
	if len(held) > 0 {
		g.To = held[0].Time()
	}
	t.gap(g)
	for _, e := range held {
		if e.Time() > t.lastTime {
			t.lastTime = e.Time()
			t.out = append(t.out, e)
		}
	}
	t.torn = false
}

// release ends the fill and returns what was held, in order of time.
func (t *topic) release() []Event {
	held := t.fill.held
	t.fill.abort()
	slices.SortStableFunc(held, func(a, b Event) int { return cmp.Compare(a.Time(), b.Time()) })
	return held
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
