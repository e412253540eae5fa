package ws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/coder/websocket"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/wire"
)

const (
	outbox   = 1 << 12 // messages that a client may be behind
	atOnce   = 64      // requests of one client
	maxAsked = 1 << 20 // bytes of a request
)

// A conn is one client of a server.
type conn struct {
	server *Server
	socket *websocket.Conn
	ctx    context.Context
	end    context.CancelCauseFunc
	out    chan []byte

	mu    sync.Mutex // guards what follows
	desks map[string]store.Desk
}

// serve answers requests until the connection ends.
func (c *conn) serve() {
	c.socket.SetReadLimit(maxAsked)
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(c.write)
	defer c.end(nil)
	room := make(chan struct{}, atOnce)
	for {
		_, data, err := c.socket.Read(c.ctx)
		var q request
		if err == nil {
			err = json.Unmarshal(data, &q)
		}
		if err != nil {
			return
		}
		room <- struct{}{}
		running.Go(func() {
			defer func() { <-room }()
			c.answer(q)
		})
	}
}

// write sends what is in the outbox.
func (c *conn) write() {
	defer c.end(nil)
	for {
		select {
		case data := <-c.out:
			if err := c.socket.Write(c.ctx, websocket.MessageText, data); err != nil {
				return
			}
		case <-c.ctx.Done():
			return
		}
	}
}

// send puts an answer in the outbox.
func (c *conn) send(data []byte) {
	select {
	case c.out <- data:
	case <-c.ctx.Done():
	}
}

func encode(m message) []byte {
	data, err := json.Marshal(m)
	if err != nil {
		data = []byte(`{}`) // no message has what JSON can't say
	}
	return data
}

func (c *conn) answer(q request) {
	if q.Op == "history" && q.Query != nil {
		c.history(q)
		return
	}
	if q.Op == "subscribe" {
		c.subscribe(q)
		return
	}
	m, err := c.do(q)
	m.ID = q.ID
	m.Code, m.Text = wire.Code(err)
	c.send(encode(m))
}

// do does all that is asked for but history and subscribe.
func (c *conn) do(q request) (m message, err error) {
	switch q.Op {
	case "ping":
		return m, c.server.upstream.Ping(c.ctx)
	case "unsubscribe":
		c.unsubscribe(q.Subs)
		return m, nil
	}
	d, err := c.desk(q.Account)
	if err != nil {
		return m, err
	}
	switch {
	case q.Op == "listen":
	case q.Op == "submit" && q.Order != nil:
		if err = q.Order.Check(); err == nil {
			err = d.Submit(c.ctx, *q.Order)
		}
	case q.Op == "cancel":
		err = d.Cancel(c.ctx, q.Cancel)
	case q.Op == "account":
		var a store.Account
		a, err = d.Account(c.ctx)
		m.Account = &a
	case q.Op == "replay":
		m.Events, m.More, err = replay(c.ctx, d, q.After)
	default:
		err = fmt.Errorf("ws: %w: %.40q", errors.ErrUnsupported, q.Op)
	}
	return m, err
}

// desk returns the trading of an account, whose order events the client gets from now on.
func (c *conn) desk(account string) (store.Desk, error) {
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

func (c *conn) listens(account string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.desks[account] != nil
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

// history answers with a page of bars.
func (c *conn) history(q request) {
	var bars []store.Bar
	err := q.Query.Check()
	if err == nil {
		err = c.server.upstream.History(c.ctx, *q.Query, func(b []store.Bar) error {
			room := page - len(bars)
			bars = append(bars, b[:min(room, len(b))]...)
			if len(b) > room {
				return errFull
			}
			return nil
		})
	}
	m := message{ID: q.ID, More: errors.Is(err, errFull)}
	if !m.More {
		m.Code, m.Text = wire.Code(err)
	}
	tail := encode(m)
	tail[0] = ','
	c.send(append(appendBars(nil, bars), tail...))
}

// subscribe adds the client to feeds. The answer stands in the outbox before the first event does.
func (c *conn) subscribe(q request) {
	m := message{ID: q.ID}
	var err error
	for _, sub := range q.Subs {
		if err = errors.Join(err, sub.Check()); err != nil {
			break
		}
	}
	if err == nil {
		err = c.server.upstream.Subscribe(c.ctx, q.Subs...)
	}
	if m.Code, m.Text = wire.Code(err); err != nil {
		c.send(encode(m))
		return
	}
	v := c.server
	v.mu.Lock()
	joined := make([]*feed, len(q.Subs))
	for i, sub := range q.Subs {
		joined[i] = v.feed(sub)
		m.Feeds = append(m.Feeds, joined[i].number)
	}
	select {
	case c.out <- encode(m):
		for _, f := range joined {
			f.conns[c] = true
		}
	default:
		c.end(errors.New("too slow"))
	}
	v.mu.Unlock()
}

// feed returns the feed of a subscription. The caller holds v.mu.
func (v *Server) feed(sub store.Sub) *feed {
	f := v.feeds[sub]
	if f == nil {
		v.number++
		f = &feed{number: v.number, conns: make(map[*conn]bool)}
		v.feeds[sub] = f
	}
	return f
}

// unsubscribe takes the client out of feeds. They stay subscribed to upstream.
func (c *conn) unsubscribe(subs []store.Sub) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for _, sub := range subs {
		if f := c.server.feeds[sub]; f != nil {
			delete(f.conns, c)
		}
	}
}
