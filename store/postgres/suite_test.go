package postgres_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/fault"
	"github.com/whetgo/whet/store/postgres"
	"github.com/whetgo/whet/store/postgres/pgtest"
	"github.com/whetgo/whet/store/storetest"
)

var shared struct {
	sync.Once
	server *pgtest.Server
	err    error
}

func TestMain(m *testing.M) {
	storetest.Main(nil)
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

func (b *base) bars(symbol string, interval time.Duration, bars ...store.Bar) {
	b.t.Helper()
	storetest.Persist(b.t, func(ctx context.Context) error { return b.db.Bars(ctx, symbol, interval, bars...) })
}

func (b *base) ticks(symbol string, ticks ...store.Tick) {
	b.t.Helper()
	storetest.Persist(b.t, func(ctx context.Context) error { _, err := b.db.Ticks(ctx, symbol, ticks...); return err })
}

func TestKilled(t *testing.T) {
	storetest.Killed(t, storetest.Harness{Start: func(t *testing.T) storetest.Venue {
		b, v := newVenue(t)
		execute(t, b, "drop role if exists second")
		execute(t, b, "create role second superuser login password '"+pgtest.Password+"'")
		v.Second = b.at(b.server.Addr, "DU1")
		v.Second.Extra = store.ExtraOf("user", "second")
		v.Seconds = func() int { return count(t, b, "select count(*) from pg_stat_activity where usename = 'second'") }
		return v
	}})
}

func TestSuite(t *testing.T) { storetest.Run(t, harness) }

var schedules = flag.Int("schedules", 2, "random fault schedules to survive")

func TestSchedules(t *testing.T) { storetest.Schedules(t, harness, *schedules) }

var harness = storetest.Harness{Start: func(t *testing.T) storetest.Venue {
	_, v := newVenue(t)
	return v
}}

func newVenue(t *testing.T) (*base, storetest.Venue) {
	b := newBase(t)
	var spread storetest.Spreader
	v := spread.Faults(storetest.Simulated(storetest.Serve(t, "DU1", b.db.Serve)).Through(b.proxy, b.restart))
	v.Params, v.Secrets = b.params("DU1"), map[string]string{"password": pgtest.Password}
	v.Bars = b.bars
	v.Ticks = func(symbol string, ticks ...store.Tick) {
		spread.Spread(ticks, func(part ...store.Tick) { b.ticks(symbol, part...) })
	}
	return b, v
}
