// Package book keeps orders and quotes.
package book

// An Order takes 40 bytes, so 48 of the heap; ordered otherwise it takes 24.
type Order struct { // want layout/padding
	Buy   bool
	Lots  int64
	Open  bool
	Price float64
	Day   bool
}

// NewOrder makes an order.
func NewOrder(lots int64, price float64) *Order {
	return &Order{Buy: lots > 0, Lots: lots, Price: price, Open: true}
}

// A Fill is copied by a variable that moves to the heap.
type Fill struct { // want layout/padding
	Partial bool
	Price   float64
	Last    bool
	note    string
	Final   bool
}

// Clone returns a copy of f.
func (f *Fill) Clone() *Fill {
	c := *f
	return &c
}

// A Tick lies side by side with others: 24 bytes each, where 16 would do.
type Tick struct { // want layout/padding
	Up    bool
	Price float64
	Last  bool
}

// Ticks returns n ticks.
func Ticks(n int) []Tick {
	ts := make([]Tick, n)
	for i := range ts {
		ts[i].Price = float64(i)
	}
	return ts
}

// A Pair is generic; its instances have sizes, and it has not.
type Pair[T any] struct { // want layout/padding
	Set   bool
	Left  T
	Done  bool
	Right T
	Ok    bool
}

// NewPair makes a pair of numbers.
func NewPair(l, r float64) *Pair[float64] {
	return &Pair[float64]{Left: l, Right: r}
}

// A Quote is only made once, and kept.
type Quote struct { // want layout/padding
	Firm bool
	Bid  float64
	Wide bool
	Ask  float64
	Old  bool
}

// A Board keeps quotes.
type Board struct {
	quotes []*Quote
}

// Fill puts n quotes on the board.
func (b *Board) Fill(n int) {
	b.quotes = make([]*Quote, n)
	for i := range b.quotes {
		b.quotes[i] = &Quote{Bid: float64(i)}
	}
}

// Spread returns the spread of a quote.
func (b *Board) Spread(i int) float64 {
	q := b.quotes[i%len(b.quotes)]
	return q.Ask - q.Bid
}
