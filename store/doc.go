// Package store is a trading store: one shared connection to a venue from which any number
// of strategies take bars, ticks, orders and notes.
//
//	s, err := store.Open(ctx, store.Params{Driver: "sim", Addr: "demo", Account: "DU1"})
//	bars, err := s.Bars(ctx, store.Query{Symbol: "ES", Interval: time.Minute, From: from, To: to})
//	feed, err := s.Feed(ctx, store.Sub{Symbol: "ES", Kind: store.Ticks})
//	for e, err := range feed.All(ctx) { ... }
//
// # Model
//
// Params are the identity of a store: equal Params, one live store, however many open it. The
// *Store is held weakly: when nobody holds it, nor a feed, broker or cursor of it, its
// connection is closed and counted in Leaked. Opening connects nothing; the first use does, or
// Start. A connection that is lost is dialled again, for as long as the store is not stopped,
// with exponential back-off and full jitter; what was subscribed is subscribed again, the gap
// is marked in the feeds and, for bars, filled from history, and orders are reconciled before
// the store is Live again.
//
// A venue is reached through a Driver, which is registered by name as in database/sql: import
// store/sim for the embedded venue with faults, store/file for files, or a module below store
// for databases, streams and protocols.
//
// # What is lost, and what is not
//
// Order events reach every reader, each once and in order, whatever the connection does; a
// reader that is too slow for the bound is told so and ends, and is not skipped. Market events
// may be dropped, by the policy each feed chose; the feed is told how many and where, and
// what was delivered, dropped and is pending is at every moment what was published.
//
// # When not to use it
//
// For one strategy on one file a loop over the file is simpler. The store is not a database:
// it caches bars, and keeps nothing over a restart of the process; see the drivers for that.
package store
