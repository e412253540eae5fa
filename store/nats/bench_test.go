package nats_test

import (
	"context"
	"fmt"
	"testing"

	client "github.com/nats-io/nats.go"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/nats/natstest"
	"github.com/whetgo/whet/store/storetest"
	"github.com/whetgo/whet/store/wire"
)

func BenchmarkTicks(b *testing.B) {
	for _, per := range []int{1, 50} {
		b.Run(fmt.Sprint("per-message=", per), func(b *testing.B) { benchmarkTicks(b, per) })
	}
}

func benchmarkTicks(b *testing.B, per int) {
	const n = 200_000
	base := newBase(b)
	s, err := store.Open(b.Context(), base.at(base.server.Addr, ""), password)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Stop(context.Background()) })
	nc, err := client.Connect("nats://"+base.server.Addr, client.UserInfo(natstest.User, natstest.Password))
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	ticks := storetest.MakeTicks(1, 1, n)
	publish := func(symbol string) {
		for i := 0; i < n; i += per {
			if err := base.hub.Ticks(symbol, ticks[i:i+per]...); err != nil {
				b.Error(err)
			}
		}
	}
	symbol := 0
	storetest.Beside(b, n, func() int {
		done := make(chan int, 1)
		got := 0
		var events []store.Event
		sub, err := nc.Subscribe(base.prefix+".ticks.raw", func(m *client.Msg) {
			events, _ = wire.Ticks(events[:0], m.Data)
			if got += len(events); got == n {
				done <- got
			}
		})
		if err == nil {
			err = nc.Flush()
		}
		if err != nil {
			b.Fatal(err)
		}
		_ = sub.SetPendingLimits(-1, -1)
		go publish("raw")
		defer sub.Unsubscribe()
		return <-done
	}, func() int {
		symbol++
		name := fmt.Sprint("S", symbol) // numbers begin anew
		f, err := s.Feed(b.Context(), store.Sub{Symbol: name}, store.WithRing(1<<14, store.Block))
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		go publish(name)
		return storetest.ReadTicks(b, f, n)
	})
}
