package ws_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

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

var emulators int

func newEmulator(t testing.TB) *emulator {
	t.Helper()
	emulators++
	e := &emulator{t: t, name: fmt.Sprint("ws", emulators)}
	e.venue = sim.New(e.name, sim.Config{Taker: 100})
	t.Cleanup(e.venue.Close)
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

func (e *emulator) params(account string) store.Params {
	return store.Params{Driver: "ws", Addr: e.proxy.Addr() + "/feed", Account: account}
}

func TestSuite(t *testing.T) { storetest.Run(t, harness) }

var schedules = flag.Int("schedules", 2, "random fault schedules to survive")

func TestSchedules(t *testing.T) {
	for seed := range *schedules {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Logf("Live again after %v", storetest.Schedule(t, harness, uint64(seed), 10))
		})
	}
}

var harness = storetest.Harness{Start: func(t *testing.T) storetest.Venue {
	e := newEmulator(t)
	v := e.venue
	return storetest.Venue{
		Params: e.params("DU1"), Options: []store.Option{secret},
		Bars: v.Bars, Live: true,
		Ticks:    func(symbol string, ticks ...store.Tick) { v.Ticks(symbol, ticks...) },
		Numbered: true, Executions: v.Executions, Symbol: "ES",
		Quote: func(symbol string, bid, ask store.Price) {
			v.Ticks(symbol, store.Tick{Time: store.At(time.Now()), Bid: bid, Ask: ask})
		},
		Faults: map[storetest.Fault]func(bool){
			storetest.Cut: func(bool) { e.proxy.Cut() },
			storetest.Restart: func(on bool) {
				if on {
					e.stop()
				} else {
					e.start()
				}
			},
			storetest.Refuse:    func(on bool) { e.proxy.Refuse(on); e.proxy.Cut() },
			storetest.Mute:      e.proxy.Mute,
			storetest.Slow:      func(on bool) { e.proxy.Slow(when(on, 3*time.Millisecond)) },
			storetest.Duplicate: func(on bool) { v.Duplicate(when(on, 0.3)) },
			storetest.Reorder:   func(on bool) { v.Reorder(when(on, 0.3)) },
			storetest.Reject:    func(on bool) { v.Reject(when(on, 1<<20)) },
		},
	}
}}

// when returns a value if on, and none otherwise.
func when[T any](on bool, value T) (v T) {
	if on {
		v = value
	}
	return v
}
