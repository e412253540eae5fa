package monitor_test

import (
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/hist"
	"github.com/whetgo/whet/lru"
	"github.com/whetgo/whet/memo"
	"github.com/whetgo/whet/monitor"
)

type phase int

func (p phase) String() string { return [...]string{"down", "up"}[p] }

type inner struct{ Dropped uint64 }

type everything struct {
	Hits         uint64
	LoadFailures uint32
	HTTPErrors   uint64
	Len          uint64
	Depth        int
	Share        float32
	Up           bool
	Wait         time.Duration
	SlowestWait  time.Duration
	Phase        phase
	Name         string
	Since        time.Time
	Total        int    `monitor:"counter,bytes"`
	Secret       uint64 `monitor:"-"`
	Feed         inner
	inner
	Took   hist.Snapshot
	Other  *hist.Histogram
	List   []int
	hidden uint64
}

type everyone struct{ took hist.Histogram }

func (e *everyone) Stats() everything {
	return everything{
		Hits: 1, LoadFailures: 2, HTTPErrors: 3, Len: 4, Depth: -5, Share: .5, Up: true, Wait: 2 * time.Second,
		SlowestWait: time.Second, Phase: 1, Name: "x", Total: 7, Secret: 8, Feed: inner{9}, inner: inner{10}, hidden: 11,
		Took: e.took.Snapshot(), Other: &e.took,
	}
}

func TestFields(t *testing.T) {
	var r monitor.Registry
	e := &everyone{}
	e.took.Record(int64(time.Second))
	monitor.Watch(&r, "/all/of.it", e)
	want := []struct {
		name  string
		kind  monitor.Kind
		value float64
	}{
		{"depth:count", monitor.KindGauge, -5},
		{"dropped:count", monitor.KindCounter, 10},
		{"feed/dropped:count", monitor.KindCounter, 9},
		{"hits:count", monitor.KindCounter, 1},
		{"http-errors:count", monitor.KindCounter, 3},
		{"len:count", monitor.KindGauge, 4},
		{"load-failures:count", monitor.KindCounter, 2},
		{"other:seconds", monitor.KindTimer, 1},
		{"share:count", monitor.KindGauge, .5},
		{"slowest-wait:seconds", monitor.KindGauge, 1},
		{"took:seconds", monitor.KindTimer, 1},
		{"total:bytes", monitor.KindCounter, 7},
		{"up:count", monitor.KindGauge, 1},
		{"wait:seconds", monitor.KindCounter, 2},
	}
	got := r.Snapshot().Metrics
	if len(got) != len(want) {
		t.Fatalf("got %d metrics, want %d: %v", len(got), len(want), got)
	}
	for i, w := range want {
		m := got[i]
		if m.Name != "/all/of.it/"+w.name || m.Kind != w.kind || m.Value != w.value {
			t.Errorf("got %s, a %v of %v, want %v", m.Name, m.Kind, m.Value, w)
		}
		if m.Subject != "/all/of.it" || m.Type != "monitor_test" || m.Field()+":"+m.Unit() != w.name {
			t.Errorf("%s is of %q, a %q, field %q", m.Name, m.Subject, m.Type, m.Field())
		}
	}
	s := r.Subjects()
	if len(s) != 1 || s[0].Facts["phase"] != "up" || s[0].Facts["name"] != "x" || len(s[0].Facts) != 2 {
		t.Errorf("the subject is %v", s)
	}
}

func TestKebab(t *testing.T) {
	for in, want := range map[string]string{"Hits": "hits", "LoadFailures": "load-failures", "HTTPErrors": "http-errors", "P99": "p99", "P99Max": "p99-max", "ID": "id", "GCPauses2x": "gc-pauses2x"} {
		if got := monitor.Kebab(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// What the libraries of this module say of themselves is read without their knowing.
func TestLibraries(t *testing.T) {
	var r monitor.Registry
	c := cache.New[int, int](10, &cache.Options[int, int]{Curve: true})
	l := lru.New[int, int](10, nil)
	f, m := memo.Wrap(func(n int) int { return n }, &memo.Options{Name: "same"})
	monitor.Watch(&r, "/cache", c)
	monitor.Watch(&r, "/lru", l)
	monitor.Watch(&r, "/memo", m)
	for range 2 {
		c.Get(1)
		c.Set(1, 1)
		l.Get(1)
		l.Set(1, 1)
		f(1)
	}
	s := r.Snapshot()
	for name, want := range map[string]float64{
		"/cache/hits:count": 1, "/cache/misses:count": 1, "/cache/len:count": 1, "/cache/capacity:count": 10,
		"/lru/hits:count": 1, "/lru/misses:count": 1, "/memo/hits:count": 1, "/memo/misses:count": 1, "/memo/calls:count": 1,
	} {
		if m, ok := s.Get(name); !ok || m.Value != want {
			t.Errorf("%s is %v (there: %v), want %v", name, m.Value, ok, want)
		}
	}
	for _, name := range []string{"/cache/len:count", "/cache/capacity:count", "/cache/weight:count", "/memo/capacity:count"} {
		if m, _ := s.Get(name); m.Kind != monitor.KindGauge {
			t.Errorf("%s is a %v", name, m.Kind)
		}
	}
	subjects := r.Subjects()
	if len(subjects) != 3 || subjects[0].Type != "cache" || subjects[1].Type != "lru" || subjects[2].Type != "memo" {
		t.Fatalf("subjects: %v", subjects)
	}
	if subjects[2].Facts["name"] != "same" {
		t.Errorf("the facts of a memo are %v", subjects[2].Facts)
	}
	if subjects[0].Curve == nil || subjects[0].Curve.Capacity != 10 || subjects[1].Curve != nil {
		t.Errorf("curves: %v and %v", subjects[0].Curve, subjects[1].Curve)
	}
}

func TestCurve(t *testing.T) {
	var r monitor.Registry
	c := cache.New[int, int](100, &cache.Options[int, int]{Curve: true})
	monitor.Watch(&r, "/c", c)
	if got := r.Subjects()[0].Curve; got != nil {
		t.Errorf("before any traffic there is a curve: %v", got)
	}
	for range 200 {
		for k := range 150 {
			if _, ok := c.Get(k); !ok {
				c.Set(k, k)
			}
		}
	}
	curve := r.Subjects()[0].Curve
	if curve == nil {
		t.Fatal("there is no curve")
	}
	for _, capacity := range []int{13, 25, 50, 100, 200, 400} {
		got, ok := curve.At(capacity)
		if want := c.Curve().HitRatio(capacity); !ok || got != want {
			t.Errorf("at %d it hits %v (there: %v), want %v", capacity, got, ok, want)
		}
	}
	if _, ok := curve.At(101); ok {
		t.Error("there is a point that is none")
	}
	if curve.Measured != c.Curve().Measured || curve.References == 0 {
		t.Errorf("measured %v of %d references", curve.Measured, curve.References)
	}
}
