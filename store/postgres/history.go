package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/whetgo/whet/store"
)

const batch = 1024 // bars or ticks

// A querier is a connection, a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// History implements store.Session.
func (s *session) History(ctx context.Context, q store.Query, f func([]store.Bar) error) error {
	ctx, done := s.bind(ctx)
	defer done()
	n := 0
	err := s.target.bars(ctx, s.pool, q, func(bars []store.Bar) error { n += len(bars); return f(bars) })
	if err == nil && n == 0 {
		err = s.known(ctx, q.Symbol)
	}
	return s.wrap("history", err)
}

// known returns nil if there is a bar or a tick of a symbol.
func (s *session) known(ctx context.Context, symbol string) error {
	var is bool
	err := s.pool.QueryRow(ctx, s.target.in("select exists (select from $.bars where symbol = $1) or exists (select from $.ticks where symbol = $1)"), symbol).Scan(&is)
	if err == nil && !is {
		return store.ErrNoSymbol
	}
	return err
}

// bars calls f with the bars of a query. It decodes what the server sends by itself, since pgx takes
// longer to scan a row than the server to find it.
func (t target) bars(ctx context.Context, db querier, q store.Query, f func([]store.Bar) error) error {
	rows, err := db.Query(ctx, t.in("select time, open, high, low, close, volume from $.bars where symbol = $1 and interval = $2 and time >= $3 and time < $4 order by time"),
		q.Symbol, int64(q.Interval), int64(q.From), int64(q.To))
	if err != nil {
		return err
	}
	defer rows.Close()
	bars := make([]store.Bar, 0, max(1, min(batch, int64(q.To-q.From)/int64(q.Interval)+1)))
	for rows.Next() {
		w, err := words(rows.RawValues())
		if err != nil {
			return err
		}
		bars = append(bars, store.Bar{Time: store.Time(w[0]), Open: store.Price(w[1]), High: store.Price(w[2]), Low: store.Price(w[3]),
			Close: store.Price(w[4]), Volume: store.Volume(math.Float64frombits(w[5]))})
		if len(bars) == cap(bars) {
			if err := f(bars); err != nil {
				return err
			}
			bars = bars[:0]
		}
	}
	if err := rows.Err(); err != nil || len(bars) == 0 {
		return err
	}
	return f(bars)
}

var errFormat = errors.New("a column is null, or has not eight bytes")

// words returns a row of six columns of eight bytes each.
func words(row [][]byte) (w [6]uint64, err error) {
	if len(row) != len(w) {
		return w, fmt.Errorf("%d columns", len(row))
	}
	for i, column := range row {
		if len(column) != 8 {
			return w, errFormat
		}
		w[i] = binary.BigEndian.Uint64(column)
	}
	return w, nil
}

// ticks calls f with the ticks of a symbol whose numbers are above after.
func (t target) ticks(ctx context.Context, db querier, symbol string, after uint64, f func([]store.Event)) error {
	rows, err := db.Query(ctx, t.in("select time, seq, bid, ask, last, size from $.ticks where symbol = $1 and seq > $2 order by seq"), symbol, int64(after))
	if err != nil {
		return err
	}
	defer rows.Close()
	var events []store.Event
	for rows.Next() {
		w, err := words(rows.RawValues())
		if err != nil {
			return err
		}
		events = append(events, store.TickEvent(store.Tick{Time: store.Time(w[0]), Seq: w[1], Bid: store.Price(w[2]), Ask: store.Price(w[3]),
			Last: store.Price(w[4]), Size: store.Qty(w[5])}))
		if len(events) == batch {
			f(events)
			events = events[:0]
		}
	}
	if err := rows.Err(); err != nil || len(events) == 0 {
		return err
	}
	f(events)
	return nil
}
