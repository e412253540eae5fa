// Command backtest runs a crossing of two averages over the bars of a Parquet file.
//
//	backtest -dir /data/bars -symbol ES
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/whetgo/whet/store"
	_ "github.com/whetgo/whet/store/parquet"
)

func main() {
	dir := flag.String("dir", ".", "the folder of the files")
	symbol := flag.String("symbol", "ES", "what to trade")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dir, *symbol); err != nil {
		fmt.Fprintln(os.Stderr, "backtest:", err)
		os.Exit(1)
	}
}

const fast, slow = 20, 100 // bars

// run prints what the strategy has earned over all the bars of a minute.
func run(ctx context.Context, w io.Writer, dir, symbol string) error {
	s, err := store.Open(ctx, store.Params{Driver: "parquet", Addr: dir})
	if err != nil {
		return err
	}
	defer s.Stop(context.WithoutCancel(ctx))
	start := time.Now()
	bars, err := s.Bars(ctx, store.Query{Symbol: symbol, Interval: time.Minute, To: math.MaxInt64 / 2})
	if err != nil {
		return err
	}
	read := time.Since(start)
	trades, earned := Test(bars)
	fmt.Fprintf(w, "%d bars, %d trades, earned %v a unit\n", bars.Len(), trades, earned)
	fmt.Fprintf(w, "read in %v, tested in %v\n", read.Round(time.Millisecond), (time.Since(start) - read).Round(time.Millisecond))
	return nil
}

// Test is long one unit while the fast average of closes is above the slow one, and short otherwise, from one
// close to the next, and returns how often it changed sides and what it earned.
func Test(bars store.Series) (trades int, earned store.Price) {
	var sums [2]store.Price
	side := store.Price(0)
	for i := range bars.Len() {
		c := bars.At(i).Close
		if side != 0 {
			earned += side * (c - bars.At(i-1).Close)
		}
		sums[0] += c
		sums[1] += c
		if i >= fast {
			sums[0] -= bars.At(i - fast).Close
		}
		if i < slow {
			continue
		}
		sums[1] -= bars.At(i - slow).Close
		now := store.Price(-1)
		if sums[0]*(slow/fast) > sums[1] {
			now = 1
		}
		if now != side {
			trades++
		}
		side = now
	}
	return trades, earned
}
