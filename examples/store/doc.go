// Package store is the house of programs that use package store with its drivers; each is run by a test.
//
//	twenty     twenty strategies share one PostgreSQL store
//	survivor   a live feed survives a restart of the server, and its gap is filled
//	fanout     one process publishes over NATS, and others read
//	accounts   two accounts of one venue, side by side
//	backtest   a strategy over a million bars of a Parquet file
package store
