package fix

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/quickfixgo/quickfix"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

// A session is one logon.
type session struct {
	target    target
	password  string
	sink      store.Sink
	id        quickfix.SessionID
	initiator *quickfix.Initiator
	ctx       context.Context // ends with Close, or when the session is lost; its cause is why
	end       context.CancelCauseFunc
	up        chan struct{} // closed at logon
	logonOnce sync.Once

	calls sync.RWMutex // held for reading by who calls the sink
	over  bool         // guarded by calls: the sink is not called any more

	mu      sync.Mutex // guards what follows
	number  uint64     // of the last question
	waiting map[string]chan verdict
	subs    map[store.Sub]bool
	desks   map[string]bool
}

// A verdict is what came as the answer to a question, an order or a cancel.
type verdict struct {
	reply reply
	err   error
}

func newSession(t target, ev store.Sink) *session {
	s := &session{target: t, sink: ev, up: make(chan struct{}), waiting: make(map[string]chan verdict), subs: make(map[store.Sub]bool), desks: make(map[string]bool)}
	s.id = quickfix.SessionID{BeginString: quickfix.BeginStringFIX44, SenderCompID: t.sender, TargetCompID: t.target}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	return s
}

// start logs on.
func (s *session) start(ctx context.Context) error {
	settings, err := s.target.settings()
	if err != nil {
		return store.Fatal(fmt.Errorf("fix: %w", err))
	}
	i, err := quickfix.NewInitiator(s, quickfix.NewMemoryStoreFactory(), settings, diary{s})
	if err != nil {
		return fmt.Errorf("fix: %w", err)
	}
	s.initiator = i
	if err := i.Start(); err != nil {
		return fmt.Errorf("fix: %w", err)
	}
	select {
	case <-s.up:
		return nil
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errLogon, ctx.Err())
	}
}

// tell calls f, which calls the sink, unless the session is closed.
func (s *session) tell(f func()) {
	s.calls.RLock()
	defer s.calls.RUnlock()
	if !s.over {
		f()
	}
}

// lose ends the session, and tells.
func (s *session) lose(err error) {
	if s.ctx.Err() == nil {
		s.end(err)
		s.tell(func() { s.sink.Lost(err) })
	}
}

// Close implements store.Session.
func (s *session) Close() error {
	s.end(store.ErrClosed)
	s.calls.Lock() // waits for calls of the sink under way
	s.over = true
	s.calls.Unlock()
	s.mu.Lock()
	i := s.initiator
	s.initiator = nil
	s.mu.Unlock()
	if i != nil {
		i.Stop()
		_ = quickfix.UnregisterSession(s.id)
	}
	return nil
}

// OnCreate implements quickfix.Application.
func (s *session) OnCreate(quickfix.SessionID) {}

// OnLogon implements quickfix.Application.
func (s *session) OnLogon(quickfix.SessionID) { s.logonOnce.Do(func() { close(s.up) }) }

// OnLogout implements quickfix.Application.
func (s *session) OnLogout(quickfix.SessionID) { s.lose(fmt.Errorf("fix: the session has ended")) }

// ToAdmin implements quickfix.Application: it adds the user and password to the logon.
func (s *session) ToAdmin(m *quickfix.Message, _ quickfix.SessionID) {
	if kind, _ := m.Header.GetString(tagMsgType); kind != logon {
		return
	}
	if s.target.user != "" {
		m.Body.SetString(tagUsername, s.target.user)
	}
	if s.password != "" {
		m.Body.SetString(tagPassword, s.password)
	}
}

// ToApp implements quickfix.Application.
func (s *session) ToApp(*quickfix.Message, quickfix.SessionID) error { return nil }

// FromAdmin implements quickfix.Application.
func (s *session) FromAdmin(*quickfix.Message, quickfix.SessionID) quickfix.MessageRejectError {
	s.tell(s.sink.Alive)
	return nil
}

// loggedOut is told that the venue ends the session, or does not let it begin.
func (s *session) loggedOut(why string) {
	err := fmt.Errorf("%w: %.200s", errLogon, why)
	select {
	case <-s.up:
		err = fmt.Errorf("fix: the venue has logged out: %.200s", why)
	default:
		if strings.Contains(why, "password") {
			err = store.Fatal(err)
		}
	}
	s.lose(err)
}

// FromApp implements quickfix.Application. One goroutine calls it.
func (s *session) FromApp(m *quickfix.Message, _ quickfix.SessionID) quickfix.MessageRejectError {
	kind, _ := m.Header.GetString(tagMsgType)
	var err error
	switch kind {
	case report:
		err = s.report(m)
	case cancelReject:
		err = store.ErrNoOrder
		if reason := text(m, tagCxlRejReason); reason != unknownOrder {
			err = fmt.Errorf("fix: cancel rejected: %.200s", text(m, tagText))
		}
		s.answered(text(m, tagClOrdID), verdict{err: err})
		err = nil
	case answer:
		var r reply
		if err = payload(m, &r); err == nil {
			s.answered(text(m, tagReqID), verdict{r, wire.Error(r.Code, r.Text)})
		}
	case marketData:
		err = s.market(m)
	}
	if err != nil {
		s.tell(func() { s.sink.Note(store.Note{Class: store.InfoNotes, Text: err.Error()}) })
	}
	return nil
}

// report takes an ExecutionReport: an event, or the answer to an order or cancel.
func (s *session) report(m *quickfix.Message) error {
	if text(m, tagExecType) != statusReport {
		e, err := eventOf(m)
		if err == nil {
			s.tell(func() { s.sink.Order(e) })
		}
		return err
	}
	var v verdict
	if text(m, tagOrdStatus) == statuses[store.Rejected][0] {
		v.err = fmt.Errorf("%w: %.200s", store.ErrRejected, text(m, tagText))
		if text(m, tagOrdRejReason) == duplicateOrder {
			v.err = store.ErrConflict
		}
	}
	s.answered(text(m, tagClOrdID), v)
	return nil
}

// market takes ticks or bars.
func (s *session) market(m *quickfix.Message) error {
	var d market
	if err := payload(m, &d); err != nil {
		return err
	}
	s.mu.Lock()
	wanted := s.subs[d.Sub]
	s.mu.Unlock()
	if !wanted {
		return nil
	}
	var events []store.Event
	var err error
	if d.Sub.Kind == store.Bars {
		var bars []store.Bar
		bars, err = wire.Bars(nil, d.Data)
		events = wire.BarEvents(nil, bars)
	} else {
		events, err = wire.Ticks(nil, d.Data)
	}
	if err == nil {
		s.tell(func() { s.sink.Market(d.Sub, events...) })
	}
	return err
}

// answered hands a verdict to who waits for it.
func (s *session) answered(id string, v verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.waiting[id]; c != nil {
		select {
		case c <- v:
		default:
		}
	}
}

// send sends a message whose answer has an id, and waits for that.
func (s *session) send(ctx context.Context, id string, m *quickfix.Message) (reply, error) {
	c := make(chan verdict, 1)
	s.mu.Lock()
	s.waiting[id] = c
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.waiting[id] == c {
			delete(s.waiting, id)
		}
	}()
	if cause := context.Cause(s.ctx); cause != nil {
		return reply{}, fmt.Errorf("fix: %w", cause)
	}
	if err := quickfix.SendToTarget(m, s.id); err != nil {
		return reply{}, fmt.Errorf("fix: %w", err)
	}
	select {
	case v := <-c:
		return v.reply, v.err
	case <-ctx.Done():
		return reply{}, fmt.Errorf("fix: %w", ctx.Err())
	case <-s.ctx.Done():
		return reply{}, fmt.Errorf("fix: %w", context.Cause(s.ctx))
	}
}

// name returns an id that no other question or cancel of the session has.
func (s *session) name() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	return "whet/" + strconv.FormatUint(s.number, 10)
}

// ask asks a question.
func (s *session) ask(ctx context.Context, q question) (reply, error) {
	id := s.name()
	m := newMessage(ask)
	m.Body.SetString(tagReqID, id)
	if err := setPayload(m, q); err != nil {
		return reply{}, err
	}
	return s.send(ctx, id, m)
}

// Ping implements store.Session.
func (s *session) Ping(ctx context.Context) error {
	_, err := s.ask(ctx, question{Op: "ping"})
	return err
}

// History implements store.Session.
func (s *session) History(ctx context.Context, q store.Query, f func([]store.Bar) error) error {
	for {
		r, err := s.ask(ctx, question{Op: "history", Query: &q})
		if err != nil {
			return err
		}
		bars, err := wire.Bars(nil, r.Bars)
		if err != nil || len(bars) == 0 {
			return err
		}
		if err := f(bars); err != nil {
			return err
		}
		last := bars[len(bars)-1].Time
		if !r.More || last < q.From {
			return nil
		}
		q.From = last + 1
	}
}

// Subscribe implements store.Session.
func (s *session) Subscribe(ctx context.Context, subs ...store.Sub) error {
	s.note(subs, true)
	_, err := s.ask(ctx, question{Op: "subscribe", Subs: subs})
	return err
}

// Unsubscribe implements store.Session.
func (s *session) Unsubscribe(ctx context.Context, subs ...store.Sub) error {
	s.note(subs, false)
	_, err := s.ask(ctx, question{Op: "unsubscribe", Subs: subs})
	return err
}

func (s *session) note(subs []store.Sub, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range subs {
		if on {
			s.subs[sub] = true
		} else {
			delete(s.subs, sub)
		}
	}
}

// Desk implements store.Session.
func (s *session) Desk(account string) (store.Desk, error) {
	if account == "" {
		return nil, store.ErrNoAccount
	}
	s.mu.Lock()
	listens := s.desks[account]
	s.mu.Unlock()
	if !listens {
		ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
		defer cancel()
		if _, err := s.ask(ctx, question{Op: "listen", Account: account}); err != nil {
			return nil, err
		}
		s.mu.Lock()
		s.desks[account] = true
		s.mu.Unlock()
	}
	return &desk{s, account}, nil
}
