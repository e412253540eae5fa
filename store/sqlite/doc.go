// Package sqlite is a driver of package store for bars in an SQLite file: an embedded
// database, without a server and without cgo.
//
//	import _ "github.com/whetgo/whet/store/sqlite"
//
//	p, err := store.Parse("sqlite:///var/lib/bars.db?table=bars")
//	s, err := store.Open(ctx, p)
//	bars, err := s.Bars(ctx, store.Query{Symbol: "ES", Interval: time.Minute, From: from, To: to})
//
// Create makes such a file, and DB.Append writes to it, while any number of processes read.
//
// # Parameters
//
// Params.Addr is the path of the file, which must exist. Params.Extra may name the table,
// which is bars otherwise, and how often the file is looked at for new bars as long as some
// are subscribed to (poll, 50ms otherwise). There are no accounts and no secrets.
//
// # Schema
//
//	create table bars (
//		symbol   text    not null,
//		interval integer not null, -- nanoseconds
//		time     integer not null, -- nanoseconds since 1970, when the bar begins
//		open     integer not null, -- steps of 1e-8, as store.Price
//		high     integer not null,
//		low      integer not null,
//		close    integer not null,
//		volume   real    not null,
//		primary key (symbol, interval, time)
//	) without rowid
//
// A table or view of others serves as well if it has these columns. If its prices are
// declared real they are taken as decimals, and rounded to 1e-8. What is missing or declared
// otherwise is a *SchemaError, and final. A row that can't be a bar is an error that names
// it by its symbol and time.
//
// # Live bars
//
// A subscription to bars tells of those that are appended by any process of the machine. It
// costs a look at the file's change counter every poll, and a query when that has changed.
// There are no ticks and no orders.
package sqlite
