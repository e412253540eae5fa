package sim

import (
	"errors"
	"time"
)

// faults are those that are in force.
type faults struct {
	refuse    bool
	mute      bool
	slow      time.Duration
	duplicate float64
	reorder   float64
	lose      float64
	reject    int
	downUntil time.Time
}

// ErrCut is why a session is lost that the venue has cut.
var ErrCut = errors.New("sim: connection reset")

// Cut breaks all connections. What was on its way is lost.
func (v *Venue) Cut() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cut()
}

func (v *Venue) cut() {
	for s := range v.open {
		s.lose(ErrCut)
	}
}

// Refuse makes the venue refuse to be dialled, or not any more.
func (v *Venue) Refuse(on bool) { v.set(func(f *faults) { f.refuse = on }) }

// Mute makes the venue say nothing, or speak again: connections stay open, but what is sent
// is lost, and requests are taken and not answered.
func (v *Venue) Mute(on bool) { v.set(func(f *faults) { f.mute = on }) }

// Slow makes every message and every answer take d longer.
func (v *Venue) Slow(d time.Duration) { v.set(func(f *faults) { f.slow = d }) }

// Duplicate makes the venue send a part p of its messages twice.
func (v *Venue) Duplicate(p float64) { v.set(func(f *faults) { f.duplicate = p }) }

// Reorder makes the venue send a part p of its messages after the one that follows.
func (v *Venue) Reorder(p float64) { v.set(func(f *faults) { f.reorder = p }) }

// Lose makes the venue lose a part p of its messages.
func (v *Venue) Lose(p float64) { v.set(func(f *faults) { f.lose = p }) }

// Reject makes the venue reject the next n orders.
func (v *Venue) Reject(n int) { v.set(func(f *faults) { f.reject = n }) }

// Restart cuts all connections, and refuses new ones until it is up again after d.
func (v *Venue) Restart(d time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.faults.downUntil = time.Now().Add(d)
	v.cut()
}

// Heal ends all faults. Connections that were lost stay so.
func (v *Venue) Heal() { v.set(func(f *faults) { *f = faults{} }) }

func (v *Venue) set(change func(*faults)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change(&v.faults)
}
