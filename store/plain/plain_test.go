package plain_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/plain"
	"github.com/whetgo/whet/store/sim"
	"github.com/whetgo/whet/store/storetest"
)

func TestPlain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, addr := storetest.Simulate(t, sim.Config{})
		bars := storetest.MakeBars(1, storetest.Begin, time.Minute, 100)
		v.Bars("ES", time.Minute, bars...)
		p := store.Params{Driver: "sim", Addr: addr}
		s, err := plain.Open(p)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := plain.Open(p); again != s || err != nil {
			t.Errorf("another store, %v", err)
		}
		q := store.Query{Symbol: "ES", Interval: time.Minute, From: storetest.Begin, To: storetest.Begin.Add(time.Hour)}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if got, err := s.Bars(t.Context(), q); err != nil || len(got) != 60 || got[59] != bars[59] {
					t.Errorf("%d bars, %v", len(got), err)
				}
			})
		}
		wg.Wait()
		if _, err := s.Bars(t.Context(), store.Query{Symbol: "NOPE", Interval: 1, To: 1}); !errors.Is(err, store.ErrNoSymbol) {
			t.Errorf("got %v, want ErrNoSymbol", err)
		}
		feed, err := s.Feed(t.Context(), store.Sub{Symbol: "ES"})
		if err != nil {
			t.Fatal(err)
		}
		v.Ticks("ES", store.Tick{Time: 1})
		if e := <-feed; e.Tick().Seq != 1 {
			t.Errorf("got %v", e.Tick())
		}
		v.Restart(3 * time.Second)
		time.Sleep(10 * time.Second)
		v.Ticks("ES", store.Tick{Time: 2})
		if e := <-feed; e.Tick().Seq != 2 {
			t.Errorf("after a restart got %v", e.Tick())
		}
		notes := s.Notes()
		s.Put(store.Note{Text: "hello"})
		if n := <-notes; n.Text != "hello" {
			t.Errorf("got %v", n)
		}
		s.Close()
		if _, err := s.Bars(context.Background(), store.Query{Symbol: "X", Interval: 1, To: 1}); err == nil {
			t.Error("a closed store answers")
		}
	})
}
