package sim_test

import (
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
	"github.com/whetgo/whet/store/storetest"
)

// start returns a venue of its own under an address of its own.
func start(t *testing.T, c sim.Config) (*sim.Venue, store.Params) {
	v, addr := storetest.Simulate(t, c)
	return v, store.Params{Driver: "sim", Addr: addr, Account: "DU1"}
}

func TestDriver(t *testing.T) {
	storetest.Run(t, storetest.Harness{Start: func(t *testing.T) storetest.Venue {
		s, p := start(t, sim.Config{Seed: 1})
		v := storetest.Simulated(s)
		v.Params = p
		v.Faults[storetest.Cut] = func(bool) { s.Cut() }
		v.Faults[storetest.Refuse] = func(on bool) { s.Refuse(on); s.Cut() }
		v.Faults[storetest.Mute] = s.Mute
		v.Faults[storetest.Slow] = func(on bool) { s.Slow(pick(on, 5*time.Millisecond)) }
		v.Faults[storetest.Restart] = func(on bool) { s.Restart(pick(on, time.Hour)) }
		return v
	}})
}

// pick returns value if on, else zero.
func pick[T any](on bool, value T) (v T) {
	if on {
		return value
	}
	return v
}
