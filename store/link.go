package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// A link is one session of a store, and the sink of what comes through it.
type link struct {
	core    *core
	run     *run
	session Session
	ctx     context.Context // of the session; its cause is why it was lost
	cancel  context.CancelCauseFunc
	beat    atomic.Bool // something was heard since it was last looked at

	subscribed map[Sub]bool // guarded by core.subs

	mu    sync.Mutex // guards what follows
	over  bool       // no goroutine may be added
	desks map[string]Desk
	wg    sync.WaitGroup
}

func newLink(c *core, r *run) *link {
	l := &link{core: c, run: r, subscribed: make(map[Sub]bool), desks: make(map[string]Desk)}
	l.ctx, l.cancel = context.WithCancelCause(r.ctx)
	return l
}

func (l *link) heard() {
	if !l.beat.Load() { // a store would take the cache line from the others each time
		l.beat.Store(true)
	}
}

// Market implements Sink.
func (l *link) Market(sub Sub, events ...Event) {
	l.heard()
	if t := (*l.core.market.Load())[sub]; t != nil && l.ctx.Err() == nil {
		t.accept(l, events)
	}
}

// Order implements Sink.
func (l *link) Order(e OrderEvent) {
	l.heard()
	if l.ctx.Err() == nil {
		l.core.book(e.Account).live(l, e)
	}
}

// Account implements Sink.
func (l *link) Account(a Account) {
	l.heard()
	l.core.put(Note{Time: a.Time, Class: AccountNotes, Text: fmt.Sprintf("%s: cash %v, %d positions", a.Name, a.Cash, len(a.Positions))})
}

// Note implements Sink.
func (l *link) Note(n Note) {
	l.heard()
	if n.Class == 0 {
		n.Class = InfoNotes
	}
	n.Text = l.core.opts.secrets.hideIn(n.Text)
	l.core.put(n)
}

// Alive implements Sink.
func (l *link) Alive() { l.heard() }

// Lost implements Sink.
func (l *link) Lost(err error) {
	if err == nil {
		err = ErrClosed
	}
	l.cancel(err)
}

// spawn runs f in a goroutine that disconnect waits for, unless the session is over.
func (l *link) spawn(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	l.wg.Go(f)
	return true
}

// desk returns the session's trading of an account.
func (l *link) desk(account string) (Desk, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d, ok := l.desks[account]; ok {
		return d, nil
	}
	d, err := l.session.Desk(account)
	if err != nil {
		return nil, err
	}
	l.desks[account] = d
	return d, nil
}

// end ends what belongs to the session, and waits for it.
func (l *link) end() {
	l.cancel(ErrClosed)
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	if l.session != nil {
		l.session.Close()
	}
	l.wg.Wait()
}

// disconnect takes a session from the store and ends it.
func (c *core) disconnect(l *link) {
	c.mu.Lock()
	if c.link == l {
		c.link = nil
	}
	topics := *c.market.Load()
	c.mu.Unlock()
	l.end()
	for _, t := range topics {
		t.tear()
	}
}
