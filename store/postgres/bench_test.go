package postgres_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/storetest"
)

func BenchmarkBars(b *testing.B) {
	const n = 200_000
	base := newBase(b)
	base.bars("ES", minute, storetest.MakeBars(1, storetest.Begin, minute, n)...)
	c, err := pgx.Connect(b.Context(), base.server.DSN(base.name))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(b.Context(), "vacuum analyze whet.bars"); err != nil {
		b.Fatal(err)
	}
	s := open(b, base.at(base.server.Addr, ""), password)
	beside(b, n, func() int { return len(scan(b, c)) }, func() int { return read(b, s, n) })
}

// scan is what one writes without a store.
func scan(b *testing.B, c *pgx.Conn) (bars []store.Bar) {
	rows, err := c.Query(b.Context(), "select time, open, high, low, close, volume from whet.bars where symbol = $1 and interval = $2 order by time", "ES", int64(minute))
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var bar store.Bar
		if err := rows.Scan(&bar.Time, &bar.Open, &bar.High, &bar.Low, &bar.Close, &bar.Volume); err != nil {
			b.Fatal(err)
		}
		bars = append(bars, bar)
	}
	return bars
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
