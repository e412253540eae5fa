package nats

import (
	"context"
	"errors"
	"fmt"
	"sync"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

// A session is one connection to a server, which does not reconnect: that is the store's.
type session struct {
	target target
	nc     *client.Conn
	js     jetstream.JetStream
	bars   jetstream.Stream
	events jetstream.Stream
	sink   store.Sink
	ctx    context.Context // ends with Close, or when the session is lost; its cause is why
	end    context.CancelCauseFunc

	calls sync.RWMutex // held for reading by who calls the sink
	over  bool         // guarded by calls: the sink is not called any more

	mu    sync.Mutex // guards what follows
	subs  map[store.Sub]*client.Subscription
	desks map[string]*client.Subscription
}

// tell calls f, which calls the sink, unless the session is closed.
func (s *session) tell(f func()) {
	s.calls.RLock()
	defer s.calls.RUnlock()
	if !s.over {
		f()
	}
}

// closed is called when the connection is.
func (s *session) closed(nc *client.Conn) {
	err := nc.LastError()
	if err == nil {
		err = errors.New("the server has closed the connection")
	}
	err = fmt.Errorf("nats: %w", err)
	s.end(err)
	s.tell(func() { s.sink.Lost(judge(err)) })
}

// trouble is called with errors that do not end the connection.
func (s *session) trouble(_ *client.Conn, sub *client.Subscription, err error) {
	text := "nats: " + err.Error()
	if sub != nil {
		text += " (" + sub.Subject + ")"
	}
	s.tell(func() { s.sink.Note(store.Note{Class: store.MarketNotes, Text: text}) })
}

// bind returns a context that ends with the session, too.
func (s *session) bind(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// wrap says what failed, and why if it was that the session ended.
func (s *session) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(s.ctx); cause != nil {
		err = cause
	}
	return fmt.Errorf("nats: %s: %w", what, err)
}

// Ping implements store.Session.
func (s *session) Ping(ctx context.Context) error {
	ctx, done := s.bind(ctx)
	defer done()
	return s.wrap("ping", s.flush(ctx))
}

// flush returns when the server has answered.
func (s *session) flush(ctx context.Context) error {
	_, err := s.nc.RequestWithContext(ctx, s.target.prefix+".nobody", nil)
	if errors.Is(err, client.ErrNoResponders) {
		err = nil
	}
	return err
}

// Close implements store.Session.
func (s *session) Close() error {
	s.end(store.ErrClosed)
	s.calls.Lock() // waits for calls of the sink under way
	s.over = true
	s.calls.Unlock()
	s.nc.Close()
	return nil
}

// Subscribe implements store.Session.
func (s *session) Subscribe(ctx context.Context, subs ...store.Sub) error {
	ctx, done := s.bind(ctx)
	defer done()
	for _, sub := range subs {
		if err := s.subscribe(sub); err != nil {
			return s.wrap(sub.String(), err)
		}
	}
	return s.wrap("subscribing", s.flush(ctx))
}

func (s *session) subscribe(sub store.Sub) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs[sub] != nil {
		return nil
	}
	subject, hear := s.target.ticks(sub.Symbol), s.hearTicks(sub)
	if sub.Kind == store.Bars {
		subject, hear = s.target.bars(sub.Symbol, sub.Interval), s.hearBars(sub)
	}
	is, err := s.nc.Subscribe(subject, hear)
	if err != nil {
		return err
	}
	s.subs[sub] = is
	return is.SetPendingLimits(1<<20, 256<<20)
}

// hearTicks returns what takes messages of ticks. It is called by one goroutine.
func (s *session) hearTicks(sub store.Sub) client.MsgHandler {
	var events []store.Event
	return func(m *client.Msg) {
		var err error
		if events, err = wire.Ticks(events[:0], m.Data); err != nil {
			s.trouble(nil, m.Sub, err)
			return
		}
		s.tell(func() { s.sink.Market(sub, events...) })
	}
}

func (s *session) hearBars(sub store.Sub) client.MsgHandler {
	return func(m *client.Msg) {
		bars, err := wire.Bars(nil, m.Data)
		if err != nil {
			s.trouble(nil, m.Sub, err)
			return
		}
		s.tell(func() { s.sink.Market(sub, wire.BarEvents(nil, bars)...) })
	}
}

// Unsubscribe implements store.Session.
func (s *session) Unsubscribe(_ context.Context, subs ...store.Sub) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range subs {
		if is := s.subs[sub]; is != nil {
			delete(s.subs, sub)
			if err := is.Unsubscribe(); err != nil {
				return s.wrap("unsubscribing", err)
			}
		}
	}
	return nil
}
