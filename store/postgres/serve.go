package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

// Serve trades for an account that others of the database send orders for, through a broker, until
// ctx ends or an order event can't be written for a reason that trying again can't mend. It waits for
// its turn while another process serves the account, and for the server while that is away. What was
// not done when it ended is done by the next that serves the account.
func (d *DB) Serve(ctx context.Context, account string, b store.Broker) error {
	for {
		err := d.serve(ctx, account, b)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err = judge(err); store.IsFatal(err) || errors.Is(err, store.ErrStopped) {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// serve serves an account over one connection.
func (d *DB) serve(ctx context.Context, account string, b store.Broker) error {
	topic := orderTopic(account)
	woken := make(chan struct{}, 1)
	conn, err := d.target.listener(ctx, func(t string) {
		if t == topic {
			wake(woken)
		}
	})
	if err != nil {
		return err
	}
	defer hangUp(conn)
	// The lock is the connection's, and ends with it.
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(hashtextextended($1, 0))", d.target.schema+" serves "+account); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	g := gateway{db: d, account: account, broker: b}
	wake(woken)
	var running sync.WaitGroup
	defer running.Wait()
	run := func(f func() error) { running.Go(func() { cancel(f()) }) }
	run(func() error { return g.events(ctx) })
	run(func() error { return g.orders(ctx, woken) })
	run(func() error {
		for {
			if err := conn.PgConn().WaitForNotification(ctx); err != nil {
				return err
			}
		}
	})
	<-ctx.Done()
	return context.Cause(ctx)
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// A gateway is the serving of one account.
type gateway struct {
	db      *DB
	account string
	broker  store.Broker
}

// events writes down the broker's order events, in their order.
func (g *gateway) events(ctx context.Context) error {
	if err := g.holds(ctx, g.db.pool); err != nil {
		return err
	}
	for e, err := range g.broker.Orders(ctx) {
		if err != nil {
			return err
		}
		if e.Status == store.Unsent {
			continue // it is still in the table, and sent again
		}
		if err := g.event(ctx, e); err != nil {
			return err
		}
	}
	return ctx.Err()
}

type execer interface {
	querier
	Begin(ctx context.Context) (pgx.Tx, error)
}

// event writes down an event, unless it is there, and what the account holds after it.
func (g *gateway) event(ctx context.Context, e store.OrderEvent) error {
	return pgx.BeginFunc(ctx, g.db.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, g.db.target.in(`insert into $.events (account, seq, exec, id, time, status, symbol, side, qty, price, fee, filled, remaining, reason)
			select $1::text, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 from $.events where account = $1
			on conflict (account, exec) do nothing`),
			g.account, e.Exec, string(e.ID), int64(e.Time), int16(e.Status), e.Symbol, int16(e.Side), int64(e.Qty), int64(e.Price), int64(e.Fee), int64(e.Filled), int64(e.Left), e.Reason)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if e.Qty != 0 {
			if err := g.holds(ctx, tx); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, "select pg_notify($1, $2)", g.db.target.schema, eventTopic(g.account))
		return err
	})
}

// holds writes down what the account holds.
func (g *gateway) holds(ctx context.Context, db execer) error {
	a, err := g.broker.Account(ctx)
	if err != nil {
		return err
	}
	holds, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, g.db.target.in("insert into $.accounts values ($1, $2) on conflict (account) do update set holds = excluded.holds"), g.account, holds)
		return err
	})
}

// orders sends the broker what waits in the table, whenever it is woken.
func (g *gateway) orders(ctx context.Context, woken <-chan struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-woken:
		}
		if err := g.waiting(ctx); err != nil {
			return err
		}
	}
}

// waiting sends the orders and cancels that wait, oldest first.
func (g *gateway) waiting(ctx context.Context) error {
	rows, err := g.db.pool.Query(ctx, g.db.target.in(`select id, symbol, side, qty, type, price, tif, code is null, cancel
		from $.orders where account = $1 and (code is null or cancel) order by n`), g.account)
	if err != nil {
		return err
	}
	var list []waitingOrder
	var w waitingOrder
	_, err = pgx.ForEachRow(rows, []any{&w.ID, &w.Symbol, &w.Side, &w.Qty, &w.Type, &w.Limit, &w.TIF, &w.fresh, &w.cancel}, func() error {
		list = append(list, w)
		return nil
	})
	for i := 0; err == nil && i < len(list); i++ {
		err = g.send(ctx, list[i])
	}
	return err
}

type waitingOrder struct {
	store.Order
	fresh, cancel bool
}

// send sends an order or its cancel, and writes the answer down.
func (g *gateway) send(ctx context.Context, w waitingOrder) error {
	if w.fresh {
		_, err := g.broker.Submit(ctx, w.Order)
		if !wire.Settled(err) {
			return err
		}
		code, reason := wire.Code(err)
		if err := g.answer(ctx, w, "code = $3, reason = $4", code, reason); err != nil {
			return err
		}
	}
	if !w.cancel {
		return nil
	}
	if err := g.broker.Cancel(ctx, w.ID); err != nil && !errors.Is(err, store.ErrNoOrder) {
		return err
	}
	return g.answer(ctx, w, "cancel = false")
}

// answer changes an order's row and tells who waits for that.
func (g *gateway) answer(ctx context.Context, w waitingOrder, set string, args ...any) error {
	all := append([]any{g.account, string(w.ID)}, args...)
	statement := fmt.Sprintf("update $.orders set %s where account = $1 and id = $2", set)
	if _, err := g.db.pool.Exec(ctx, g.db.target.in(statement), all...); err != nil {
		return err
	}
	_, err := g.db.pool.Exec(ctx, "select pg_notify($1, $2)", g.db.target.schema, verdictTopic(orderKey{g.account, string(w.ID)}))
	return err
}

// Publish writes down the ticks or bars of a store's subscription as they come, until ctx ends.
// Bars must begin after those that are there.
func (d *DB) Publish(ctx context.Context, s *store.Store, sub store.Sub) error {
	return wire.Follow(ctx, s, sub, func(events []store.Event) error {
		if sub.Kind == store.Bars {
			bars := make([]store.Bar, len(events))
			for i, e := range events {
				bars[i] = e.Bar()
			}
			return d.Bars(ctx, sub.Symbol, sub.Interval, bars...)
		}
		ticks := make([]store.Tick, len(events))
		for i, e := range events {
			ticks[i] = e.Tick()
		}
		_, err := d.Ticks(ctx, sub.Symbol, ticks...)
		return err
	}, store.WithRing(1<<16, store.DropOldest))
}
