package naive

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

var (
	symbols = []string{"EURUSD.FX", "USDJPY.FX", "ESZ6", "NQZ6", "CLF7", "ZNH7"}
	opening = time.Date(2026, 9, 14, 0, 0, 0, 0, time.UTC)
)

const barsPerFile = 2000

// generate returns n minute bars of a random walk, the same for equal seeds.
func generate(in Instrument, n int, seed uint64) []Bar {
	rnd := rand.New(rand.NewPCG(seed, 1))
	last := 100_000 + rnd.Int64N(20_000)
	bars := make([]Bar, n)
	for i := range bars {
		open, high, low := last, last, last
		for range 4 {
			last += rnd.Int64N(21) - 10
			high, low = max(high, last), min(low, last)
		}
		price := func(ticks int64) float64 { return float64(ticks) * in.Tick }
		bars[i] = Bar{
			Time:   opening.Add(time.Duration(i) * time.Minute),
			Open:   price(open),
			High:   price(high),
			Low:    price(low),
			Close:  price(last),
			Volume: 1 + rnd.Int64N(5000),
		}
	}
	return bars
}

// writeBars writes bars in the form that parseBars reads.
func writeBars(w io.Writer, bars []Bar) error {
	rows := csv.NewWriter(w)
	rows.Write([]string{"time", "open", "high", "low", "close", "volume"})
	for _, b := range bars {
		row := []string{b.Time.Format(barTime)}
		for _, price := range []float64{b.Open, b.High, b.Low, b.Close} {
			row = append(row, strconv.FormatFloat(price, 'g', -1, 64))
		}
		rows.Write(append(row, strconv.FormatInt(b.Volume, 10)))
	}
	rows.Flush()
	return rows.Error()
}

// market writes a file of generated bars for each symbol, and returns its
// directory and the bars.
func market(tb testing.TB) (string, map[string][]Bar) {
	tb.Helper()
	dir := tb.TempDir()
	all := map[string][]Bar{}
	for i, symbol := range symbols {
		in, err := Lookup(symbol)
		if err != nil {
			tb.Fatal(err)
		}
		all[symbol] = generate(in, barsPerFile, uint64(i))
		writeFile(tb, dir, symbol, all[symbol])
	}
	return dir, all
}

func writeFile(tb testing.TB, dir, symbol string, bars []Bar) {
	tb.Helper()
	f, err := os.Create(filepath.Join(dir, symbol+".csv"))
	if err != nil {
		tb.Fatal(err)
	}
	if err := writeBars(f, bars); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
}

// emptyRegistry starts a test with no store open.
func emptyRegistry() {
	mu.Lock()
	defer mu.Unlock()
	clear(stores)
}

// mustOpen opens the store of the client on dir.
func mustOpen(tb testing.TB, dir string, client int) *Store {
	tb.Helper()
	s, err := Open(FileParams(dir, "paper", client))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// sameBars reports the first difference between two series.
func sameBars(got, want []Bar) error {
	if len(got) != len(want) {
		return fmt.Errorf("got %d bars, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			return fmt.Errorf("bar %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	return nil
}
