package storetest

import (
	"errors"
	"fmt"

	"github.com/whetgo/whet/store"
)

func ticksOf(symbol string) store.Sub { return store.Sub{Symbol: symbol, Kind: store.Ticks} }

// ticking returns a venue with a reader that has seen the first two ticks of many.
func (r *rig) ticking() ([]store.Tick, *reader) {
	r.Helper()
	if r.Ticks == nil {
		r.unasked() // no ticks
	}
	r.Bars("ABC", minute, MakeBars(7, Begin, minute, 2)...) // so that the symbol is known
	ticks := MakeTicks(7, 1, 1000)
	a := r.open(ticksOf("ABC"), store.WithRing(10_000, store.DropOldest))
	r.Ticks("ABC", ticks[:2]...)
	a.until("two ticks", func() bool { return len(a.ticks) == 2 })
	return ticks, a
}

func liveTicks(r *rig) {
	ticks, a := r.ticking()
	b := r.open(ticksOf("ABC"), store.WithRing(7, store.DropOldest))
	c := r.open(ticksOf("ABC"), store.WithRing(7, store.Block))
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Ticks("ABC", ticks[2:]...)
	}()
	c.until("all ticks", func() bool { return len(c.ticks) == len(ticks)-2 })
	a.until("all ticks", func() bool { return len(a.ticks) == len(ticks) })
	<-done
	for i, got := range a.ticks {
		if !r.Numbered {
			got.Seq = ticks[i].Seq
		}
		if got != ticks[i] {
			r.Fatalf("tick %d: got %v, want %v", i, got, ticks[i])
		}
	}
	b.until("the last tick", func() bool { return len(b.ticks) > 0 && b.ticks[len(b.ticks)-1].Time == ticks[len(ticks)-1].Time })
	if n := uint64(len(b.ticks)) + b.missed; n != uint64(len(ticks)-2) {
		r.Errorf("a slow reader got %d and was told of %d missing: %d, want %d", len(b.ticks), b.missed, n, len(ticks)-2)
	}
	for _, f := range []*reader{a, b, c} {
		if s := f.feed.Stats(); s.Published != s.Delivered+s.Dropped+s.Pending {
			r.Errorf("%+v does not add up", s)
		}
	}
}

// accounted fails unless what a reader got and was told is missing is all there was.
func (r *reader) accounted(ticks []store.Tick) {
	r.Helper()
	last := ticks[len(ticks)-1]
	r.until("the last tick", func() bool { return r.ticks[len(r.ticks)-1].Time == last.Time })
	for i := range r.ticks[1:] {
		if r.Numbered && r.ticks[i+1].Time <= r.ticks[i].Time {
			r.Fatalf("tick at %v comes after %v", r.ticks[i+1].Time, r.ticks[i].Time)
		}
	}
	if n := len(r.ticks) + int(r.missed); r.Numbered && n != len(ticks) {
		r.Errorf("got %d ticks and was told of %d missing, want %d in all", len(r.ticks), r.missed, len(ticks))
	}
}

func cutTicks(r *rig) {
	cut := r.fault(Cut)
	ticks, a := r.ticking()
	for i := range 3 {
		lost := r.s.Stats().Lost
		cut(true)
		r.Ticks("ABC", ticks[2+100*i:2+100*i+50]...)
		r.eventually("a lost connection", func() error {
			if r.s.Stats().Lost == lost {
				return errors.New("not noticed")
			}
			return nil
		})
		r.phase(store.Live)
		r.Ticks("ABC", ticks[2+100*i+50:2+100*i+100]...)
		want := ticks[2+100*i+99].Time
		a.until(fmt.Sprint("tick ", want), func() bool { return a.ticks[len(a.ticks)-1].Time == want })
	}
	if !r.Numbered && len(a.gaps) < 3 {
		r.Errorf("three cuts made %d gaps", len(a.gaps))
	}
	a.accounted(ticks[:302])
}

func disorderTicks(r *rig) {
	duplicate, reorder := r.fault(Duplicate), r.fault(Reorder)
	ticks, a := r.ticking()
	duplicate(true)
	reorder(true)
	r.Ticks("ABC", ticks[2:500]...)
	duplicate(false)
	reorder(false)
	r.Ticks("ABC", ticks[500:510]...)
	a.accounted(ticks[:510])
}
