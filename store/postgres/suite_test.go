package postgres_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/fault"
	"github.com/whetgo/whet/store/postgres"
	"github.com/whetgo/whet/store/postgres/pgtest"
	"github.com/whetgo/whet/store/sim"
	"github.com/whetgo/whet/store/storetest"
)

var shared struct {
	sync.Once
	server *pgtest.Server
	err    error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.server != nil {
		shared.server.Stop()
	}
	os.Exit(code)
}

// server returns the server of all tests. Without one the test is skipped, unless all is asked for.
func server(t testing.TB) *pgtest.Server {
	t.Helper()
	shared.Do(func() { shared.server, shared.err = pgtest.Start(context.Background()) })
	if errors.Is(shared.err, pgtest.ErrAbsent) && os.Getenv("WHET_ALL") == "" {
		t.Skip("needs a PostgreSQL server: ", shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

var password = store.WithSecret("password", pgtest.Password)

// A base is a database of one test, with a proxy before it.
type base struct {
	t      testing.TB
	server *pgtest.Server
	proxy  *fault.Proxy
	name   string
	db     *postgres.DB // writes, not through the proxy
}

func newBase(t testing.TB) *base {
	t.Helper()
	s := server(t)
	name, err := s.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, err := fault.Listen(s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	b := &base{t: t, server: s, proxy: p, name: name}
	if b.db, err = postgres.Open(t.Context(), b.at(s.Addr, ""), pgtest.Password); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.db.Close)
	return b
}

func (b *base) at(addr, account string) store.Params {
	return store.Params{Driver: "postgres", Addr: addr + "/" + b.name, Account: account, Extra: store.ExtraOf("user", pgtest.User)}
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

// bars writes bars; a server that was just started again may have to be asked twice.
func (b *base) bars(symbol string, interval time.Duration, bars ...store.Bar) {
	b.t.Helper()
	b.persist(func() error { return b.db.Bars(context.Background(), symbol, interval, bars...) })
}

// persist does what f does, until it works or fails for the data's sake. A try that seemed to fail may have worked, and so
// the next finds the data there.
func (b *base) persist(f func() error) {
	b.t.Helper()
	var err error
	for try := range 200 {
		var data *store.DataError
		if err = f(); err == nil || errors.As(err, &data) {
			if try > 0 {
				err = nil
			}
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		b.t.Error(err)
	}
}

var venues int

// trading lets an account be traded at a simulated venue, by a process between it and the database.
func (b *base) trading(account string) *sim.Venue {
	b.t.Helper()
	venues++
	addr := fmt.Sprint(b.t.Name(), venues)
	v := sim.New(addr, sim.Config{Taker: 100})
	b.t.Cleanup(v.Close)
	s, err := store.Open(context.Background(), store.Params{Driver: "sim", Addr: addr, Account: account})
	if err != nil {
		b.t.Fatal(err)
	}
	broker, err := s.Broker(context.Background(), account)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := b.db.Serve(ctx, account, broker); !errors.Is(err, context.Canceled) {
			b.t.Errorf("serving: %v", err)
		}
	})
	b.t.Cleanup(func() {
		cancel()
		serving.Wait()
		if err := s.Stop(context.Background()); err != nil {
			b.t.Error(err)
		}
	})
	return v
}

func TestSuite(t *testing.T) { storetest.Run(t, harness) }

var schedules = flag.Int("schedules", 2, "random fault schedules to survive")

func TestSchedules(t *testing.T) {
	var took []time.Duration
	for seed := range *schedules {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			took = append(took, storetest.Schedule(t, harness, uint64(seed), 10))
		})
	}
	if slices.Sort(took); len(took) > 0 {
		t.Logf("Live again after %v in the middle, %v at 99 %%, %v at most", took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
	}
}

var harness = storetest.Harness{Start: func(t *testing.T) storetest.Venue {
	b := newBase(t)
	v := b.trading("DU1")
	return storetest.Venue{
		Params: b.params("DU1"), Options: []store.Option{password},
		Bars: b.bars, Live: true,
		Ticks: func(symbol string, ticks ...store.Tick) {
			b.persist(func() error { _, err := b.db.Ticks(context.Background(), symbol, ticks...); return err })
		},
		Numbered:   true,
		Executions: v.Executions, Symbol: "ES",
		Quote: func(symbol string, bid, ask store.Price) {
			v.Ticks(symbol, store.Tick{Time: store.At(time.Now()), Bid: bid, Ask: ask})
		},
		Faults: map[storetest.Fault]func(bool){
			storetest.Cut:     func(bool) { b.proxy.Cut() },
			storetest.Restart: b.restart,
			storetest.Refuse:  func(on bool) { b.proxy.Refuse(on); b.proxy.Cut() },
			storetest.Mute:    b.proxy.Mute,
			storetest.Slow: func(on bool) {
				b.proxy.Slow(0)
				if on {
					b.proxy.Slow(3 * time.Millisecond)
				}
			},
			storetest.Reject: func(on bool) {
				v.Reject(0)
				if on {
					v.Reject(1 << 20)
				}
			},
		},
	}
}}
