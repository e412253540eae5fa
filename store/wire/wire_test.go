package wire_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
	"github.com/whetgo/whet/store/storetest"
	"github.com/whetgo/whet/store/wire"
)

func TestRecords(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var ticks, events []store.Event
	var bars []store.Bar
	var data, both []byte
	for range 1000 {
		tick := store.Tick{Time: store.Time(r.Int64()), Seq: r.Uint64(), Bid: -store.Price(r.Int64()), Ask: store.Price(r.Int64()), Last: math.MinInt64, Size: store.Qty(r.Int64())}
		bar := store.Bar{Time: store.Time(r.Int64()), Open: store.Price(r.Int64()), High: math.MaxInt64, Low: -1, Close: store.Price(r.Int64()), Volume: store.Volume(r.NormFloat64())}
		ticks, bars = append(ticks, store.TickEvent(tick)), append(bars, bar)
		data = wire.AppendTick(data, tick)
		both = wire.AppendBar(both, bar)
	}
	events = wire.BarEvents(events, bars)
	gotTicks, err := wire.Ticks(nil, data)
	if err != nil || !slices.Equal(gotTicks, ticks) {
		t.Errorf("ticks differ, %v", err)
	}
	gotBars, err := wire.Bars(nil, both)
	if err != nil || !slices.Equal(gotBars, bars) {
		t.Errorf("bars differ, %v", err)
	}
	if again := wire.Append(nil, append(events, store.GapEvent(store.Gap{}))); !slices.Equal(again, both) {
		t.Error("events are encoded otherwise than bars")
	}
	for _, n := range []int{1, 47, 49} {
		if _, err := wire.Ticks(nil, data[:n]); err != wire.ErrSize {
			t.Errorf("%d bytes of ticks: %v", n, err)
		}
		if _, err := wire.Bars(nil, data[:n]); err != wire.ErrSize {
			t.Errorf("%d bytes of bars: %v", n, err)
		}
	}
}

func TestCodes(t *testing.T) {
	for _, err := range []error{store.ErrRejected, store.ErrConflict, store.ErrNoOrder, store.ErrNoSymbol, store.ErrNoFeed,
		store.ErrNoBroker, store.ErrNoAccount, errors.ErrUnsupported} {
		code, text := wire.Code(fmt.Errorf("so: %w", err))
		if got := wire.Error(code, text); !errors.Is(got, err) {
			t.Errorf("%v became %v", err, got)
		}
	}
	if got := wire.Error(wire.Code(nil)); got != nil {
		t.Errorf("no error became %v", got)
	}
	other := errors.New("the moon")
	if got := wire.Error(wire.Code(other)); got == nil || got.Error() != "failed: the moon" {
		t.Errorf("another became %v", got)
	}
	for err, want := range map[error]bool{nil: true, store.ErrRejected: true, store.ErrConflict: true, &store.OrderError{}: true, store.ErrOutcome: false, other: false} {
		if wire.Settled(err) != want {
			t.Errorf("Settled(%v) is %v", err, !want)
		}
	}
}

func TestFollow(t *testing.T) {
	v, addr := storetest.Simulate(t, sim.Config{})
	v.Ticks("ES")
	s, err := store.Open(t.Context(), store.Params{Driver: "sim", Addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	feed, err := s.Feed(t.Context(), store.Sub{Symbol: "ES"}, store.WithRing(4096, store.Block))
	if err != nil {
		t.Fatal(err)
	}
	const n = 1000
	enough := errors.New("enough")
	var got uint64
	go func() {
		for i := range n {
			v.Ticks("ES", store.Tick{Time: store.Time(i + 1), Last: store.Points(1)})
		}
	}()
	err = wire.Forward(t.Context(), feed, func(events []store.Event) error {
		for _, e := range events {
			if got++; e.Tick().Seq != got {
				t.Errorf("tick %d came as the %dth", e.Tick().Seq, got)
			}
		}
		if got == n {
			return enough
		}
		return nil
	})
	if err != enough {
		t.Error(err)
	}
	if err := wire.Follow(t.Context(), s, store.Sub{Symbol: "none"}, nil); !errors.Is(err, store.ErrNoSymbol) {
		t.Errorf("a symbol that is not there: %v", err)
	}
}

func FuzzRecords(f *testing.F) {
	f.Add(wire.AppendTick(nil, store.Tick{Time: 1, Seq: 2}))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, data []byte) {
		bars, err := wire.Bars(nil, data)
		if (err != nil) != (len(data)%wire.Size != 0) {
			t.Fatalf("%d bytes: %v", len(data), err)
		}
		if err != nil {
			return
		}
		ticks, _ := wire.Ticks(nil, data)
		if again := wire.Append(nil, ticks); !slices.Equal(again, data) {
			t.Error("ticks are encoded otherwise")
		}
		if len(bars)*wire.Size != len(data) {
			t.Errorf("%d bars of %d bytes", len(bars), len(data))
		}
	})
}
