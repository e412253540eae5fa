// Package fix is a driver of package store for venues that speak FIX 4.4, and a server that makes such a
// venue of any other: an acceptor, which it is tested with.
//
//	import _ "github.com/whetgo/whet/store/fix"
//
//	p, err := store.Parse("fix://DU1@venue.example:9876?sender=FUND&target=VENUE")
//	s, err := store.Open(ctx, p, store.WithSecret("password", password))
//
// Params.Addr is host:port, and Params.Account the account that is traded. Params.Extra may name the
// two ends (sender, the account otherwise; target, VENUE otherwise), the user to log on as (user) and
// tls=require. The secret "password" is the user's. There is one session of two ends at a time in a
// process, so that stores of one account with different Params.Client want different senders.
//
// # Messages
//
// Orders are NewOrderSingle and OrderCancelRequest. What happens to them comes as ExecutionReports, whose
// number in the account is tag 5001. The answer to an order is a report of ExecType I, the order's status, or
// Rejected with the reason 6 if its ClOrdID is taken by another order; to a cancel it is a status, too, or an
// OrderCancelReject.
//
// FIX 4.4 has no bars and no replay of reports, so these, ticks and the account are asked for by
// user-defined messages, with JSON or records (package wire) in base64: U1 asks, U2 answers, and U3 has market
// data. A venue that knows only the standard messages can be traded with, and has no data.
//
// Sequence numbers begin anew with each session: what was missed is asked for by the number of the
// report, which is known to the store and outlives both processes.
//
// # The version of quickfix
//
// It is pinned to v0.9.1. From v0.9.2 to v0.9.10, the newest that was tried, a session that has several
// messages to send spins, with its lock held, until its writer is ready: of 8 orders in flight at
// GOMAXPROCS=1, some 20 a second are sent instead of 11,000. TestNoSpin fails if that comes back.
//
// Sessions of quickfix begin at whole seconds, so that dialling takes up to a second.
package fix
