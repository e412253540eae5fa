// Command twenty runs twenty strategies over one PostgreSQL store. Each opens it for itself and asks for the
// windows of bars that it wants; there is one connection, and each window is read once.
//
//	WHET_PASSWORD=... twenty -dsn 'postgres://db.example:5432/market?user=trader' -symbol ES -from 2024-01-01
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/whetgo/whet/store"
	_ "github.com/whetgo/whet/store/postgres"
)

const (
	strategies = 20
	windows    = 40
	window     = 500 * time.Minute
)

func main() {
	dsn := flag.String("dsn", "", "the store")
	symbol := flag.String("symbol", "ES", "what to trade")
	from := flag.String("from", "2024-01-01", "the first day")
	flag.Parse()
	day, err := time.Parse(time.DateOnly, *from)
	if err == nil {
		err = run(context.Background(), os.Stdout, *dsn, os.Getenv("WHET_PASSWORD"), *symbol, store.At(day))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "twenty:", err)
		os.Exit(1)
	}
}

// run runs the strategies and prints what each has earned in a unit, and what it took.
func run(ctx context.Context, w io.Writer, dsn, password, symbol string, from store.Time) error {
	p, err := store.Parse(dsn)
	if err != nil {
		return err
	}
	own, err := store.Open(ctx, p, store.WithSecret("password", password))
	if err != nil {
		return err
	}
	defer own.Stop(context.WithoutCancel(ctx))
	var earned [strategies]store.Price
	var failed [strategies]error
	var running sync.WaitGroup
	for i := range strategies {
		running.Go(func() { earned[i], failed[i] = strategy(ctx, p, symbol, from, 5+i) })
	}
	running.Wait()
	for i := range strategies {
		if failed[i] != nil {
			return failed[i]
		}
		fmt.Fprintf(w, "average of %2d: %v\n", 5+i, earned[i])
	}
	st := own.Stats()
	fmt.Fprintf(w, "%d windows were asked for, and %d read from the server over %d session\n", strategies*windows, st.BarLoads, st.Dials)
	return nil
}

// strategy holds one unit while the price is above its average of n bars.
func strategy(ctx context.Context, p store.Params, symbol string, from store.Time, n int) (earned store.Price, err error) {
	s, err := store.Open(ctx, p) // the same store as all others have
	if err != nil {
		return 0, err
	}
	for i := range windows {
		begin := from.Add(time.Duration(i) * window)
		bars, err := s.Bars(ctx, store.Query{Symbol: symbol, Interval: time.Minute, From: begin, To: begin.Add(window)})
		if err != nil {
			return 0, err
		}
		earned += Earn(bars, n)
	}
	return earned, nil
}

// Earn returns what is earned by holding one unit from each bar that closes above the average of the n before it
// to the next.
func Earn(bars store.Series, n int) (earned store.Price) {
	var sum store.Price
	for i := range bars.Len() {
		c := bars.At(i).Close
		if i > n && bars.At(i-1).Close*store.Price(n) > sum-bars.At(i-1).Close+bars.At(i-1-n).Close {
			earned += c - bars.At(i-1).Close
		}
		if sum += c; i >= n {
			sum -= bars.At(i - n).Close
		}
	}
	return earned
}
