package storetest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
)

// A sink counts what it is told.
type sink struct {
	told atomic.Int64
	lost chan error
}

func (s *sink) Market(store.Sub, ...store.Event) { s.told.Add(1) }
func (s *sink) Order(store.OrderEvent)           { s.told.Add(1) }
func (s *sink) Account(store.Account)            { s.told.Add(1) }
func (s *sink) Note(store.Note)                  { s.told.Add(1) }
func (s *sink) Alive()                           { s.told.Add(1) }
func (s *sink) Lost(err error)                   { s.told.Add(1); s.lost <- err }

// session holds one session of the driver, without a store, to the contract.
func session(t *testing.T, v Venue) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, k := dial(ctx, t, v)
	if err := s.Ping(ctx); err != nil {
		t.Errorf("ping: %v", err)
	}
	bars := MakeBars(1, Begin, minute, 2500)
	v.Bars("ABC", minute, bars...)
	q := store.Query{Symbol: "ABC", Interval: minute, From: Begin, To: Begin.Add(2500 * minute)}
	var got []store.Bar
	if err := s.History(ctx, q, func(b []store.Bar) error { got = append(got, b...); return nil }); err != nil || !slices.Equal(got, bars) {
		t.Errorf("history: %v, %s", err, difference(got, bars))
	}
	enough := errors.New("enough")
	if err := s.History(ctx, q, func([]store.Bar) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("the error of the function is %v, want it back", err)
	}
	gone, stop := context.WithCancel(ctx)
	stop()
	if err := s.History(gone, q, func([]store.Bar) error { return nil }); err == nil {
		t.Error("a cancelled context gave bars")
	}
	if v.Live {
		if err := s.Subscribe(ctx, barsOf("ABC"), barsOf("ABC")); err != nil {
			t.Errorf("subscribing twice: %v", err)
		}
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}
	after := k.told.Load()
	v.Bars("ABC", minute, MakeBars(2, Begin.Add(2500*minute), minute, 10)...)
	if err := s.Ping(ctx); err == nil {
		t.Error("a closed session answers a ping")
	}
	if n := k.told.Load() - after; n != 0 {
		t.Errorf("a closed session told the sink %d things", n)
	}
	if set := v.Faults[Cut]; set != nil {
		s, k := dial(ctx, t, v)
		set(true)
		select {
		case err := <-k.lost:
			if err == nil || store.IsFatal(err) {
				t.Errorf("cut, the sink was told %v", err)
			}
		case <-ctx.Done():
			t.Error("cut, the sink was not told")
		}
		if err := s.Ping(ctx); err == nil {
			t.Error("a session that was cut answers a ping")
		}
		s.Close()
	}
	driverErrors(ctx, t, v)
}

// dial makes a session; the driver is what the store was registered with.
func dial(ctx context.Context, t *testing.T, v Venue) (store.Session, *sink) {
	t.Helper()
	k := &sink{lost: make(chan error, 1)}
	s, err := store.Dial(ctx, v.Params, k, v.options()...)
	if err != nil {
		t.Fatal(err)
	}
	return s, k
}

// driverErrors checks that dialling ends when it is told to.
func driverErrors(ctx context.Context, t *testing.T, v Venue) {
	gone, cancel := context.WithCancel(ctx)
	cancel()
	start := time.Now()
	s, err := store.Dial(gone, v.Params, &sink{lost: make(chan error, 1)}, v.options()...)
	if err == nil {
		s.Close()
		t.Error("dialling with a cancelled context made a session")
	}
	if d := time.Since(start); d > patience/2 {
		t.Errorf("dialling with a cancelled context took %v", d)
	}
}
