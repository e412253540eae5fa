package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/whetgo/whet/store"
)

const minute = time.Minute

// want fails unless a query is answered with bars.
func (r *rig) want(q store.Query, bars []store.Bar) {
	r.Helper()
	got, err := r.s.Bars(r.ctx, q)
	if err != nil {
		r.Fatalf("%v: %v", q, err)
	}
	if got := got.Append(nil); !slices.Equal(got, bars) {
		r.Fatalf("%v: got %d bars, want %d: %s", q, len(got), len(bars), difference(got, bars))
	}
}

// difference names the first bar that differs.
func difference(got, want []store.Bar) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("at %d got %v, want %v", i, got[i], want[i])
		}
	}
	return "one is a part of the other"
}

func history(r *rig) {
	bars := MakeBars(1, Begin, minute, 3000)
	r.Bars("ABC", minute, bars[:2000]...)
	r.Bars("ABC", minute, bars[2000:]...)
	r.Bars("XYZ", 24*time.Hour, MakeBars(2, Begin, 24*time.Hour, 10)...)
	at := func(i int) store.Time { return Begin.Add(time.Duration(i) * minute) }
	for _, w := range [][2]int{{0, 3000}, {0, 1}, {2999, 3000}, {17, 1400}, {1999, 2001}, {5, 5}, {-10, 3}, {2998, 5000}} {
		lo, hi := max(w[0], 0), min(w[1], 3000)
		r.want(store.Query{Symbol: "ABC", Interval: minute, From: at(w[0]), To: at(w[1])}, bars[lo:hi])
	}
	odd := store.Query{Symbol: "ABC", Interval: minute, From: at(3) + 1, To: at(9) + 1}
	r.want(odd, bars[4:10])
	r.want(store.Query{Symbol: "XYZ", Interval: 24 * time.Hour, From: Begin, To: Begin.Add(240 * time.Hour)}, MakeBars(2, Begin, 24*time.Hour, 10))
	r.want(store.Query{Symbol: "ABC", Interval: minute, From: at(5000), To: at(6000)}, nil)
}

func unknownSymbol(r *rig) {
	r.Bars("ABC", minute, MakeBars(1, Begin, minute, 3)...)
	got, err := r.s.Bars(r.ctx, store.Query{Symbol: "NOPE", Interval: minute, From: Begin, To: Begin.Add(time.Hour)})
	if r.AnySymbol && err == nil && got.Len() == 0 {
		return
	}
	if !errors.Is(err, store.ErrNoSymbol) {
		r.Errorf("got %d bars, %v, want ErrNoSymbol", got.Len(), err)
	}
	if r.s.State().Phase != store.Live {
		r.Errorf("the store is %v after a symbol that does not exist", r.s.State())
	}
}

func cancelledHistory(r *rig) {
	r.Bars("ABC", minute, MakeBars(1, Begin, minute, 3)...)
	q := store.Query{Symbol: "ABC", Interval: minute, From: Begin, To: Begin.Add(time.Hour)}
	ctx, cancel := context.WithCancel(r.ctx)
	cancel()
	if _, err := r.s.Bars(ctx, q); !errors.Is(err, context.Canceled) {
		r.Errorf("got %v, want context.Canceled", err)
	}
	r.want(q, MakeBars(1, Begin, minute, 3)) // and nothing of it was kept
}

func sharedHistory(r *rig) {
	bars := MakeBars(1, Begin, minute, 500)
	r.Bars("ABC", minute, bars...)
	q := store.Query{Symbol: "ABC", Interval: minute, From: Begin, To: Begin.Add(500 * minute)}
	if err := r.s.Start(r.ctx); err != nil {
		r.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := r.s.Bars(r.ctx, q); err != nil || got.Len() != len(bars) {
				r.Errorf("got %d bars, %v", got.Len(), err)
			}
		})
	}
	wg.Wait()
	if n := r.s.Stats().BarLoads; n != 1 {
		r.Errorf("20 readers made %d requests, want 1", n)
	}
}

// A reader reads one feed.
type reader struct {
	*rig
	feed   *store.Feed
	bars   []store.Bar
	ticks  []store.Tick
	missed uint64 // as gaps said
	filled uint64
	gaps   []store.Gap
}

func (r *rig) open(sub store.Sub, opts ...store.FeedOption) *reader {
	r.Helper()
	f, err := r.s.Feed(r.ctx, sub, opts...)
	if err != nil {
		r.Fatalf("%v: %v", sub, err)
	}
	r.Cleanup(func() { f.Close() })
	return &reader{rig: r, feed: f}
}

// until reads events until done.
func (r *reader) until(what string, done func() bool) {
	r.Helper()
	for !done() {
		e, err := r.feed.Next(r.ctx)
		if err != nil {
			r.Fatalf("waiting for %s, with %d bars, %d ticks, %d missed: %v; store %v", what, len(r.bars), len(r.ticks), r.missed, err, r.s.State())
		}
		r.take(e)
	}
}

// take notes an event.
func (r *reader) take(e store.Event) {
	switch e.Kind() {
	case store.IsBar:
		r.bars = append(r.bars, e.Bar())
	case store.IsTick:
		r.ticks = append(r.ticks, e.Tick())
	case store.IsGap:
		r.gaps = append(r.gaps, e.Gap())
		if e.Gap().Cause == store.GapFilled {
			r.filled += e.Gap().Missed
		} else {
			r.missed += e.Gap().Missed
		}
	}
}

// complete fails unless the reader gets exactly these bars.
func (r *reader) complete(want []store.Bar) {
	r.Helper()
	r.until(fmt.Sprint(len(want), " bars"), func() bool { return len(r.bars) >= len(want) })
	if !slices.Equal(r.bars, want) {
		r.Fatalf("the feed differs from the source: %s", difference(r.bars, want))
	}
}

func barsOf(symbol string) store.Sub {
	return store.Sub{Symbol: symbol, Kind: store.Bars, Interval: minute}
}

// live starts a venue with ten bars, of which two readers have seen two.
func (r *rig) live() (bars []store.Bar, a, b *reader) {
	r.Helper()
	if !r.Live {
		r.unasked() // no live bars
	}
	bars = MakeBars(7, Begin, minute, 200)
	r.Bars("ABC", minute, bars[:10]...)
	a, b = r.open(barsOf("ABC")), r.open(barsOf("ABC"))
	r.Bars("ABC", minute, bars[10], bars[11])
	a.complete(bars[10:12])
	b.complete(bars[10:12])
	return bars, a, b
}

func liveBars(r *rig) {
	bars, a, b := r.live()
	for _, bar := range bars[12:50] {
		r.Bars("ABC", minute, bar)
	}
	a.complete(bars[10:50])
	b.complete(bars[10:50])
	if n := r.s.Stats().Subs; n != 1 {
		r.Errorf("two feeds of one subscription are %d at the venue", n)
	}
	b.feed.Close()
	r.Bars("ABC", minute, bars[50:60]...)
	a.complete(bars[10:60])
	if _, err := b.feed.Next(r.ctx); !errors.Is(err, store.ErrClosed) {
		r.Errorf("of a closed feed: %v", err)
	}
	s := a.feed.Stats()
	if s.Published != 50 || s.Delivered != 50 || s.Dropped != 0 {
		r.Errorf("%+v, want 50 published and delivered", s)
	}
}

// survives checks that feeds are complete after a fault, with bars during it.
func (r *rig) survives(f Fault, off bool) {
	r.Helper()
	set := r.fault(f)
	bars, a, b := r.live()
	set(true)
	if f != Cut {
		r.phase(store.Backoff, store.Connecting, store.Degraded, store.Live)
	}
	if f != Restart { // a venue that is down gets no bars
		r.Bars("ABC", minute, bars[12:40]...)
	}
	if off {
		set(false)
	}
	if f == Restart {
		r.Bars("ABC", minute, bars[12:40]...)
	}
	r.phase(store.Live)
	r.Bars("ABC", minute, bars[40:60]...)
	a.complete(bars[10:60])
	b.complete(bars[10:60])
}

func cutBars(r *rig)     { r.survives(Cut, false) }
func restartBars(r *rig) { r.survives(Restart, true) }
func refuseBars(r *rig)  { r.survives(Refuse, true) }

func muteBars(r *rig) {
	mute := r.fault(Mute)
	bars, a, b := r.live()
	mute(true)
	r.Bars("ABC", minute, bars[12:40]...)
	r.eventually("a lost connection", func() error {
		if r.s.Stats().Lost == 0 {
			return errors.New("the store has not noticed")
		}
		return nil
	})
	mute(false)
	r.phase(store.Live)
	r.Bars("ABC", minute, bars[40:60]...)
	a.complete(bars[10:60])
	b.complete(bars[10:60])
}

func disorderBars(r *rig) {
	duplicate, reorder := r.fault(Duplicate), r.fault(Reorder)
	bars, a, b := r.live()
	duplicate(true)
	reorder(true)
	r.Bars("ABC", minute, bars[12:100]...)
	duplicate(false)
	reorder(false)
	r.Bars("ABC", minute, bars[100:110]...)
	a.complete(bars[10:110])
	b.complete(bars[10:110])
}

func noFeed(r *rig) {
	if r.Live || r.Ticks != nil {
		r.unasked() // it has
	}
	r.Bars("ABC", minute, MakeBars(1, Begin, minute, 3)...)
	if f, err := r.s.Feed(r.ctx, barsOf("ABC")); !errors.Is(err, store.ErrNoFeed) {
		r.Errorf("got %v, %v, want ErrNoFeed", f, err)
	}
	r.phase(store.Live)
}

func startStop(r *rig) {
	r.Bars("ABC", minute, MakeBars(1, Begin, minute, 3)...)
	q := store.Query{Symbol: "ABC", Interval: minute, From: Begin, To: Begin.Add(time.Hour)}
	for range 3 {
		if err := r.s.Start(r.ctx); err != nil {
			r.Fatal(err)
		}
		r.want(q, MakeBars(1, Begin, minute, 3))
		if err := r.s.Stop(r.ctx); err != nil {
			r.Fatal(err)
		}
		if _, err := r.s.Bars(r.ctx, q); !errors.Is(err, store.ErrStopped) {
			r.Errorf("of a stopped store: %v", err)
		}
		noGoroutines(r.T, r.theirs)
	}
}
