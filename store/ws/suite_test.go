package ws_test

import (
	"context"
	"flag"
	"net"
	"net/http"
	"os"
	"testing"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/fault"
	"github.com/whetgo/whet/store/sim"
	"github.com/whetgo/whet/store/storetest"
	"github.com/whetgo/whet/store/ws"
)

const token = "hunter2-of-the-test"

var secret = store.WithSecret("token", token)

// An emulator is a venue of one test, a server before it, and a proxy before that.
type emulator struct {
	t     testing.TB
	venue *sim.Venue
	name  string
	addr  string // a restart keeps it
	proxy *fault.Proxy
	http  *http.Server
	ws    *ws.Server
}

func newEmulator(t testing.TB) *emulator {
	t.Helper()
	e := &emulator{t: t}
	e.venue, e.name = storetest.Simulate(t, sim.Config{Taker: 100})
	e.start()
	t.Cleanup(e.stop)
	p, err := fault.Listen(e.addr)
	if err != nil {
		t.Fatal(err)
	}
	e.proxy = p
	t.Cleanup(func() { _ = p.Close() })
	return e
}

func (e *emulator) start() {
	e.t.Helper()
	addr := e.addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		e.t.Fatal(err)
	}
	e.addr = l.Addr().String()
	if e.ws, err = ws.NewServer(context.Background(), store.Params{Driver: "sim", Addr: e.name}, token); err != nil {
		e.t.Fatal(err)
	}
	e.http = &http.Server{Handler: e.ws}
	go e.http.Serve(l)
}

func (e *emulator) stop() {
	_ = e.http.Close()
	if err := e.ws.Close(); err != nil {
		e.t.Error(err)
	}
}

// restart stops the server, or starts it again.
func (e *emulator) restart(on bool) {
	if on {
		e.stop()
	} else {
		e.start()
	}
}

func (e *emulator) params(account string) store.Params {
	return store.Params{Driver: "ws", Addr: e.proxy.Addr() + "/feed", Account: account}
}

func TestMain(m *testing.M) {
	storetest.Main(nil)
	os.Exit(m.Run())
}

func TestKilled(t *testing.T) { storetest.Killed(t, harness) }

func TestSuite(t *testing.T) { storetest.Run(t, harness) }

var schedules = flag.Int("schedules", 2, "random fault schedules to survive")

func TestSchedules(t *testing.T) { storetest.Schedules(t, harness, *schedules) }

var harness = storetest.Harness{Start: func(t *testing.T) storetest.Venue {
	e := newEmulator(t)
	v := storetest.Simulated(e.venue).Through(e.proxy, e.restart)
	v.Params, v.Secrets = e.params("DU1"), map[string]string{"token": token}
	v.Second = store.Params{Driver: "ws", Addr: e.addr + "/feed", Account: "DU1"}
	v.Seconds = func() int { return e.ws.Clients() - 1 }
	return v
}}
