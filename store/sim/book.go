package sim

import (
	"slices"

	"github.com/whetgo/whet/store"
)

// A book is the order book of one symbol, with price and time priority. The market itself
// stands in it too, with its last quote.
type book struct {
	bids, asks []*order // best first; of one price, oldest first
	quote      [2]level // what the market bids and asks
}

// A level is a price of the market's, and how much of it is left there.
type level struct {
	price store.Price // 0: none
	left  store.Qty
}

// An order is one that the venue has taken.
type order struct {
	store.Order
	account *account
	filled  store.Qty
	status  store.OrderStatus
}

func (o *order) left() store.Qty { return o.Qty - o.filled }

// better reports whether price a is better than b for those who meet a side's orders.
func better(side store.Side, a, b store.Price) bool {
	if side == store.Buy {
		return a > b
	}
	return a < b
}

func (b *book) side(s store.Side) *[]*order {
	if s == store.Buy {
		return &b.bids
	}
	return &b.asks
}

func opposite(s store.Side) store.Side { return store.Buy + store.Sell - s }

// rest puts an order into the book.
func (b *book) rest(o *order) {
	side := b.side(o.Side)
	i := len(*side)
	for i > 0 && better(o.Side, o.Limit, (*side)[i-1].Limit) {
		i--
	}
	*side = slices.Insert(*side, i, o)
}

// remove takes an order out of the book.
func (b *book) remove(o *order) {
	side := b.side(o.Side)
	if i := slices.Index(*side, o); i >= 0 {
		*side = slices.Delete(*side, i, i+1)
	}
}

// accepts reports whether an order may trade at a price.
func (o *order) accepts(p store.Price) bool {
	return o.Type == store.AtMarket || !better(opposite(o.Side), o.Limit, p)
}

// best returns the price at which an order that comes now would trade first, how much there is, and the
// resting order it would meet, or nil for the market itself.
func (b *book) best(o *order) (p store.Price, n store.Qty, with *order) {
	other := opposite(o.Side)
	l := &b.quote[other-store.Buy]
	if l.left > 0 && l.price != 0 {
		p, n = l.price, l.left
	}
	if side := *b.side(other); len(side) > 0 && (n == 0 || !better(other, p, side[0].Limit)) {
		return side[0].Limit, side[0].left(), side[0]
	}
	return p, n, nil
}

// available returns how much of an order could trade at once.
func (b *book) available(o *order) store.Qty {
	var sum store.Qty
	other := opposite(o.Side)
	if l := b.quote[other-store.Buy]; l.price != 0 && o.accepts(l.price) {
		sum += l.left
	}
	for _, r := range *b.side(other) {
		if sum >= o.Qty || !o.accepts(r.Limit) {
			break
		}
		sum += r.left()
	}
	return sum
}

// match trades an order with what is in the book, as far as it goes.
func (v *Venue) match(s *symbol, o *order) {
	for o.left() > 0 {
		p, n, with := s.book.best(o)
		if n == 0 || !o.accepts(p) {
			return
		}
		n = min(n, o.left())
		v.fill(o, p, n, v.config.Taker)
		if with == nil {
			s.book.quote[opposite(o.Side)-store.Buy].left -= n
			continue
		}
		v.fill(with, p, n, v.config.Maker)
		if with.left() == 0 {
			s.book.remove(with)
		}
	}
}

// quote makes a tick the market's quote, and trades with it what rests in the book.
func (v *Venue) quote(s *symbol, t store.Tick) {
	if t.Bid == 0 && t.Ask == 0 {
		t.Bid, t.Ask = t.Last, t.Last
	}
	depth := v.config.Depth
	if depth == 0 {
		depth = 1 << 62
	}
	s.book.quote = [2]level{{t.Bid, depth}, {t.Ask, depth}}
	for _, side := range []store.Side{store.Buy, store.Sell} {
		l := &s.book.quote[opposite(side)-store.Buy]
		for rest := s.book.side(side); len(*rest) > 0 && l.left > 0 && l.price != 0; {
			o := (*rest)[0]
			if !o.accepts(l.price) {
				break
			}
			n := min(o.left(), l.left)
			l.left -= n
			v.fill(o, o.Limit, n, v.config.Maker)
			if o.left() == 0 {
				s.book.remove(o)
			}
		}
	}
}
