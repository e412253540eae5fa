package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sqlite"
)

const minute = time.Minute

// walk returns n bars of a random walk, a minute each.
func walk(seed uint64, from store.Time, n int) []store.Bar {
	r := rand.New(rand.NewPCG(seed, 1))
	bars := make([]store.Bar, n)
	price := store.Points(100)
	for i := range bars {
		open := price
		price = max(store.Unit, price+store.Price(r.NormFloat64()*store.Unit/20))
		bars[i] = store.Bar{
			Time: from.Add(time.Duration(i) * minute), Open: open, Close: price,
			High: max(open, price) + store.Price(r.IntN(store.Unit/50)), Low: min(open, price) - store.Price(r.IntN(store.Unit/50)),
			Volume: store.Volume(r.IntN(5000)),
		}
	}
	return bars
}

var start = store.At(time.Date(2024, 1, 2, 9, 30, 0, 0, time.UTC))

// newFile returns the path of a new file with bars of ES.
func newFile(t testing.TB, bars []store.Bar) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a b?#%.db") // characters that mean something in a URI
	db := create(t, path)
	if err := db.Append(t.Context(), "ES", minute, bars); err != nil {
		t.Fatal(err)
	}
	return path
}

func create(t testing.TB, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Create(t.Context(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// execute runs statements on a file behind the driver's back.
func execute(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// A sink keeps what it is told.
type sink struct {
	store.Sink // nil: what is not overridden must not be called
	mu         sync.Mutex
	bars       []store.Bar
	lost       error
	came       chan struct{}
}

func newSink() *sink { return &sink{came: make(chan struct{}, 1)} }

func (s *sink) Alive() {}

func (s *sink) Lost(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = err
}

func (s *sink) Market(_ store.Sub, events ...store.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		s.bars = append(s.bars, e.Bar())
	}
	select {
	case s.came <- struct{}{}:
	default:
	}
}

// wait returns the bars when there are n.
func (s *sink) wait(t testing.TB, n int) []store.Bar {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		s.mu.Lock()
		got := slices.Clone(s.bars)
		s.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-s.came:
		case <-deadline:
			t.Fatalf("%d bars came, want %d", len(got), n)
		}
	}
}

func dial(t testing.TB, p store.Params, ev store.Sink) (store.Session, error) {
	t.Helper()
	p.Driver = "sqlite"
	s, err := store.Dial(t.Context(), p, ev)
	if err == nil {
		t.Cleanup(func() { _ = s.Close() })
	}
	return s, err
}

func mustDial(t testing.TB, path string, ev store.Sink) store.Session {
	t.Helper()
	s, err := dial(t, store.Params{Addr: path}, ev)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func history(s store.Session, q store.Query) (bars []store.Bar, err error) {
	err = s.History(context.Background(), q, func(b []store.Bar) error {
		bars = append(bars, b...)
		return nil
	})
	return bars, err
}

func TestHistory(t *testing.T) {
	bars := walk(1, start, 3000)
	s := mustDial(t, newFile(t, bars), newSink())
	for _, tt := range []struct{ from, to int }{{0, 3000}, {10, 11}, {10, 10}, {5, 2500}, {-50, 4000}} {
		q := store.Query{Symbol: "ES", Interval: minute, From: start.Add(time.Duration(tt.from) * minute), To: start.Add(time.Duration(tt.to) * minute)}
		got, err := history(s, q)
		if want := bars[max(0, tt.from):min(tt.to, len(bars))]; err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: got %d bars, %v, want %d", tt, len(got), err, len(want))
		}
	}
	if got, err := history(s, store.Query{Symbol: "ES", Interval: time.Hour, To: math.MaxInt64}); len(got) != 0 || err != nil {
		t.Errorf("another interval: %d bars, %v", len(got), err)
	}
	if _, err := history(s, store.Query{Symbol: "NQ", Interval: minute, To: math.MaxInt64}); !errors.Is(err, store.ErrNoSymbol) {
		t.Errorf("another symbol: %v", err)
	}
}

func TestHistoryStops(t *testing.T) {
	s := mustDial(t, newFile(t, walk(1, start, 5000)), newSink())
	all := store.Query{Symbol: "ES", Interval: minute, To: math.MaxInt64}
	enough := errors.New("enough")
	calls := 0
	if err := s.History(t.Context(), all, func([]store.Bar) error { calls++; return enough }); err != enough || calls != 1 {
		t.Errorf("an error of f: %v after %d calls", err, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls = 0
	err := s.History(ctx, all, func([]store.Bar) error { calls++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("a cancelled context: %v after %d calls", err, calls)
	}
	if got, err := history(s, all); len(got) != 5000 || err != nil {
		t.Errorf("after that: %d bars, %v", len(got), err)
	}
}

// Tables of others may keep prices as decimals, and may be views.
func TestDecimals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "theirs.db")
	execute(t, path, "create table t (symbol text, interval integer, time integer, open real, high real, low real, close real, volume integer, more text)",
		"insert into t values ('ES', 60000000000, 1000, 101.25, 102, 0.1, 0.30000000000000004, 7, 'x')",
		"create view mine as select * from t")
	for _, table := range []string{"t", "mine"} {
		s, err := dial(t, store.Params{Addr: path, Extra: store.ExtraOf("table", table)}, newSink())
		if err != nil {
			t.Fatal(err)
		}
		got, err := history(s, store.Query{Symbol: "ES", Interval: minute, To: 2000})
		want := []store.Bar{{Time: 1000, Open: 101_25000000, High: 102 * store.Unit, Low: store.Unit / 10, Close: 3 * store.Unit / 10, Volume: 7}}
		if !slices.Equal(got, want) || err != nil {
			t.Errorf("%s: got %v, %v, want %v", table, got, err, want)
		}
	}
}

func TestBadSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad.db")
	execute(t, path, "create table short (symbol text, interval integer, time integer)",
		"create table words (symbol text, interval integer, time text, open real, high real, low real, close real, volume real)",
		"create table mixed (symbol text, interval integer, time integer, open real, high integer, low real, close real, volume real)")
	for table, want := range map[string]string{
		"bars":  "sqlite: table bars: there is none",
		"short": "sqlite: table short: has no column open",
		"words": `sqlite: table words: column time is declared "TEXT", want INTEGER`,
		"mixed": `sqlite: table mixed: column high is declared "INTEGER", want REAL`,
	} {
		_, err := dial(t, store.Params{Addr: path, Extra: store.ExtraOf("table", table)}, newSink())
		var schema *sqlite.SchemaError
		if !errors.As(err, &schema) || err.Error() != want || !store.IsFatal(err) {
			t.Errorf("got %v, want %s, final", err, want)
		}
	}
}

func TestBadParams(t *testing.T) {
	path := newFile(t, walk(1, start, 1))
	words := filepath.Join(t.TempDir(), "words.db")
	if err := os.WriteFile(words, []byte(strings.Repeat("no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		p    store.Params
		want string
	}{
		{store.Params{}, "store: parameter addr: want the path of a file"},
		{store.Params{Addr: filepath.Join(t.TempDir(), "none.db")}, "no such file"},
		{store.Params{Addr: t.TempDir()}, "sqlite: "},
		{store.Params{Addr: words}, "not a database"},
		{store.Params{Addr: path, Extra: store.ExtraOf("table", "bars; drop table bars")}, "store: parameter table: not a name"},
		{store.Params{Addr: path, Extra: store.ExtraOf("table", "1bars")}, "store: parameter table: not a name"},
		{store.Params{Addr: path, Extra: store.ExtraOf("poll", "often")}, "store: parameter poll: not a time"},
		{store.Params{Addr: path, Extra: store.ExtraOf("speed", "7")}, `store: parameter "speed": unknown to this driver`},
	} {
		if _, err := dial(t, tt.p, newSink()); err == nil || !strings.Contains(err.Error(), tt.want) || !store.IsFatal(err) {
			t.Errorf("%v: got %v, want %q, final", tt.p, err, tt.want)
		}
	}
}

// SQLite keeps anything in any column; what can't be a bar is named.
func TestBadRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bars.db")
	if err := create(t, path).Append(t.Context(), "ES", minute, walk(1, start, 3)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ set, want string }{
		{"open = 'dear'", "2024-01-02T09:31:00Z: bad price: open is a string"},
		{"close = 1.5", "2024-01-02T09:31:00Z: bad price: close is 1.5"},
		{"high = low - 1", "2024-01-02T09:31:00Z: price out of range"},
		{"volume = -1", "2024-01-02T09:31:00Z: bad volume: -1"},
		{"volume = 'much'", "2024-01-02T09:31:00Z: bad volume: it is a string"},
		{"volume = 9e999", "2024-01-02T09:31:00Z: bad volume: +Inf"},
	} {
		copied := filepath.Join(t.TempDir(), "copy.db")
		execute(t, path, "vacuum into '"+copied+"'")
		execute(t, copied, "update bars set "+tt.set+" where time = "+fmt.Sprint(int64(start.Add(minute))))
		_, err := history(mustDial(t, copied, newSink()), store.Query{Symbol: "ES", Interval: minute, To: math.MaxInt64})
		var data *store.DataError
		if !errors.As(err, &data) || !strings.Contains(err.Error(), `copy.db, table bars, symbol "ES": bar at `+tt.want) {
			t.Errorf("%s: got %v, want %s", tt.set, err, tt.want)
		}
	}
	theirs := filepath.Join(t.TempDir(), "theirs.db")
	execute(t, theirs, "create table bars (symbol text, interval integer, time integer, open real, high real, low real, close real, volume real)",
		"insert into bars values ('ES', 60000000000, 1000, 1e300, 1e300, 1, 1, 7)")
	_, err := history(mustDial(t, theirs, newSink()), store.Query{Symbol: "ES", Interval: minute, To: 2000})
	if err == nil || !strings.Contains(err.Error(), "bad price: open is 1e+300") {
		t.Errorf("a price out of range: %v", err)
	}
}

func TestAppendRefuses(t *testing.T) {
	bars := walk(1, start, 10)
	path := newFile(t, bars)
	db := create(t, path)
	next := start.Add(10 * minute)
	good := walk(2, next, 2)
	bad := func(change func([]store.Bar)) []store.Bar {
		b := slices.Clone(good)
		change(b)
		return b
	}
	for _, tt := range []struct {
		bars []store.Bar
		want store.Problem
	}{
		{bars, store.Backwards},
		{bars[9:], store.Overlap},
		{bad(func(b []store.Bar) { b[1].Time = b[0].Time + 1 }), store.Overlap},
		{bad(func(b []store.Bar) { b[1].Time = b[0].Time - 1 }), store.Backwards},
		{bad(func(b []store.Bar) { b[1].Low = b[1].High + 1 }), store.BadRange},
		{bad(func(b []store.Bar) { b[1].Volume = store.Volume(math.NaN()) }), store.BadVolume},
	} {
		var data *store.DataError
		if err := db.Append(t.Context(), "ES", minute, tt.bars); !errors.As(err, &data) || data.Problem != tt.want {
			t.Errorf("got %v, want %v", err, tt.want)
		}
	}
	if err := db.Append(t.Context(), "", minute, good); err == nil {
		t.Error("bars of no symbol were taken")
	}
	if got, err := history(mustDial(t, path, newSink()), store.Query{Symbol: "ES", Interval: minute, To: math.MaxInt64}); !slices.Equal(got, bars) || err != nil {
		t.Errorf("what was refused left traces: %d bars, %v", len(got), err)
	}
}

func TestTail(t *testing.T) {
	path := newFile(t, walk(1, start, 10))
	db := create(t, path)
	ev := newSink()
	s, err := dial(t, store.Params{Addr: path, Extra: store.ExtraOf("poll", "1ms")}, ev)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Subscribe(t.Context(), store.Sub{Symbol: "ES"}); !errors.Is(err, store.ErrNoFeed) {
		t.Errorf("ticks: %v", err)
	}
	sub := store.Sub{Symbol: "ES", Kind: store.Bars, Interval: minute}
	for range 2 {
		if err := s.Subscribe(t.Context(), sub); err != nil {
			t.Fatal(err)
		}
	}
	more := walk(2, start.Add(10*minute), 3000)
	for i := 0; i < len(more); i += 300 {
		if err := db.Append(t.Context(), "ES", minute, more[i:i+300]); err != nil {
			t.Fatal(err)
		}
		if err := db.Append(t.Context(), "NQ", minute, more[i:i+300]); err != nil {
			t.Fatal(err)
		}
	}
	if got := ev.wait(t, len(more)); !slices.Equal(got, more) {
		t.Errorf("got %d bars, want the %d that came", len(got), len(more))
	}
	if err := s.Unsubscribe(t.Context(), sub); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	stacks := make([]byte, 1<<20)
	if stacks = stacks[:runtime.Stack(stacks, true)]; strings.Contains(string(stacks), "sqlite.(*session)") {
		t.Errorf("goroutines left:\n%s", stacks)
	}
	if err := s.Subscribe(t.Context(), sub); err == nil {
		t.Error("a closed session subscribed")
	}
	if err := s.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
}

// Many read while one writes: everybody sees whole appends.
func TestReadersAndWriter(t *testing.T) {
	path := newFile(t, walk(1, start, 10))
	db := create(t, path)
	s := mustDial(t, path, newSink())
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				got, err := history(s, store.Query{Symbol: "ES", Interval: minute, To: math.MaxInt64})
				if err != nil || len(got)%10 != 0 {
					t.Errorf("%d bars, %v", len(got), err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 50 {
		if err := db.Append(t.Context(), "ES", minute, walk(2, start.Add(time.Duration(10+10*i)*minute), 10)); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	readers.Wait()
}
