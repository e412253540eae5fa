package nats

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

// Serve trades for an account for all who ask, through a broker, and publishes its order events, until ctx
// ends or the broker does. It goes on when the server was away. Of several processes that serve one
// account each request is answered by one, and each event is kept once.
func (h *Hub) Serve(ctx context.Context, account string, b store.Broker) error {
	var running sync.WaitGroup
	defer running.Wait()
	g := gateway{hub: h, account: account, broker: b}
	is, err := h.nc.QueueSubscribe(h.target.orders(account), "serve", func(m *client.Msg) {
		running.Go(func() { g.answer(ctx, m) })
	})
	if err != nil {
		return err
	}
	defer is.Unsubscribe()
	for {
		err := g.events(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, store.ErrStopped) {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// A gateway is the serving of one account.
type gateway struct {
	hub     *Hub
	account string
	broker  store.Broker
}

// answer answers a request.
func (g *gateway) answer(ctx context.Context, m *client.Msg) {
	r, err := g.do(ctx, m.Data)
	if ctx.Err() != nil {
		return // who asked asks again
	}
	r.Code, r.Text = wire.Code(err)
	if data, err := json.Marshal(r); err == nil {
		_ = m.Respond(data) // lost with the connection: as above
	}
}

func (g *gateway) do(ctx context.Context, data []byte) (r reply, err error) {
	var q request
	if err := json.Unmarshal(data, &q); err != nil {
		return r, err
	}
	switch {
	case q.Submit != nil:
		_, err = g.broker.Submit(ctx, *q.Submit)
	case q.Cancel != "":
		err = g.broker.Cancel(ctx, q.Cancel)
	default:
		var a store.Account
		a, err = g.broker.Account(ctx)
		r.Account = &a
	}
	return r, err
}

// events publishes the broker's events that are not kept yet, in their order.
func (g *gateway) events(ctx context.Context) error {
	subject := g.hub.target.events(g.account)
	kept, last, err := g.kept(ctx, subject)
	if err != nil {
		return err
	}
	for e, err := range g.broker.Orders(ctx) {
		if err != nil {
			return err
		}
		if kept[e.Exec] || e.Status == store.Unsent {
			continue // the latter is known to who sent it
		}
		kept[e.Exec] = true
		e.Seq = uint64(len(kept))
		data, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if last, err = g.hub.keep(ctx, subject, data, last); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// kept returns the names of the events that the stream has, and the number there of the last.
func (g *gateway) kept(ctx context.Context, subject string) (map[string]bool, uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*patience)
	defer cancel()
	execs := make(map[string]bool)
	err := read(ctx, g.hub.events, subject, 1, func(data []byte) (bool, error) {
		e, err := event(data)
		execs[e.Exec] = true
		return err == nil, err
	})
	if err != nil || len(execs) == 0 {
		return execs, 0, err
	}
	m, err := g.hub.events.GetLastMsgForSubject(ctx, subject)
	if err != nil {
		return nil, 0, err
	}
	return execs, m.Sequence, nil
}
