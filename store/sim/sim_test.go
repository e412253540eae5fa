package sim_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
	"github.com/whetgo/whet/store/storetest"
)

var venues atomic.Int64

// start returns a venue of its own under an address of its own.
func start(t *testing.T, c sim.Config) (*sim.Venue, store.Params) {
	addr := fmt.Sprint("venue", venues.Add(1))
	v := sim.New(addr, c)
	t.Cleanup(v.Close)
	return v, store.Params{Driver: "sim", Addr: addr, Account: "DU1"}
}

func TestDriver(t *testing.T) {
	storetest.Run(t, storetest.Harness{Start: func(t *testing.T) storetest.Venue {
		v, p := start(t, sim.Config{Seed: 1})
		return storetest.Venue{
			Params:   p,
			Bars:     v.Bars,
			Live:     true,
			Ticks:    func(symbol string, ticks ...store.Tick) { v.Ticks(symbol, ticks...) },
			Numbered: true,
			Symbol:   "ABC",
			Quote: func(symbol string, bid, ask store.Price) {
				v.Ticks(symbol, store.Tick{Time: store.At(time.Now()), Bid: bid, Ask: ask})
			},
			Executions: v.Executions,
			Faults: map[storetest.Fault]func(bool){
				storetest.Cut:       func(bool) { v.Cut() },
				storetest.Refuse:    func(on bool) { v.Refuse(on); v.Cut() },
				storetest.Mute:      v.Mute,
				storetest.Slow:      func(on bool) { v.Slow(pick(on, 5*time.Millisecond)) },
				storetest.Duplicate: func(on bool) { v.Duplicate(pick(on, 0.5)) },
				storetest.Reorder:   func(on bool) { v.Reorder(pick(on, 0.5)) },
				storetest.Reject:    func(on bool) { v.Reject(pick(on, 1_000_000)) },
				storetest.Restart: func(on bool) {
					v.Restart(pick(on, time.Hour))
				},
			},
		}
	}})
}

// pick returns value if on, else zero.
func pick[T any](on bool, value T) (v T) {
	if on {
		return value
	}
	return v
}
