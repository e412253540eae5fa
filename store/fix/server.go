package fix

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/quickfixgo/quickfix"
	"github.com/quickfixgo/quickfix/config"
	"github.com/whetgo/whet/store"
)

// A Server is a venue that speaks FIX 4.4, made of another.
type Server struct {
	password string
	acceptor *quickfix.Acceptor
	ids      []quickfix.SessionID
	upstream store.Session
	ctx      context.Context // ends with Close
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu      sync.Mutex // guards what follows
	clients map[quickfix.SessionID]*client
}

// NewServer returns a server that offers the venue of the parameters at an address of this machine, under the
// name VENUE, to clients of the given names. If the password is not "" they must know it.
func NewServer(ctx context.Context, upstream store.Params, addr, password string, senders ...string) (*Server, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || len(senders) == 0 {
		return nil, errors.New("fix: want host:port and the names of clients")
	}
	v := &Server{password: password, clients: make(map[quickfix.SessionID]*client)}
	v.ctx, v.stop = context.WithCancel(context.Background())
	if v.upstream, err = store.Dial(ctx, upstream, (*hall)(v)); err != nil {
		v.stop()
		return nil, fmt.Errorf("fix: %w", err)
	}
	if err := v.listen(host, port, senders); err != nil {
		_ = v.Close()
		return nil, fmt.Errorf("fix: %w", err)
	}
	return v, nil
}

func (v *Server) listen(host, port string, senders []string) error {
	settings := quickfix.NewSettings()
	settings.GlobalSettings().Set(config.SocketAcceptHost, host)
	settings.GlobalSettings().Set(config.SocketAcceptPort, port)
	for _, sender := range senders {
		own := quickfix.NewSessionSettings()
		for name, value := range map[string]string{
			config.BeginString: quickfix.BeginStringFIX44, config.SenderCompID: "VENUE", config.TargetCompID: sender,
			config.ResetOnLogon: "Y", config.TimeStampPrecision: "NANOS", config.PersistMessages: "N", config.LogoutTimeout: "1",
		} {
			own.Set(name, value)
		}
		id, err := settings.AddSession(own)
		if err != nil {
			return err
		}
		v.ids = append(v.ids, id)
	}
	a, err := quickfix.NewAcceptor(v, quickfix.NewMemoryStoreFactory(), settings, quickfix.NewNullLogFactory())
	if err != nil {
		return err
	}
	v.acceptor = a
	return a.Start()
}

// Close logs all clients out and ends the server.
func (v *Server) Close() error {
	v.stop()
	if v.acceptor != nil {
		v.acceptor.Stop()
		v.acceptor = nil
	}
	for _, id := range v.ids {
		_ = quickfix.UnregisterSession(id)
	}
	v.ids = nil
	v.running.Wait()
	return v.upstream.Close()
}

// Clients returns how many are logged on.
func (v *Server) Clients() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.clients)
}

// OnCreate implements quickfix.Application.
func (v *Server) OnCreate(quickfix.SessionID) {}

// OnLogon implements quickfix.Application.
func (v *Server) OnLogon(id quickfix.SessionID) {
	c := &client{server: v, id: id, asked: make(chan *quickfix.Message, 1024), feeds: make(map[store.Sub]bool), desks: make(map[string]store.Desk)}
	c.ctx, c.end = context.WithCancel(v.ctx)
	v.mu.Lock()
	v.clients[id] = c
	v.mu.Unlock()
	v.running.Go(c.serve)
}

// OnLogout implements quickfix.Application.
func (v *Server) OnLogout(id quickfix.SessionID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c := v.clients[id]; c != nil {
		c.end()
		delete(v.clients, id)
	}
}

// ToAdmin implements quickfix.Application.
func (v *Server) ToAdmin(*quickfix.Message, quickfix.SessionID) {}

// ToApp implements quickfix.Application.
func (v *Server) ToApp(*quickfix.Message, quickfix.SessionID) error { return nil }

// FromAdmin implements quickfix.Application: it looks at the password of a logon.
func (v *Server) FromAdmin(m *quickfix.Message, _ quickfix.SessionID) quickfix.MessageRejectError {
	kind, _ := m.Header.GetString(tagMsgType)
	if kind == logon && v.password != "" && text(m, tagPassword) != v.password {
		return quickfix.RejectLogon{Text: "wrong password"}
	}
	return nil
}

// FromApp implements quickfix.Application. Requests are done by the client's own goroutine, in order.
func (v *Server) FromApp(m *quickfix.Message, id quickfix.SessionID) quickfix.MessageRejectError {
	v.mu.Lock()
	c := v.clients[id]
	v.mu.Unlock()
	if c == nil {
		return nil
	}
	copied := quickfix.NewMessage()
	m.CopyInto(copied)
	select {
	case c.asked <- copied:
	default:
		return quickfix.NewBusinessMessageRejectError("too many requests", 8, nil)
	}
	return nil
}

// A hall is a Server as the sink of its venue.
type hall Server

// each calls f for the clients.
func (h *hall) each(f func(c *client)) {
	h.mu.Lock()
	clients := make([]*client, 0, len(h.clients))
	for _, c := range h.clients {
		clients = append(clients, c)
	}
	h.mu.Unlock()
	for _, c := range clients {
		f(c)
	}
}

// Market implements store.Sink.
func (h *hall) Market(sub store.Sub, events ...store.Event) {
	h.each(func(c *client) { c.market(sub, events) })
}

// Order implements store.Sink.
func (h *hall) Order(e store.OrderEvent) {
	h.each(func(c *client) {
		if c.listens(e.Account) {
			c.send(reportMessage(e))
		}
	})
}

// Account implements store.Sink.
func (h *hall) Account(store.Account) {}

// Note implements store.Sink.
func (h *hall) Note(store.Note) {}

// Alive implements store.Sink.
func (h *hall) Alive() {}

// Lost implements store.Sink. What clients ask for fails from now on.
func (h *hall) Lost(error) { h.stop() }
