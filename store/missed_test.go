package store_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
)

// away has a venue's connection lost and refused while f runs, and a store then connected again.
func away(v *sim.Venue, f func()) {
	v.Refuse(true)
	v.Cut()
	f()
	v.Refuse(false)
	time.Sleep(time.Minute - time.Second)
	synctest.Wait()
}

// TestFirstBarsAreMissed loses the connection after a feed of bars was made and before its first bar came: those that
// closed meanwhile are fetched, and no older ones.
func TestFirstBarsAreMissed(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, v *sim.Venue, s *store.Store) {
		begin := store.At(time.Now())
		bar := func(i int) store.Bar {
			p := store.Points(int64(100 + i))
			return store.Bar{Time: begin.Add(time.Duration(i) * time.Minute), Open: p, High: p, Low: p, Close: p}
		}
		v.Bars("ES", time.Minute, bar(-2), bar(-1))
		time.Sleep(time.Second) // into the minute
		f, err := s.Feed(t.Context(), store.Sub{Symbol: "ES", Kind: store.Bars, Interval: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		away(v, func() {
			for i := range 3 {
				time.Sleep(time.Minute)
				v.Bars("ES", time.Minute, bar(i))
			}
		})
		v.Bars("ES", time.Minute, bar(3))
		synctest.Wait()
		var got []store.Bar
		events, _ := f.Drain(nil)
		for _, e := range events {
			if e.Kind() == store.IsBar {
				got = append(got, e.Bar())
			}
			if e.Kind() == store.IsGap && (e.Gap().Cause != store.GapFilled || e.Gap().Missed != 3 || e.Gap().From != begin.Add(time.Second)) {
				t.Errorf("the gap is %+v", e.Gap())
			}
		}
		if want := []store.Bar{bar(0), bar(1), bar(2), bar(3)}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// TestFirstTicksAreMissed does it with ticks, which nobody keeps: the feed is told that there was a gap.
func TestFirstTicksAreMissed(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, v *sim.Venue, s *store.Store) {
		tick := func() { v.Ticks("ES", store.Tick{Time: store.At(time.Now())}) }
		tick()
		f, err := s.Feed(t.Context(), store.Sub{Symbol: "ES"})
		if err != nil {
			t.Fatal(err)
		}
		from := store.At(time.Now())
		away(v, func() { time.Sleep(time.Minute); tick() })
		tick()
		synctest.Wait()
		var kinds []store.EventKind
		events, _ := f.Drain(nil)
		for _, e := range events {
			if e.Kind() == store.IsPhase {
				continue
			}
			kinds = append(kinds, e.Kind())
			if e.Kind() == store.IsGap && (e.Gap().Cause != store.GapSession || e.Gap().From != from || e.Gap().To != store.At(time.Now())) {
				t.Errorf("the gap is %+v", e.Gap())
			}
		}
		if want := []store.EventKind{store.IsGap, store.IsTick}; !slices.Equal(kinds, want) {
			t.Errorf("got %v, want a gap and a tick", kinds)
		}
	})
}
