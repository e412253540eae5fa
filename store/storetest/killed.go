package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
)

const clientRole = "client"

// clientArg is what a client is told.
type clientArg struct {
	Params  store.Params
	Secrets map[string]string
	Symbol  string
	Resend  []string // ids of orders that a client before it has sent, and of which nothing is known
	Name    string   // its orders' ids begin with it
	Orders  int      // to send; 0 is without end
}

// client sends orders as fast as they are taken, and says which it sends, which were acknowledged, and
// which events of the account it has heard of.
func client(ctx context.Context, arg string, say func(words ...any)) error {
	var a clientArg
	if err := json.Unmarshal([]byte(arg), &a); err != nil {
		return err
	}
	s, err := store.Open(ctx, a.Params, append(secretOptions(a.Secrets), store.WithBackoff(time.Millisecond, 50*time.Millisecond, 1))...)
	if err != nil {
		return err
	}
	k, err := s.Broker(ctx, a.Params.Account)
	if err != nil {
		return err
	}
	if _, err := s.Feed(ctx, ticksOf("ABC")); err != nil {
		return err
	}
	go func() {
		for e, err := range k.Orders(ctx) {
			if err == nil && e.Status != store.Unsent {
				say("event", e.Exec)
			}
		}
	}()
	for _, id := range a.Resend {
		if err := insist(ctx, k, a.Symbol, id, say); err != nil {
			return err
		}
	}
	for i := 0; i < a.Orders || a.Orders == 0; i++ {
		if err := insist(ctx, k, a.Symbol, fmt.Sprint(a.Name, "-", i), say); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return s.Stop(context.Background())
}

// insist sends an order until it is acknowledged.
func insist(ctx context.Context, k store.Broker, symbol, id string, say func(words ...any)) error {
	say("send", id)
	for {
		_, err := k.Submit(ctx, buy(symbol, id))
		if err == nil {
			say("ack", id)
			return nil
		}
		if ctx.Err() != nil || errors.Is(err, store.ErrRejected) || errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("order %s: %w", id, err)
		}
		time.Sleep(time.Millisecond)
	}
}

func buy(symbol, id string) store.Order {
	return store.Order{ID: store.OrderID(id), Symbol: symbol, Side: store.Buy, Qty: store.Lots(2), Type: store.AtLimit, Limit: store.Points(101)}
}

func secretOptions(secrets map[string]string) (opts []store.Option) {
	for name, value := range secrets {
		opts = append(opts, store.WithSecret(name, value))
	}
	return opts
}

// A victim is a client that is to be killed, and what it has said.
type victim struct {
	*Process
	sent, acked []string
	events      []string
}

// hear takes one line of the client.
func (v *victim) hear(words []string) {
	switch words[0] {
	case "send":
		v.sent = append(v.sent, words[1])
	case "ack":
		v.acked = append(v.acked, words[1])
	case "event":
		v.events = append(v.events, words[1])
	}
}

// unknown returns the orders that were sent, and not acknowledged.
func (v *victim) unknown() []string {
	return slices.DeleteFunc(slices.Clone(v.sent), func(id string) bool { return slices.Contains(v.acked, id) })
}

// Killed has clients of a venue, each a process of its own, killed while they send orders. The venue must let go of
// them; another client must go on as if nothing were; and one that is started after them must find all
// that they were told, and be able to say again what they were not. The test's program must begin with Main.
func Killed(t *testing.T, h Harness) {
	t.Cleanup(func() { noGoroutines(t, nil) })
	r := h.rig(t, 10*time.Second)
	other := r.trade()
	r.Bars("ABC", minute, MakeBars(7, Begin, minute, 2)...)
	feed := r.open(ticksOf("ABC"), store.WithRing(1<<14, store.DropOldest))
	arg := clientArg{Params: r.Second, Secrets: r.Secrets, Symbol: r.Symbol}
	arg.Params.Client = int(opening.Add(1))
	ticks, sent, acked := uint64(0), 0, []string(nil)
	for round := range 3 {
		arg.Name = fmt.Sprint("c", round)
		v := &victim{Process: Play(r.ctx, t, clientRole, arg)}
		for want := len(arg.Resend) + 20 + 7*round; len(v.acked) < want; {
			v.hear(v.Line())
		}
		for _, words := range v.Kill() {
			v.hear(words)
		}
		sent += len(v.sent) - len(arg.Resend)
		acked = append(acked, v.acked...)
		arg.Resend = v.unknown()

		r.Ticks("ABC", MakeTicks(1, ticks+1, 10)...)
		ticks += 10
		feed.until("the ticks", func() bool { return len(feed.ticks) == int(ticks) })
		id := fmt.Sprint("other", round)
		other.submit(buy(r.Symbol, id))
		other.status(id, store.Filled)
		sent++
		r.gone()
	}
	arg.Name, arg.Orders = "last", 10
	v := &victim{Process: Play(r.ctx, t, clientRole, arg)}
	for len(v.acked) < 10+len(arg.Resend) || len(v.events) < len(r.Executions(r.Params.Account)) {
		v.hear(v.Line())
	}
	v.End()
	r.gone()
	other.whole()
	r.judge(sent+10, append(acked, v.acked...), v.events)
	if feed.missed > 0 {
		r.Errorf("the other client has missed %d ticks", feed.missed)
	}
}

// gone waits until the venue has let go of the second client.
func (r *rig) gone() {
	r.Helper()
	r.eventually("the venue to let go of the client", func() error {
		if n := r.Seconds(); n > 0 {
			return fmt.Errorf("it has %d connections of it", n)
		}
		return nil
	})
}

// judge holds what clients were told to what the venue knows: each order that was sent was filled once, those that
// were acknowledged are among them, and the last client has heard of everything.
func (r *rig) judge(sent int, acked, heard []string) {
	r.Helper()
	filled := make(map[string]int)
	var execs []string
	for _, e := range r.Executions(r.Params.Account) {
		execs = append(execs, e.Exec)
		if e.Status == store.Filled {
			filled[string(e.ID)]++
		}
	}
	for _, id := range acked {
		if filled[id] != 1 {
			r.Errorf("order %s was acknowledged, and filled %d times", id, filled[id])
		}
	}
	for id, n := range filled {
		if n != 1 {
			r.Errorf("order %s was filled %d times", id, n)
		}
	}
	if len(filled) != sent {
		r.Errorf("%d orders were sent, and %d filled", sent, len(filled))
	}
	if !slices.Equal(heard, execs) {
		r.Errorf("the last client has heard of %d events, want the %d of the venue in their order", len(heard), len(execs))
	}
}
