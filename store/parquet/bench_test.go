package parquet_test

import (
	"context"
	"io"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/whetgo/whet/store"
	whet "github.com/whetgo/whet/store/parquet"
	"github.com/whetgo/whet/store/storetest"
)

func BenchmarkBars(b *testing.B) {
	const n = 1_000_000
	dir := b.TempDir()
	write(b, dir, "ES", storetest.MakeBars(1, storetest.Begin, minute, n))
	s := open(b, store.Params{Driver: "parquet", Addr: dir})
	beside(b, n, func() int { return len(scan(b, whet.Path(dir, "ES", minute))) }, func() int { return read(b, s, n) })
}

type ours struct {
	Time   int64   `parquet:"time"`
	Open   int64   `parquet:"open"`
	High   int64   `parquet:"high"`
	Low    int64   `parquet:"low"`
	Close  int64   `parquet:"close"`
	Volume float64 `parquet:"volume"`
}

// scan is what one writes without a store.
func scan(b *testing.B, path string) (all []ours) {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	r := parquet.NewGenericReader[ours](f)
	defer r.Close()
	for rows := make([]ours, 1024); ; {
		n, err := r.Read(rows)
		all = append(all, rows[:n]...)
		if err == io.EOF {
			return all
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// open returns a store that keeps nothing of what it is asked for.
func open(b *testing.B, p store.Params, opts ...store.Option) *store.Store {
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

func read(b *testing.B, s *store.Store, n int) int {
	b.Helper()
	series, err := s.Bars(b.Context(), store.Query{Symbol: "ES", Interval: minute, From: storetest.Begin, To: storetest.Begin.Add(time.Duration(n) * minute)})
	if err != nil {
		b.Fatal(err)
	}
	return series.Len()
}

// beside measures the whole store beside the driver below it, one after the other, and reports the
// medians and how much of the driver's rate is left: of-raw is to be 0.9 at least.
func beside(b *testing.B, n int, raw, whole func() int) {
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
	slices.Sort(raws)
	slices.Sort(wholes)
	r, w := raws[len(raws)/2], wholes[len(wholes)/2]
	b.ReportMetric(float64(n)/r.Seconds(), "raw/s")
	b.ReportMetric(float64(n)/w.Seconds(), "store/s")
	b.ReportMetric(r.Seconds()/w.Seconds(), "of-raw")
}
