package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/whetgo/whet/store"
)

// An account is what the venue keeps of one: for ever, whatever happens to connections.
type account struct {
	name      string
	cash      store.Money
	fees      store.Money
	positions map[string]store.Position
	orders    map[store.OrderID]*order
	log       []store.OrderEvent
}

// account returns that of a name. The caller holds v.mu.
func (v *Venue) account(name string) *account {
	a := v.accounts[name]
	if a == nil {
		a = &account{name: name, cash: v.config.Cash, positions: make(map[string]store.Position), orders: make(map[store.OrderID]*order)}
		v.accounts[name] = a
	}
	return a
}

// Executions returns all order events of an account, as the venue has them: what a store must
// have told, each once and in this order.
func (v *Venue) Executions(name string) []store.OrderEvent {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.account(name).log)
}

// emit writes an event down, and sends it to those who trade for the account.
func (v *Venue) emit(o *order, e store.OrderEvent) {
	a := o.account
	e.Account, e.ID, e.Symbol, e.Side = a.name, o.ID, o.Symbol, o.Side
	e.Seq, e.Time = uint64(len(a.log)+1), store.At(time.Now())
	e.Exec = fmt.Sprintf("%s/%s/%d", v.addr, a.name, e.Seq)
	e.Status, e.Filled, e.Left = o.status, o.filled, o.left()
	if o.status.Final() {
		e.Left = 0
	}
	a.log = append(a.log, e)
	for s := range v.open {
		if s.desks[a.name] {
			v.send(s, message{order: &e})
		}
	}
}

// fill trades n of an order at a price. rate is the fee, in millionths.
func (v *Venue) fill(o *order, p store.Price, n store.Qty, rate int64) {
	value, err := store.Notional(p, n)
	if err != nil {
		panic("sim: " + err.Error()) // take has checked the whole order
	}
	fee := store.Money(int64(value) / 1_000_000 * rate)
	fee += store.Money(int64(value) % 1_000_000 * rate / 1_000_000)
	if fee < 0 {
		fee = -fee // of a negative price
	}
	o.filled += n
	o.status = store.PartFilled
	if o.left() == 0 {
		o.status = store.Filled
	}
	o.account.book(o.Symbol, o.Side, n, value, fee)
	v.emit(o, store.OrderEvent{Qty: n, Price: p, Fee: fee})
}

// book enters a trade. What it closes leaves at the average cost of what is held.
func (a *account) book(symbol string, side store.Side, n store.Qty, value, fee store.Money) {
	if side == store.Sell {
		n, value = -n, -value
	}
	a.cash -= value + fee
	a.fees += fee
	p := a.positions[symbol]
	p.Symbol = symbol
	switch {
	case p.Qty == 0 || (p.Qty > 0) == (n > 0): // opens
		p.Cost += value
	case p.Qty+n == 0:
		p.Cost = 0
	case (p.Qty+n > 0) == (p.Qty > 0): // closes a part
		p.Cost = store.Money(float64(p.Cost) * (float64(p.Qty+n) / float64(p.Qty)))
	default: // turns it
		p.Cost = store.Money(float64(value) * (float64(p.Qty+n) / float64(n)))
	}
	p.Qty += n
	if p.Qty == 0 {
		delete(a.positions, symbol)
		return
	}
	a.positions[symbol] = p
}

// reserved returns what open orders to buy may cost.
func (a *account) reserved() store.Money {
	var sum store.Money
	for _, o := range a.orders {
		if !o.status.Final() && o.Side == store.Buy {
			value, err := store.Notional(o.Limit, o.left())
			if err == nil {
				sum += value
			}
		}
	}
	return sum
}

func (a *account) snapshot() store.Account {
	positions := slices.SortedFunc(maps.Values(a.positions), func(x, y store.Position) int { return strings.Compare(x.Symbol, y.Symbol) })
	return store.Account{Name: a.name, Time: store.At(time.Now()), Cash: a.cash, Fees: a.fees, Positions: positions}
}
