package postgres_test

import (
	"context"
	"testing"

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
	s := storetest.Uncached(b, base.at(base.server.Addr, ""), password)
	storetest.Beside(b, n, func() int { return len(scan(b, c)) }, func() int { return storetest.ReadBars(b, s, "ES", n) })
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
