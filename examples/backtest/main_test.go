package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/whetgo/whet/store"
)

func TestRun(t *testing.T) {
	var first string
	for range 2 { // the market is the same each time
		var out strings.Builder
		if err := run(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = out.String()
		}
		if out.String() != first || !regexp.MustCompile(`^28800 bars, [1-9][0-9]* trades, profit -?[0-9.]+ a lot\n$`).MatchString(first) {
			t.Errorf("got %q, and before %q", out.String(), first)
		}
	}
}

// TestCross demands the one trade that a rise after a fall is worth.
func TestCross(t *testing.T) {
	var bars []store.Bar
	for i := range 2000 {
		p := store.Points(int64(3000 - i))
		if i >= 1000 {
			p = store.Points(int64(1000 + i))
		}
		bars = append(bars, store.Bar{Time: store.Time(i + 1), Open: p, High: p, Low: p, Close: p})
	}
	trades, profit := cross(store.SeriesOf(bars))
	if trades != 2 || profit <= 0 {
		t.Errorf("%d trades, profit %v; want short in the fall and long in the rise", trades, profit)
	}
}
