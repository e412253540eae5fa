package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/whetgo/whet/store"
)

// A DB is a file of bars that is written to. Any goroutine may use it.
type DB struct {
	db    *sql.DB
	table table
}

// Create opens a file for writing, and makes it and its table if they are not there. If the
// table is "" it is named bars. The file is put in WAL mode, so that readers go on while
// somebody writes.
func Create(ctx context.Context, path, tableName string) (*DB, error) {
	if tableName == "" {
		tableName = "bars"
	}
	if path == "" || !isName(tableName) {
		return nil, &store.ParamError{Name: "path or table", Problem: "not a path, or not a name of letters, digits and _"}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	_ = f.Close()
	db, err := open(path, "rw")
	if err != nil {
		return nil, err
	}
	var mode string
	if err = db.QueryRowContext(ctx, "pragma journal_mode = wal").Scan(&mode); err == nil {
		_, err = db.ExecContext(ctx, fmt.Sprintf(schema, tableName))
	}
	if err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	t, err := readSchema(ctx, db, tableName)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return &DB{db, t}, nil
}

// Append adds bars to those of a symbol and interval, all or none. They must be in order and
// begin after the bars that are there: a *store.DataError says which does not. When Append has returned they are
// in the file even if the process is killed; SQLite may lose the last ones if the machine's power fails.
func (d *DB) Append(ctx context.Context, symbol string, interval time.Duration, bars []store.Bar) error {
	if err := (store.Sub{Symbol: symbol, Kind: store.Bars, Interval: interval}).Check(); err != nil {
		return err
	}
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	if err = d.append(ctx, tx, symbol, interval, bars); err == nil {
		err = tx.Commit()
	}
	if err != nil {
		_ = tx.Rollback()
		return fmt.Errorf("sqlite: %w", err)
	}
	return nil
}

func (d *DB) append(ctx context.Context, tx *sql.Tx, symbol string, interval time.Duration, bars []store.Bar) error {
	last, err := lastTime(ctx, tx, d.table.name, symbol, interval)
	if err != nil {
		return err
	}
	if err := store.CheckAfter(last, interval, bars); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, "insert into "+d.table.name+
		" (symbol, interval, time, open, high, low, close, volume) values (?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, b := range bars {
		row := []any{symbol, int64(interval), int64(b.Time), int64(b.Open), int64(b.High), int64(b.Low), int64(b.Close), float64(b.Volume)}
		if d.table.decimal {
			row[3], row[4], row[5], row[6] = b.Open.Float(), b.High.Float(), b.Low.Float(), b.Close.Float()
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return nil
}

func lastTime(ctx context.Context, tx *sql.Tx, table, symbol string, interval time.Duration) (store.Time, error) {
	var last int64
	err := tx.QueryRowContext(ctx, "select time from "+table+" where symbol = ? and interval = ? order by time desc limit 1",
		symbol, int64(interval)).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return store.Time(last), err
}

// Close closes the file.
func (d *DB) Close() error { return d.db.Close() }
