package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/storetest"
)

func BenchmarkBars(b *testing.B) {
	const n = 200_000
	path := filepath.Join(b.TempDir(), "bars.db")
	if err := create(b, path).Append(b.Context(), "ES", minute, storetest.MakeBars(1, storetest.Begin, minute, n)); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	s := storetest.Uncached(b, store.Params{Driver: "sqlite", Addr: path})
	storetest.Beside(b, n, func() int { return len(scan(b, db)) }, func() int { return storetest.ReadBars(b, s, "ES", n) })
}

// scan is what one writes without a store.
func scan(b *testing.B, db *sql.DB) (bars []store.Bar) {
	rows, err := db.QueryContext(b.Context(), "select time, open, high, low, close, volume from bars where symbol = ? and interval = ? order by time", "ES", int64(minute))
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
