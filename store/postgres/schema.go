package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/whetgo/whet/store"
)

// A SchemaError says why the tables of a schema are not ours.
type SchemaError struct{ Schema, Problem string }

func (e *SchemaError) Error() string { return "postgres: schema " + e.Schema + ": " + e.Problem }

// tables makes the schema. Times are nanoseconds since 1970, prices, quantities and money steps of
// 1e-8; only volumes are floating.
const tables = `
create schema if not exists $schema;
create table if not exists $.bars (
	symbol text not null, interval bigint not null, time bigint not null,
	open bigint not null, high bigint not null, low bigint not null, close bigint not null,
	volume double precision not null, primary key (symbol, interval, time));
create table if not exists $.ticks (
	symbol text not null, seq bigint not null, time bigint not null,
	bid bigint not null, ask bigint not null, last bigint not null, size bigint not null,
	primary key (symbol, seq));
create table if not exists $.orders (
	account text not null, id text not null, symbol text not null, side smallint not null,
	qty bigint not null, type smallint not null, price bigint not null, tif smallint not null,
	code text, reason text not null default '', cancel boolean not null default false,
	n bigserial, primary key (account, id));
create index if not exists orders_open on $.orders (account, n) where code is null or cancel;
create table if not exists $.events (
	account text not null, seq bigint not null, exec text not null, id text not null, time bigint not null,
	status smallint not null, symbol text not null, side smallint not null, qty bigint not null,
	price bigint not null, fee bigint not null, filled bigint not null, remaining bigint not null,
	reason text not null, primary key (account, seq), unique (account, exec));
create table if not exists $.accounts (account text primary key, holds jsonb not null);
`

// wanted are the columns that a reader needs, by table.
var wanted = map[string]string{
	"bars":     "symbol interval time open high low close volume",
	"ticks":    "symbol seq time bid ask last size",
	"orders":   "account id symbol side qty type price tif code reason cancel n",
	"events":   "account seq exec id time status symbol side qty price fee filled remaining reason",
	"accounts": "account holds",
}

// types are those of the columns that are not bigint.
var types = map[string]string{
	"symbol": "text", "account": "text", "id": "text", "exec": "text", "reason": "text", "code": "text",
	"volume": "double precision", "holds": "jsonb", "cancel": "boolean",
	"side": "smallint", "type": "smallint", "tif": "smallint", "status": "smallint",
}

// check returns a *SchemaError if the tables are not those that are made by Open.
func (t target) check(ctx context.Context, pool *pgxpool.Pool) error {
	rows, err := pool.Query(ctx, "select table_name::text, column_name::text, data_type::text from information_schema.columns where table_schema = $1", t.schema)
	if err != nil {
		return err
	}
	found := make(map[[2]string]string)
	var table, column, kind string
	_, err = pgx.ForEachRow(rows, []any{&table, &column, &kind}, func() error {
		found[[2]string{table, column}] = kind
		return nil
	})
	if err != nil {
		return err
	}
	for table, columns := range wanted {
		for column := range strings.FieldsSeq(columns) {
			if err := t.checkColumn(found, table, column); err != nil {
				return store.Fatal(err)
			}
		}
	}
	return nil
}

func (t target) checkColumn(found map[[2]string]string, table, column string) error {
	want := types[column]
	if want == "" {
		want = "bigint"
	}
	switch got := found[[2]string{table, column}]; {
	case len(found) == 0:
		return &SchemaError{t.schema, "there is none (Open makes it)"}
	case got == "":
		return &SchemaError{t.schema, "there is no column " + table + "." + column}
	case got != want:
		return &SchemaError{t.schema, fmt.Sprintf("column %s.%s is %s, want %s", table, column, got, want)}
	}
	return nil
}
