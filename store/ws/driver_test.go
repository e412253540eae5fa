package ws_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/storetest"
	"github.com/whetgo/whet/store/ws"
)

func TestWrongToken(t *testing.T) {
	e := newEmulator(t)
	storetest.Refused(t, e.params(""), true, "token", "a-wrong-token")
}

func TestBadParams(t *testing.T) {
	for _, tt := range []struct{ addr, extra, want string }{
		{"", "", "addr: want host:port/path"},
		{"localhost/feed", "", "addr: want host:port/path"},
		{"localhost:0/feed", "", "addr: want host:port/path"},
		{"localhost:1/feed", "tls=maybe", "tls: want require"},
		{"localhost:1/feed", "speed=7", `"speed": unknown to this driver`},
	} {
		err := storetest.Refused(t, store.Params{Driver: "ws", Addr: tt.addr, Extra: tt.extra}, true, "token", "a-token")
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %s", tt, err, tt.want)
		}
	}
	storetest.Refused(t, store.Params{Driver: "ws", Addr: "127.0.0.1:1/feed"}, false, "token", "a-token") // it is not there
}

// A venue that is none of ours, or sends what is no message, is lost, and not final.
func TestForeignVenue(t *testing.T) {
	for _, sent := range []string{"garbage", `{"rows":[[1,2,3]],"feed":1}`, `{"rows":[[1,2,3,4,5,six]],"feed":1}`, `{"id":"x"}`, strings.Repeat("x", 9<<20)} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer c.CloseNow()
			_ = c.Write(r.Context(), websocket.MessageText, []byte(sent))
			_, _, _ = c.Read(r.Context())
		}))
		k := &sink{lost: make(chan error, 1)}
		s, err := store.Dial(t.Context(), store.Params{Driver: "ws", Addr: strings.TrimPrefix(srv.URL, "http://")}, k)
		if err != nil {
			t.Fatal(err)
		}
		if err := <-k.lost; err == nil || store.IsFatal(err) {
			t.Errorf("%.30q: lost by %v", sent, err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("a lost session answers")
		}
		s.Close()
		srv.Close()
	}
}

type sink struct {
	store.Sink // nil: what is not overridden must not be called
	lost       chan error
}

func (s *sink) Lost(err error) { s.lost <- err }

// Requests that make no sense are answered by errors, and hurt nobody.
func TestBadRequests(t *testing.T) {
	e := newEmulator(t)
	c, _, err := websocket.Dial(t.Context(), "ws://"+e.addr, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	for q, code := range map[string]string{
		`{"id":1,"op":"history"}`:                                     "no account",
		`{"id":1,"op":"history","query":{"Symbol":""}}`:               "failed",
		`{"id":1,"op":"history","query":{"Symbol":"X","Interval":1}}`: "no symbol",
		`{"id":1,"op":"subscribe","subs":[{"Symbol":"","Kind":0}]}`:   "failed",
		`{"id":1,"op":"subscribe","subs":[{"Symbol":"X","Kind":77}]}`: "failed",
		`{"id":1,"op":"subscribe","subs":[{"Symbol":"X"}]}`:           "no symbol",
		`{"id":1,"op":"submit","account":"DU1"}`:                      "unsupported",
		`{"id":1,"op":"submit","account":"DU1","order":{"Qty":-1}}`:   "failed",
		`{"id":1,"op":"submit","order":{"Qty":1}}`:                    "no account",
		`{"id":1,"op":"cancel","account":"DU1","cancel":"x"}`:         "no order",
		`{"id":1,"op":"fly","account":"DU1"}`:                         "unsupported",
		`{"id":1,"op":"unsubscribe","subs":[{"Symbol":"X"}]}`:         "",
	} {
		if err := c.Write(t.Context(), websocket.MessageText, []byte(q)); err != nil {
			t.Fatal(err)
		}
		_, data, err := c.Read(t.Context())
		var m struct {
			ID   int
			Code string
		}
		if err != nil || json.Unmarshal(data, &m) != nil || m.Code != code || m.ID != 1 {
			t.Errorf("%s: got %s, %v, want %q", q, data, err, code)
		}
	}
	if err := c.Write(t.Context(), websocket.MessageText, []byte("garbage")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(t.Context()); err == nil {
		t.Error("garbage was answered")
	}
}

// History of more than a page.
func TestPages(t *testing.T) {
	e := newEmulator(t)
	const n = 10_000
	e.venue.Bars("ES", 60e9, storetest.MakeBars(1, storetest.Begin, 60e9, n)...)
	s, err := store.Open(t.Context(), e.params(""), secret)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	series, err := s.Bars(t.Context(), store.Query{Symbol: "ES", Interval: 60e9, To: storetest.Begin.Add(9999 * time.Hour)})
	if err != nil || series.Len() != n {
		t.Errorf("got %d bars, %v, want %d", series.Len(), err, n)
	}
}

func TestServerLosesItsVenue(t *testing.T) {
	e := newEmulator(t)
	k := &sink{lost: make(chan error, 1)}
	s, err := store.Dial(t.Context(), e.params(""), k, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e.venue.Cut()
	<-e.ws.Lost()
	if err := <-k.lost; errors.Is(err, store.ErrClosed) || store.IsFatal(err) {
		t.Errorf("lost by %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"rows":[[1,2,3,4,5,6],[1,2,3,4,5,6.5]],"feed":1}`))
	f.Add([]byte(`{"rows":[],"id":7,"more":true}`))
	f.Add([]byte(`{"rows":[[-9223372036854775808,9223372036854775807,0,0,0,1e300]]}`))
	f.Add([]byte(`{"rows":[[1,2,3,4,5,6]`))
	f.Add([]byte(`{"id":1,"event":{"Exec":"x"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		ours := ws.Parse(append([]byte(nil), data...))
		if !strings.HasPrefix(string(data), `{"rows":[`) {
			return
		}
		var theirs struct {
			Rows [][]json.Number `json:"rows"`
		}
		if err := json.Unmarshal(data, &theirs); ours == nil && err != nil {
			t.Errorf("%s was taken: %v", data, err)
		}
	})
}
