package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/whetgo/whet/internal/robust"
	"github.com/whetgo/whet/store"
)

// Schedules has a store survive count schedules of ten faults each, and tells how long it took to be Live
// again after those that it lost its connection by.
func Schedules(t *testing.T, h Harness, count int) {
	var took []time.Duration
	for seed := range count {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			ds := Schedule(t, h, uint64(seed), 10)
			t.Logf("Live again after %v", ds)
			took = append(took, ds...)
		})
	}
	if len(took) > 0 {
		t.Logf("%d schedules, connection lost %d times: Live again after %v in the middle, %v at 99 %%, %v at most",
			count, len(took), robust.Quantile(took, 0.5), robust.Quantile(took, 0.99), slices.Max(took))
	}
}

// Schedule has a store survive n faults of a venue that come by chance, always the same for a seed,
// while bars and ticks are published and orders sent. No order event may be lost or told twice, each tick
// must be delivered or told to be missing, and bars must be those of the source. It returns how long
// the store took to be Live again after the end of each fault that it lost its connection by.
func Schedule(t *testing.T, h Harness, seed uint64, n int) []time.Duration {
	t.Cleanup(func() { noGoroutines(t, nil) })
	r := h.rig(t, 250*time.Millisecond)
	w := &weather{rig: r, rng: rand.New(rand.NewPCG(seed, 0x73746f726d)), source: MakeBars(seed, Begin, minute, 10_000)}
	r.Bars("ABC", minute, w.source[:3]...)
	w.bars = 3
	w.barFeed = r.open(barsOf("ABC"), store.WithRing(1<<14, store.DropOldest))
	w.tickFeed = r.open(ticksOf("ABC"), store.WithRing(1<<14, store.DropOldest))
	w.begin()
	w.trader = r.trade()
	w.phases = r.s.Notes(store.InfoNotes)
	for range n {
		w.strike()
	}
	r.phase(store.Live)
	took := w.recoveries()
	w.settle()
	return took
}

// begin publishes bars and ticks until one of each was told. A connection that is lost before on a busy machine
// is no fault of the schedule: there is nothing yet that a reader could miss, as the bars are of long ago.
func (w *weather) begin() {
	w.eventually("a bar and a tick", func() error {
		w.bar()
		w.tick(1)
		w.barFeed.drain()
		w.tickFeed.drain()
		if len(w.barFeed.bars) == 0 || len(w.tickFeed.ticks) == 0 {
			return fmt.Errorf("%d bars and %d ticks; store %v", len(w.barFeed.bars), len(w.tickFeed.ticks), w.s.State())
		}
		return nil
	})
	w.firstBar = slices.Index(w.source, w.barFeed.bars[0])
	w.firstTick = w.tickFeed.ticks[0].Seq
}

// A calm is the time between two faults.
type calm struct{ from, to store.Time }

// recoveries returns, for each calm that began without a connection or lost it, how long after its begin
// the store was Live for good. Where that was not before the next fault it says nothing.
func (w *weather) recoveries() (took []time.Duration) {
	w.calms[len(w.calms)-1].to = store.At(time.Now())
	notes, err := w.phases.Drain(nil)
	if err != nil || len(notes) > 0 && notes[0].Missed > 0 {
		w.Errorf("notes are missing: %v", err)
	}
	for _, c := range w.calms {
		var last store.Note
		for _, n := range notes {
			if n.Time >= c.from && n.Time <= c.to {
				last = n
			}
		}
		if last.Text == store.Live.String() {
			took = append(took, last.Time.Sub(c.from))
		}
	}
	return took
}

// A weather is what goes on at a venue during a schedule.
type weather struct {
	*rig
	rng               *rand.Rand
	source            []store.Bar
	bars              int    // published
	ticks             uint64 // published
	firstBar          int    // of the source that was told
	firstTick         uint64 // number of the first that was told
	orders            int    // sent
	open              []store.Order
	phases            *store.Cursor
	calms             []calm
	barFeed, tickFeed *reader
	trader            *trader
}

// strike lets one fault come and go, with market and orders meanwhile and after.
func (w *weather) strike() {
	kinds := []Fault{Cut, Cut, Refuse, Mute, Slow, Duplicate, Reorder, Restart}
	kind := kinds[w.rng.IntN(len(kinds))]
	set := w.Faults[kind]
	if set == nil {
		kind, set = Cut, w.Faults[Cut]
	}
	if n := len(w.calms); n > 0 {
		w.calms[n-1].to = store.At(time.Now())
	}
	set(true)
	healed := store.At(time.Now())
	w.pause()
	if kind != Restart { // a venue that is down publishes nothing
		w.life()
	}
	w.order()
	w.pause()
	if kind != Cut {
		set(false)
		healed = store.At(time.Now())
	}
	w.calms = append(w.calms, calm{from: healed})
	w.life()
	w.order()
}

// pause waits for up to 40 ms: long enough for some faults to be noticed, and too short for others. Now and then it
// is longer than silence is tolerated.
func (w *weather) pause() {
	d := time.Duration(w.rng.Int64N(int64(40 * time.Millisecond)))
	if w.rng.IntN(8) == 0 {
		d += 400 * time.Millisecond
	}
	select {
	case <-time.After(d):
	case <-w.ctx.Done():
	}
}

func (w *weather) life() {
	for range w.rng.IntN(4) {
		w.bar()
	}
	w.tick(w.rng.IntN(60))
}

func (w *weather) bar() {
	w.Bars("ABC", minute, w.source[w.bars])
	w.bars++
}

func (w *weather) tick(n int) {
	if n == 0 {
		return
	}
	w.Ticks("ABC", MakeTicks(uint64(n), w.ticks+1, n)...)
	w.ticks += uint64(n)
}

// order sends an order with little patience. What is not known to have come to the venue stays open.
func (w *weather) order() {
	o := w.trader.order(fmt.Sprint("o", w.orders), store.Buy, 101)
	w.orders++
	if !w.send(o, time.Duration(1+w.rng.IntN(80))*time.Millisecond) {
		w.open = append(w.open, o)
	}
}

// send reports whether the venue is known to have an order.
func (w *weather) send(o store.Order, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	_, err := w.trader.broker.Submit(ctx, o)
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrRejected) {
		w.Errorf("order %s: %v", o.ID, err)
	}
	return err == nil
}

// settle sends what is open again, and demands that all is told.
func (w *weather) settle() {
	w.eventually("all orders to be taken", func() error {
		w.open = slices.DeleteFunc(w.open, func(o store.Order) bool { return w.send(o, time.Second) })
		if len(w.open) > 0 {
			return fmt.Errorf("%d are open", len(w.open))
		}
		return nil
	})
	w.trader.whole()
	if got := w.filled(); got != w.orders {
		w.Errorf("%d orders were filled %d times", w.orders, got)
	}
	w.eventually("all bars", func() error {
		w.bar() // a gap is noticed by what comes after it
		w.barFeed.drain()
		if got, want := w.barFeed.bars, w.source[w.firstBar:w.bars]; len(got) < len(want) {
			return fmt.Errorf("%d bars, want %d", len(got), len(want))
		} else if !slices.Equal(got, want) {
			w.Fatalf("bars differ from the source: %s", difference(got, want))
		}
		return nil
	})
	w.eventually("all ticks", func() error {
		w.tick(1)
		w.tickFeed.drain()
		if got := uint64(len(w.tickFeed.ticks)) + w.tickFeed.missed; got != w.ticks-w.firstTick+1 {
			return fmt.Errorf("%d delivered and %d missing, want %d in all", len(w.tickFeed.ticks), w.tickFeed.missed, w.ticks-w.firstTick+1)
		}
		return nil
	})
}

func (w *weather) filled() (n int) {
	for _, e := range w.Executions(w.Params.Account) {
		if e.Status == store.Filled {
			n++
		}
	}
	return n
}

// drain takes what has come, after giving it a moment to come.
func (r *reader) drain() {
	r.Helper()
	time.Sleep(5 * time.Millisecond)
	events, dropped := r.feed.Drain(nil)
	if dropped > 0 {
		r.Errorf("the feed dropped %d", dropped)
	}
	for _, e := range events {
		r.take(e)
	}
}
