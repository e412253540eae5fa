package storetest

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/whetgo/whet/internal/robust"
	"github.com/whetgo/whet/store"
)

// Beside measures a whole store beside the driver below it, one after the other, and reports the
// medians and how much of the driver's rate is left: of-raw is to be 0.9 at least. Both functions read n
// bars or ticks, and return how many they got.
func Beside(b *testing.B, n int, raw, whole func() int) {
	measure := func(f func() int, took *[]time.Duration) {
		runtime.GC()
		start := time.Now()
		if got := f(); got != n {
			b.Fatalf("got %d, want %d", got, n)
		}
		*took = append(*took, time.Since(start))
	}
	var raws, wholes []time.Duration
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 {
			measure(raw, &raws)
			measure(whole, &wholes)
		} else {
			measure(whole, &wholes)
			measure(raw, &raws)
		}
	}
	r, w := robust.Median(raws)/1e9, robust.Median(wholes)/1e9 // in seconds
	b.ReportMetric(float64(n)/r, "raw/s")
	b.ReportMetric(float64(n)/w, "store/s")
	b.ReportMetric(r/w, "of-raw")
}

// Uncached returns a store, started, that keeps nothing of what it is asked for.
func Uncached(b *testing.B, p store.Params, opts ...store.Option) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), p, append(opts, store.WithCache(1))...)
	if err == nil {
		err = s.Start(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

// ReadBars asks a store for n bars of a minute from Begin on, and returns how many it got.
func ReadBars(b *testing.B, s *store.Store, symbol string, n int) int {
	b.Helper()
	series, err := s.Bars(b.Context(), store.Query{Symbol: symbol, Interval: minute, From: Begin, To: Begin.Add(time.Duration(n) * minute)})
	if err != nil {
		b.Fatal(err)
	}
	return series.Len()
}

// ReadTicks reads n ticks of a feed, in batches; a gap fails.
func ReadTicks(b *testing.B, f *store.Feed, n int) (got int) {
	b.Helper()
	var batch []store.Event
	for got < n {
		e, err := f.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		batch, _ = f.Drain(append(batch[:0], e))
		for _, e := range batch {
			switch e.Kind() {
			case store.IsTick:
				got++
			case store.IsGap:
				b.Fatalf("a gap: %+v", e.Gap())
			}
		}
	}
	return got
}
