package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/whetgo/whet/store"
)

// A trader sends orders and reads all order events.
type trader struct {
	*rig
	broker store.Broker

	mu     sync.Mutex // guards what follows
	events []store.OrderEvent
	err    error
}

// trade returns the trader of a venue that quotes 99 to 101.
func (r *rig) trade() *trader {
	r.Helper()
	if r.Executions == nil {
		r.unasked() // it doesn't trade
	}
	r.quote(99, 101)
	k, err := r.s.Broker(r.ctx, r.Params.Account)
	if err != nil {
		r.Fatal(err)
	}
	t := &trader{rig: r, broker: k}
	t.read()
	return t
}

// read reads order events until the store stops.
func (t *trader) read() {
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(t.ctx)
	go func() {
		defer close(done)
		for e, err := range t.broker.Orders(ctx) {
			t.mu.Lock()
			if t.err = err; err == nil {
				t.events = append(t.events, e)
			}
			t.mu.Unlock()
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
}

func (r *rig) quote(bid, ask int64) { r.Quote(r.Symbol, store.Points(bid), store.Points(ask)) }

func (t *trader) order(id string, side store.Side, limit int64) store.Order {
	return store.Order{ID: store.OrderID(id), Symbol: t.Symbol, Side: side, Qty: store.Lots(2), Type: store.AtLimit, Limit: store.Points(limit)}
}

func (t *trader) submit(o store.Order) {
	t.Helper()
	if id, err := t.broker.Submit(t.ctx, o); err != nil || id != o.ID {
		t.Fatalf("submitting %v: id %s, %v", o, id, err)
	}
}

// status waits until the last event of an order has a status.
func (t *trader) status(id string, want store.OrderStatus) store.OrderEvent {
	t.Helper()
	var last store.OrderEvent
	t.eventually(fmt.Sprint("order ", id, " ", want), func() error {
		t.mu.Lock()
		defer t.mu.Unlock()
		last = store.OrderEvent{}
		for _, e := range t.events {
			if e.ID == store.OrderID(id) {
				last = e
			}
		}
		if last.Status != want {
			return fmt.Errorf("it is %v; store %v", last, t.s.State())
		}
		return nil
	})
	return last
}

// whole waits until the reader has the events that the venue has, each once and in order.
func (t *trader) whole() {
	t.Helper()
	t.eventually("all order events", func() error {
		want := t.Executions(t.Params.Account)
		t.mu.Lock()
		defer t.mu.Unlock()
		got := slices.DeleteFunc(slices.Clone(t.events), func(e store.OrderEvent) bool { return e.Status == store.Unsent })
		if t.err != nil {
			return t.err
		}
		if len(got) != len(want) {
			return fmt.Errorf("%d events, want %d; store %v", len(got), len(want), t.s.State())
		}
		for i := range got {
			if got[i].Exec != want[i].Exec || got[i].ID != want[i].ID || got[i].Status != want[i].Status || got[i].Qty != want[i].Qty {
				return fmt.Errorf("at %d got %v, want %v", i, got[i], want[i])
			}
		}
		return nil
	})
}

func orders(r *rig) {
	t := r.trade()
	t.submit(t.order("takes", store.Buy, 101))
	e := t.status("takes", store.Filled)
	if e.Price != store.Points(101) || e.Filled != store.Lots(2) || e.Left != 0 || e.Account != r.Params.Account {
		t.Errorf("filled as %+v, want 2 at 101", e)
	}
	t.submit(t.order("rests", store.Buy, 100))
	t.status("rests", store.Accepted)
	t.quote(98, 100)
	if e := t.status("rests", store.Filled); e.Price != store.Points(100) {
		t.Errorf("a resting order traded at %v, want its limit 100", e.Price)
	}
	t.submit(t.order("leaves", store.Buy, 97))
	t.status("leaves", store.Accepted)
	if err := t.broker.Cancel(t.ctx, "leaves"); err != nil {
		t.Fatal(err)
	}
	t.status("leaves", store.Cancelled)
	if err := t.broker.Cancel(t.ctx, "nobody's"); !errors.Is(err, store.ErrNoOrder) {
		t.Errorf("cancelling an order that is not there: %v, want ErrNoOrder", err)
	}
	a, err := t.broker.Account(t.ctx)
	if err != nil || len(a.Positions) != 1 || a.Positions[0].Qty != store.Lots(4) {
		t.Errorf("account %+v, %v, want 4 of %s", a, err, t.Symbol)
	}
	t.whole()
}

func idempotent(r *rig) {
	t := r.trade()
	o := t.order("once", store.Buy, 100)
	for range 5 {
		t.submit(o)
	}
	other := o
	other.Qty *= 2
	if _, err := t.broker.Submit(t.ctx, other); !errors.Is(err, store.ErrConflict) {
		t.Errorf("another order under the same id: %v, want ErrConflict", err)
	}
	var bad *store.OrderError
	if _, err := t.broker.Submit(t.ctx, store.Order{Symbol: t.Symbol}); !errors.As(err, &bad) {
		t.Errorf("an order of nothing: %v, want an OrderError", err)
	}
	t.status("once", store.Accepted)
	if got := len(t.Executions(t.Params.Account)); got != 1 {
		t.Errorf("an order sent five times has %d events, want 1", got)
	}
	t.whole()
}

func rejected(r *rig) {
	reject := r.fault(Reject)
	t := r.trade()
	reject(true)
	if _, err := t.broker.Submit(t.ctx, t.order("no", store.Buy, 101)); !errors.Is(err, store.ErrRejected) {
		t.Errorf("got %v, want ErrRejected", err)
	}
	reject(false)
	t.submit(t.order("yes", store.Buy, 101))
	t.status("yes", store.Filled)
	t.whole()
}

// perseveres sends orders while a fault comes and goes, each until the venue has it.
func (t *trader) perseveres(set func(on bool)) {
	for i := range 60 {
		o := t.order(fmt.Sprint("o", i), store.Buy, 101)
		if i%10 == 5 {
			set(true)
		}
		if i%10 == 7 {
			set(false)
		}
		t.eventually("order "+string(o.ID)+" to be taken", func() error {
			_, err := t.broker.Submit(t.ctx, o)
			return err
		})
	}
	set(false)
	for i := range 60 {
		t.status(fmt.Sprint("o", i), store.Filled)
	}
	t.whole()
	filled := 0
	for _, e := range t.Executions(t.Params.Account) {
		if e.Status == store.Filled {
			filled++
		}
	}
	if filled != 60 {
		t.Errorf("60 orders were filled %d times", filled)
	}
}

func cutOrders(r *rig) {
	cut := r.fault(Cut)
	r.trade().perseveres(func(on bool) {
		if on {
			cut(true)
		}
	})
}

func restartOrders(r *rig) {
	restart := r.fault(Restart)
	t := r.trade()
	t.submit(t.order("before", store.Buy, 100))
	t.status("before", store.Accepted)
	restart(true)
	t.eventually("a lost connection", func() error {
		if r.s.Stats().Lost == 0 {
			return errors.New("not noticed")
		}
		return nil
	})
	restart(false)
	t.phase(store.Live)
	t.quote(98, 100) // fills what rests
	t.status("before", store.Filled)
	t.submit(t.order("after", store.Buy, 100))
	t.status("after", store.Filled)
	t.whole()
}

// replayed checks that a store that comes later knows all that was before it.
func replayed(r *rig) {
	t := r.trade()
	t.submit(t.order("first", store.Buy, 101))
	t.status("first", store.Filled)
	if err := t.s.Stop(t.ctx); err != nil {
		t.Fatal(err)
	}
	if err := t.s.Start(t.ctx); err != nil {
		t.Fatal(err)
	}
	late := t.trade()
	late.status("first", store.Filled)
	late.whole()
}

func noBroker(r *rig) {
	if r.Executions != nil {
		r.unasked() // it trades
	}
	if k, err := r.s.Broker(r.ctx, "DU1"); !errors.Is(err, store.ErrNoBroker) {
		r.Errorf("got %v, %v, want ErrNoBroker", k, err)
	}
}
