package naive

import (
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"
)

// minute returns the time n minutes after the first bar.
func minute(n int) time.Time { return opening.Add(time.Duration(n) * time.Minute) }

func TestBarsWindow(t *testing.T) {
	emptyRegistry()
	dir, all := market(t)
	s := mustOpen(t, dir, 1)
	tests := []struct {
		name     string
		from, to time.Time
		i, j     int
	}{
		{"inside", minute(100), minute(600), 100, 600},
		{"everything", opening, minute(barsPerFile), 0, barsPerFile},
		{"wider than the file", minute(-10), minute(barsPerFile + 10), 0, barsPerFile},
		{"between bars", minute(7).Add(time.Second), minute(9).Add(time.Second), 8, 10},
		{"one bar", minute(5), minute(6), 5, 6},
		{"empty", minute(5), minute(5), 0, 0},
		{"upside down", minute(9), minute(5), 0, 0},
		{"before the file", minute(-9), minute(0), 0, 0},
		{"after the file", minute(barsPerFile), minute(barsPerFile + 9), 0, 0},
	}
	for _, test := range tests {
		for _, symbol := range symbols {
			got, err := s.Bars(symbol, test.from, test.to)
			if err != nil {
				t.Fatalf("%s, %s: %v", test.name, symbol, err)
			}
			if err := sameBars(got, all[symbol][test.i:test.j]); err != nil {
				t.Errorf("%s, %s: %v", test.name, symbol, err)
			}
		}
	}
	if n := s.Requests(); n != len(tests)*len(symbols) {
		t.Errorf("%d requests counted, want %d", n, len(tests)*len(symbols))
	}
}

func TestBarsFollowTheFile(t *testing.T) {
	emptyRegistry()
	dir, all := market(t)
	s := mustOpen(t, dir, 1)
	bars := all["ESZ6"]
	for _, n := range []int{10, 11, 400} {
		writeFile(t, dir, "ESZ6", bars[:n])
		got, err := s.Bars("ESZ6", opening, minute(barsPerFile))
		if err != nil {
			t.Fatal(err)
		}
		if err := sameBars(got, bars[:n]); err != nil {
			t.Error(err)
		}
	}
}

func TestBarsErrors(t *testing.T) {
	emptyRegistry()
	s := mustOpen(t, t.TempDir(), 1)
	if _, err := s.Bars("../ESZ6", opening, minute(1)); !errors.Is(err, ErrNoSymbol) {
		t.Errorf("a path as symbol gave %v, want %v", err, ErrNoSymbol)
	}
	if _, err := s.Bars("ESZ6", opening, minute(1)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a symbol without a file gave %v, want %v", err, fs.ErrNotExist)
	}
}

func TestParseBarsRejects(t *testing.T) {
	const (
		header = "time,open,high,low,close,volume\n"
		good   = "2026-09-14 00:00,1,2,0.5,1.5,10\n"
	)
	if bars, err := parseBars(strings.NewReader(header + good)); err != nil || len(bars) != 1 {
		t.Fatalf("a good file gave %v, %v", bars, err)
	}
	for _, test := range []struct{ name, text, want string }{
		{"no header", "", "header"},
		{"time", header + good + "14/09/2026,1,2,0.5,1.5,10\n", "line 3"},
		{"price", header + "2026-09-14 00:00,1,2,x,1.5,10\n", "line 2"},
		{"volume", header + "2026-09-14 00:00,1,2,0.5,1.5,1.5\n", "line 2"},
		{"fields", header + "2026-09-14 00:00,1,2,0.5,1.5\n", "wrong number of fields"},
		{"order", header + good + good, "out of order"},
	} {
		_, err := parseBars(strings.NewReader(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error is %v, want one with %q", test.name, err, test.want)
		}
	}
}

func TestBarsConcurrently(t *testing.T) {
	emptyRegistry()
	dir, all := market(t)
	s := mustOpen(t, dir, 1)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			symbol := symbols[i%len(symbols)]
			got, err := s.Bars(symbol, minute(i), minute(i+500))
			if err == nil {
				err = sameBars(got, all[symbol][i:i+500])
			}
			if err != nil {
				t.Errorf("strategy %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := s.Requests(); n != 20 {
		t.Errorf("%d requests counted, want 20", n)
	}
}
