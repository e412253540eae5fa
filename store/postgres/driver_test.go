package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/postgres"
	"github.com/whetgo/whet/store/postgres/pgtest"
	"github.com/whetgo/whet/store/storetest"
)

const minute = time.Minute

func TestWrongPassword(t *testing.T) {
	b := newBase(t)
	for _, wrong := range []string{"a-wrong-secret", "a wrong secret?&@/"} {
		if err := storetest.Refused(t, b.params(""), true, "password", wrong); !strings.Contains(err.Error(), "28P01") {
			t.Errorf("got %v", err)
		}
		if _, err := postgres.Open(t.Context(), b.params(""), wrong); err == nil || strings.Contains(err.Error(), wrong) {
			t.Errorf("Open: %v", err)
		}
	}
}

func TestBadParams(t *testing.T) {
	for _, tt := range []struct {
		p    store.Params
		want string
	}{
		{store.Params{}, "addr: want host:port/database"},
		{store.Params{Addr: "localhost/db"}, "addr: want host:port/database"},
		{store.Params{Addr: "localhost:0/db"}, "addr: want a port"},
		{store.Params{Addr: "localhost:5432/a/b"}, "addr: want host:port/database"},
		{store.Params{Addr: "localhost:5432/db", Extra: "schema=a-b"}, "schema: not a name"},
		{store.Params{Addr: "localhost:5432/db", Extra: "conns=0"}, "conns: not a number"},
		{store.Params{Addr: "localhost:5432/db", Extra: "sslmode=maybe"}, "sslmode or user"},
		{store.Params{Addr: "localhost:5432/db", Extra: "speed=7"}, `"speed": unknown to this driver`},
	} {
		tt.p.Driver = "postgres"
		if err := storetest.Refused(t, tt.p, true, "password", "a-secret"); !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %s", tt.p, err, tt.want)
		}
	}
}

func TestBadSchema(t *testing.T) {
	b := newBase(t)
	none := b.params("")
	none.Extra = store.ExtraOf("user", pgtest.User, "schema", "other")
	for _, tt := range []struct{ change, want string }{
		{"alter table whet.bars alter volume type numeric", "column bars.volume is numeric, want double precision"},
		{"alter table whet.ticks drop column bid", "there is no column ticks.bid"},
		{"drop table whet.orders", "there is no column orders."},
	} {
		execute(t, b, tt.change)
		err := storetest.Refused(t, b.params(""), true, "password", pgtest.Password)
		var schema *postgres.SchemaError
		if !errors.As(err, &schema) {
			t.Errorf("after %s: %v, want a SchemaError", tt.change, err)
		}
	}
	if err := storetest.Refused(t, none, true, "password", pgtest.Password); !strings.Contains(err.Error(), "schema other: there is none") {
		t.Errorf("got %v", err)
	}
	other := b.params("")
	other.Addr = b.server.Addr + "/nowhere"
	if err := storetest.Refused(t, other, true, "password", pgtest.Password); !strings.Contains(err.Error(), "3D000") {
		t.Errorf("a database that is not there: %v", err)
	}
}

func execute(t *testing.T, b *base, statement string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), b.server.DSN(b.name))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// What others wrote into the table and can't be is named.
func TestBadRows(t *testing.T) {
	b := newBase(t)
	b.bars("ES", minute, storetest.MakeBars(1, storetest.Begin, minute, 3)...)
	s, err := store.Open(t.Context(), b.params(""), password)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	execute(t, b, "update whet.bars set high = low - 1 where time = (select max(time) from whet.bars)")
	_, err = s.Bars(t.Context(), store.Query{Symbol: "ES", Interval: minute, To: storetest.Begin.Add(9999 * time.Hour)})
	if err == nil || !strings.Contains(err.Error(), "bar at 2024-01-01T00:02:00Z: price out of range") {
		t.Errorf("got %v", err)
	}
}

func TestWriteRefuses(t *testing.T) {
	b := newBase(t)
	bars := storetest.MakeBars(1, storetest.Begin, minute, 10)
	b.bars("ES", minute, bars[:5]...)
	for _, tt := range []struct {
		bars []store.Bar
		want store.Problem
	}{{bars[3:6], store.Backwards}, {bars[4:6], store.Overlap}, {[]store.Bar{bars[6], bars[5]}, store.Backwards}} {
		err := b.db.Bars(t.Context(), "ES", minute, tt.bars...)
		var data *store.DataError
		if !errors.As(err, &data) || data.Problem != tt.want {
			t.Errorf("got %v, want %v", err, tt.want)
		}
	}
	b.bars("ES", minute, bars[5:]...) // nothing of them was kept
}

// Ticks that another venue has numbered may be written twice.
func TestTicksTwice(t *testing.T) {
	b := newBase(t)
	ticks := storetest.MakeTicks(1, 1, 10)
	for _, part := range [][]store.Tick{ticks[:6], ticks[:4], ticks[3:]} {
		if _, err := b.db.Ticks(t.Context(), "ES", part...); err != nil {
			t.Fatal(err)
		}
	}
	if last, err := b.db.Ticks(t.Context(), "ES", store.Tick{Time: 1}); last != 11 || err != nil {
		t.Errorf("the next tick is numbered %d, %v, want 11", last, err)
	}
}

// An order that was written down is not lost if nobody served the account then.
func TestServedLater(t *testing.T) {
	b := newBase(t)
	s, err := store.Open(t.Context(), b.params("DU1"), password)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	k, err := s.Broker(t.Context(), "DU1")
	if err != nil {
		t.Fatal(err)
	}
	o := store.Order{ID: "early", Symbol: "ES", Side: store.Buy, Qty: store.Lots(1), Type: store.AtLimit, Limit: store.Points(101)}
	submitted := make(chan error, 1)
	go func() {
		_, err := k.Submit(t.Context(), o)
		submitted <- err
	}()
	for written := 0; written == 0; time.Sleep(time.Millisecond) {
		written = count(t, b, "select count(*) from whet.orders where id = 'early' and code is null")
	}
	v := storetest.Serve(t, "DU1", b.db.Serve)
	v.Ticks("ES", store.Tick{Time: 1, Bid: store.Points(99), Ask: store.Points(101)})
	if err := <-submitted; err != nil && !errors.Is(err, store.ErrRejected) { // it may come before the quote
		t.Errorf("served later: %v", err)
	}
	if n := len(v.Executions("DU1")); n == 0 {
		t.Error("the venue has not seen the order")
	}
}

func count(t *testing.T, b *base, query string) (n int) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), b.server.DSN(b.name))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if err := c.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
