package storetest

import (
	"cmp"
	"testing"
	"time"
)

// Run runs the suite. Each test starts a venue of its own.
func Run(t *testing.T, h Harness) {
	for _, c := range []struct {
		name string
		run  func(*rig)
		ping time.Duration // 0: long
	}{
		{name: "history", run: history},
		{name: "history/unknown", run: unknownSymbol},
		{name: "history/cancelled", run: cancelledHistory},
		{name: "history/once", run: sharedHistory},
		{name: "bars/live", run: liveBars},
		{name: "bars/cut", run: cutBars},
		{name: "bars/restart", run: restartBars},
		{name: "bars/mute", run: muteBars, ping: 300 * time.Millisecond},
		{name: "bars/refuse", run: refuseBars},
		{name: "bars/disorder", run: disorderBars},
		{name: "ticks", run: liveTicks},
		{name: "ticks/cut", run: cutTicks},
		{name: "ticks/disorder", run: disorderTicks},
		{name: "nofeed", run: noFeed},
		{name: "orders", run: orders},
		{name: "orders/idempotent", run: idempotent},
		{name: "orders/reject", run: rejected},
		{name: "orders/cut", run: cutOrders},
		{name: "orders/restart", run: restartOrders},
		{name: "orders/replayed", run: replayed},
		{name: "nobroker", run: noBroker},
		{name: "startstop", run: startStop},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Cleanup(func() { noGoroutines(t, nil) }) // the last to be run
			ask(c.run, h.rig(t, cmp.Or(c.ping, 10*time.Second)))
		})
	}
	t.Run("session", func(t *testing.T) {
		t.Cleanup(func() { noGoroutines(t, nil) })
		session(t, h.Start(t))
	})
}

// unasked is what a test panics with that asks for what the venue can't do.
type unasked struct{}

// unasked ends the test: what a venue does not say it can do is not asked of it, and it is no skip either.
func (r *rig) unasked() { panic(unasked{}) }

// ask runs a test until its end, or until it is unasked.
func ask(run func(*rig), r *rig) {
	defer func() {
		if p := recover(); p != nil && p != (unasked{}) {
			panic(p)
		}
	}()
	run(r)
}
