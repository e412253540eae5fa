package ws

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/coder/websocket"
	"github.com/whetgo/whet/store"
)

// A Server is a venue behind a WebSocket, made of another. It is an http.Handler, to be served under any path;
// with TLS, if not on one machine.
type Server struct {
	token    string
	ctx      context.Context // ends with Close
	stop     context.CancelFunc
	upstream store.Session
	clients  sync.WaitGroup

	mu     sync.Mutex // guards what follows
	closed bool
	conns  map[*conn]bool
	feeds  map[store.Sub]*feed
	number int // of the last feed
}

// A feed is a subscription that clients share.
type feed struct {
	number int
	conns  map[*conn]bool
}

// NewServer returns a server that offers the venue of the parameters. If token is not "" clients
// must know it. When the connection to the venue is lost the server ends, with its clients' connections, and the
// channel of Lost is closed.
func NewServer(ctx context.Context, upstream store.Params, token string, opts ...store.Option) (*Server, error) {
	v := &Server{token: token, conns: make(map[*conn]bool), feeds: make(map[store.Sub]*feed)}
	v.ctx, v.stop = context.WithCancel(context.Background())
	s, err := store.Dial(ctx, upstream, (*hall)(v), opts...)
	if err != nil {
		v.stop()
		return nil, fmt.Errorf("ws: %w", err)
	}
	v.upstream = s
	return v, nil
}

// Lost returns a channel that is closed when the server has ended.
func (v *Server) Lost() <-chan struct{} { return v.ctx.Done() }

// Close ends the server and all connections, and waits for them.
func (v *Server) Close() error {
	v.stop()
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.Cut()
	v.clients.Wait()
	return v.upstream.Close()
}

// Clients returns how many there are.
func (v *Server) Clients() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.conns)
}

// Cut ends all connections at once, without a farewell.
func (v *Server) Cut() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for c := range v.conns {
		c.end(errors.New("cut"))
		_ = c.socket.CloseNow()
	}
}

// ServeHTTP serves one client.
func (v *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	want := "Bearer " + v.token
	if v.token != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(want)) != 1 {
		http.Error(w, "the token is missing or wrong", http.StatusUnauthorized)
		return
	}
	socket, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	defer socket.CloseNow()
	c := &conn{server: v, socket: socket, out: make(chan []byte, outbox), desks: make(map[string]store.Desk)}
	c.ctx, c.end = context.WithCancelCause(v.ctx)
	defer c.end(nil)
	if !v.enter(c) {
		return
	}
	defer v.leave(c)
	c.serve()
}

func (v *Server) enter(c *conn) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return false
	}
	v.conns[c] = true
	v.clients.Add(1)
	return true
}

func (v *Server) leave(c *conn) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.conns, c)
	for _, f := range v.feeds {
		delete(f.conns, c)
	}
	v.clients.Done()
}

// A hall is a Server as the sink of its venue.
type hall Server

// Market implements store.Sink. A client that does not keep up misses what there is no room for.
func (h *hall) Market(sub store.Sub, events ...store.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[sub]
	if f == nil || len(f.conns) == 0 {
		return
	}
	data := fmt.Appendf(appendEvents(nil, events), `,"feed":%d}`, f.number)
	for c := range f.conns {
		select {
		case c.out <- data:
		default:
		}
	}
}

// Order implements store.Sink. A client that does not keep up is cut off: it will ask for what it missed.
func (h *hall) Order(e store.OrderEvent) {
	data := encode(message{Event: &e})
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if !c.listens(e.Account) {
			continue
		}
		select {
		case c.out <- data:
		default:
			c.end(errors.New("too slow"))
		}
	}
}

// Account implements store.Sink.
func (h *hall) Account(store.Account) {}

// Note implements store.Sink.
func (h *hall) Note(store.Note) {}

// Alive implements store.Sink.
func (h *hall) Alive() {}

// Lost implements store.Sink.
func (h *hall) Lost(error) { h.stop() }
