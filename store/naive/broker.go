package naive

import "errors"

// Errors of Broker.Submit.
var (
	ErrNoLots  = errors.New("order of zero lots")
	ErrNoQuote = errors.New("symbol has no quote")
)

// OrderID names an order for as long as its store lives.
type OrderID int64

// Order is a wish to trade.
type Order struct {
	Symbol  string
	Lots    int64 // positive to buy, negative to sell
	Limited bool  // fill at Limit or better only
	Limit   int64 // in ticks
}

// Fill is the execution of a whole order.
type Fill struct {
	ID     OrderID
	Symbol string
	Lots   int64 // positive for bought, negative for sold
	Price  int64 // in ticks
}

// resting is a limited order that waits for its price.
type resting struct {
	id          OrderID
	lots, limit int64
}

// book is what the broker knows of one symbol.
type book struct {
	price  int64
	orders []resting
}

// Broker fills orders at the last quoted price, without slippage or fees. It
// is not safe for concurrent use.
type Broker struct {
	last  OrderID
	books map[string]*book
}

// NewBroker returns a broker whose first order is numbered last+1.
func NewBroker(last OrderID) *Broker {
	return &Broker{last: last, books: map[string]*book{}}
}

// Submit fills an order at the quote, or lets it rest if its limit is not
// reached; the Fill then has the order's ID and zero lots.
func (b *Broker) Submit(o Order) (Fill, error) {
	if o.Lots == 0 {
		return Fill{}, ErrNoLots
	}
	bk, ok := b.books[o.Symbol]
	if !ok {
		return Fill{}, ErrNoQuote
	}
	b.last++
	f := Fill{ID: b.last, Symbol: o.Symbol, Price: bk.price}
	if o.Limited && !reached(o.Lots, o.Limit, bk.price) {
		bk.orders = append(bk.orders, resting{b.last, o.Lots, o.Limit})
		return f, nil
	}
	f.Lots = o.Lots
	return f, nil
}

// Mark sets the price of a symbol and appends to fills the resting orders that
// it fills, oldest first, each at the new price.
func (b *Broker) Mark(fills []Fill, symbol string, price int64) []Fill {
	bk, ok := b.books[symbol]
	if !ok {
		b.books[symbol] = &book{price: price}
		return fills
	}
	bk.price = price
	kept := bk.orders[:0]
	for _, o := range bk.orders {
		if reached(o.lots, o.limit, price) {
			fills = append(fills, Fill{o.id, symbol, o.lots, price})
		} else {
			kept = append(kept, o)
		}
	}
	bk.orders = kept
	return fills
}

// Cancel withdraws a resting order and reports whether there was one.
func (b *Broker) Cancel(symbol string, id OrderID) bool {
	bk, ok := b.books[symbol]
	if !ok {
		return false
	}
	for i, o := range bk.orders {
		if o.id == id {
			bk.orders = append(bk.orders[:i], bk.orders[i+1:]...)
			return true
		}
	}
	return false
}

// reached reports whether an order of lots may trade at price.
func reached(lots, limit, price int64) bool {
	if lots > 0 {
		return price <= limit
	}
	return price >= limit
}
