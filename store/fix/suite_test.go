package fix_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/fault"
	"github.com/whetgo/whet/store/fix"
	"github.com/whetgo/whet/store/sim"
	"github.com/whetgo/whet/store/storetest"
)

const word = "hunter2-of-the-test"

var secret = store.WithSecret("password", word)

// An acceptor is a venue of one test, a server before it, and a proxy before that.
type acceptor struct {
	t      testing.TB
	venue  *sim.Venue
	name   string
	addr   string // a restart keeps it
	proxy  *fault.Proxy
	server *fix.Server
}

func newAcceptor(t testing.TB, c sim.Config) *acceptor {
	t.Helper()
	a := &acceptor{t: t}
	a.venue, a.name = storetest.Simulate(t, c)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a.addr = l.Addr().String()
	_ = l.Close()
	a.start()
	t.Cleanup(a.stop)
	if a.proxy, err = fault.Listen(a.addr); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.proxy.Close() })
	return a
}

func (a *acceptor) start() {
	a.t.Helper()
	var err error
	if a.server, err = fix.NewServer(context.Background(), store.Params{Driver: "sim", Addr: a.name}, a.addr, word, "DU1", "DU2"); err != nil {
		a.t.Fatal(err)
	}
}

func (a *acceptor) stop() {
	if err := a.server.Close(); err != nil {
		a.t.Error(err)
	}
}

// restart stops the server, or starts it again.
func (a *acceptor) restart(on bool) {
	if on {
		a.stop()
	} else {
		a.start()
	}
}

func (a *acceptor) params(account string) store.Params {
	return store.Params{Driver: "fix", Addr: a.proxy.Addr(), Account: account}
}

func TestMain(m *testing.M) {
	storetest.Main(nil)
	os.Exit(m.Run())
}

func TestSuite(t *testing.T) { storetest.Run(t, harness) }

func TestKilled(t *testing.T) { storetest.Killed(t, harness) }

var harness = storetest.Harness{Start: func(t *testing.T) storetest.Venue {
	a := newAcceptor(t, sim.Config{Taker: 100})
	v := storetest.Simulated(a.venue).Through(a.proxy, a.restart)
	v.Params, v.Secrets = a.params("DU1"), map[string]string{"password": word}
	v.Options = []store.Option{store.WithTimeout(10 * time.Second)} // sessions begin at whole seconds
	v.Second = store.Params{Driver: "fix", Addr: a.addr, Account: "DU1", Extra: store.ExtraOf("sender", "DU2")}
	v.Seconds = func() int { return a.server.Clients() - 1 }
	return v
}}

// TestNoSpin sends orders eight at a time on one processor, where newer versions of quickfix send some
// twenty a second.
func TestNoSpin(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	a := newAcceptor(t, sim.Config{})
	a.venue.Ticks("ES", store.Tick{Time: 1, Bid: store.Points(99), Ask: store.Points(101)})
	s, err := store.Open(t.Context(), a.params("DU1"), secret)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	k, err := s.Broker(t.Context(), "DU1")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	const orders, inFlight = 800, 8
	start := time.Now()
	var senders sync.WaitGroup
	for g := range inFlight {
		senders.Go(func() {
			for i := range orders / inFlight {
				o := store.Order{ID: store.OrderID(fmt.Sprint(g, "-", i)), Symbol: "ES", Side: store.Buy, Qty: store.Lots(1), Type: store.AtLimit, Limit: store.Points(101)}
				if _, err := k.Submit(t.Context(), o); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senders.Wait()
	took := time.Since(start)
	t.Logf("%.0f orders a second", orders/took.Seconds())
	if took > 20*time.Second { // it takes 40 s where it spins, and below one where it doesn't
		t.Errorf("%d orders took %v", orders, took)
	}
}
