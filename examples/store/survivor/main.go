// Command survivor prints bars as they come. When the server is lost it waits for it, and then prints what
// it has missed before it goes on. With -http it can be watched meanwhile.
//
//	WHET_PASSWORD=... survivor -dsn 'postgres://db.example:5432/market?user=trader' -symbol ES -http 127.0.0.1:8080
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/whetgo/whet/store"
	_ "github.com/whetgo/whet/store/postgres"
)

func main() {
	dsn := flag.String("dsn", "", "the store")
	symbol := flag.String("symbol", "ES", "what to follow")
	address := flag.String("http", "", "where to serve /debug/whet/")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *dsn, os.Getenv("WHET_PASSWORD"), *symbol, *address); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "survivor:", err)
		os.Exit(1)
	}
}

// run prints what happens to a subscription until ctx ends, and serves what the store says of itself at an
// address if that is not "".
func run(ctx context.Context, w io.Writer, dsn, password, symbol, address string) error {
	p, err := store.Parse(dsn)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, p, store.WithSecret("password", password), store.WithBackoff(50*time.Millisecond, 2*time.Second, 1))
	if err != nil {
		return err
	}
	defer s.Stop(context.WithoutCancel(ctx))
	if address != "" {
		url, err := watch(ctx, address, s)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "watched at", url)
	}
	feed, err := s.Feed(ctx, store.Sub{Symbol: symbol, Kind: store.Bars, Interval: time.Minute})
	if err != nil {
		return err
	}
	for e, err := range feed.All(ctx) {
		if err != nil {
			return err
		}
		show(w, e)
	}
	return nil
}

func show(w io.Writer, e store.Event) {
	switch e.Kind() {
	case store.IsBar:
		b := e.Bar()
		fmt.Fprintf(w, "bar %v close %v\n", b.Time, b.Close)
	case store.IsGap:
		g := e.Gap()
		fmt.Fprintf(w, "gap of %d bars after %v: %v\n", g.Missed, g.From, g.Cause)
	case store.IsPhase:
		fmt.Fprintf(w, "store %v\n", e.Phase())
	}
}
