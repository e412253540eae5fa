// Command fanout shares one upstream between processes, on one machine or many: one publishes what its store
// gets from the venue, here a simulated one, and the others read it over NATS.
//
//	fanout -dsn 'nats://bus.example:4222?user=trader' publish
//	fanout -dsn 'nats://bus.example:4222?user=trader' -ticks 1000 read
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/nats"
	_ "github.com/whetgo/whet/store/sim"
)

const symbol = "ES"

func main() {
	dsn := flag.String("dsn", "", "the bus")
	ticks := flag.Uint64("ticks", 100, "how many to read")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, flag.Arg(0), *dsn, os.Getenv("WHET_PASSWORD"), *ticks); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "fanout:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, role, dsn, password string, ticks uint64) error {
	p, err := store.Parse(dsn)
	if err != nil {
		return err
	}
	switch role {
	case "publish":
		return publish(ctx, w, p, password)
	case "read":
		return read(ctx, w, p, password, ticks)
	}
	return errors.New("want publish or read")
}

// publish publishes the ticks of a venue until ctx ends.
func publish(ctx context.Context, w io.Writer, p store.Params, password string) error {
	hub, err := nats.Open(ctx, p, password)
	if err != nil {
		return err
	}
	defer hub.Close()
	upstream, err := store.Open(ctx, store.Params{Driver: "sim", Addr: "fanout"})
	if err != nil {
		return err
	}
	defer upstream.Stop(context.WithoutCancel(ctx))
	if err := upstream.Start(ctx); err != nil {
		return err
	}
	fmt.Fprintln(w, "publishing")
	return hub.Publish(ctx, upstream, store.Sub{Symbol: symbol})
}

// read reads some ticks, and prints how many came and how many are missing between the first and the last.
func read(ctx context.Context, w io.Writer, p store.Params, password string, ticks uint64) error {
	s, err := store.Open(ctx, p, store.WithSecret("password", password))
	if err != nil {
		return err
	}
	defer s.Stop(context.WithoutCancel(ctx))
	feed, err := s.Feed(ctx, store.Sub{Symbol: symbol})
	if err != nil {
		return err
	}
	var first, last, got uint64
	for e, err := range feed.All(ctx) {
		if err != nil {
			return err
		}
		if e.Kind() != store.IsTick {
			continue
		}
		last = e.Tick().Seq
		if got++; got == 1 {
			first = last
			fmt.Fprintln(w, "reading")
		}
		if got == ticks {
			break
		}
	}
	fmt.Fprintf(w, "%d ticks, from %d to %d, %d missing\n", got, first, last, last-first+1-got)
	return nil
}
