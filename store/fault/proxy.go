package fault

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A Proxy passes the bytes of TCP connections on to a server and back, or does not. Make one
// with Listen. Its methods are safe for concurrent use.
type Proxy struct {
	listener net.Listener
	delay    atomic.Int64
	passed   atomic.Int64
	running  sync.WaitGroup
	done     chan struct{} // closed by Close

	mu      sync.Mutex // guards what follows
	to      string
	conns   map[net.Conn]bool // both ends of each
	refuses bool
	open    chan struct{} // closed while bytes may pass
	mute    bool
}

// Listen returns a proxy to the server at address to, which need not run yet. Close ends it.
func Listen(to string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("fault: %w", err)
	}
	p := &Proxy{listener: l, to: to, conns: make(map[net.Conn]bool), open: make(chan struct{}), done: make(chan struct{})}
	close(p.open)
	p.running.Go(p.accept)
	return p, nil
}

// Addr returns the host and port to dial instead of the server's.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// To makes connections from now on go to another server, such as one that was started again
// on a port of its own.
func (p *Proxy) To(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = address
}

// Cut ends all connections, both ways and without a farewell; bytes under way are lost.
// It returns how many clients there were.
func (p *Proxy) Cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.conns)
	for c := range p.conns {
		abort(c)
	}
	clear(p.conns)
	return n / 2
}

// Refuse says whether new connections are turned away. Those that exist stay.
func (p *Proxy) Refuse(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = on
}

// Mute says whether bytes are held back, both ways. They come when it ends, unless the
// connections are cut before.
func (p *Proxy) Mute(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if on == p.mute {
		return
	}
	p.mute = on
	if on {
		p.open = make(chan struct{})
	} else {
		close(p.open)
	}
}

// Slow holds each piece of data back for d, both ways; 0 ends it. A piece is what was read
// at once, at most 64 KiB, so that a large d also bounds the rate.
func (p *Proxy) Slow(d time.Duration) { p.delay.Store(int64(d)) }

// Heal ends every fault. Connections that were cut stay so.
func (p *Proxy) Heal() {
	p.Slow(0)
	p.Refuse(false)
	p.Mute(false)
}

// Conns returns the number of connections that there are now.
func (p *Proxy) Conns() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.conns) / 2
}

// Bytes returns how many were passed on, both ways together.
func (p *Proxy) Bytes() int64 { return p.passed.Load() }

// Close ends the proxy and its connections, and returns when its goroutines have ended.
func (p *Proxy) Close() error {
	p.mu.Lock()
	if !p.isClosed() {
		close(p.done)
	}
	p.mu.Unlock()
	err := p.listener.Close()
	p.Cut()
	p.running.Wait()
	return err
}

func (p *Proxy) isClosed() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(c) })
	}
}

// serve joins a client to the server until either has enough.
func (p *Proxy) serve(client net.Conn) {
	p.mu.Lock()
	to, refuses := p.to, p.refuses
	p.mu.Unlock()
	if refuses {
		abort(client)
		return
	}
	server, err := net.DialTimeout("tcp", to, 5*time.Second)
	if err != nil {
		abort(client)
		return
	}
	if !p.enter(client, server) {
		abort(client)
		abort(server)
		return
	}
	var ways sync.WaitGroup
	ways.Go(func() { p.pass(server, client) })
	ways.Go(func() { p.pass(client, server) })
	ways.Wait()
	p.leave(client, server)
}

// enter notes a pair of connections, unless none are wanted any more.
func (p *Proxy) enter(client, server net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed() || p.refuses {
		return false
	}
	p.conns[client], p.conns[server] = true, true
	return true
}

func (p *Proxy) leave(client, server net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
	delete(p.conns, server)
}

// pass copies until an end; then both connections are closed.
func (p *Proxy) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	for buffer := make([]byte, 1<<16); ; {
		n, err := from.Read(buffer)
		if n > 0 {
			if !p.wait(from) {
				return
			}
			p.passed.Add(int64(n))
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// wait returns when bytes of a connection may pass, or false when it has been cut.
func (p *Proxy) wait(c net.Conn) bool {
	if d := time.Duration(p.delay.Load()); d > 0 {
		select {
		case <-p.done:
			return false
		case <-time.After(d):
		}
	}
	for {
		p.mu.Lock()
		open, mute, known := p.open, p.mute, p.conns[c]
		p.mu.Unlock()
		if !known {
			return false
		}
		if !mute {
			return true
		}
		select {
		case <-open:
		case <-time.After(5 * time.Millisecond): // it may have been cut
		}
	}
}

// abort closes a connection so that its peer sees an error, not an end.
func abort(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}
