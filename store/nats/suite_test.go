package nats_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/fault"
	"github.com/whetgo/whet/store/nats"
	"github.com/whetgo/whet/store/nats/natstest"
	"github.com/whetgo/whet/store/storetest"
)

var shared struct {
	sync.Once
	server *natstest.Server
	err    error
}

func TestMain(m *testing.M) {
	natstest.Main()
	storetest.Main(nil)
	code := m.Run()
	if shared.server != nil {
		shared.server.Stop()
	}
	os.Exit(code)
}

// server returns the server of all tests.
func server(t testing.TB) *natstest.Server {
	t.Helper()
	shared.Do(func() { shared.server, shared.err = natstest.Start(context.Background(), true) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

var password = store.WithSecret("password", natstest.Password)

// A base is a prefix of one test, with a proxy before the server.
type base struct {
	t      testing.TB
	server *natstest.Server
	proxy  *fault.Proxy
	prefix string
	hub    *nats.Hub // publishes, not through the proxy
}

var bases int

func newBase(t testing.TB) *base {
	t.Helper()
	s := server(t)
	p, err := fault.Listen(s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	bases++
	b := &base{t: t, server: s, proxy: p, prefix: fmt.Sprint("test", bases)}
	if b.hub, err = nats.Open(t.Context(), b.at(s.Addr, ""), natstest.Password); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.hub.Close)
	return b
}

func (b *base) at(addr, account string) store.Params {
	return store.Params{Driver: "nats", Addr: addr, Account: account, Extra: store.ExtraOf("user", natstest.User, "prefix", b.prefix)}
}

// params are those of a store that comes through the proxy.
func (b *base) params(account string) store.Params { return b.at(b.proxy.Addr(), account) }

// restart kills the server, or starts it again.
func (b *base) restart(on bool) {
	if on {
		b.server.Kill()
	} else if err := b.server.Restart(context.Background()); err != nil {
		b.t.Error(err)
	}
}

func (b *base) bars(symbol string, interval time.Duration, bars ...store.Bar) {
	b.t.Helper()
	storetest.Persist(b.t, func(ctx context.Context) error { return b.hub.Bars(ctx, symbol, interval, bars...) })
}

func (b *base) ticks(symbol string, ticks ...store.Tick) {
	b.t.Helper()
	storetest.Persist(b.t, func(ctx context.Context) error {
		if err := b.hub.Ticks(symbol, ticks...); err != nil {
			return err
		}
		return b.hub.Flush(ctx)
	})
}

func TestKilled(t *testing.T) { storetest.Killed(t, harness) }

func TestSuite(t *testing.T) { storetest.Run(t, harness) }

var schedules = flag.Int("schedules", 2, "random fault schedules to survive")

func TestSchedules(t *testing.T) { storetest.Schedules(t, harness, *schedules) }

var harness = storetest.Harness{Start: func(t *testing.T) storetest.Venue {
	b := newBase(t)
	var spread storetest.Spreader
	v := spread.Faults(storetest.Simulated(storetest.Serve(t, "DU1", b.hub.Serve)).Through(b.proxy, b.restart))
	v.Params, v.Secrets = b.params("DU1"), map[string]string{"password": natstest.Password}
	v.Second = b.at(b.server.Addr, "DU1")
	v.Second.Extra = store.ExtraOf("user", natstest.Second, "prefix", b.prefix)
	v.Seconds = func() int {
		n, err := b.server.Connections(t.Context(), natstest.Second)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	v.Bars, v.AnySymbol = b.bars, true
	v.Ticks = func(symbol string, ticks ...store.Tick) {
		spread.Spread(ticks, func(part ...store.Tick) { b.ticks(symbol, part...) })
	}
	return v
}}
