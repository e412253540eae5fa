package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/fault"
	"github.com/whetgo/whet/store/sim"
)

var venues atomic.Int64

// Simulate starts a simulated venue for one test, under an address of its own, and has t.Cleanup close it.
func Simulate(t testing.TB, c sim.Config) (v *sim.Venue, addr string) {
	addr = fmt.Sprint(t.Name(), venues.Add(1))
	v = sim.New(addr, c)
	t.Cleanup(v.Close)
	return v, addr
}

// Simulated returns what a simulated venue can do and go wrong with: all but Params, Cut, Refuse, Mute, Slow
// and Restart, which are those of the way to it.
func Simulated(v *sim.Venue) Venue {
	return Venue{
		Bars: v.Bars, Live: true,
		Ticks:      func(symbol string, ticks ...store.Tick) { v.Ticks(symbol, ticks...) },
		Numbered:   true,
		Executions: v.Executions, Symbol: "ES",
		Quote: func(symbol string, bid, ask store.Price) {
			v.Ticks(symbol, store.Tick{Time: store.At(time.Now()), Bid: bid, Ask: ask})
		},
		Faults: map[Fault]func(bool){
			Duplicate: func(on bool) { v.Duplicate(when(on, 0.3)) },
			Reorder:   func(on bool) { v.Reorder(when(on, 0.3)) },
			Reject:    func(on bool) { v.Reject(when(on, 1<<20)) },
		},
	}
}

// Through adds the faults of a proxy before the venue, and a restart.
func (v Venue) Through(p *fault.Proxy, restart func(on bool)) Venue {
	v.Faults[Cut] = func(bool) { p.Cut() }
	v.Faults[Refuse] = func(on bool) { p.Refuse(on); p.Cut() }
	v.Faults[Mute] = p.Mute
	v.Faults[Slow] = func(on bool) { p.Slow(when(on, 3*time.Millisecond)) }
	v.Faults[Restart] = restart
	return v
}

// when returns a value if on, and none otherwise.
func when[T any](on bool, value T) (v T) {
	if on {
		v = value
	}
	return v
}

// Serve lets an account be traded at a simulated venue by a process between it and a server that has no
// market of its own: serve is what that process runs. t.Cleanup ends it.
func Serve(t testing.TB, account string, serve func(context.Context, string, store.Broker) error) *sim.Venue {
	t.Helper()
	v, addr := Simulate(t, sim.Config{Taker: 100})
	s, err := store.Open(context.Background(), store.Params{Driver: "sim", Addr: addr, Account: account})
	if err != nil {
		t.Fatal(err)
	}
	broker, err := s.Broker(context.Background(), account)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := serve(ctx, account, broker); !errors.Is(err, context.Canceled) {
			t.Errorf("serving: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		serving.Wait()
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return v
}

// Persist does what f does, until it works or fails for the data's sake: a server that was just started again may
// have to be asked twice. A try that seemed to fail may have worked, and so the next finds the data there.
func Persist(t testing.TB, f func(context.Context) error) {
	t.Helper()
	var err error
	for try := range 200 {
		var data *store.DataError
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		err = f(ctx)
		cancel()
		if err == nil || errors.As(err, &data) {
			if try > 0 {
				err = nil
			}
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		t.Error(err)
	}
}

// A Spreader publishes ticks as a source does that has them from several others: a part of them may come twice, or before
// others. What it does wrong are faults.
type Spreader struct{ duplicate, reorder atomic.Bool }

// Faults adds the spreader's to those of a venue.
func (s *Spreader) Faults(v Venue) Venue {
	v.Faults[Duplicate] = s.duplicate.Store
	v.Faults[Reorder] = s.reorder.Store
	return v
}

// Spread calls publish with the ticks.
func (s *Spreader) Spread(ticks []store.Tick, publish func(...store.Tick)) {
	if half := len(ticks) / 2; half > 0 && s.reorder.Load() {
		publish(ticks[half:]...)
		publish(ticks[:half]...)
	} else {
		publish(ticks...)
	}
	if s.duplicate.Load() {
		publish(ticks...)
	}
}
