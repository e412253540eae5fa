package fix

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/quickfixgo/quickfix"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

// A client is one that has logged on to a server.
type client struct {
	server *Server
	id     quickfix.SessionID
	ctx    context.Context
	end    context.CancelFunc
	asked  chan *quickfix.Message

	mu    sync.Mutex // guards what follows
	feeds map[store.Sub]bool
	desks map[string]store.Desk
}

// serve answers requests, one after the other.
func (c *client) serve() {
	for {
		select {
		case m := <-c.asked:
			c.send(c.do(m))
		case <-c.ctx.Done():
			return
		}
	}
}

// send sends a message. If there is no connection any more it is lost with it, and asked for again.
func (c *client) send(m *quickfix.Message) {
	if m != nil && c.ctx.Err() == nil {
		_ = quickfix.SendToTarget(m, c.id)
	}
}

// do does what a message asks for, and returns the answer.
func (c *client) do(m *quickfix.Message) *quickfix.Message {
	switch kind, _ := m.Header.GetString(tagMsgType); kind {
	case newOrder:
		return c.order(m)
	case cancelOrder:
		return c.cancel(m)
	case ask:
		return c.answer(m)
	}
	return nil
}

// order takes a NewOrderSingle, and answers with its status.
func (c *client) order(m *quickfix.Message) *quickfix.Message {
	account := text(m, tagAccount)
	o, err := orderOf(m)
	var d store.Desk
	if err == nil {
		d, err = c.desk(account)
	}
	if err == nil {
		err = d.Submit(c.ctx, o)
	}
	if err != nil && !wire.Settled(err) && !errors.Is(err, store.ErrNoAccount) {
		return nil // its outcome is not known, and the client asks again
	}
	r := statusMessage(account, string(o.ID), m)
	if err != nil {
		r.Body.SetString(tagOrdStatus, statuses[store.Rejected][0])
		r.Body.SetString(tagOrdRejReason, otherReason)
		if errors.Is(err, store.ErrConflict) {
			r.Body.SetString(tagOrdRejReason, duplicateOrder)
		}
		r.Body.SetString(tagText, err.Error())
	}
	return r
}

// statusMessage returns a report that answers a request of an id.
func statusMessage(account, id string, m *quickfix.Message) *quickfix.Message {
	r := newMessage(report)
	for tag, value := range map[quickfix.Tag]string{tagAccount: account, tagClOrdID: id, tagOrderID: id, tagExecID: "0", tagExecType: statusReport,
		tagOrdStatus: "0", tagSymbol: text(m, tagSymbol), tagSide: text(m, tagSide), tagLeavesQty: "0", tagCumQty: "0", tagAvgPx: "0"} {
		if value != "" {
			r.Body.SetString(tag, value)
		}
	}
	return r
}

// cancel takes an OrderCancelRequest.
func (c *client) cancel(m *quickfix.Message) *quickfix.Message {
	account, id, orig := text(m, tagAccount), text(m, tagClOrdID), text(m, tagOrigClOrdID)
	d, err := c.desk(account)
	if err == nil {
		err = d.Cancel(c.ctx, store.OrderID(orig))
	}
	if err == nil {
		return statusMessage(account, id, m)
	}
	r := newMessage(cancelReject)
	for tag, value := range map[quickfix.Tag]string{tagOrderID: "NONE", tagClOrdID: id, tagOrigClOrdID: orig, tagOrdStatus: "8", tagCxlRejResponseTo: "1",
		tagCxlRejReason: otherReason, tagText: err.Error()} {
		r.Body.SetString(tag, value)
	}
	if errors.Is(err, store.ErrNoOrder) {
		r.Body.SetString(tagCxlRejReason, unknownOrder)
	}
	return r
}

// answer answers a question.
func (c *client) answer(m *quickfix.Message) *quickfix.Message {
	var q question
	err := payload(m, &q)
	var r reply
	if err == nil {
		r, err = c.reply(q)
	}
	r.Code, r.Text = wire.Code(err)
	a := newMessage(answer)
	a.Body.SetString(tagReqID, text(m, tagReqID))
	if setPayload(a, r) != nil {
		return nil
	}
	return a
}

func (c *client) reply(q question) (r reply, err error) {
	switch {
	case q.Op == "ping":
		return r, c.server.upstream.Ping(c.ctx)
	case q.Op == "history" && q.Query != nil:
		return c.history(*q.Query)
	case q.Op == "subscribe":
		return r, c.subscribe(q.Subs)
	case q.Op == "unsubscribe":
		c.unsubscribe(q.Subs)
		return r, nil
	}
	d, err := c.desk(q.Account)
	if err != nil {
		return r, err
	}
	switch q.Op {
	case "listen":
	case "account":
		var a store.Account
		a, err = d.Account(c.ctx)
		r.Account = &a
	case "replay":
		r.Events, r.More, err = replay(c.ctx, d, q.After)
	default:
		err = fmt.Errorf("fix: %w: %.40q", errors.ErrUnsupported, q.Op)
	}
	return r, err
}

var errFull = errors.New("a page is full")

// replay returns a page of an account's events.
func replay(ctx context.Context, d store.Desk, after uint64) (events []store.OrderEvent, more bool, err error) {
	err = d.Replay(ctx, after, func(e store.OrderEvent) error {
		if len(events) == page {
			return errFull
		}
		events = append(events, e)
		return nil
	})
	if errors.Is(err, errFull) {
		return events, true, nil
	}
	return events, false, err
}

// history returns a page of bars.
func (c *client) history(q store.Query) (r reply, err error) {
	if err := q.Check(); err != nil {
		return r, err
	}
	err = c.server.upstream.History(c.ctx, q, func(bars []store.Bar) error {
		for _, b := range bars {
			if len(r.Bars) == page*wire.Size {
				return errFull
			}
			r.Bars = wire.AppendBar(r.Bars, b)
		}
		return nil
	})
	if errors.Is(err, errFull) {
		r.More, err = true, nil
	}
	return r, err
}

func (c *client) subscribe(subs []store.Sub) error {
	for _, sub := range subs {
		if err := sub.Check(); err != nil {
			return err
		}
	}
	if err := c.server.upstream.Subscribe(c.ctx, subs...); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sub := range subs {
		c.feeds[sub] = true
	}
	return nil
}

// unsubscribe ends feeds of the client. The server stays subscribed upstream.
func (c *client) unsubscribe(subs []store.Sub) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sub := range subs {
		delete(c.feeds, sub)
	}
}

// market sends ticks or bars, if the client is subscribed to them.
func (c *client) market(sub store.Sub, events []store.Event) {
	c.mu.Lock()
	wanted := c.feeds[sub]
	c.mu.Unlock()
	if !wanted {
		return
	}
	m := newMessage(marketData)
	if setPayload(m, market{sub, wire.Append(nil, events)}) == nil {
		c.send(m)
	}
}

// desk returns the trading of an account, whose reports the client gets from now on.
func (c *client) desk(account string) (store.Desk, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := c.desks[account]; d != nil {
		return d, nil
	}
	d, err := c.server.upstream.Desk(account)
	if err == nil {
		c.desks[account] = d
	}
	return d, err
}

func (c *client) listens(account string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.desks[account] != nil
}
