package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
	"github.com/whetgo/whet/store/ws"
)

func TestRun(t *testing.T) {
	v := sim.New("accounts", sim.Config{})
	defer v.Close()
	v.Ticks("ES", store.Tick{Time: 1, Bid: store.Points(99), Ask: store.Points(101)})
	srv, err := ws.NewServer(t.Context(), store.Params{Driver: "sim", Addr: "accounts"}, "a-token")
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	web := httptest.NewServer(srv)
	defer web.Close()
	var out strings.Builder
	if err := run(t.Context(), &out, strings.TrimPrefix(web.URL, "http://"), "a-token", "ES", []string{"DU1", "DU2"}); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "DU1 holds 1 ES for 101\nDU2 holds 2 ES for 202\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for account, events := range map[string]int{"DU1": 2, "DU2": 2} {
		if got := len(v.Executions(account)); got != events {
			t.Errorf("%s has %d events, want %d", account, got, events)
		}
	}
}
