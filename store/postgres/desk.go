package postgres

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

type orderKey struct{ account, id string }

// A desk trades for one account by writing orders down for who serves it.
type desk struct {
	s       *session
	account string
}

// Desk implements store.Session.
func (s *session) Desk(account string) (store.Desk, error) {
	if account == "" {
		return nil, store.ErrNoAccount
	}
	ctx, done := s.bind(context.Background())
	defer done()
	d := &desk{s, account}
	var last uint64
	err := s.pool.QueryRow(ctx, s.target.in("select coalesce(max(seq), 0) from $.events where account = $1"), account).Scan(&last)
	if err == nil {
		err = s.follow(ctx, eventTopic(account), d.follower(last))
	}
	if err != nil {
		return nil, s.wrap("account", err)
	}
	return d, nil
}

// follower returns one that tells of the events after the last that is known.
func (d *desk) follower(last uint64) follower {
	return func(ctx context.Context, db querier) error {
		return d.events(ctx, db, last, func(e store.OrderEvent) error {
			last = e.Seq
			d.s.sink.Order(e)
			return nil
		})
	}
}

// Replay implements store.Desk.
func (d *desk) Replay(ctx context.Context, after uint64, f func(store.OrderEvent) error) error {
	ctx, done := d.s.bind(ctx)
	defer done()
	return d.s.wrap("order events", d.events(ctx, d.s.pool, after, f))
}

// events calls f with the events of the account whose numbers are above after.
func (d *desk) events(ctx context.Context, db querier, after uint64, f func(store.OrderEvent) error) error {
	rows, err := db.Query(ctx, d.s.target.in(`select seq, exec, id, time, status, symbol, side, qty, price, fee, filled, remaining, reason
		from $.events where account = $1 and seq > $2 order by seq`), d.account, int64(after))
	if err != nil {
		return err
	}
	e := store.OrderEvent{Account: d.account}
	_, err = pgx.ForEachRow(rows, []any{&e.Seq, &e.Exec, &e.ID, &e.Time, &e.Status, &e.Symbol, &e.Side, &e.Qty, &e.Price, &e.Fee, &e.Filled, &e.Left, &e.Reason},
		func() error { return f(e) })
	return err
}

// Submit implements store.Desk.
func (d *desk) Submit(ctx context.Context, o store.Order) error {
	ctx, done := d.s.bind(ctx)
	defer done()
	key := orderKey{d.account, string(o.ID)}
	if len(verdictTopic(key)) > maxTopic {
		return &store.OrderError{ID: o.ID, Problem: "its id is too long"}
	}
	judged, forget := d.s.await(key)
	defer forget()
	if err := d.write(ctx, o); err != nil {
		return d.s.wrap("order", err)
	}
	for {
		err, ok := d.verdict(ctx, o)
		if ok {
			return err
		}
		if err != nil {
			return d.s.wrap("order", err)
		}
		select {
		case <-judged:
		case <-ctx.Done():
			return d.s.wrap("order", ctx.Err())
		}
	}
}

// write writes an order down, if there is none of its id, and tells who serves the account.
func (d *desk) write(ctx context.Context, o store.Order) error {
	_, err := d.s.pool.Exec(ctx, d.s.target.in(`insert into $.orders (account, id, symbol, side, qty, type, price, tif)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`),
		d.account, string(o.ID), o.Symbol, int16(o.Side), int64(o.Qty), int16(o.Type), int64(o.Limit), int16(o.TIF))
	if err != nil {
		return err
	}
	return d.s.notify(ctx, orderTopic(d.account))
}

// verdict returns what was said of an order, and whether something was.
func (d *desk) verdict(ctx context.Context, o store.Order) (said error, ok bool) {
	had := store.Order{ID: o.ID}
	var code *string
	var reason string
	err := d.s.pool.QueryRow(ctx, d.s.target.in("select symbol, side, qty, type, price, tif, code, reason from $.orders where account = $1 and id = $2"),
		d.account, string(o.ID)).Scan(&had.Symbol, &had.Side, &had.Qty, &had.Type, &had.Limit, &had.TIF, &code, &reason)
	switch {
	case err != nil:
		return err, false
	case had != o:
		return store.ErrConflict, true
	case code == nil:
		return nil, false
	}
	return wire.Error(*code, reason), true
}

// await returns a channel that is told when there may be a verdict on an order.
func (s *session) await(k orderKey) (judged <-chan struct{}, forget func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.waiting[k]
	if c == nil {
		c = make(chan struct{}, 1)
		s.waiting[k] = c
	}
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.waiting, k)
	}
}

// judged wakes who waits for the verdict that a notification names.
func (s *session) judged(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, c := range s.waiting {
		if k.account+" "+k.id == key {
			select {
			case c <- struct{}{}:
			default:
			}
		}
	}
}

// Cancel implements store.Desk.
func (d *desk) Cancel(ctx context.Context, id store.OrderID) error {
	ctx, done := d.s.bind(ctx)
	defer done()
	tag, err := d.s.pool.Exec(ctx, d.s.target.in("update $.orders set cancel = true where account = $1 and id = $2"), d.account, string(id))
	if err != nil {
		return d.s.wrap("cancel", err)
	}
	if tag.RowsAffected() == 0 {
		return store.ErrNoOrder
	}
	return d.s.wrap("cancel", d.s.notify(ctx, orderTopic(d.account)))
}

// Account implements store.Desk.
func (d *desk) Account(ctx context.Context) (a store.Account, err error) {
	ctx, done := d.s.bind(ctx)
	defer done()
	var holds []byte
	err = d.s.pool.QueryRow(ctx, d.s.target.in("select holds from $.accounts where account = $1"), d.account).Scan(&holds)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, store.ErrNoAccount
	}
	if err == nil {
		err = json.Unmarshal(holds, &a)
	}
	return a, d.s.wrap("account", err)
}
