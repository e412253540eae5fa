// Package postgres is a driver of package store for PostgreSQL, from version 12: bars and ticks in tables,
// told to all processes as they come, and orders through tables.
//
//	import _ "github.com/whetgo/whet/store/postgres"
//
//	p, err := store.Parse("postgres://DU1@db.example:5432/market?user=trader")
//	s, err := store.Open(ctx, p, store.WithSecret("password", password))
//
// Open makes and fills the tables; Serve trades for the accounts that other processes of the database
// send orders for.
//
// # Parameters
//
// Params.Addr is host:port/database, and Params.Account the account that is traded. Params.Extra may
// name the user of the database (user), the schema (schema, whet otherwise), the most connections for
// queries (conns, 4 otherwise, and there is one more to listen), and how TLS is used (sslmode, as
// PostgreSQL's clients have it). The secret "password" is the user's.
//
// A wrong password, a database that is not there and a schema that is not ours are final: the store
// does not try again. The latter is a *SchemaError.
//
// # Live data
//
// Who appends bars or ticks notifies the channel of the schema, and who is subscribed then reads what is new.
// While a session lasts nothing is lost or doubled: the tables are the truth, and a notification only
// says where to look. Ticks are numbered by who appends them, and so a store knows what it missed
// between two sessions. Bars missed then are fetched by the store.
//
// # Orders
//
// Submit writes an order down and waits until the process that serves the account has taken or refused
// it. An order, once written, is not lost if that process, this one or the server is killed:
// whoever serves the account next finds it. Order events are written with their numbers, and read again
// from the last that is known. One process serves an account at a time; others wait for their turn.
package postgres
