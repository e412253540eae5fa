package store

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/whetgo/whet/singleton"
)

// A pacer keeps the limits of one address. All stores of the driver and address share it.
type pacer struct {
	limits []Limit

	mu      sync.Mutex // guards what follows
	windows map[window]*grants
	orders  int  // that wait
	bell    bell // rung when one of them is through
}

// A window is what counts together under one limit.
type window struct {
	limit int // index
	key   string
	query Query // PerRequest of history
}

// grants are the times of the last N requests of a window.
type grants struct {
	at   []time.Time // circular
	next int
}

// A request is what asks the pacer for leave.
type request struct {
	work    Work
	account string
	symbol  string
	query   Query // of HistoryWork
	order   OrderID
}

func newPacer(limits []Limit) *pacer {
	p := &pacer{windows: make(map[window]*grants)}
	for _, l := range limits {
		if l.N > 0 && l.Per > 0 {
			p.limits = append(p.limits, l)
		}
	}
	return p
}

// wait returns when the request may be made, and how long it had to wait, or the error of
// ctx. A request for history lets waiting orders go first, where both count together.
func (p *pacer) wait(ctx context.Context, r request) (waited time.Duration, err error) {
	if len(p.limits) == 0 {
		return 0, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	start := time.Now()
	if r.work == OrderWork {
		p.orders++
		defer func() { p.orders--; p.bell.ring() }()
	}
	for {
		now := time.Now()
		if err := ctx.Err(); err != nil {
			return now.Sub(start), err
		}
		if r.work != OrderWork && p.orders > 0 && p.shared(r.work) {
			p.bell.wait(ctx, &p.mu)
			continue
		}
		d := p.due(r, now).Sub(now)
		if d <= 0 {
			p.grant(r, now)
			return now.Sub(start), nil
		}
		p.mu.Unlock()
		sleep(ctx, d)
		p.mu.Lock()
	}
}

// shared reports whether a kind of work counts together with orders.
func (p *pacer) shared(w Work) bool {
	for _, l := range p.limits {
		if l.Work&w != 0 && l.Work&OrderWork != 0 {
			return true
		}
	}
	return false
}

// due returns when all limits allow a request.
func (p *pacer) due(r request, now time.Time) time.Time {
	due := now
	for i, l := range p.limits {
		if l.Work&r.work == 0 {
			continue
		}
		if g := p.windows[r.window(i, l.Scope)]; g != nil && len(g.at) == l.N {
			if t := g.at[g.next].Add(l.Per); t.After(due) {
				due = t
			}
		}
	}
	return due
}

// grant counts a request at now.
func (p *pacer) grant(r request, now time.Time) {
	for i, l := range p.limits {
		if l.Work&r.work == 0 {
			continue
		}
		w := r.window(i, l.Scope)
		g := p.windows[w]
		if g == nil {
			p.sweep(now)
			g = new(grants)
			p.windows[w] = g
		}
		if len(g.at) < l.N {
			g.at = append(g.at, now)
			continue
		}
		g.at[g.next] = now
		g.next = (g.next + 1) % l.N
	}
}

const sweepAt = 1024 // windows

// sweep forgets the windows that allow anything again, once there are many.
func (p *pacer) sweep(now time.Time) {
	if len(p.windows) < sweepAt || len(p.windows)&(len(p.windows)-1) != 0 {
		return
	}
	for w, g := range p.windows {
		newest := g.at[(g.next+len(g.at)-1)%len(g.at)]
		if now.Sub(newest) > p.limits[w.limit].Per {
			delete(p.windows, w)
		}
	}
}

func (r request) window(limit int, s Scope) window {
	w := window{limit: limit}
	switch s {
	case PerAccount:
		w.key = r.account
	case PerSymbol:
		w.key = r.symbol
	case PerRequest:
		w.key, w.query = r.symbol+"\x00"+string(r.order), r.query
	}
	return w
}

// pacers holds those of the addresses in use.
var pacers = singleton.NewWeak(func(_ context.Context, a address) (*pacer, func() error, error) {
	return newPacer(a.limits()), nil, nil
}, nil)

// An address is what pacing is shared by.
type address struct{ driver, addr string }

// limits returns those that the driver has for the address.
func (a address) limits() []Limit {
	d, err := driver(a.driver)
	if err != nil {
		return nil
	}
	return d.Limits(Params{Driver: a.driver, Addr: a.addr})
}

// pacerOf returns the pacer of an address, which lives as long as somebody holds it.
func pacerOf(p Params) *pacer {
	pacer, err := pacers.Get(context.Background(), address{p.Driver, p.Addr})
	if err != nil {
		panic(err) // the build can't fail, and pacers are not closed
	}
	return pacer
}

// remember keeps a pacer for as long as what it has counted matters.
func (p *pacer) remember() {
	var longest time.Duration
	for _, l := range p.limits {
		longest = max(longest, l.Per)
	}
	if longest > 0 {
		time.AfterFunc(longest, func() { runtime.KeepAlive(p) })
	}
}
