package sim_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
)

var schedules = flag.Int("schedules", 200, "random fault schedules to survive")

// TestSchedules has a store survive random faults, and holds it to what it promises: no order
// event lost or told twice, each market event delivered or told to be missing, bars equal to
// the source.
func TestSchedules(t *testing.T) {
	for seed := range *schedules {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { survive(t, uint64(seed)) })
		})
	}
}

// A world is one store over one venue with faults.
type world struct {
	*testing.T
	v   *sim.Venue
	s   *store.Store
	ctx context.Context
	rng *rand.Rand

	source []store.Bar
	ticks  uint64
	orders map[store.OrderID]error // what Submit said last

	readers sync.WaitGroup
}

const second = time.Second

func survive(t *testing.T, seed uint64) {
	v, p := start(t, sim.Config{Seed: seed, Maker: 100, Taker: 300, Depth: store.Lots(5)})
	s, err := store.Open(t.Context(), p, store.WithBackoff(100*time.Millisecond, 2*second, 1), store.WithPing(2*second), store.WithTimeout(3*second))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, v: v, s: s, ctx: t.Context(), rng: rand.New(rand.NewPCG(seed, 1)), orders: make(map[store.OrderID]error)}
	w.bar(3)
	v.Ticks("T", store.Tick{Time: store.At(time.Now()), Bid: store.Points(99), Ask: store.Points(101)})
	w.ticks++
	bars := w.follow(store.Sub{Symbol: "T", Kind: store.Bars, Interval: second}, 0, store.DropOldest)
	ticks := w.follow(store.Sub{Symbol: "T", Kind: store.Ticks}, 0, store.Block)
	slow := w.follow(store.Sub{Symbol: "T", Kind: store.Ticks}, 300*time.Millisecond, store.DropOldest)
	k, err := s.Broker(w.ctx, p.Account)
	if err != nil {
		t.Fatal(err)
	}
	events := w.executions(k)
	w.bar(2)
	w.tick()
	synctest.Wait()
	done := make(chan struct{})
	go func() { defer close(done); v.Run(w.ctx, sim.Random(seed, 12, 40*second)) }()
	w.live(k, done)
	healed := time.Now()
	for s.State().Phase != store.Live {
		time.Sleep(10 * time.Millisecond)
	}
	t.Logf("live %v after the venue healed; %+v", time.Since(healed), s.Stats())
	w.resubmit(k)
	w.bar(2)
	w.tick()
	time.Sleep(30 * second) // readers catch up
	w.tick()
	time.Sleep(second)

	if err := s.Stop(w.ctx); err != nil {
		t.Fatal(err)
	}
	w.readers.Wait() // all are told that it has stopped
	w.checkBars(bars)
	w.checkTicks(ticks)
	w.checkTicks(slow)
	w.checkOrders(*events, p.Account)
	runtime.KeepAlive(s)
}

// live publishes and trades until the script is done.
func (w *world) live(k store.Broker, done chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-done:
			return
		default:
		}
		time.Sleep(50 * time.Millisecond)
		w.tick()
		if i%20 == 19 {
			w.bar(1)
		}
		if i%7 == 0 {
			w.trade(k, i)
		}
	}
}

// bar publishes the next bars.
func (w *world) bar(n int) {
	next := store.At(time.Now()).Floor(second).Add(-100 * second)
	if len(w.source) > 0 {
		next = w.source[len(w.source)-1].Time.Add(second)
	}
	for range n {
		c := store.Points(100 + w.rng.Int64N(10))
		b := store.Bar{Time: next, Open: c, High: c + 5, Low: c - 5, Close: c + 1, Volume: store.Volume(w.rng.IntN(1000))}
		w.source = append(w.source, b)
		w.v.Bars("T", second, b)
		next = next.Add(second)
	}
}

func (w *world) tick() {
	bid := 95 + w.rng.Int64N(10)
	w.v.Ticks("T", store.Tick{Time: store.At(time.Now()), Bid: store.Points(bid), Ask: store.Points(bid + 2), Last: store.Points(bid + 1), Size: store.Lots(1)})
	w.ticks++
}

// trade sends an order, or one again, or cancels one.
func (w *world) trade(k store.Broker, i int) {
	ctx, cancel := context.WithTimeout(w.ctx, time.Duration(1+w.rng.IntN(800))*time.Millisecond)
	defer cancel()
	o := w.order(fmt.Sprint("o", i))
	if i%5 == 4 {
		k.Cancel(ctx, o.ID)
		return
	}
	_, w.orders[o.ID] = k.Submit(ctx, o)
}

func (w *world) order(id string) store.Order {
	h := rand.New(rand.NewPCG(uint64(len(id)), uint64(id[len(id)-1])))
	o := store.Order{ID: store.OrderID(id), Symbol: "T", Side: store.Buy, Qty: store.Lots(1 + h.Int64N(8)), Type: store.AtLimit, Limit: store.Points(96 + h.Int64N(8))}
	if h.IntN(2) == 0 {
		o.Side = store.Sell
	}
	return o
}

// resubmit sends again what was not taken for sure; the venue must have each once.
func (w *world) resubmit(k store.Broker) {
	for id, err := range w.orders {
		if errors.Is(err, store.ErrOutcome) || errors.Is(err, store.ErrOffline) {
			if _, err := k.Submit(w.ctx, w.order(string(id))); err != nil && !errors.Is(err, store.ErrRejected) {
				w.Errorf("order %s again: %v", id, err)
			}
			w.orders[id] = nil
		}
	}
}

// A follower reads a feed.
type follower struct {
	mu     sync.Mutex
	feed   *store.Feed
	events []store.Event
}

func (w *world) follow(sub store.Sub, pause time.Duration, d store.Drop) *follower {
	f, err := w.s.Feed(w.ctx, sub, store.WithRing(16, d))
	if err != nil {
		w.Fatal(err)
	}
	fol := &follower{feed: f}
	w.readers.Go(func() {
		for e, err := range f.All(w.ctx) {
			if err != nil {
				return
			}
			fol.mu.Lock()
			fol.events = append(fol.events, e)
			fol.mu.Unlock()
			time.Sleep(pause)
		}
	})
	return fol
}

func (w *world) executions(k store.Broker) *[]store.OrderEvent {
	events := new([]store.OrderEvent)
	w.readers.Go(func() {
		for e, err := range k.Orders(w.ctx) {
			if err != nil {
				return
			}
			*events = append(*events, e)
		}
	})
	return events
}

func (w *world) checkBars(f *follower) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var got []store.Bar
	for _, e := range f.events {
		if e.Kind() == store.IsBar {
			got = append(got, e.Bar())
		}
	}
	want := w.source[3:] // three were there before the feed
	if !slices.Equal(got, want) {
		w.Errorf("the feed has %d bars that differ from the %d of the source", len(got), len(want))
	}
}

func (w *world) checkTicks(f *follower) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var got, missed, last uint64
	for _, e := range f.events {
		switch e.Kind() {
		case store.IsTick:
			got++
			if e.Tick().Seq <= last {
				w.Errorf("tick %d after %d", e.Tick().Seq, last)
			}
			last = e.Tick().Seq
		case store.IsGap:
			missed += e.Gap().Missed
		}
	}
	if got+missed != w.ticks-1 { // the first was before the feed
		w.Errorf("%d ticks delivered and %d told to be missing, of %d", got, missed, w.ticks-1)
	}
	if s := f.feed.Stats(); s.Published != s.Delivered+s.Dropped+s.Pending || s.Published+s.Missed != w.ticks-1 || s.Delivered != got {
		w.Errorf("%+v does not add up to %d", s, w.ticks-1)
	}
}

// checkOrders demands the events of the venue, each once and in order, and an end to all
// orders with an unknown outcome.
func (w *world) checkOrders(events []store.OrderEvent, account string) {
	var got []store.OrderEvent
	heard := make(map[store.OrderID]bool)
	for _, e := range events {
		heard[e.ID] = true
		if e.Status != store.Unsent {
			got = append(got, e)
		}
	}
	if want := w.v.Executions(account); !slices.Equal(got, want) {
		w.Errorf("got %d order events, want the %d of the venue", len(got), len(want))
	}
	for id, err := range w.orders {
		if !heard[id] && !errors.Is(err, store.ErrOffline) && !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("nothing was heard of order %s: %v", id, err)
		}
	}
}
