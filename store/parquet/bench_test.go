package parquet_test

import (
	"io"
	"os"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/whetgo/whet/store"
	whet "github.com/whetgo/whet/store/parquet"
	"github.com/whetgo/whet/store/storetest"
)

func BenchmarkBars(b *testing.B) {
	const n = 1_000_000
	dir := b.TempDir()
	write(b, dir, "ES", storetest.MakeBars(1, storetest.Begin, minute, n))
	s := storetest.Uncached(b, store.Params{Driver: "parquet", Addr: dir})
	storetest.Beside(b, n, func() int { return len(scan(b, whet.Path(dir, "ES", minute))) }, func() int { return storetest.ReadBars(b, s, "ES", n) })
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
