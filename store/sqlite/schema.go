package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/whetgo/whet/store"
)

// A SchemaError says why a table can't be one of bars.
type SchemaError struct{ Table, Problem string }

func (e *SchemaError) Error() string { return "sqlite: table " + e.Table + ": " + e.Problem }

const schema = `create table if not exists %s (
	symbol text not null, interval integer not null, time integer not null,
	open integer not null, high integer not null, low integer not null, close integer not null,
	volume real not null, primary key (symbol, interval, time)
) without rowid`

// A table is one of bars.
type table struct {
	name    string
	decimal bool // prices are decimals, not steps of 1e-8
}

// isName reports whether s can stand in a statement as it is.
func isName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" && (s[0] < '0' || s[0] > '9')
}

// readSchema returns the table of a name if its columns are those of bars.
func readSchema(ctx context.Context, db *sql.DB, name string) (table, error) {
	types, err := columns(ctx, db, name)
	if err != nil {
		return table{}, err
	}
	t := table{name: name, decimal: types["open"] == "REAL"}
	price := "INTEGER"
	if t.decimal {
		price = "REAL"
	}
	for _, c := range []struct{ name, types string }{
		{"symbol", "TEXT"}, {"interval", "INTEGER"}, {"time", "INTEGER"},
		{"open", price}, {"high", price}, {"low", price}, {"close", price}, {"volume", "REAL INTEGER"},
	} {
		got, ok := types[c.name]
		if len(types) == 0 {
			return t, store.Fatal(&SchemaError{name, "there is none"})
		}
		if !ok {
			return t, store.Fatal(&SchemaError{name, "has no column " + c.name})
		}
		if !strings.Contains(" "+c.types+" ", " "+got+" ") {
			return t, store.Fatal(&SchemaError{name, fmt.Sprintf("column %s is declared %.20q, want %s", c.name, got, c.types)})
		}
	}
	return t, nil
}

// columns returns the declared types of a table's columns, in upper case.
func columns(ctx context.Context, db *sql.DB, table string) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, "select lower(name), upper(type) from pragma_table_info(?)", table)
	if err != nil {
		return nil, store.Fatal(fmt.Errorf("sqlite: %w", err)) // it is no database
	}
	defer rows.Close()
	types := make(map[string]string)
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, err
		}
		types[name] = kind
	}
	return types, rows.Err()
}
