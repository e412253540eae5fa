package ws

import (
	"context"
	"errors"
	"time"

	"github.com/whetgo/whet/store"
)

// A desk trades for one account.
type desk struct {
	s       *session
	account string
}

// Desk implements store.Session.
func (s *session) Desk(account string) (store.Desk, error) {
	if account == "" {
		return nil, store.ErrNoAccount
	}
	s.mu.Lock()
	listens := s.desks[account]
	s.desks[account] = true
	s.mu.Unlock()
	if listens {
		return &desk{s, account}, nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	if _, err := s.ask(ctx, request{Op: "listen", Account: account}); err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.desks, account)
		return nil, err
	}
	return &desk{s, account}, nil
}

// Submit implements store.Desk.
func (d *desk) Submit(ctx context.Context, o store.Order) error {
	_, err := d.s.ask(ctx, request{Op: "submit", Account: d.account, Order: &o})
	return err
}

// Cancel implements store.Desk.
func (d *desk) Cancel(ctx context.Context, id store.OrderID) error {
	_, err := d.s.ask(ctx, request{Op: "cancel", Account: d.account, Cancel: id})
	return err
}

// Account implements store.Desk.
func (d *desk) Account(ctx context.Context) (store.Account, error) {
	m, err := d.s.ask(ctx, request{Op: "account", Account: d.account})
	if err == nil && m.Account == nil {
		err = errors.New("ws: the answer has no account")
	}
	if err != nil {
		return store.Account{}, err
	}
	return *m.Account, nil
}

// Replay implements store.Desk.
func (d *desk) Replay(ctx context.Context, after uint64, f func(store.OrderEvent) error) error {
	for {
		m, err := d.s.ask(ctx, request{Op: "replay", Account: d.account, After: after})
		if err != nil {
			return err
		}
		for _, e := range m.Events {
			if err := f(e); err != nil {
				return err
			}
			after = max(after, e.Seq)
		}
		if !m.More || len(m.Events) == 0 {
			return nil
		}
	}
}
