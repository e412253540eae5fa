package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

// A request is what is asked of the process that serves an account: one of its fields is set.
type request struct {
	Submit *store.Order  `json:",omitempty"`
	Cancel store.OrderID `json:",omitempty"`
}

// A reply answers a request. If that asked for nothing it tells what the account holds.
type reply struct {
	Code, Text string         `json:",omitempty"`
	Account    *store.Account `json:",omitempty"`
}

// A desk trades for one account by asking who serves it.
type desk struct {
	s       *session
	account string
}

// Desk implements store.Session.
func (s *session) Desk(account string) (store.Desk, error) {
	if account == "" {
		return nil, store.ErrNoAccount
	}
	if err := s.hearEvents(account); err != nil {
		return nil, s.wrap("account", err)
	}
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	if err := s.flush(ctx); err != nil {
		return nil, s.wrap("account", err)
	}
	return &desk{s, account}, nil
}

// hearEvents tells the sink of an account's order events.
func (s *session) hearEvents(account string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.desks[account] != nil {
		return nil
	}
	is, err := s.nc.Subscribe(s.target.events(account), func(m *client.Msg) {
		e, err := event(m.Data)
		if err != nil {
			s.trouble(nil, m.Sub, err)
			return
		}
		s.tell(func() { s.sink.Order(e) })
	})
	if err != nil {
		return err
	}
	s.desks[account] = is
	return is.SetPendingLimits(-1, -1)
}

func event(data []byte) (e store.OrderEvent, err error) {
	if err = json.Unmarshal(data, &e); err == nil && e.Seq == 0 {
		err = errors.New("an order event without a number")
	}
	return e, err
}

// ask asks who serves the account.
func (d *desk) ask(ctx context.Context, q request) (r reply, err error) {
	ctx, done := d.s.bind(ctx)
	defer done()
	data, err := json.Marshal(q)
	if err != nil {
		return r, err
	}
	m, err := d.s.nc.RequestWithContext(ctx, d.s.target.orders(d.account), data)
	if errors.Is(err, client.ErrNoResponders) {
		err = fmt.Errorf("nobody serves the account: %w", store.ErrOffline)
	}
	if err == nil {
		err = json.Unmarshal(m.Data, &r)
	}
	if err != nil {
		return r, d.s.wrap("asking for the account", err)
	}
	return r, wire.Error(r.Code, r.Text)
}

// Submit implements store.Desk.
func (d *desk) Submit(ctx context.Context, o store.Order) error {
	_, err := d.ask(ctx, request{Submit: &o})
	return err
}

// Cancel implements store.Desk.
func (d *desk) Cancel(ctx context.Context, id store.OrderID) error {
	_, err := d.ask(ctx, request{Cancel: id})
	return err
}

// Account implements store.Desk.
func (d *desk) Account(ctx context.Context) (store.Account, error) {
	r, err := d.ask(ctx, request{})
	if err == nil && r.Account == nil {
		err = errors.New("nats: the answer has no account")
	}
	if err != nil {
		return store.Account{}, err
	}
	return *r.Account, nil
}

// Replay implements store.Desk.
func (d *desk) Replay(ctx context.Context, after uint64, f func(store.OrderEvent) error) error {
	ctx, done := d.s.bind(ctx)
	defer done()
	err := read(ctx, d.s.events, d.s.target.events(d.account), 1, func(data []byte) (bool, error) {
		e, err := event(data)
		if err == nil && e.Seq > after {
			err = f(e)
		}
		return err == nil, err
	})
	return d.s.wrap("order events", err)
}
