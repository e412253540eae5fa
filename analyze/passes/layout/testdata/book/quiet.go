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

// A Cache is generic: of what it allocates nothing has a size in the source.
type Cache[K comparable, V any] struct {
	on  bool
	m   map[K]V
	old bool
	all []V
}

// Put makes a new cache's map and puts v into it.
func (c *Cache[K, V]) Put(k K, v V) {
	c.m = make(map[K]V)
	c.m[k] = v
	c.all = append([]V(nil), v)
}
