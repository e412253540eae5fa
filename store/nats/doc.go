// Package nats is a driver of package store for NATS with JetStream, from version 2.10: bars and ticks
// of one upstream for many machines, and orders through the process that has the upstream.
//
//	import _ "github.com/whetgo/whet/store/nats"
//
//	p, err := store.Parse("nats://DU1@bus.example:4222?user=trader")
//	s, err := store.Open(ctx, p, store.WithSecret("password", password))
//
// One process has the store of the real venue and publishes it:
//
//	hub, err := nats.Open(ctx, p, password)
//	go hub.Publish(ctx, upstream, store.Sub{Symbol: "ES"})
//	go hub.Serve(ctx, "DU1", broker)
//
// # Parameters
//
// Params.Addr is host:port, and Params.Account the account that is traded. Params.Extra may name the
// user (user), the first word of all subjects (prefix, whet otherwise), and tls=require. The secret
// "password" is the user's, and "token" a token. A wrong password is final: the store does not try again. While
// there are no streams, because nobody has called Open yet, it does.
//
// # Subjects
//
//	whet.ticks.ES             ticks, any number of records of 48 bytes a message (package wire)
//	whet.bars.60000000000.ES  bars of a minute, the same way; kept in the stream WHET_BARS
//	whet.events.DU1           order events as JSON; kept in the stream WHET_EVENTS
//	whet.orders.DU1           requests to the process that serves the account
//
// Ticks are not kept: who is away when they are published knows by their numbers how many it missed.
// Bars and order events are kept, and what was missed is read again.
//
// A server that is killed may lose what it has acknowledged in the last moments, unless it is told
// to write before it does (sync_interval: always). Order events that it loses so are published again by
// Serve.
package nats
