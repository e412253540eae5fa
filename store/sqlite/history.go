package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/whetgo/whet/store"
)

const batch = 1024 // bars

func (s *session) History(ctx context.Context, q store.Query, f func([]store.Bar) error) error {
	n := 0
	err := s.bars(ctx, q, func(bars []store.Bar) error { n += len(bars); return f(bars) })
	if err != nil || n > 0 {
		return err
	}
	return s.known(ctx, q.Symbol)
}

// known returns nil if there is a bar of a symbol.
func (s *session) known(ctx context.Context, symbol string) error {
	var one int
	err := s.db.QueryRowContext(ctx, "select 1 from "+s.table.name+" where symbol = ? limit 1", symbol).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("sqlite: %.40q: %w", symbol, store.ErrNoSymbol)
	}
	return err
}

// bars calls f with the bars of a query. It reads rows below database/sql, whose conversions
// take as long as SQLite itself.
func (s *session) bars(ctx context.Context, q store.Query, f func([]store.Bar) error) error {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	defer c.Close()
	var own error // of f or of the data, which must not make the connection be thrown away
	err = c.Raw(func(conn any) error {
		rows, err := conn.(driver.QueryerContext).QueryContext(ctx,
			"select time, open, high, low, close, volume from "+s.table.name+
				" where symbol = ? and interval = ? and time >= ? and time < ? order by time",
			[]driver.NamedValue{{Ordinal: 1, Value: q.Symbol}, {Ordinal: 2, Value: int64(q.Interval)},
				{Ordinal: 3, Value: int64(q.From)}, {Ordinal: 4, Value: int64(q.To)}})
		if err != nil {
			return fmt.Errorf("sqlite: %w", err)
		}
		defer rows.Close()
		own = s.read(ctx, q, rows, f)
		return nil
	})
	if own != nil {
		return own
	}
	return err
}

// read calls f with the bars of rows, in batches.
func (s *session) read(ctx context.Context, q store.Query, rows driver.Rows, f func([]store.Bar) error) error {
	bars := make([]store.Bar, 0, max(1, min(batch, int64(q.To-q.From)/int64(q.Interval)+1)))
	values := make([]driver.Value, 6)
	for {
		err := rows.Next(values)
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("sqlite: %w", err)
		}
		b, err := s.table.bar(values)
		if err != nil {
			return fmt.Errorf("sqlite: %s, table %s, symbol %.40q: %w", s.file, s.table.name, q.Symbol, err)
		}
		if bars = append(bars, b); len(bars) == cap(bars) {
			if err := f(bars); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			bars = bars[:0]
		}
	}
	if len(bars) == 0 {
		return nil
	}
	return f(bars)
}
