package sim

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/whetgo/whet/store"
)

// A session is one connection to a venue.
type session struct {
	v    *Venue
	p    store.Params
	sink store.Sink
	ctx  context.Context // ends with the session; its cause is why
	end  context.CancelCauseFunc
	once sync.Once // telling the sink
	over chan struct{}

	subs   map[store.Sub]bool // guarded by v.mu, as is what follows
	desks  map[string]bool
	outbox []message
	filled chan struct{} // capacity 1: the outbox is not empty
}

// A message is what the venue sends on its own.
type message struct {
	sub   store.Sub
	event store.Event
	order *store.OrderEvent
	due   time.Time
}

const maxOutbox = 1 << 16 // messages; market events beyond are lost

func newSession(v *Venue, p store.Params, ev store.Sink) *session {
	s := &session{v: v, p: p, sink: ev, subs: make(map[store.Sub]bool), desks: make(map[string]bool), filled: make(chan struct{}, 1), over: make(chan struct{})}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	return s
}

// send puts a message in the outbox of a session, as the faults have it. The caller holds v.mu.
func (v *Venue) send(s *session, m message) {
	f := &v.faults
	if f.mute || f.lose > 0 && v.rng.Float64() < f.lose || len(s.outbox) >= maxOutbox && m.order == nil {
		return
	}
	if f.slow > 0 {
		m.due = time.Now().Add(f.slow)
	}
	s.outbox = append(s.outbox, m)
	if n := len(s.outbox); f.reorder > 0 && n > 1 && v.rng.Float64() < f.reorder {
		s.outbox[n-1], s.outbox[n-2] = s.outbox[n-2], s.outbox[n-1]
	}
	if f.duplicate > 0 && v.rng.Float64() < f.duplicate {
		s.outbox = append(s.outbox, m)
	}
	select {
	case s.filled <- struct{}{}:
	default:
	}
}

// deliver brings messages to the sink until the session is over.
func (s *session) deliver() {
	defer close(s.over)
	for {
		select {
		case <-s.filled:
		case <-s.ctx.Done():
			return
		}
		s.v.mu.Lock()
		batch := s.outbox
		s.outbox = nil
		s.v.mu.Unlock()
		for len(batch) > 0 {
			if sleep(s.ctx, time.Until(batch[0].due)) != nil || s.ctx.Err() != nil {
				return
			}
			batch = batch[s.bring(batch):]
		}
	}
}

// bring gives the sink the first messages that go together, and returns how many.
func (s *session) bring(batch []message) int {
	first := batch[0]
	if first.order != nil {
		s.sink.Order(*first.order)
		return 1
	}
	var events []store.Event
	for _, m := range batch {
		if m.order != nil || m.sub != first.sub || m.due.After(first.due) {
			break
		}
		events = append(events, m.event)
	}
	s.sink.Market(first.sub, events...)
	return len(events)
}

// lose ends the session from the venue's side. The caller holds v.mu.
func (s *session) lose(err error) {
	s.v.leave(s)
	s.end(err)
	s.once.Do(func() { s.sink.Lost(err) })
}

// Close implements store.Session.
func (s *session) Close() error {
	s.v.mu.Lock()
	s.v.leave(s)
	s.once.Do(func() {}) // nothing more is told
	s.v.mu.Unlock()
	s.end(store.ErrClosed)
	<-s.over
	return nil
}

// request lets a request to the venue take its time: it does what is asked for at the venue, and returns the
// answer if the connection still stands then.
func (s *session) request(ctx context.Context, do func() error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	s.v.mu.Lock()
	delay := s.v.faults.slow
	s.v.mu.Unlock()
	if sleep(ctx, delay/2) != nil {
		return s.why(ctx)
	}
	s.v.mu.Lock()
	if !s.v.open[s] {
		s.v.mu.Unlock()
		return s.why(ctx)
	}
	err := do()
	mute := s.v.faults.mute
	s.v.mu.Unlock()
	if mute {
		<-ctx.Done()
	}
	if sleep(ctx, delay/2) != nil {
		return s.why(ctx)
	}
	return err
}

// why returns why a request has failed.
func (s *session) why(ctx context.Context) error {
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return ctx.Err()
}

const batch = 1024 // bars

// History implements store.Session.
func (s *session) History(ctx context.Context, q store.Query, f func([]store.Bar) error) error {
	var bars []store.Bar
	err := s.request(ctx, func() (err error) {
		bars, err = s.v.history(q)
		return err
	})
	for err == nil && len(bars) > 0 {
		n := min(batch, len(bars))
		err = errors.Join(f(bars[:n:n]), s.ctx.Err(), ctx.Err())
		bars = bars[n:]
	}
	return err
}

// Subscribe implements store.Session.
func (s *session) Subscribe(ctx context.Context, subs ...store.Sub) error {
	return s.request(ctx, func() error {
		for _, sub := range subs {
			if s.v.symbol(sub.Symbol, false) == nil {
				return store.ErrNoSymbol
			}
		}
		for _, sub := range subs {
			s.subs[sub] = true
		}
		return nil
	})
}

// Unsubscribe implements store.Session.
func (s *session) Unsubscribe(ctx context.Context, subs ...store.Sub) error {
	return s.request(ctx, func() error {
		for _, sub := range subs {
			delete(s.subs, sub)
		}
		return nil
	})
}

// Ping implements store.Session.
func (s *session) Ping(ctx context.Context) error {
	return s.request(ctx, func() error { return nil })
}

// Desk implements store.Session.
func (s *session) Desk(account string) (store.Desk, error) {
	if account == "" {
		return nil, store.ErrNoAccount
	}
	s.v.mu.Lock()
	defer s.v.mu.Unlock()
	s.desks[account] = true
	return &desk{s, s.v.account(account)}, nil
}
