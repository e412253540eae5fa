package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
)

// A Harness starts venues.
type Harness struct {
	// Start starts a venue that is empty and that nobody else uses, and makes t.Cleanup stop it.
	Start func(t *testing.T) Venue
}

// A Venue is one that a harness has started. Functions that are nil say that it can't do that.
type Venue struct {
	Params  store.Params      // Account set if it trades
	Secrets map[string]string // by name
	Options []store.Option    // others
	// Second are the parameters of another client of the same account, whose connections Seconds counts at the
	// venue. They are for Killed.
	Second  store.Params
	Seconds func() int
	// Bars adds bars to the history of a symbol. If Live is set, those who are subscribed get them.
	// It returns when a query would find them.
	Bars func(symbol string, interval time.Duration, bars ...store.Bar)
	Live bool
	// Ticks publishes ticks of a symbol to those who are subscribed. Their Seq are set, from 1
	// without holes; Numbered says that the venue passes them on.
	Ticks    func(symbol string, ticks ...store.Tick)
	Numbered bool
	// AnySymbol says that the venue takes a symbol it has never heard of for one without data.
	AnySymbol bool
	// Executions returns all order events the venue knows of an account, oldest first. It is nil if
	// the venue does not trade. The suite sends orders for Symbol at prices from 99 to 101, after
	// Quote has set what the market bids and asks.
	Executions func(account string) []store.OrderEvent
	Symbol     string
	Quote      func(symbol string, bid, ask store.Price)
	// Faults are those that the harness can cause and end.
	Faults map[Fault]func(on bool)
}

// A Fault is something that goes wrong with a venue.
type Fault string

// The faults. What is said of on is until off.
const (
	Cut       Fault = "cut"       // on: all connections break, once
	Restart   Fault = "restart"   // on: the venue is down; off: it is up again, with what it had
	Refuse    Fault = "refuse"    // on: the venue refuses new connections, those there break
	Mute      Fault = "mute"      // on: the venue says nothing, requests are not answered
	Slow      Fault = "slow"      // on: everything takes some milliseconds longer
	Duplicate Fault = "duplicate" // on: messages come twice
	Reorder   Fault = "reorder"   // on: messages come out of order
	Reject    Fault = "reject"    // on: orders are rejected
)

func (v *Venue) options() []store.Option { return append(secretOptions(v.Secrets), v.Options...) }

// patience is how long the suite waits for what must come.
const patience = 60 * time.Second

// opening numbers the stores of the suite, so that each has a Client of its own.
var opening atomic.Int64

// A rig is one store over one venue, for one test.
type rig struct {
	*testing.T
	Venue
	s      *store.Store
	ctx    context.Context
	theirs map[string]bool // goroutines of the venue
}

// rig starts a venue and opens a store over it, which is stopped at the end of the test.
func (h Harness) rig(t *testing.T, ping time.Duration) *rig {
	t.Helper()
	v := h.Start(t)
	theirs := ids()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	v.Params.Client = int(opening.Add(1))
	opts := append([]store.Option{
		store.WithBackoff(time.Millisecond, 50*time.Millisecond, 1),
		store.WithPing(ping),
		store.WithTimeout(2 * ping),
	}, v.options()...)
	s, err := store.Open(ctx, v.Params, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	return &rig{t, v, s, ctx, theirs}
}

// fault returns the switch of a fault, or ends the test if the harness has none.
func (r *rig) fault(f Fault) func(on bool) {
	r.Helper()
	set := r.Faults[f]
	if set == nil {
		r.unasked() // not a fault of this kind of venue
	}
	return set
}

// phase waits until the store is in one of the phases.
func (r *rig) phase(want ...store.Phase) {
	r.Helper()
	r.eventually(fmt.Sprint("phase ", want), func() error {
		got := r.s.State()
		for _, w := range want {
			if got.Phase == w {
				return nil
			}
		}
		return fmt.Errorf("%v (%v)", got.Phase, got.Cause)
	})
}

// eventually waits until check returns nil.
func (r *rig) eventually(what string, check func() error) {
	r.Helper()
	err := errors.New("not looked at")
	for wait := time.Millisecond; r.ctx.Err() == nil; wait = min(2*wait, 50*time.Millisecond) {
		if err = check(); err == nil {
			return
		}
		select {
		case <-time.After(wait):
		case <-r.ctx.Done():
		}
	}
	r.Fatalf("%s: %v", what, err)
}
