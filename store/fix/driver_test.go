package fix_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/fix"
	"github.com/whetgo/whet/store/sim"
	"github.com/whetgo/whet/store/storetest"
)

func TestWrongPassword(t *testing.T) {
	a := newAcceptor(t, sim.Config{})
	if err := storetest.Refused(t, a.params("DU1"), true, "password", "a-wrong-secret"); !strings.Contains(err.Error(), "wrong password") {
		t.Errorf("got %v", err)
	}
}

func TestBadParams(t *testing.T) {
	for _, tt := range []struct {
		p    store.Params
		want string
	}{
		{store.Params{Account: "DU1"}, "addr: want host:port"},
		{store.Params{Account: "DU1", Addr: "localhost:99999"}, "addr: want host:port"},
		{store.Params{Addr: "localhost:1"}, "sender or account: want a name"},
		{store.Params{Account: "DU1", Addr: "localhost:1", Extra: "tls=maybe"}, "tls: want require"},
		{store.Params{Account: "DU1", Addr: "localhost:1", Extra: "speed=7"}, `"speed": unknown to this driver`},
		{store.Params{Addr: "localhost:1", Extra: store.ExtraOf("sender", "a\x01b")}, "a control character"},
	} {
		tt.p.Driver = "fix"
		if err := storetest.Refused(t, tt.p, true, "password", "a-secret"); !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %s", tt.p, err, tt.want)
		}
	}
	storetest.Refused(t, store.Params{Driver: "fix", Addr: "127.0.0.1:1", Account: "DU1"}, false, "password", "a-secret") // it is not there
}

// What goes through FIX as decimals comes out as it was.
func TestRoundTrips(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 1000 {
		o := store.Order{ID: store.OrderID(fmt.Sprint("o", i)), Symbol: "ES", Side: store.Buy + store.Side(r.IntN(2)), Qty: store.Qty(1 + r.Int64N(1<<50)),
			Type: store.AtLimit, Limit: store.Price(r.Int64() - r.Int64()), TIF: store.TIF(r.IntN(3))}
		if i%3 == 0 {
			o.Type, o.Limit = store.AtMarket, 0
		}
		if got, err := fix.ThroughOrder(o); err != nil || got != o {
			t.Fatalf("got %v, %v, want %v", got, err, o)
		}
		e := store.OrderEvent{Account: "DU1", ID: o.ID, Exec: fmt.Sprint("x", i), Seq: uint64(i), Time: store.Time(r.Int64()), Status: store.Accepted + store.OrderStatus(r.IntN(5)),
			Symbol: "ES", Side: o.Side, Qty: store.Qty(r.Int64()), Price: store.Price(-r.Int64()), Fee: store.Money(r.Int64()), Filled: math.MaxInt64, Left: 1, Reason: "because"}
		if got, err := fix.ThroughReport(e); err != nil || got != e {
			t.Fatalf("got %+v, %v, want %+v", got, err, e)
		}
	}
}

// History of more than a page.
func TestPages(t *testing.T) {
	a := newAcceptor(t, sim.Config{})
	const n = 5000
	a.venue.Bars("ES", 60e9, storetest.MakeBars(1, storetest.Begin, 60e9, n)...)
	s, err := store.Open(t.Context(), a.params("DU1"), secret)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	series, err := s.Bars(t.Context(), store.Query{Symbol: "ES", Interval: 60e9, To: storetest.Begin.Add(9999 * time.Hour)})
	if err != nil || series.Len() != n {
		t.Errorf("got %d bars, %v, want %d", series.Len(), err, n)
	}
}
