package book

import "unsafe"

// A Level is in the best order.
type Level struct {
	Price float64
	Lots  int64
	Next  *Level
	Buy   bool
	Open  bool
}

// NewLevel makes a level.
func NewLevel(price float64) *Level { return &Level{Price: price} }

// A Trade has padding, and would take as much of the heap without: 80 bytes.
type Trade struct {
	Buy    bool
	Prices [7]float64
	Open   bool
	Lots   int64
}

// NewTrade makes a trade.
func NewTrade(lots int64) *Trade { return &Trade{Lots: lots} }

// A Counter has its cache line to itself on purpose.
type Counter struct {
	hot bool
	n   int64
	old bool
	m   int64
	_   [40]byte
	on  bool
}

// NewCounter makes a counter.
func NewCounter() *Counter { return &Counter{n: int64(unsafe.Sizeof(Counter{}))} }
