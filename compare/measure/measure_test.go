package measure_test

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/compare/measure"
	"github.com/whetgo/whet/compare/peers"
)

func TestMain(m *testing.M) {
	if !measure.MemoryChild() {
		os.Exit(m.Run())
	}
}

func TestHist(t *testing.T) {
	var h measure.Hist
	for ns := range int64(100_000) {
		h.Add(ns)
	}
	for _, q := range []float64{0.00005, 0.5, 0.99, 0.9999, 1} {
		got, want := h.Quantile(q), min(q*100_000, 99_999)
		if got > want || got < want*0.93 {
			t.Errorf("quantile %v is %v, want %v or at most 7 %% less", q, got, want)
		}
	}
	h = measure.Hist{}
	h.Add(math.MaxInt64)
	if got := h.Quantile(0.5); got < math.MaxInt64*0.93 {
		t.Errorf("of the longest duration: %v", got)
	}
}

func plan(names string) measure.Plan {
	return measure.Plan{Peers: regexp.MustCompile("^(?:" + names + ")$"), Rounds: 2, Sample: time.Millisecond,
		Procs: []int{1, 2}, Scale: 100, Progress: io.Discard}
}

// TestRows tests what the rows count on peers of which it is known.
func TestRows(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	for _, row := range measure.Rows {
		figures, err := row.Measure(t.Context(), plan("golang-lru|golang-lru-expirable|map|otter|none"))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, f := range figures {
			seen[f.Peer]++
			if len(f.Ns) != 2 || slices.Min(f.Ns) <= 0 {
				t.Errorf("%s: %+v", row.Name, f)
			}
			if f.Peer != "golang-lru" {
				continue
			}
			misses := row.Name == "mixed" || row.Name == "load-miss"
			if all := f.Hit == 100; all == misses || f.Hit < 30 {
				t.Errorf("%s: %v %% hits", row.Name, f.Hit)
			}
			if full := f.Fill == 100; full != misses {
				t.Errorf("%s: filled to %v %%", row.Name, f.Fill)
			}
		}
		want := map[string]int{"golang-lru": 4, "map": 4, "otter": 4, "none": 4}
		switch row.Name {
		case "get-ttl":
			want = map[string]int{"golang-lru-expirable": 4, "otter": 4, "none": 4}
		case "get-stats":
			want = map[string]int{"otter": 4, "none": 4}
		case "mixed", "load-hit", "load-miss":
			want["map"] = 2 // not from two goroutines
		}
		for _, name := range []string{"golang-lru", "golang-lru-expirable", "map", "otter", "none"} {
			if seen[name] != want[name] {
				t.Errorf("%s: %d figures of %s, want %d", row.Name, seen[name], name, want[name])
			}
		}
	}
	if got := runtime.GOMAXPROCS(0); got != procs {
		t.Errorf("GOMAXPROCS is left at %d", got)
	}
}

// TestLifetime: those that can do both are measured, and leave a figure a round.
func TestLifetime(t *testing.T) {
	all, err := measure.MeasureLifetime(t.Context(), plan("whet-cache|otter|golang-lru-expirable|map"))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 8 {
		t.Errorf("%d figures, want two peers with two kinds of keys at two GOMAXPROCS", len(all))
	}
	for _, l := range all {
		if len(l.More) != 2 || l.Peer != "whet-cache" && l.Peer != "otter" {
			t.Errorf("%+v", l)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := measure.MeasureLifetime(ctx, plan("otter")); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestLatency(t *testing.T) {
	figures, err := measure.MeasureLatency(t.Context(), plan("map-mutex|none"))
	if err != nil || len(figures) != 4 {
		t.Fatalf("got %v, %v", figures, err)
	}
	for _, f := range figures {
		for i, q := range f.Ns {
			if len(q) != 2 || i > 0 && q[0] < f.Ns[i-1][0] {
				t.Errorf("%s %s: quantiles %v", f.Peer, f.Op, f.Ns)
			}
		}
	}
}

// swollen holds more than it may the second time that somebody looks, and nothing before and after.
type swollen struct {
	peers.None[uint64, uint64]
	looks *atomic.Int64
}

func (c swollen) Len() int {
	if c.looks.Add(1) == 2 {
		return 300
	}
	return 0
}

func TestBound(t *testing.T) {
	if got := measure.Overfill(swollen{looks: new(atomic.Int64)}, 100); got != 300 {
		t.Errorf("a cache that held 300 at one time is said to have held %d at most", got)
	}
	figures, err := measure.MeasureBound(t.Context(), plan("golang-lru|xsync.Map"))
	if err != nil || len(figures) != 1 || figures[0].Largest != 100 || figures[0].Settled != 100 {
		t.Errorf("got %+v, %v, want golang-lru at 100 %%", figures, err)
	}
}

func TestMemory(t *testing.T) {
	p := plan("map-mutex")
	p.Scale = 10
	figures, err := measure.MeasureMemory(t.Context(), p)
	if err != nil || len(figures) != 2 {
		t.Fatalf("got %v, %v", figures, err)
	}
	for i, want := range [][2]float64{{1, 30}, {40, 100}} { // two words and more for the headers of str
		f := figures[i]
		if f.Entries != 100_000 || f.Overhead < want[0] || f.Overhead > want[1] || f.GC <= 0 {
			t.Errorf("got %+v, want an overhead within %v", f, want)
		}
	}
}

func TestHitRatio(t *testing.T) {
	p := plan("golang-lru|ristretto|sturdyc|map")
	p.Scale = 200
	figures, err := measure.MeasureHitRatio(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	zipf, strings := 0.0, false
	for _, f := range figures {
		strings = strings || f.Peer == "sturdyc"
		switch {
		case f.Peer == "map":
			t.Error("a map has a hit ratio")
		case f.Trace == "loop" && f.Peer == "golang-lru" && f.Hit != 0:
			t.Errorf("LRU hits %v %% of a loop that is larger than it", f.Hit)
		case f.Trace == "zipf-1.0" && f.Peer == "golang-lru":
			if f.Hit <= zipf || f.Largest > 100 {
				t.Errorf("LRU hits %v %% with a capacity of %d, %v %% with less; filled to %v %%", f.Hit, f.Cap, zipf, f.Largest)
			}
			zipf = f.Hit
		}
	}
	if zipf == 0 || !strings {
		t.Error("no figure of golang-lru, or of sturdyc, whose keys are strings")
	}
}

func TestInterrupt(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	p := plan("golang-lru")
	_, err1 := measure.Rows[0].Measure(ended, p)
	_, err2 := measure.MeasureLatency(ended, p)
	_, err3 := measure.MeasureBound(ended, p)
	_, err4 := measure.MeasureMemory(ended, p)
	_, err5 := measure.MeasureHitRatio(ended, p)
	for i, err := range []error{err1, err2, err3, err4, err5} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%d: got %v", i, err)
		}
	}
}
