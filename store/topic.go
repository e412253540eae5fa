package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A topic is one subscription of a store: where what the venue sends is put in order, and
// handed to all feeds.
type topic struct {
	core *core
	sub  Sub

	feeds  atomic.Pointer[[]*ring] // changed under core.mu only, by replacing it
	expect atomic.Int64            // nanoseconds; 0: sparse
	beat   atomic.Bool             // something came since it was last looked at
	broken atomic.Bool             // a connection was lost since it was made
	since  atomic.Int64            // the Time when it was first made at the venue

	mu       sync.Mutex // one publisher at a time; guards what follows
	lastSeq  uint64
	lastTime Time
	torn     bool    // the connection was lost since the last event
	out      []Event // scratch
	fill     fill    // bars only
}

func newTopic(c *core, sub Sub) *topic {
	t := &topic{core: c, sub: sub}
	t.feeds.Store(new([]*ring))
	return t
}

// accept takes events of the venue: it drops those that were there before, marks gaps, and
// publishes the rest.
func (t *topic) accept(l *link, events []Event) {
	if !t.beat.Load() {
		t.beat.Store(true)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.follow(events) {
		t.publish(l.ctx, events)
		return
	}
	t.out = t.out[:0]
	for _, e := range events {
		switch {
		case e.kind == IsTick && t.sub.Kind == Ticks:
			t.tick(e)
		case e.kind == IsBar && t.sub.Kind == Bars:
			t.bar(l, e)
		}
	}
	t.publish(l.ctx, t.out)
}

// follow reports whether events are ticks that follow the last one without a hole, which is what most
// are: then there is nothing to judge, and nothing to copy.
func (t *topic) follow(events []Event) bool {
	if t.lastSeq == 0 || t.torn || t.sub.Kind != Ticks || len(events) == 0 {
		return false
	}
	next := t.lastSeq
	for i := range events {
		if next++; events[i].kind != IsTick || uint64(events[i].words[1]) != next {
			return false
		}
	}
	t.lastSeq, t.lastTime = next, events[len(events)-1].Time()
	return true
}

func (t *topic) publish(ctx context.Context, events []Event) {
	if len(events) == 0 {
		return
	}
	for _, r := range *t.feeds.Load() {
		r.put(ctx, events)
	}
}

// tick judges a tick by its number, if it has one.
func (t *topic) tick(e Event) {
	seq, at := uint64(e.words[1]), e.Time()
	switch {
	case t.torn && (seq == 0 || t.lastSeq == 0):
		t.gap(Gap{From: t.from(), To: at, Cause: GapSession})
	case seq == 0 || t.lastSeq == 0 || seq == t.lastSeq+1:
	case seq <= t.lastSeq && t.torn && at > t.lastTime: // the venue has begun to number anew
		t.gap(Gap{From: t.lastTime, To: at, Cause: GapSession})
	case seq <= t.lastSeq:
		t.core.counts.duplicates.Add(1)
		return
	default:
		g := Gap{From: t.lastTime, To: at, Missed: seq - t.lastSeq - 1, Cause: GapVenue}
		if t.torn {
			g.Cause = GapSession
		}
		t.gap(g)
	}
	t.lastSeq, t.lastTime, t.torn = seq, at, false
	t.out = append(t.out, e)
}

// from returns when the last event was, or, if there was none, when the topic was subscribed to. The
// caller holds t.mu.
func (t *topic) from() Time {
	if t.lastTime != 0 {
		return t.lastTime
	}
	return Time(t.since.Load())
}

func (t *topic) gap(g Gap) {
	t.core.counts.gaps.Add(1)
	t.out = append(t.out, GapEvent(g))
}

// tear notes that the connection was lost.
func (t *topic) tear() {
	t.broken.Store(true)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.torn = true
	t.fill.abort()
}

// join adds a feed. The caller holds core.mu.
func (t *topic) join(r *ring) {
	feeds := append([]*ring(nil), *t.feeds.Load()...)
	feeds = append(feeds, r)
	t.feeds.Store(&feeds)
}

// part removes a feed and reports whether it was there, and whether it was the last. The
// caller holds core.mu.
func (t *topic) part(r *ring) (was, last bool) {
	var feeds []*ring
	for _, f := range *t.feeds.Load() {
		if f == r {
			was = true
		} else {
			feeds = append(feeds, f)
		}
	}
	t.feeds.Store(&feeds)
	return was, len(feeds) == 0
}

// tighten makes the topic expect an event at least every d.
func (t *topic) tighten(d time.Duration) {
	if old := t.expect.Load(); d > 0 && (old == 0 || int64(d) < old) {
		t.expect.Store(int64(d))
	}
}
