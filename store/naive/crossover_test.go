package naive

import "fmt"

// crossover is a strategy that follows the trend of one symbol, one lot a
// step: it buys above the average of the last prices and sells below.
type crossover struct {
	dir, symbol string
	average     *Average
	ticks       *Ring
}

func newCrossover(dir, symbol string) *crossover {
	return &crossover{dir, symbol, NewAverage(50), NewRing(window)}
}

// step trades on the window of bars that begins from minutes after the first,
// and returns the lots traded.
func (c *crossover) step(from int) (int64, error) {
	s, err := Open(FileParams(c.dir, "paper", 1))
	if err != nil {
		return 0, err
	}
	in, err := Lookup(c.symbol)
	if err != nil {
		return 0, err
	}
	bars, err := s.Bars(c.symbol, minute(from), minute(from+window))
	if err != nil {
		return 0, err
	}
	c.average.Reset()
	for _, bar := range bars {
		price := in.Ticks(bar.Close)
		c.average.Add(price)
		c.ticks.Push(Tick{Time: bar.Time.UnixNano(), Price: price, Lots: bar.Volume})
	}
	last, ok := c.ticks.Last(0)
	if !ok || len(bars) != window {
		return 0, fmt.Errorf("%d bars of %s, want %d", len(bars), c.symbol, window)
	}
	lots := int64(-1)
	if mean, ok := c.average.Mean(); ok && float64(last.Price) > mean {
		lots = 1
	}
	s.Quote(c.symbol, last.Price)
	fill, err := s.Submit(Order{Symbol: c.symbol, Lots: lots})
	if err != nil {
		return 0, err
	}
	return lots, c.told(s, fill.ID)
}

// told reports whether the notes of the store tell of the order's fill.
func (c *crossover) told(s *Store, id OrderID) error {
	notes := s.Notes()
	for i := len(notes) - 1; i >= 0; i-- {
		if n := notes[i]; n.Kind == Filled && n.Order == id && n.Symbol == c.symbol {
			return nil
		}
	}
	return fmt.Errorf("no note of order %d in %s", id, c.symbol)
}
