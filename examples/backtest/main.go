// Backtest runs a crossing of two averages over bars in a flat file, which it writes first: the
// minutes of twenty days of the simulated market.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/file"
	"github.com/whetgo/whet/store/sim"
)

const (
	fast, slow = 50, 400 // bars
	days       = 20
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "backtest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	dir, err := os.MkdirTemp("", "backtest-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	begin := store.At(time.Date(2023, 1, 2, 0, 0, 0, 0, time.UTC))
	q := store.Query{Symbol: "ES", Interval: time.Minute, From: begin, To: begin.Add(days * 24 * time.Hour)}
	if err := record(ctx, q, filepath.Join(dir, "ES.bars")); err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Params{Driver: "file", Addr: dir})
	if err != nil {
		return err
	}
	defer s.Stop(ctx)
	bars, err := s.Bars(ctx, q)
	if err != nil {
		return err
	}
	trades, profit := cross(bars)
	fmt.Fprintf(out, "%d bars, %d trades, profit %v a lot\n", bars.Len(), trades, profit)
	return nil
}

// record writes bars of the simulated market to a flat file.
func record(ctx context.Context, q store.Query, name string) error {
	v := sim.New("backtest", sim.Config{Seed: 7, Generate: true})
	defer v.Close()
	s, err := store.Open(ctx, store.Params{Driver: "sim", Addr: "backtest"})
	if err != nil {
		return err
	}
	defer s.Stop(ctx)
	bars, err := s.Bars(ctx, q)
	if err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := file.Write(f, q.Interval, bars.Append(nil)); err != nil {
		return err
	}
	return f.Close()
}

// cross is long one lot while the fast average is above the slow one, and short while it is
// below. Sums are of whole steps, so that they do not drift.
func cross(bars store.Series) (trades int, profit store.Price) {
	var sumFast, sumSlow, entered store.Price
	side := store.Price(0) // of what is held
	for i := range bars.Len() {
		b := bars.At(i)
		sumFast += b.Close
		sumSlow += b.Close
		if i >= fast {
			sumFast -= bars.At(i - fast).Close
		}
		if i < slow {
			continue
		}
		sumSlow -= bars.At(i - slow).Close
		want := store.Price(1)
		if sumFast/fast < sumSlow/slow {
			want = -1
		}
		if want != side {
			profit += side * (b.Close - entered)
			side, entered = want, b.Close
			trades++
		}
	}
	return trades, profit
}
