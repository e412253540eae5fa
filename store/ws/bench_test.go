package ws_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/storetest"
	"github.com/whetgo/whet/store/ws"
)

func BenchmarkTicks(b *testing.B) {
	for _, per := range []int{1, 50} {
		b.Run(fmt.Sprint("per-message=", per), func(b *testing.B) { benchmarkTicks(b, per) })
	}
}

const blasted = 200_000

// blaster is a venue that sends the same ticks as fast as they are taken, as soon as somebody subscribes.
func blaster(b *testing.B, per int) string {
	ticks := storetest.MakeTicks(1, 1, blasted)
	var frames [][]byte
	for i := 0; i < blasted; i += per {
		frames = append(frames, ws.Frame(ticks[i:i+per]))
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for {
			_, data, err := c.Read(r.Context())
			var q struct {
				ID uint64
				Op string
			}
			if err != nil || json.Unmarshal(data, &q) != nil {
				return
			}
			if err := c.Write(r.Context(), websocket.MessageText, fmt.Appendf(nil, `{"id":%d,"feeds":[1]}`, q.ID)); err != nil {
				return
			}
			for i := 0; q.Op == "subscribe" && i < len(frames); i++ {
				if err := c.Write(r.Context(), websocket.MessageText, frames[i]); err != nil {
					return
				}
			}
		}
	}))
	b.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://")
}

func benchmarkTicks(b *testing.B, per int) {
	addr := blaster(b, per)
	storetest.Beside(b, blasted, func() int { return rawTicks(b, addr) }, func() int {
		s, err := store.Open(b.Context(), store.Params{Driver: "ws", Addr: addr})
		if err == nil {
			err = s.Start(b.Context())
		}
		if err != nil {
			b.Fatal(err)
		}
		f, err := s.Feed(b.Context(), store.Sub{Symbol: "ES"}, store.WithRing(1<<14, store.Block))
		if err != nil {
			b.Fatal(err)
		}
		n := storetest.ReadTicks(b, f, blasted)
		if err := s.Stop(context.Background()); err != nil {
			b.Fatal(err)
		}
		return n
	})
}

// rawTicks reads and decodes messages without a store.
func rawTicks(b *testing.B, addr string) (got int) {
	c, _, err := websocket.Dial(b.Context(), "ws://"+addr, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer c.CloseNow()
	if err := c.Write(b.Context(), websocket.MessageText, []byte(`{"id":1,"op":"subscribe"}`)); err != nil {
		b.Fatal(err)
	}
	for got < blasted {
		_, data, err := c.Read(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		n, err := ws.Decode(data)
		if err != nil {
			b.Fatal(err)
		}
		got += n
	}
	return got
}
