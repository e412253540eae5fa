// Package sim is a venue inside the process, for tests, examples and back-tests: it is
// deterministic for a seed, trades against a real order book with fees, and has faults on
// request: lost connections, silence, refusal, slowness, duplicates, disorder, restarts and
// rejected orders.
//
//	import _ "github.com/whetgo/whet/store/sim"
//
//	s, err := store.Open(ctx, store.Params{Driver: "sim", Addr: "demo", Account: "DU1"})
//
// The Addr names the venue. Where no venue was made under it by New, the first dial makes one
// whose market is generated: any symbol is traded there, and Extra may set its seed
// (seed=7). Of a venue made by New the caller has the reins.
//
// A venue keeps accounts, orders and bars whatever happens to its connections, as a real one
// does. It numbers ticks and order events.
package sim
