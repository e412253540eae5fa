package nats_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/nats"
	"github.com/whetgo/whet/store/nats/natstest"
	"github.com/whetgo/whet/store/storetest"
)

const minute = time.Minute

func TestWrongPassword(t *testing.T) {
	b := newBase(t)
	if err := storetest.Refused(t, b.params(""), true, "password", "a-wrong-secret"); !errors.Is(err, client.ErrAuthorization) {
		t.Errorf("got %v", err)
	}
	if _, err := nats.Open(t.Context(), b.params(""), "a-wrong-secret"); err == nil || strings.Contains(err.Error(), "a-wrong-secret") {
		t.Errorf("Open: %v", err)
	}
}

// Who reads may be there before who publishes.
func TestBeforeTheHub(t *testing.T) {
	srv := server(t)
	bases++
	prefix := fmt.Sprint("later", bases) // the server is that of all tests
	p := store.Params{Driver: "nats", Addr: srv.Addr, Extra: store.ExtraOf("user", natstest.User, "prefix", prefix)}
	s, err := store.Open(t.Context(), p, password, store.WithBackoff(time.Millisecond, 10*time.Millisecond, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	if err := s.Start(t.Context()); !errors.Is(err, store.ErrOffline) || !strings.Contains(err.Error(), strings.ToUpper(prefix)+"_BARS") {
		t.Errorf("without streams: %v", err)
	}
	hub, err := nats.Open(t.Context(), p, natstest.Password)
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	for s.State().Phase != store.Live {
		if t.Context().Err() != nil {
			t.Fatal(s.State())
		}
		time.Sleep(time.Millisecond)
	}
}

func TestBadParams(t *testing.T) {
	for _, tt := range []struct{ addr, extra, want string }{
		{"", "", "addr: want host:port"},
		{"localhost", "", "addr: want host:port"},
		{"localhost:0", "", "addr: want host:port"},
		{"localhost:4222", "prefix=a.b", "prefix: want"},
		{"localhost:4222", "tls=maybe", "tls: want"},
		{"localhost:4222", "speed=7", `"speed": unknown to this driver`},
	} {
		if err := storetest.Refused(t, store.Params{Driver: "nats", Addr: tt.addr, Extra: tt.extra}, true, "password", natstest.Password); !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %s", tt, err, tt.want)
		}
	}
}

// Names may have what has a meaning in subjects.
func TestOddNames(t *testing.T) {
	b := newBase(t)
	symbols := []string{"A.B", "A B", "A*", ">", "%2E", "BTC/USD", "日経"}
	for i, symbol := range symbols {
		b.bars(symbol, minute, storetest.MakeBars(uint64(i), storetest.Begin, minute, 2)...)
	}
	s, err := store.Dial(t.Context(), b.params(""), nil, password)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, symbol := range symbols {
		if got := history(t, s, symbol, storetest.Begin, math.MaxInt64); !slices.Equal(got, storetest.MakeBars(uint64(i), storetest.Begin, minute, 2)) {
			t.Errorf("%q: got %v", symbol, got)
		}
	}
}

func history(t testing.TB, s store.Session, symbol string, from, to store.Time) (bars []store.Bar) {
	t.Helper()
	err := s.History(context.Background(), store.Query{Symbol: symbol, Interval: minute, From: from, To: to}, func(b []store.Bar) error {
		bars = append(bars, b...)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return bars
}

// Windows are found among messages of many sizes, with those of other symbols between.
func TestWindows(t *testing.T) {
	b := newBase(t)
	bars := storetest.MakeBars(1, storetest.Begin, minute, 3000)
	other := storetest.MakeBars(2, storetest.Begin, minute, 3000)
	for i, n := 0, 1; i < len(bars); n = n%97 + 13 {
		end := min(i+n, len(bars))
		b.bars("ES", minute, bars[i:end]...)
		b.bars("NQ", minute, other[i:end]...)
		i = end
	}
	s, err := store.Dial(t.Context(), b.params(""), nil, password)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, w := range [][2]int{{0, 3000}, {0, 1}, {2999, 3000}, {1234, 1300}, {700, 2900}, {-5, 3}, {2990, 3010}, {3000, 3010}, {-9, -3}, {5, 5}} {
		from, to := storetest.Begin.Add(time.Duration(w[0])*minute), storetest.Begin.Add(time.Duration(w[1])*minute)
		lo, hi := min(max(w[0], 0), 3000), min(max(w[1], 0), 3000)
		if got := history(t, s, "ES", from, to); !slices.Equal(got, bars[lo:hi]) {
			t.Errorf("%v: got %d bars, want %d", w, len(got), hi-lo)
		}
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
		err := b.hub.Bars(t.Context(), "ES", minute, tt.bars...)
		var data *store.DataError
		if !errors.As(err, &data) || data.Problem != tt.want {
			t.Errorf("got %v, want %v", err, tt.want)
		}
	}
	b.bars("ES", minute, bars[5:]...) // nothing of them was kept
}

// What others publish on our subjects and is not ours is told in a note, and hurts nobody.
func TestForeignMessages(t *testing.T) {
	b := newBase(t)
	b.bars("ES", minute, storetest.MakeBars(1, storetest.Begin, minute, 1)...)
	s, err := store.Open(t.Context(), b.params(""), password)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	feed, err := s.Feed(t.Context(), store.Sub{Symbol: "ES"})
	if err != nil {
		t.Fatal(err)
	}
	notes := s.Notes(store.MarketNotes)
	nc, err := client.Connect("nats://"+b.server.Addr, client.UserInfo(natstest.User, natstest.Password))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for i := range 3 {
		if err := nc.Publish(b.prefix+".ticks.ES", []byte(fmt.Sprint("garbage ", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	b.ticks("ES", storetest.MakeTicks(1, 1, 1)...)
	for e, err := range feed.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind() == store.IsTick {
			break
		}
	}
	if n, err := notes.Next(t.Context()); err != nil || !strings.Contains(n.Text, "not a whole number of records") {
		t.Errorf("got %v, %v", n, err)
	}
}
