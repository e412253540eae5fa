package naive

import (
	"errors"
	"fmt"
	"maps"
	"os"
)

// ErrTooLarge is returned for an order above the store's maxlots.
var ErrTooLarge = errors.New("order too large")

// Store is one account's connection to a directory of bar files and a paper
// broker. Get one with Open; its methods may be called from any goroutine.
type Store struct {
	params    Params
	broker    *Broker
	positions Positions
	fills     []Fill // buffer of Quote
	notes     []Note
	requests  int
}

func newStore(p Params) (*Store, error) {
	info, err := os.Stat(p.text("addr"))
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a directory", p.text("addr"))
	}
	return &Store{
		params:    maps.Clone(p),
		broker:    NewBroker(OrderID(p["client"].(int)) << 32),
		positions: Positions{},
	}, nil
}

// Submit sends an order to the paper broker and books its fill, if any. A Fill
// of zero lots means that the order rests until a quote reaches its limit.
func (s *Store) Submit(o Order) (Fill, error) {
	mu.Lock()
	defer mu.Unlock()
	if limit := s.params["maxlots"].(int64); o.Lots > limit || o.Lots < -limit {
		return Fill{}, fmt.Errorf("submitting %d lots of %s: %w", o.Lots, o.Symbol, ErrTooLarge)
	}
	f, err := s.broker.Submit(o)
	if err != nil {
		return Fill{}, fmt.Errorf("submitting %d lots of %s: %w", o.Lots, o.Symbol, err)
	}
	if f.Lots != 0 {
		s.book(f)
	}
	return f, nil
}

// Cancel withdraws a resting order and reports whether there was one.
func (s *Store) Cancel(symbol string, id OrderID) bool {
	mu.Lock()
	defer mu.Unlock()
	return s.broker.Cancel(symbol, id)
}

// Quote sets the price of a symbol, in ticks, and books the resting orders
// that it fills.
func (s *Store) Quote(symbol string, price int64) {
	mu.Lock()
	defer mu.Unlock()
	s.fills = s.broker.Mark(s.fills[:0], symbol, price)
	for _, f := range s.fills {
		s.book(f)
	}
}

// book enters a fill into the positions and tells it to the strategies. The
// caller holds mu.
func (s *Store) book(f Fill) {
	s.positions.Apply(f)
	s.notes = append(s.notes, Note{
		Kind:    Filled,
		Account: s.params.text("account"),
		Symbol:  f.Symbol,
		Order:   f.ID,
	})
}

// Position returns the position in a symbol; it is zero if there is none.
func (s *Store) Position(symbol string) Position {
	mu.Lock()
	defer mu.Unlock()
	return s.positions[symbol]
}

// Requests returns how many requests for bars were answered.
func (s *Store) Requests() int {
	mu.Lock()
	defer mu.Unlock()
	return s.requests
}
