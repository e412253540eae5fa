package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/whetgo/whet/store"
)

// A DB writes to the tables. Any goroutine may use it.
type DB struct {
	target target
	pool   *pgxpool.Pool
}

// Open connects to a database for writing, and makes the schema and its tables if they are not there.
// The password may be "" where the server wants none.
func Open(ctx context.Context, p store.Params, password string) (*DB, error) {
	t, err := parse(p, password)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, t.config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	d := &DB{t, pool}
	if err = d.create(ctx); err == nil {
		err = t.check(ctx, pool)
	}
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return d, nil
}

// Close closes the connections.
func (d *DB) Close() { d.pool.Close() }

// create makes the tables, one process at a time: "if not exists" does not wait for others.
func (d *DB) create(ctx context.Context) error {
	return pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtext($1))", "whet schema "+d.target.schema); err != nil {
			return err
		}
		var there bool
		if err := tx.QueryRow(ctx, "select exists (select from information_schema.tables where table_schema = $1)", d.target.schema).Scan(&there); err != nil || there {
			return err
		}
		_, err := tx.Exec(ctx, strings.ReplaceAll(d.target.in(tables), "$schema", d.target.schema))
		return err
	})
}

// Bars adds bars to those of a symbol and interval, all or none, and tells who is subscribed. They
// must be in order and begin after the bars that are there: a *store.DataError says which does not.
func (d *DB) Bars(ctx context.Context, symbol string, interval time.Duration, bars ...store.Bar) error {
	sub := store.Sub{Symbol: symbol, Kind: store.Bars, Interval: interval}
	if err := sub.Check(); err != nil || len(bars) == 0 {
		return err
	}
	return d.write(ctx, topicOf(sub), func(tx pgx.Tx) error {
		var last store.Time
		err := tx.QueryRow(ctx, d.target.in("select coalesce(max(time), 0) from $.bars where symbol = $1 and interval = $2"), symbol, int64(interval)).Scan(&last)
		if err != nil {
			return err
		}
		if err := store.CheckAfter(last, interval, bars); err != nil {
			return err
		}
		columns := []string{"symbol", "interval", "time", "open", "high", "low", "close", "volume"}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{d.target.schema, "bars"}, columns, pgx.CopyFromSlice(len(bars), func(i int) ([]any, error) {
			b := &bars[i]
			return []any{symbol, int64(interval), int64(b.Time), int64(b.Open), int64(b.High), int64(b.Low), int64(b.Close), float64(b.Volume)}, nil
		}))
		return err
	})
}

// Ticks adds ticks of a symbol, numbers them, and tells who is subscribed. It returns the number of
// the last. A tick that has a number keeps it if it is above those that are there, and is left out otherwise, so
// that what another venue numbered may be written twice.
func (d *DB) Ticks(ctx context.Context, symbol string, ticks ...store.Tick) (last uint64, err error) {
	sub := store.Sub{Symbol: symbol}
	if err := sub.Check(); err != nil {
		return 0, err
	}
	err = d.write(ctx, topicOf(sub), func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, d.target.in("select coalesce(max(seq), 0) from $.ticks where symbol = $1"), symbol).Scan(&last); err != nil {
			return err
		}
		var rows [][]any
		for _, t := range ticks {
			if t.Seq != 0 && t.Seq <= last {
				continue
			}
			last = max(last+1, t.Seq)
			rows = append(rows, []any{symbol, int64(last), int64(t.Time), int64(t.Bid), int64(t.Ask), int64(t.Last), int64(t.Size)})
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{d.target.schema, "ticks"}, []string{"symbol", "seq", "time", "bid", "ask", "last", "size"}, pgx.CopyFromRows(rows))
		return err
	})
	return last, err
}

// write does what f does in a transaction, alone among writers of a topic, and notifies it.
func (d *DB) write(ctx context.Context, topic string, f func(tx pgx.Tx) error) error {
	if len(topic) > maxTopic {
		return &store.ParamError{Name: "symbol", Problem: "too long"}
	}
	err := pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended($1, 0)), pg_notify($2, $3)", d.target.schema+" "+topic, d.target.schema, topic); err != nil {
			return err
		}
		return f(tx)
	})
	if err != nil {
		return fmt.Errorf("postgres: %s: %w", topic, err)
	}
	return nil
}
