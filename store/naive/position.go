package naive

// Position is what is held of one symbol.
type Position struct {
	Lots     int64 // negative if short
	Cost     int64 // of the open lots, in ticks × lots; negative if short
	Realized int64 // profit of the closed lots, in ticks × lots
}

// Positions holds the position in each symbol traded. It is not safe for
// concurrent use.
type Positions map[string]Position

// Apply enters a fill. Closed lots leave at the average cost of the open ones;
// a rounding remainder stays with the lots still open, so that nothing is lost
// once the position is flat.
func (p Positions) Apply(f Fill) {
	pos := p[f.Symbol]
	closed := closing(pos.Lots, f.Lots)
	if closed != 0 {
		cost := pos.Cost * closed / pos.Lots
		pos.Realized += closed*f.Price - cost
		pos.Lots -= closed
		pos.Cost -= cost
	}
	opened := f.Lots + closed
	pos.Lots += opened
	pos.Cost += opened * f.Price
	p[f.Symbol] = pos
}

// Value returns the profit in a symbol if it were closed at price, together
// with what is realized, in ticks × lots.
func (p Positions) Value(symbol string, price int64) int64 {
	pos := p[symbol]
	return pos.Realized + pos.Lots*price - pos.Cost
}

// closing returns how many of the held lots a trade closes, with the sign of
// held.
func closing(held, traded int64) int64 {
	switch {
	case held > 0 && traded < 0:
		return min(held, -traded)
	case held < 0 && traded > 0:
		return max(held, -traded)
	}
	return 0
}
