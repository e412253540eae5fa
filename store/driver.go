package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// A Driver reaches the venues of one kind. Any goroutine may use it.
type Driver interface {
	// Dial connects to the venue and returns when the session can be used. What comes from
	// the venue on its own is told to ev, which may be used as soon as Dial is called and
	// until Close has returned. An error made by Fatal is final: the store does not try again.
	// Dial must end soon after ctx does; ctx is not that of the session.
	Dial(ctx context.Context, p Params, secrets Secrets, ev Sink) (Session, error)
	// Limits returns how often the venue may be asked. The store keeps to them, together
	// with all other stores of the same driver and address: no more of p is set.
	Limits(p Params) []Limit
}

// A Session is one connection to a venue, from Dial until it is closed or lost. Any goroutine
// may use it. When the connection breaks, calls return errors and Sink.Lost is called.
type Session interface {
	// History calls f with the bars of a query, in order of time, in batches; f may not keep
	// them. A bar that is not closed yet is left out. An error of f ends it and is returned.
	// A symbol the venue doesn't know is ErrNoSymbol, wrapped or not; no bars is no error.
	History(ctx context.Context, q Query, f func([]Bar) error) error
	// Subscribe makes the venue send what is named to the sink, from now on. A venue without
	// live data returns ErrNoFeed. What is subscribed already is left as it is.
	Subscribe(ctx context.Context, subs ...Sub) error
	// Unsubscribe ends that; what is on its way may still come.
	Unsubscribe(ctx context.Context, subs ...Sub) error
	// Desk returns the trading of an account, or ErrNoBroker if the venue is for data only, or
	// ErrNoAccount.
	Desk(account string) (Desk, error)
	// Ping returns nil when the venue has answered.
	Ping(ctx context.Context) error
	// Close ends the session. When it returns, no goroutine of the session is left and the sink
	// is not used any more. The second Close does nothing.
	Close() error
}

// A Desk trades for one account in one session: what a driver gives the store to make a
// Broker of.
type Desk interface {
	// Submit sends an order, whose ID is set, and returns when the venue has taken or refused
	// it: nil, or an error that wraps ErrRejected with the reason. Under an id the venue has
	// already, the same order is taken and changes nothing, another is ErrConflict. Any other
	// error means that the outcome is not known.
	Submit(ctx context.Context, o Order) error
	// Cancel asks the venue to cancel an order. One that is final already is no error; one that
	// the venue doesn't know is ErrNoOrder.
	Cancel(ctx context.Context, id OrderID) error
	// Account asks the venue what the account holds.
	Account(ctx context.Context) (Account, error)
	// Replay calls f with the order events of the account again, oldest first: those with a
	// Seq above after, or all if the venue does not number. They have the Exec they had. An
	// error of f ends it and is returned.
	Replay(ctx context.Context, after uint64, f func(OrderEvent) error) error
}

// A Sink takes what a venue sends on its own. The store makes one for each session. Any
// goroutine may use it, but the events of one Sub, and those of one account, must come from
// one at a time. It keeps nothing it is given. Market may wait, where a feed has the policy
// Block, so it must not be called with a lock held that Session's methods need.
type Sink interface {
	// Market tells of ticks or closed bars of a subscription, in the order they came. Duplicates
	// and old ones are dropped by the store, and jumps of Tick.Seq become gaps.
	Market(sub Sub, events ...Event)
	// Order tells of something that happened to an order. Duplicates are dropped by the store;
	// holes in Seq make it ask Replay.
	Order(e OrderEvent)
	// Account tells that an account has changed on its own.
	Account(a Account)
	// Note tells the store's readers something in words.
	Note(n Note)
	// Alive tells that the venue was heard of although it had nothing to say, such as a
	// heartbeat. All other methods tell it too.
	Alive()
	// Lost tells that the session is over, and why. It is called once at most, and returns at
	// once; the store will Close the session. An error made by Fatal is final.
	Lost(err error)
}

// A Work is a kind of request, as limits count them.
type Work uint8

// The kinds of requests. A Limit may be of several, or-ed.
const (
	HistoryWork Work = 1 << iota
	OrderWork        // Submit, Cancel
	FeedWork         // Subscribe, Unsubscribe
	AnyWork     = HistoryWork | OrderWork | FeedWork
)

// A Scope says which requests count together. All scopes are within one driver and address.
type Scope uint8

// The scopes of limits.
const (
	PerAddress Scope = iota // all
	PerAccount              // those of stores with the same Params.Account
	PerSymbol               // those of the same symbol
	PerRequest              // those that are equal in everything
)

// A Limit allows N requests in any time of length Per. Requests that are too many wait;
// orders go before history.
type Limit struct {
	Scope Scope
	Work  Work
	N     int
	Per   time.Duration
}

var drivers struct {
	sync.RWMutex
	byName map[string]Driver
}

// Register makes a driver known under a name, which Params use. It is called by the driver's
// package when it is initialized. It panics if the driver is nil or the name is taken.
func Register(name string, d Driver) {
	drivers.Lock()
	defer drivers.Unlock()
	if d == nil || name == "" {
		panic(fmt.Sprintf("store: Register of %q and a driver %v", name, d))
	}
	if _, taken := drivers.byName[name]; taken {
		panic(fmt.Sprintf("store: Register of %q, which is registered already", name))
	}
	if drivers.byName == nil {
		drivers.byName = make(map[string]Driver)
	}
	drivers.byName[name] = d
}

// Drivers returns the names of the registered drivers, sorted.
func Drivers() []string {
	drivers.RLock()
	defer drivers.RUnlock()
	return slices.Sorted(maps.Keys(drivers.byName))
}

func driver(name string) (Driver, error) {
	drivers.RLock()
	defer drivers.RUnlock()
	if d, ok := drivers.byName[name]; ok {
		return d, nil
	}
	return nil, &DriverError{Name: name}
}

// Dial makes a session of a registered driver, without a store: for those who test one.
func Dial(ctx context.Context, p Params, ev Sink, opts ...Option) (Session, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	d, err := driver(p.Driver)
	if err != nil {
		return nil, err
	}
	return d.Dial(ctx, p, apply(opts).secrets, ev)
}
