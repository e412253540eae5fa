package fix

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

// Submit implements store.Desk.
func (d *desk) Submit(ctx context.Context, o store.Order) error {
	_, err := d.s.send(ctx, string(o.ID), orderMessage(d.account, o))
	return err
}

// Cancel implements store.Desk.
func (d *desk) Cancel(ctx context.Context, id store.OrderID) error {
	name := d.s.name()
	m := newMessage(cancelOrder)
	m.Body.SetString(tagAccount, d.account)
	m.Body.SetString(tagOrigClOrdID, string(id))
	m.Body.SetString(tagClOrdID, name)
	setTime(m, time.Now())
	_, err := d.s.send(ctx, name, m)
	return err
}

// Account implements store.Desk.
func (d *desk) Account(ctx context.Context) (store.Account, error) {
	r, err := d.s.ask(ctx, question{Op: "account", Account: d.account})
	if err == nil && r.Account == nil {
		err = errors.New("fix: the answer has no account")
	}
	if err != nil {
		return store.Account{}, err
	}
	return *r.Account, nil
}

// Replay implements store.Desk.
func (d *desk) Replay(ctx context.Context, after uint64, f func(store.OrderEvent) error) error {
	for {
		r, err := d.s.ask(ctx, question{Op: "replay", Account: d.account, After: after})
		if err != nil {
			return err
		}
		for _, e := range r.Events {
			if err := f(e); err != nil {
				return err
			}
			after = max(after, e.Seq)
		}
		if !r.More || len(r.Events) == 0 {
			return nil
		}
	}
}
