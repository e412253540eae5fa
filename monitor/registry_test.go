package monitor_test

import (
	"encoding/json"
	"expvar"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/monitor"
)

func TestZeroRegistry(t *testing.T) {
	var r monitor.Registry
	if s := r.Snapshot(); len(s.Metrics) != 0 || s.At.IsZero() {
		t.Errorf("the zero registry's snapshot is %v", s)
	}
	r.Counter("/orders:orders").Add(3)
	r.Gauge("/queue:orders").Set(2.5)
	r.Timer("/fill:seconds").Observe(time.Second)
	s := r.Snapshot()
	for name, want := range map[string]float64{"/orders:orders": 3, "/queue:orders": 2.5, "/fill:seconds": 1, "/none:x": 0} {
		if got := s.Value(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

func TestSameInstrument(t *testing.T) {
	var r monitor.Registry
	c, g, d := r.Counter("/a:x"), r.Gauge("/g:x"), r.Timer("/t:seconds")
	if c != r.Counter("/a:x") || c == r.Counter("/b:x") {
		t.Error("one name is not one counter")
	}
	if g != r.Gauge("/g:x") || d != r.Timer("/t:seconds") {
		t.Error("one name is not one gauge or timer")
	}
}

func TestNames(t *testing.T) {
	good := []string{"/a:b", "/cache/quotes/hits:count", "/a-b/c_d/e.f/G1:cpu-seconds", "/x:bytes/s", "/x:a*b"}
	bad := []string{"", "a:b", "/a", "/a:", ":b", "/:b", "//a:b", "/a/:b", "/a b:c", "/a:b:c", "/a:b1", "/ä:b", "/a\n:b", "/" + strings.Repeat("a", 200) + ":b"}
	var r monitor.Registry
	for _, name := range good {
		if p := panics(func() { r.Counter(name) }); p != "" {
			t.Errorf("%q: %s", name, p)
		}
	}
	for _, name := range bad {
		if p := panics(func() { r.Counter(name) }); !strings.HasPrefix(p, "monitor: malformed name") || len(p) > 400 {
			t.Errorf("%.20q: panic is %.100q", name, p)
		}
	}
	if got := len(r.Snapshot().Metrics); got != len(good) {
		t.Errorf("%d metrics, want %d", got, len(good))
	}
}

func TestMisuse(t *testing.T) {
	var r monitor.Registry
	r.Counter("/a:seconds")
	for what, f := range map[string]func(){
		"another kind":       func() { r.Gauge("/a:seconds") },
		"another kind still": func() { r.Timer("/a:seconds") },
		"a timer of what":    func() { r.Timer("/t:ms") },
		"twice":              func() { monitor.Watch(&r, "/s", some{}); monitor.Watch(&r, "/s", some{}) },
		"a path with a unit": func() { monitor.Watch(&r, "/s:x", some{}) },
		"not a struct":       func() { monitor.Watch(&r, "/n", number{}) },
		"negative":           func() { monitor.NewHistory(&r, &monitor.HistoryOptions{Period: -1}) },
	} {
		if p := panics(f); !strings.HasPrefix(p, "monitor: ") {
			t.Errorf("%s: panic is %q", what, p)
		}
	}
}

type some struct{}

func (some) Stats() struct{ N int } { return struct{ N int }{1} }

type number struct{}

func (number) Stats() int { return 1 }

// panics returns what f panics with, "" if it does not.
func panics(f func()) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint(p)
		}
	}()
	f()
	return ""
}

func TestSnapshotSorted(t *testing.T) {
	var r monitor.Registry
	for _, name := range []string{"/z:x", "/a:x", "/m:x", "/s/n:count"} {
		r.Counter(name)
	}
	remove := monitor.Watch(&r, "/s", some{})
	names := func() (all []string) {
		for _, m := range r.Snapshot().Metrics {
			all = append(all, m.Name)
		}
		return all
	}
	// The registry's own counter comes first, so that of the same name of a source is not there.
	if got, want := names(), []string{"/a:x", "/m:x", "/s/n:count", "/z:x"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if m, _ := r.Snapshot().Get("/s/n:count"); m.Kind != monitor.KindCounter {
		t.Errorf("of two of a name %v stands, want the first, a counter", m)
	}
	remove()
	remove() // once more does nothing
	monitor.Watch(&r, "/s", some{})
	if n := len(r.Subjects()); n != 1 {
		t.Errorf("%d subjects, want 1", n)
	}
}

func TestSub(t *testing.T) {
	var r monitor.Registry
	c, g, d := r.Counter("/c:x"), r.Gauge("/g:x"), r.Timer("/t:seconds")
	c.Add(5)
	g.Set(5)
	d.Observe(time.Second)
	before := r.Snapshot()
	c.Add(7)
	g.Set(2)
	d.Observe(time.Minute)
	d.Observe(time.Minute)
	late := r.Counter("/late:x")
	late.Add(3)
	diff := r.Snapshot().Sub(before)
	for name, want := range map[string]float64{"/c:x": 7, "/g:x": 2, "/t:seconds": 2, "/late:x": 3} {
		if got := diff.Value(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	m, _ := diff.Get("/t:seconds")
	if got := m.Durations.Quantile(0); got < 59*time.Second || m.Durations.Count() != 2 {
		t.Errorf("the shortest of %d durations between is %v, want two of a minute", m.Durations.Count(), got)
	}
	if diff.Over <= 0 {
		t.Errorf("the difference is over %v", diff.Over)
	}
	// What fell has begun anew.
	back := before.Sub(r.Snapshot())
	if got := back.Value("/c:x"); got != 5 {
		t.Errorf("a counter that fell to 5 counts as %v", got)
	}
}

func TestRate(t *testing.T) {
	s := monitor.Snapshot{Over: 2 * time.Second}
	for m, want := range map[*monitor.Metric]float64{
		{Kind: monitor.KindCounter, Value: 6}: 3, {Kind: monitor.KindTimer, Value: 6}: 3, {Kind: monitor.KindGauge, Value: 6}: 6,
	} {
		if got := s.Rate(*m); got != want {
			t.Errorf("%v: rate %v, want %v", m.Kind, got, want)
		}
	}
}

func TestExpvar(t *testing.T) {
	var r monitor.Registry
	var v expvar.Var = &r
	r.Counter("/c:x").Add(2)
	r.Gauge("/inf:x").Set(1 / zero)
	r.Timer("/t:seconds").Observe(time.Second)
	var got map[string]any
	if err := json.Unmarshal([]byte(v.String()), &got); err != nil {
		t.Fatalf("%v in %s", err, v)
	}
	if got["/c:x"] != 2. || got["/inf:x"] != nil || got["/t:seconds"].(map[string]any)["count"] != 1. {
		t.Errorf("got %v", got)
	}
}

var zero float64

// Any goroutine may use a registry and its instruments.
func TestConcurrent(t *testing.T) {
	var r monitor.Registry
	h := monitor.NewHistory(&r, nil)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 200 {
				r.Counter("/c:x").Inc()
				r.Gauge(fmt.Sprintf("/g%d:x", n%10)).Add(1)
				r.Timer("/t:seconds").Observe(time.Duration(n))
				switch {
				case n%50 == 0:
					h.Sample()
				case n%50 == 1:
					r.Snapshot()
					h.Report()
				case n%50 == 2:
					monitor.Watch(&r, fmt.Sprintf("/s/%d/%d", i, n), some{})()
				}
			}
		})
	}
	all.Wait()
	s := r.Snapshot()
	if got := s.Value("/c:x"); got != 1600 {
		t.Errorf("counted %v, want 1600", got)
	}
	sum := 0.
	for i := range 10 {
		sum += s.Value(fmt.Sprintf("/g%d:x", i))
	}
	if sum != 1600 {
		t.Errorf("gauges add up to %v, want 1600", sum)
	}
	if got := s.Value("/t:seconds"); got != 1600 {
		t.Errorf("timed %v, want 1600", got)
	}
	if n := len(s.Metrics); n != 12 {
		t.Errorf("%d metrics, want 12: what is watched no more is still there", n)
	}
}
