package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/whetgo/whet/store"
)

// A desk is the trading of one account in one session.
type desk struct {
	s *session
	a *account
}

// Submit implements store.Desk.
func (d *desk) Submit(ctx context.Context, o store.Order) error {
	return d.s.request(ctx, func() error { return d.s.v.take(d.a, o) })
}

// Cancel implements store.Desk.
func (d *desk) Cancel(ctx context.Context, id store.OrderID) error {
	return d.s.request(ctx, func() error { return d.s.v.cancel(d.a, id) })
}

// Account implements store.Desk.
func (d *desk) Account(ctx context.Context) (a store.Account, err error) {
	err = d.s.request(ctx, func() error {
		a = d.a.snapshot()
		return nil
	})
	return a, err
}

// Replay implements store.Desk.
func (d *desk) Replay(ctx context.Context, after uint64, f func(store.OrderEvent) error) error {
	var events []store.OrderEvent
	err := d.s.request(ctx, func() error {
		events = slices.Clone(d.a.log[min(after, uint64(len(d.a.log))):])
		return nil
	})
	for i := 0; err == nil && i < len(events); i++ {
		err = errors.Join(f(events[i]), d.s.ctx.Err())
	}
	return err
}

// take takes an order, or refuses it. The caller holds v.mu.
func (v *Venue) take(a *account, o store.Order) error {
	if had, ok := a.orders[o.ID]; ok {
		if had.Order != o {
			return store.ErrConflict
		}
		if had.status == store.Rejected {
			return store.ErrRejected
		}
		return nil
	}
	taken := &order{Order: o, account: a, status: store.Accepted}
	s := v.symbol(o.Symbol, false)
	reason := v.objection(s, a, taken)
	a.orders[o.ID] = taken
	if reason != "" {
		taken.status = store.Rejected
		v.emit(taken, store.OrderEvent{Reason: reason})
		return fmt.Errorf("%w: %s", store.ErrRejected, reason)
	}
	v.emit(taken, store.OrderEvent{})
	v.match(s, taken)
	v.settle(s, taken)
	return nil
}

// settle puts into the book what has not traded, or cancels it. The caller holds v.mu.
func (v *Venue) settle(s *symbol, o *order) {
	switch {
	case o.left() == 0:
	case o.Type == store.AtLimit && o.TIF == store.GoodTillCancel:
		s.book.rest(o)
	default:
		o.status = store.Cancelled
		v.emit(o, store.OrderEvent{})
	}
}

// objection returns why an order is refused, or "".
func (v *Venue) objection(s *symbol, a *account, o *order) string {
	if v.faults.reject > 0 {
		v.faults.reject--
		return "the venue rejects orders"
	}
	if s == nil {
		return "no such symbol"
	}
	price := o.Limit
	if o.Type == store.AtMarket {
		p, n, _ := s.book.best(o)
		if n == 0 {
			return "no quote"
		}
		price = p
	}
	value, err := store.Notional(price, o.Qty)
	if err != nil {
		return "too large"
	}
	fee := store.Money(float64(value) * float64(max(v.config.Taker, v.config.Maker)) / 1e6)
	if o.Side == store.Buy && value+fee > a.cash-a.reserved() {
		return "not enough cash"
	}
	if o.TIF == store.FillOrKill && s.book.available(o) < o.Qty {
		return "can't be filled wholly"
	}
	return ""
}

// cancel cancels an order. The caller holds v.mu.
func (v *Venue) cancel(a *account, id store.OrderID) error {
	o, ok := a.orders[id]
	if !ok {
		return store.ErrNoOrder
	}
	if o.status.Final() {
		return nil
	}
	v.symbols[o.Symbol].book.remove(o)
	o.status = store.Cancelled
	v.emit(o, store.OrderEvent{})
	return nil
}
