package store

import (
	"context"
	"iter"
)

// A Side is that of an order.
type Side uint8

// The sides.
const (
	Buy Side = iota + 1
	Sell
)

// String returns "buy" or "sell".
func (s Side) String() string { return [...]string{"no side", "buy", "sell", "no side"}[s&3] }

// An OrderID is the caller's own name of an order, unique in the account for ever. It is what
// makes sending an order twice harmless.
type OrderID string

// An Order is a wish to trade.
type Order struct {
	ID     OrderID // Submit makes one if it is empty
	Symbol string
	Side   Side
	Qty    Qty // positive
	Type   OrderType
	Limit  Price // of a Limit order
	TIF    TIF
}

// An OrderType says at what price an order may trade.
type OrderType uint8

// The types of orders.
const (
	AtMarket OrderType = iota // at once, at any price
	AtLimit                   // at Limit or better
)

// A TIF says how long an order is in force.
type TIF uint8

// The times in force.
const (
	GoodTillCancel    TIF = iota // rests in the book until it is filled or cancelled
	ImmediateOrCancel            // what does not trade at once is cancelled
	FillOrKill                   // trades at once and wholly, or not at all
)

// Check returns what is wrong with the order by itself, as an *OrderError, or nil.
func (o Order) Check() error {
	switch {
	case o.Symbol == "":
		return &OrderError{o.ID, "no symbol"}
	case o.Side != Buy && o.Side != Sell:
		return &OrderError{o.ID, "neither buy nor sell"}
	case o.Qty <= 0:
		return &OrderError{o.ID, "its quantity is not positive"}
	case o.Type > AtLimit || o.TIF > FillOrKill:
		return &OrderError{o.ID, "its type is unknown"}
	}
	return nil
}

// An OrderStatus is what an order has come to.
type OrderStatus uint8

// The states of orders. Filled, Cancelled, Rejected and Unknown are final.
const (
	Accepted   OrderStatus = iota + 1 // the venue has it
	PartFilled                        // some of it traded
	Filled                            // all of it traded
	Cancelled                         // what did not trade never will
	Rejected                          // the venue refused it, see Reason
	Unsent                            // reconciling, the venue had never seen it; it may be sent again
)

// Final reports whether nothing more will happen to an order of this status.
func (s OrderStatus) Final() bool { return s >= Filled }

// String returns the status in a word.
func (s OrderStatus) String() string {
	return [...]string{"new", "accepted", "part filled", "filled", "cancelled", "rejected", "unsent", "?"}[s&7]
}

// An OrderEvent is one thing that happened to an order.
type OrderEvent struct {
	Account string
	ID      OrderID
	Exec    string // the venue's name of this event, unique in the account
	Seq     uint64 // of this event in the account at the venue, from 1 without holes; 0 if it doesn't number
	Time    Time
	Status  OrderStatus
	Symbol  string
	Side    Side
	Qty     Qty    // that traded in this event
	Price   Price  // at which it traded
	Fee     Money  // for this event
	Filled  Qty    // that has traded in all
	Left    Qty    // that may still trade
	Reason  string // of Rejected
}

// A Position is what an account holds of one symbol.
type Position struct {
	Symbol string
	Qty    Qty   // negative if short
	Cost   Money // paid for it, fees apart; negative if short
}

// An Account is what an account holds, as its venue says.
type Account struct {
	Name      string
	Time      Time
	Cash      Money
	Fees      Money      // paid in all
	Positions []Position // in order of symbol, those of zero left out
}

// A Broker trades for one account. Any goroutine may use it.
type Broker interface {
	// Submit sends an order, and returns its id when the venue has taken it. Sending the same
	// order under the same id again is harmless: the venue has it once. If the connection is
	// lost meanwhile the error wraps ErrOutcome: what became of the order comes as an
	// OrderEvent once the orders have been reconciled, Unsent if the venue never saw it.
	Submit(ctx context.Context, o Order) (OrderID, error)
	// Cancel asks the venue to cancel an order; that it did so comes as an OrderEvent.
	Cancel(ctx context.Context, id OrderID) error
	// Account returns what the account holds, asked of the venue now.
	Account(ctx context.Context) (Account, error)
	// Orders yields the events of all orders of the account, each once, in the venue's order,
	// from the first that the store still keeps (Option WithJournal); each loop has its own
	// place. It waits for new ones, until ctx ends. A reader that is further behind than the
	// store keeps gets an *OverrunError, which says how many it missed, and ends.
	Orders(ctx context.Context) iter.Seq2[OrderEvent, error]
}
