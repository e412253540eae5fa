package file_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/file"
	"github.com/whetgo/whet/store/storetest"
)

// TestDriver runs the suite over both forms of files.
func TestDriver(t *testing.T) {
	for _, form := range []string{"csv", "bars"} {
		t.Run(form, func(t *testing.T) {
			storetest.Run(t, storetest.Harness{Start: func(t *testing.T) storetest.Venue {
				dir := t.TempDir()
				all := make(map[string][]store.Bar)
				return storetest.Venue{
					Params: store.Params{Driver: "file", Addr: dir},
					Bars: func(symbol string, interval time.Duration, bars ...store.Bar) {
						all[symbol] = append(all[symbol], bars...)
						text := written(t, form, interval, all[symbol])
						if err := os.WriteFile(filepath.Join(dir, symbol+"."+form), text, 0o600); err != nil {
							t.Fatal(err)
						}
					},
				}
			}})
		})
	}
}

func written(t *testing.T, form string, interval time.Duration, bars []store.Bar) []byte {
	var buf bytes.Buffer
	if form == "bars" {
		if err := file.Write(&buf, interval, bars); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	fmt.Fprintln(&buf, "Date,Open,High,Low,Close,Volume")
	for _, b := range bars {
		fmt.Fprintf(&buf, "%s,%v,%v,%v,%v,%v\n", b.Time.Std().Format("2006-01-02 15:04:05"), b.Open, b.High, b.Low, b.Close, float64(b.Volume))
	}
	return buf.Bytes()
}

// first is what the first row of all layouts says.
var first = store.Bar{Time: store.At(time.Date(2006, 1, 2, 9, 1, 0, 0, time.UTC)), Open: 3578.73 * store.Unit, High: 3587.88 * store.Unit, Low: 3578.5 * store.Unit, Close: 3582.99 * store.Unit, Volume: 100}

func TestLayouts(t *testing.T) {
	for name, text := range map[string]string{
		"yahoo":        "Date,Open,High,Low,Close,Adj Close,Volume\n2006-01-02 09:01:00,3578.73,3587.88,3578.5,3582.99,3000.1,100\n",
		"date, time":   "Date,Time,Open,High,Low,Close,Volume,OpenInterest\n2006-01-02,09:01:00,3578.73,3587.88,3578.5,3582.99,100,0\n",
		"metatrader 5": "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n2006.01.02\t09:01:00\t3578.73\t3587.88\t3578.5\t3582.99\t100\t0\t4\n",
		"metatrader 4": "2006.01.02,09:01,3578.73,3587.88,3578.5,3582.99,100\n",
		"no header":    "2006-01-02T09:01:00Z,3578.73,3587.88,3578.5,3582.99,100\n",
		"semicolons":   "Time;Volume;Close;Low;High;Open\r\n1136192460;100;3582.99;3578.5;3587.88;3578.73\r\n",
		"milliseconds": "open_time,open,high,low,close,volume\n1136192460000,3578.73,3587.88,3578.5,3582.99,100\n",
		"byte mark":    "\ufeffDate,Open,High,Low,Close,Volume\n2006-01-02 09:01,3578.730,3587.88,3578.50,3582.99,1e2\n",
		"quoted":       "\"Date\",\"Open\",\"High\",\"Low\",\"Close\",\"Volume\"\n\"2006-01-02 09:01\",\"3578.73\",\"3587.88\",\"3578.5\",\"3582.99\",\"100\"\n",
	} {
		got, err := file.Read(t.Context(), strings.NewReader(text), name, time.Minute, time.UTC)
		if err != nil || len(got) != 1 || got[0] != first {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, first)
		}
	}
}

func TestZone(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("needs a time zone database")
	}
	got, err := file.Read(t.Context(), strings.NewReader("2006.01.02,04:01,3578.73,3587.88,3578.5,3582.99,100\n"), "x", time.Minute, zone)
	if err != nil || len(got) != 1 || got[0] != first {
		t.Errorf("got %v, %v, want %v", got, err, first)
	}
}

// TestBrokenRowsAreNamed demands the line of what is wrong, and what it is.
func TestBrokenRowsAreNamed(t *testing.T) {
	const head = "Date,Open,High,Low,Close,Volume\n2006-01-02 09:01,10,12,9,11,5\n"
	for name, c := range map[string]struct {
		text string
		line int
		want store.Problem // 0: another error
	}{
		"price":         {head + "2006-01-02 09:02,10,x,9,11,5\n", 3, store.BadPrice},
		"huge price":    {head + "2006-01-02 09:02,10,1e50,9,11,5\n", 3, store.BadPrice},
		"volume":        {head + "2006-01-02 09:02,10,12,9,11,-5\n", 3, store.BadVolume},
		"not a volume":  {head + "2006-01-02 09:02,10,12,9,11,NaN\n", 3, store.BadVolume},
		"range":         {head + "2006-01-02 09:02,10,12,9,11,5\n2006-01-02 09:03,13,12,9,11,5\n", 4, store.BadRange},
		"low above":     {head + "2006-01-02 09:02,10,12,11,11,5\n", 3, store.BadRange},
		"back":          {head + "2006-01-02 09:00,10,12,9,11,5\n", 3, store.Backwards},
		"overlap":       {head + "2006-01-02 09:01:30,10,12,9,11,5\n", 3, store.Overlap},
		"twice":         {head + "2006-01-02 09:01,10,12,9,11,5\n", 3, store.Overlap},
		"short row":     {head + "\n2006-01-02 09:02,10,12\n", 4, 0},
		"time":          {head + "yesterday,10,12,9,11,5\n", 3, 0},
		"far away":      {head + "9999-01-02,10,12,9,11,5\n", 3, 0},
		"quote":         {head + "2006-01-02 09:02,10,\"12,9,11,5\n", 3, 0},
		"no columns":    {"hello\n", 1, 0},
		"binary":        {"\x00\x01\x02\xff\n", 1, 0},
		"header of two": {"Date,Open\n", 1, 0},
	} {
		bars, err := file.Read(t.Context(), strings.NewReader(c.text), "ES.csv", time.Minute, time.UTC)
		var row *store.RowError
		if !errors.As(err, &row) || row.File != "ES.csv" || row.Line != c.line {
			t.Errorf("%s: got %d bars, %v, want a RowError of line %d", name, len(bars), err, c.line)
			continue
		}
		var data *store.DataError
		if errors.As(err, &data) != (c.want != 0) || data != nil && data.Problem != c.want {
			t.Errorf("%s: got %v, want problem %v", name, err, c.want)
		}
	}
}

func TestFlatErrors(t *testing.T) {
	dir := t.TempDir()
	good := written(t, "bars", time.Minute, storetest.MakeBars(1, storetest.Begin, time.Minute, 10))
	put := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("GOOD.bars", good)
	put("CUT.bars", good[:len(good)-7])
	put("OTHER.bars", []byte("not bars at all, but long enough"))
	put("SHORT.bars", []byte("x"))
	swapped := bytes.Clone(good)
	copy(swapped[16+48*3:], good[16+48*2:16+48*3]) // the fourth is the third again
	put("TWICE.bars", swapped)
	s, err := store.Open(t.Context(), store.Params{Driver: "file", Addr: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	ask := func(symbol string, interval time.Duration) error {
		_, err := s.Bars(t.Context(), store.Query{Symbol: symbol, Interval: interval, From: 1, To: 1 << 62 / store.Time(interval) * store.Time(interval)})
		return err
	}
	if err := ask("GOOD", time.Minute); err != nil {
		t.Error(err)
	}
	for symbol, line := range map[string]int{"CUT": 10, "OTHER": 0, "SHORT": 0, "TWICE": 4} {
		var row *store.RowError
		if err := ask(symbol, time.Minute); !errors.As(err, &row) || row.Line != line {
			t.Errorf("%s: got %v, want a RowError of record %d", symbol, err, line)
		}
	}
	var wrong *store.QueryError
	if err := ask("GOOD", time.Hour); !errors.As(err, &wrong) {
		t.Errorf("bars of another interval: %v", err)
	}
	for _, symbol := range []string{"../GOOD", "..", ".", "a/b", "nul\x00", "NOPE"} {
		if err := ask(symbol, time.Minute); !errors.Is(err, store.ErrNoSymbol) {
			t.Errorf("%q: got %v, want ErrNoSymbol", symbol, err)
		}
	}
}

func TestNoFolder(t *testing.T) {
	s, err := store.Open(t.Context(), store.Params{Driver: "file", Addr: filepath.Join(t.TempDir(), "nope")})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); !store.IsFatal(err) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want a fatal error that says why", err)
	}
	if s.State().Phase != store.Stopped {
		t.Errorf("%v, want Stopped", s.State())
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Date,Open,High,Low,Close,Volume\n2006-01-02,1,2,0.5,1,3\n")
	f.Add("2006.01.02,09:01,1,2,0.5,1,3\n\"")
	f.Add("<DATE>\t<TIME>\t<OPEN>\n")
	f.Fuzz(func(t *testing.T, text string) {
		bars, err := file.Read(t.Context(), strings.NewReader(text), "x", time.Minute, time.UTC)
		if err == nil {
			err = store.CheckAfter(0, time.Minute, bars)
		}
		var row *store.RowError
		if err != nil && !errors.As(err, &row) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
