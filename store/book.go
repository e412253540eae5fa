package store

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"
)

// A book is what a store knows of the orders of one account: where order events are put in
// order, each once, and handed to all readers.
type book struct {
	core    *core
	account string

	mu        sync.Mutex // guards what follows
	journal   trail[OrderEvent]
	bell      bell
	err       error // why no more events will come
	last      uint64
	held      map[uint64]OrderEvent // numbered, after a hole
	seen      map[uint64]struct{}   // hashes of the Exec of those not numbered
	begun     bool                  // a replay from the beginning was made
	replaying int
	waiting   []OrderEvent // not numbered, that came during a replay
	holed     bool         // the filling of a hole is under way
	sent      map[OrderID]sent
}

// A sent order is one of which nothing was heard yet.
type sent struct {
	order   Order
	link    *link
	unknown bool // whether the venue has it
}

const (
	holeWait = 20 * time.Millisecond  // for an event that comes out of order
	holeTry  = 250 * time.Millisecond // between replays that fail
)

// book returns that of an account.
func (c *core) book(account string) *book {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.books[account]
	if b == nil {
		b = &book{core: c, account: account, journal: trail[OrderEvent]{max: c.opts.journal},
			held: make(map[uint64]OrderEvent), seen: make(map[uint64]struct{}), sent: make(map[OrderID]sent)}
		c.books[account] = b
	}
	return b
}

func (c *core) allBooks() []*book {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.books))
}

// live takes an event that the venue has sent on its own.
func (b *book) live(l *link, e OrderEvent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.begun && b.replaying == 0: // the replay has it
		l.spawn(func() { b.first(l.ctx, l) })
		return
	case e.Seq == 0 && b.replaying > 0:
		b.waiting = append(b.waiting, e)
		return
	}
	b.accept(e)
	if len(b.held) > 0 && b.replaying == 0 && !b.holed {
		b.holed = l.spawn(func() { b.closeHole(l) })
	}
}

// first makes sure that all that was before is in the journal.
func (b *book) first(ctx context.Context, l *link) error {
	b.mu.Lock()
	begun := b.begun
	b.mu.Unlock()
	if begun {
		return nil
	}
	return b.reconcile(ctx, l)
}

// accept takes an event, if it was not there before, when its turn has come.
func (b *book) accept(e OrderEvent) {
	switch {
	case e.Seq == 0:
		h := maphash.String(execSeed, e.Exec)
		if _, was := b.seen[h]; was {
			b.core.counts.orderDuplicates.Add(1)
			return
		}
		b.seen[h] = struct{}{}
		b.deliver(e)
	case e.Seq <= b.last:
		b.core.counts.orderDuplicates.Add(1)
	case e.Seq == b.last+1:
		b.deliver(e)
		b.release()
	default:
		if _, was := b.held[e.Seq]; was {
			b.core.counts.orderDuplicates.Add(1)
		}
		b.held[e.Seq] = e
	}
}

var execSeed = maphash.MakeSeed()

// release delivers what was held and is next.
func (b *book) release() {
	for {
		e, ok := b.held[b.last+1]
		if !ok {
			return
		}
		delete(b.held, e.Seq)
		b.deliver(e)
	}
}

func (b *book) deliver(e OrderEvent) {
	b.last = max(b.last, e.Seq)
	delete(b.sent, e.ID)
	b.core.counts.orders.Add(1)
	if b.journal.put(e) {
		b.core.degrade(trouble{kind: slowOrders, name: b.account}, fmt.Errorf("a reader of the orders of %q is too slow", b.account))
	}
	b.bell.ring()
	b.core.put(Note{Time: e.Time, Class: OrderNotes, Symbol: e.Symbol, Text: string(e.ID) + " " + e.Status.String()})
}

// closeHole asks the venue for events that did not come, unless they come yet.
func (b *book) closeHole(l *link) {
	defer func() {
		b.mu.Lock()
		b.holed = false
		b.mu.Unlock()
	}()
	for wait := holeWait; sleep(l.ctx, wait) == nil; wait = holeTry {
		b.mu.Lock()
		open := len(b.held) > 0
		b.mu.Unlock()
		if !open {
			return
		}
		if b.reconcile(l.ctx, l) == nil {
			return
		}
	}
}

// reconcile asks the venue for all that has happened since the last event, and tells which of
// the orders with an unknown outcome it has never seen.
func (b *book) reconcile(ctx context.Context, l *link) error {
	d, err := l.desk(b.account)
	if errors.Is(err, ErrNoBroker) || errors.Is(err, ErrNoAccount) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, b.core.opts.dialTimeout) // an answer may be lost
	defer cancel()
	after, doubtful := b.beginReplay(l)
	b.core.counts.replays.Add(1)
	err = d.Replay(ctx, after, func(e OrderEvent) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.accept(e)
		return ctx.Err()
	})
	b.endReplay(err == nil, doubtful)
	return err
}

// check asks, while all seems well, whether the newest events were lost on their way, if the venue numbers
// them, so that it costs little.
func (b *book) check(l *link) {
	b.mu.Lock()
	numbered := b.last > 0
	b.mu.Unlock()
	if numbered {
		b.reconcile(l.ctx, l) // if it fails, the next one may not
	}
}

// beginReplay returns the number of the last event, and the orders whose outcome the replay
// will tell: those sent through an older session, or that failed.
func (b *book) beginReplay(l *link) (after uint64, doubtful []OrderID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replaying++
	for id, s := range b.sent {
		if s.unknown || s.link != l {
			doubtful = append(doubtful, id)
		}
	}
	return b.last, doubtful
}

func (b *book) endReplay(complete bool, doubtful []OrderID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.replaying--; b.replaying == 0 {
		for _, e := range b.waiting {
			b.accept(e)
		}
		b.waiting = nil
	}
	if !complete {
		return
	}
	b.begun = true
	for len(b.held) > 0 { // numbers the venue itself doesn't know: it has left them out
		b.last = slices.Min(slices.Collect(maps.Keys(b.held))) - 1
		b.release()
	}
	slices.Sort(doubtful)
	for _, id := range doubtful {
		if s, ok := b.sent[id]; ok {
			b.deliver(OrderEvent{Account: b.account, ID: id, Exec: "unsent " + string(id), Time: At(time.Now()),
				Status: Unsent, Symbol: s.order.Symbol, Side: s.order.Side, Left: s.order.Qty})
		}
	}
}

func (b *book) close(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
	b.bell.ring()
}

// next returns the event at a reader's place.
func (b *book) next(ctx context.Context, p *place) (OrderEvent, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for p.next == b.journal.end {
		if b.err != nil {
			return OrderEvent{}, b.err
		}
		if err := ctx.Err(); err != nil {
			return OrderEvent{}, err
		}
		b.bell.wait(ctx, &b.mu)
	}
	if missed := b.journal.skip(p); missed > 0 {
		return OrderEvent{}, &OverrunError{missed}
	}
	e := b.journal.at(p)
	p.next++
	return e, nil
}

func (b *book) enter() *place {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.journal.enter()
}

// leave forgets a reader, and mends the store if it was the last that was overtaken.
func (b *book) leave(p *place) {
	b.mu.Lock()
	b.journal.leave(p)
	behind := b.journal.behind()
	b.mu.Unlock()
	if !behind {
		b.core.mend(trouble{kind: slowOrders, name: b.account})
	}
}

// A broker is the Broker of a store. It keeps the store alive.
type broker struct {
	s *Store
	b *book
}

// Submit implements Broker.
func (k *broker) Submit(ctx context.Context, o Order) (OrderID, error) {
	defer runtime.KeepAlive(k.s)
	if o.ID == "" {
		o.ID = newOrderID()
	}
	if err := o.Check(); err != nil {
		return o.ID, err
	}
	u, err := k.b.core.use(ctx)
	if err != nil {
		return o.ID, fmt.Errorf("store: order %s was not sent: %w", o.ID, err)
	}
	defer u.done()
	d, err := u.desk(k.b.account)
	if err != nil {
		return o.ID, err
	}
	if err := k.b.core.pace(ctx, u.link, request{work: OrderWork, symbol: o.Symbol, order: o.ID}); err != nil {
		return o.ID, fmt.Errorf("store: order %s was not sent: %w", o.ID, err)
	}
	return o.ID, k.b.submit(ctx, u.link, d, o)
}

func (b *book) submit(ctx context.Context, l *link, d Desk, o Order) error {
	b.mu.Lock()
	b.sent[o.ID] = sent{order: o, link: l}
	b.mu.Unlock()
	err := b.core.opts.secrets.hide(d.Submit(ctx, o))
	b.mu.Lock()
	defer b.mu.Unlock()
	s, waiting := b.sent[o.ID]
	switch {
	case err == nil || decided(err):
		delete(b.sent, o.ID)
		return err
	case waiting:
		s.unknown = true
		b.sent[o.ID] = s
		l.spawn(func() { b.resolve(l) })
	}
	return fmt.Errorf("%w: order %s: %w", ErrOutcome, o.ID, err)
}

// decided reports whether an error of Desk.Submit says that the venue has refused the order.
func decided(err error) bool {
	var bad *OrderError
	return errors.Is(err, ErrRejected) || errors.Is(err, ErrConflict) || errors.Is(err, ErrNoSymbol) || errors.As(err, &bad)
}

// resolve asks for the outcome of orders in a session that is still up.
func (b *book) resolve(l *link) {
	for l.ctx.Err() == nil && b.reconcile(l.ctx, l) != nil {
		sleep(l.ctx, holeTry)
	}
}

// Cancel implements Broker.
func (k *broker) Cancel(ctx context.Context, id OrderID) error {
	defer runtime.KeepAlive(k.s)
	u, err := k.b.core.use(ctx)
	if err != nil {
		return err
	}
	defer u.done()
	d, err := u.desk(k.b.account)
	if err != nil {
		return err
	}
	if err := k.b.core.pace(ctx, u.link, request{work: OrderWork, order: id}); err != nil {
		return err
	}
	return k.b.core.opts.secrets.hide(d.Cancel(ctx, id))
}

// Account implements Broker.
func (k *broker) Account(ctx context.Context) (Account, error) {
	defer runtime.KeepAlive(k.s)
	u, err := k.b.core.use(ctx)
	if err != nil {
		return Account{}, err
	}
	defer u.done()
	d, err := u.desk(k.b.account)
	if err != nil {
		return Account{}, err
	}
	a, err := d.Account(ctx)
	return a, k.b.core.opts.secrets.hide(err)
}

// Orders implements Broker.
func (k *broker) Orders(ctx context.Context) iter.Seq2[OrderEvent, error] {
	return func(yield func(OrderEvent, error) bool) {
		defer runtime.KeepAlive(k.s)
		p := k.b.enter()
		defer k.b.leave(p)
		for {
			e, err := k.b.next(ctx, p)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}
