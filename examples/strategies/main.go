// Strategies has twenty strategies share one store: whoever opens it, there is one
// connection, one subscription, and one request for the bars that all want.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
)

const strategies = 20

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "strategies:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	v := sim.New("strategies", sim.Config{Seed: 7, Generate: true, Every: time.Millisecond})
	defer v.Close()
	p := store.Params{Driver: "sim", Addr: "strategies", Account: "DU1"}
	s, err := store.Open(ctx, p)
	if err != nil {
		return err
	}
	defer s.Stop(ctx)
	var wg sync.WaitGroup
	errs := make([]error, strategies)
	for i := range strategies {
		wg.Go(func() { errs[i] = strategy(ctx, p) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	stats := s.Stats()
	fmt.Fprintf(out, "%d strategies: %d connection, %d request for bars\n", strategies, v.Connections(), stats.BarLoads)
	f := stats.Feeds
	fmt.Fprintf(out, "every event is accounted for: %t\n", f.Published == f.Delivered+f.Dropped+f.Pending)
	return nil
}

// strategy opens the store by its parameters, as if it were alone, looks at a day of bars, and
// follows fifty ticks.
func strategy(ctx context.Context, p store.Params) error {
	s, err := store.Open(ctx, p)
	if err != nil {
		return err
	}
	day := store.At(time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC))
	bars, err := s.Bars(ctx, store.Query{Symbol: "ES", Interval: time.Minute, From: day, To: day.Add(24 * time.Hour)})
	if err != nil {
		return err
	}
	if bars.Len() != 24*60 {
		return fmt.Errorf("%d bars in a day", bars.Len())
	}
	f, err := s.Feed(ctx, store.Sub{Symbol: "ES", Kind: store.Ticks}, store.Expect(10*time.Second))
	if err != nil {
		return err
	}
	defer f.Close()
	ticks := 0
	for e, err := range f.All(ctx) {
		if err != nil {
			return err
		}
		if e.Kind() == store.IsTick {
			ticks++
		}
		if ticks == 50 {
			return nil
		}
	}
	return nil
}
