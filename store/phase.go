package store

import (
	"context"
	"maps"
	"slices"
	"time"
)

// enter changes the state, and tells all. The caller holds c.mu.
func (c *core) enter(s State) {
	s.Since = time.Now()
	if c.state.Phase.up() && !s.Phase.up() {
		c.down = s.Since
	} else if !c.state.Phase.up() && s.Phase.up() && !c.down.IsZero() {
		c.downFor += s.Since.Sub(c.down)
		c.down = time.Time{}
	}
	c.state = s
	c.bell.ring()
	now := At(s.Since)
	mark := []Event{PhaseEvent(s.Phase, now)}
	for _, t := range c.topics {
		t.mark(mark)
	}
	text := s.Phase.String()
	if s.Cause != nil {
		text += ": " + s.Cause.Error()
	}
	c.board.put(&Note{Time: now, Class: InfoNotes, Text: text})
}

// up reports whether the phase is one with a session.
func (p Phase) up() bool { return p == Live || p == Degraded }

// mark tells all feeds of the phase; marks never wait.
func (t *topic) mark(marks []Event) {
	for _, r := range *t.feeds.Load() {
		r.put(context.Background(), marks)
	}
}

// enterRun is enter if the run is still the store's.
func (c *core) enterRun(r *run, s State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == r {
		c.enter(s)
	}
}

// up makes a session that of the store, unless it is over already.
func (c *core) up(l *link) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.ctx.Err() != nil {
		return false
	}
	c.link = l
	for about := range c.degraded {
		if about.kind == staleSub {
			delete(c.degraded, about)
		}
	}
	c.enter(c.connected())
	return true
}

// connected returns Live or Degraded, whichever it is. The caller holds c.mu.
func (c *core) connected() State {
	if len(c.degraded) == 0 {
		return State{Phase: Live}
	}
	abouts := slices.SortedFunc(maps.Keys(c.degraded), trouble.compare)
	return State{Phase: Degraded, Cause: c.degraded[abouts[0]]}
}

// A trouble is what a store is degraded about.
type trouble struct {
	kind troubleKind
	sub  Sub    // of staleSub
	name string // the account, of slowOrders
}

type troubleKind uint8

const (
	slowOrders troubleKind = iota // a reader of order events was overtaken
	slowNotes                     // a reader of lossless notes was
	staleSub                      // a subscription is silent for longer than expected
)

func (t trouble) compare(u trouble) int { return int(t.kind) - int(u.kind) }

// degrade notes that something is wrong while the store is connected.
func (c *core) degrade(about trouble, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.degraded[about] = err
	if c.state.Phase == Live {
		c.enter(c.connected())
	}
}

// mend notes that it is all right again.
func (c *core) mend(about trouble) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, was := c.degraded[about]; !was {
		return
	}
	delete(c.degraded, about)
	if c.state.Phase == Degraded && len(c.degraded) == 0 {
		c.enter(c.connected())
	}
}
