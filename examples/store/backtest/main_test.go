package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/parquet"
	"github.com/whetgo/whet/store/storetest"
)

func TestRun(t *testing.T) {
	const n = 1_000_000
	dir := t.TempDir()
	bars := storetest.MakeBars(1, storetest.Begin, time.Minute, n)
	if err := parquet.Write(dir, "ES", time.Minute, slices.Values(bars)); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(t.Context(), &out, dir, "ES"); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	trades, earned := naive(bars)
	if want := fmt.Sprintf("%d bars, %d trades, earned %v a unit\n", n, trades, earned); !strings.HasPrefix(out.String(), want) {
		t.Errorf("want %q", want)
	}
}

// naive is Test with averages that are added up each time.
func naive(bars []store.Bar) (trades int, earned store.Price) {
	sum := func(i, n int) (s store.Price) {
		for _, b := range bars[i-n+1 : i+1] {
			s += b.Close
		}
		return s
	}
	side := store.Price(0)
	for i := slow; i < len(bars); i++ {
		earned += side * (bars[i].Close - bars[i-1].Close)
		now := store.Price(-1)
		if sum(i, fast)*(slow/fast) > sum(i, slow) {
			now = 1
		}
		if now != side {
			trades++
		}
		side = now
	}
	return trades, earned
}
