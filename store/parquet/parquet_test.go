package parquet_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/whetgo/whet/store"
	whet "github.com/whetgo/whet/store/parquet"
	"github.com/whetgo/whet/store/storetest"
)

const minute = time.Minute

func TestSuite(t *testing.T) {
	storetest.Run(t, storetest.Harness{Start: func(t *testing.T) storetest.Venue {
		dir := t.TempDir()
		had := make(map[string][]store.Bar)
		return storetest.Venue{
			Params: store.Params{Driver: "parquet", Addr: dir},
			Bars: func(symbol string, interval time.Duration, bars ...store.Bar) {
				path := whet.Path(dir, symbol, interval)
				had[path] = append(had[path], bars...)
				writeEvery(t, dir, symbol, interval, had[path])
			},
		}
	}})
}

// write writes bars of a minute.
func write(t testing.TB, dir, symbol string, bars []store.Bar) {
	t.Helper()
	writeEvery(t, dir, symbol, minute, bars)
}

func writeEvery(t testing.TB, dir, symbol string, interval time.Duration, bars []store.Bar) {
	t.Helper()
	if err := whet.Write(dir, symbol, interval, slices.Values(bars)); err != nil {
		t.Fatal(err)
	}
}

func dial(t testing.TB, dir string) store.Session {
	t.Helper()
	s, err := store.Dial(t.Context(), store.Params{Driver: "parquet", Addr: dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func history(s store.Session, q store.Query) (bars []store.Bar, err error) {
	err = s.History(context.Background(), q, func(b []store.Bar) error {
		bars = append(bars, b...)
		return nil
	})
	return bars, err
}

func at(i int) store.Time { return storetest.Begin.Add(time.Duration(i) * minute) }

// Windows anywhere in a file of several groups and many pages.
func TestWindows(t *testing.T) {
	const n = 300_000
	dir := t.TempDir()
	bars := storetest.MakeBars(3, storetest.Begin, minute, n)
	write(t, dir, "A/B c", bars)
	s := dial(t, dir)
	for _, w := range [][2]int{{0, n}, {0, 1}, {n - 1, n}, {8191, 8193}, {262143, 262145}, {262144, 262145}, {100_000, 100_500}, {-5, 5}, {n - 5, n + 5}, {n, n + 5}, {7, 7}, {-9, 0}} {
		got, err := history(s, store.Query{Symbol: "A/B c", Interval: minute, From: at(w[0]), To: at(w[1])})
		if want := bars[min(max(w[0], 0), n):min(max(w[1], 0), n)]; err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: got %d bars, %v, want %d", w, len(got), err, len(want))
		}
	}
	if got, err := history(s, store.Query{Symbol: "A/B c", Interval: time.Hour, To: math.MaxInt64}); len(got) != 0 || err != nil {
		t.Errorf("another interval: %d bars, %v", len(got), err)
	}
}

type theirs struct {
	Extra  string  `parquet:"extra"`
	Volume int64   `parquet:"volume"`
	Close  float64 `parquet:"close,dict"`
	Low    float64 `parquet:"low"`
	High   float64 `parquet:"high"`
	Open   float64 `parquet:"open"`
	Time   int64   `parquet:"time"`
}

// writeAs writes rows of others as the file of ES.
func writeAs[T any](t testing.TB, rows ...T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := parquet.WriteFile(whet.Path(dir, "ES", minute), rows); err != nil {
		t.Fatal(err)
	}
	return dir
}

var all = store.Query{Symbol: "ES", Interval: minute, To: math.MaxInt64}

// Files of others have their columns in any order, more of them, and decimals.
func TestDecimals(t *testing.T) {
	dir := writeAs(t, theirs{"x", 7, 101.25, 0.1, 102, 0.30000000000000004, 1000}, theirs{"y", 8, 101.25, 0.1, 102, 1, 1000 + int64(minute)})
	got, err := history(dial(t, dir), all)
	want := []store.Bar{{Time: 1000, Open: 3 * store.Unit / 10, High: 102 * store.Unit, Low: store.Unit / 10, Close: 101_25000000, Volume: 7},
		{Time: 1000 + store.Time(minute), Open: store.Unit, High: 102 * store.Unit, Low: store.Unit / 10, Close: 101_25000000, Volume: 8}}
	if !slices.Equal(got, want) || err != nil {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestBadRows(t *testing.T) {
	good := func(i int) theirs { return theirs{"", 1, 2, 1, 3, 2, int64(at(i))} }
	for _, tt := range []struct {
		change func(*theirs)
		want   string
	}{
		{func(r *theirs) { r.Open = math.NaN() }, "bad price: open is NaN"},
		{func(r *theirs) { r.High = 1e300 }, "bad price: high is 1e+300"},
		{func(r *theirs) { r.Low = 2.5 }, "price out of range"},
		{func(r *theirs) { r.Volume = -1 }, "bad volume: -1"},
		{func(r *theirs) { r.Time = 0 }, "no time"},
		{func(r *theirs) { r.Time = int64(at(1)) + 1 }, "overlaps the bar before"},
		{func(r *theirs) { r.Time = int64(at(-9)) }, "time goes back"},
	} {
		bad := good(2)
		tt.change(&bad)
		_, err := history(dial(t, writeAs(t, good(0), good(1), bad, good(3))), all)
		var row *store.RowError
		if !errors.As(err, &row) || row.Line != 3 || row.File != "ES_1m0s.parquet" || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want row 3 and %s", err, tt.want)
		}
	}
}

func TestBadSchema(t *testing.T) {
	type words struct {
		Time                           string `parquet:"time"`
		Open, High, Low, Close, Volume float64
	}
	type short struct {
		Time int64 `parquet:"time"`
		Open int64 `parquet:"open"`
	}
	type optional struct {
		Time int64  `parquet:"time"`
		Open *int64 `parquet:"open"`
	}
	type mixed struct {
		Time   int64   `parquet:"time"`
		Open   float64 `parquet:"open"`
		High   int64   `parquet:"high"`
		Low    int64   `parquet:"low"`
		Close  int64   `parquet:"close"`
		Volume int64   `parquet:"volume"`
	}
	for want, dir := range map[string]string{
		"column time is BYTE_ARRAY, want INT64":        writeAs(t, words{}),
		"has no column high":                           writeAs(t, short{}),
		"column open is optional, repeated or a group": writeAs(t, optional{}),
		"column high is INT64, want DOUBLE":            writeAs(t, mixed{}),
	} {
		_, err := history(dial(t, dir), all)
		var schema *whet.SchemaError
		if !errors.As(err, &schema) || schema.Problem != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Bytes of a file that are changed or missing are errors or other bars, never a panic.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "ES", storetest.MakeBars(1, storetest.Begin, minute, 3000))
	path := whet.Path(dir, "ES", minute)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := dial(t, dir)
	failed := 0
	try := func(data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := history(s, all); err != nil {
			failed++
		}
	}
	for i := 0; i < len(whole); i += max(1, len(whole)/150) {
		flipped := slices.Clone(whole)
		flipped[i] ^= 0xff
		try(flipped)
	}
	for i := len(whole) - 600; i < len(whole); i += 7 { // where the schema is
		flipped := slices.Clone(whole)
		flipped[i] ^= 0x15
		try(flipped)
	}
	for i := 0; i < len(whole); i += max(1, len(whole)/40) {
		try(whole[:i])
	}
	if failed < 50 {
		t.Errorf("only %d of the damaged files were refused", failed)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := history(s, all); len(got) != 3000 || err != nil {
		t.Errorf("the whole file: %d bars, %v", len(got), err)
	}
}

func TestWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	bars := storetest.MakeBars(1, storetest.Begin, minute, 10)
	write(t, dir, "ES", bars)
	bad := slices.Clone(bars)
	bad[6].Time = bad[5].Time
	err := whet.Write(dir, "ES", minute, slices.Values(bad))
	var row *store.RowError
	if !errors.As(err, &row) || row.Line != 7 {
		t.Errorf("got %v, want row 7", err)
	}
	if err := whet.Write(dir, "", minute, slices.Values(bars)); err == nil {
		t.Error("bars of no symbol were written")
	}
	if got, err := history(dial(t, dir), all); !slices.Equal(got, bars) || err != nil {
		t.Errorf("what was refused changed the file: %d bars, %v", len(got), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".writing-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestBadParams(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []store.Params{{}, {Addr: file}, {Addr: file + "-none"}, {Addr: t.TempDir(), Extra: "speed=7"}} {
		p.Driver = "parquet"
		if _, err := store.Dial(t.Context(), p, nil); !store.IsFatal(err) {
			t.Errorf("%v: got %v, want a final error", p, err)
		}
	}
}
