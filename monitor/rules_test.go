package monitor_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/monitor"
)

// advise returns the advice of all rules on a view, by "rule subject".
func advise(v *monitor.View) map[string]monitor.Advice {
	all := make(map[string]monitor.Advice)
	for _, r := range monitor.Rules() {
		for _, a := range r.Check(v) {
			all[strings.TrimSpace(r.Name+" "+a.Subject)] = a
		}
	}
	return all
}

// view makes one of a subject with a minute's figures, by field.
func view(kind string, curve *monitor.Curve, fields map[string]float64) *monitor.View {
	s := monitor.Snapshot{Over: time.Minute}
	for name, value := range fields {
		m := monitor.Metric{Name: name, Kind: monitor.KindCounter, Value: value}
		if !strings.HasPrefix(name, "/") {
			m.Name, m.Subject, m.Type = "/s/"+name, "/s", kind
		}
		if strings.HasPrefix(name, "instances") || strings.HasPrefix(name, "level") {
			m.Kind = monitor.KindGauge
		}
		s.Metrics = append(s.Metrics, m)
	}
	slices.SortFunc(s.Metrics, func(a, b monitor.Metric) int { return strings.Compare(a.Name, b.Name) })
	v := &monitor.View{Now: s, Recent: s}
	if kind != "" {
		v.Subjects = []monitor.Subject{{Name: "/s", Type: kind, Curve: curve}}
	}
	return v
}

// curve makes one that rises straight from a hit ratio at an eighth of the capacity, 100, to
// another at four times as much.
func curve(measured, lo, hi float64) *monitor.Curve {
	c := &monitor.Curve{Capacity: 100, Measured: measured, References: 100_000}
	for i, n := range []int{13, 25, 50, 100, 200, 400} {
		c.Points = append(c.Points, monitor.CurvePoint{Capacity: n, HitRatio: lo + (hi-lo)*float64(i)/5})
	}
	return c
}

func TestRules(t *testing.T) {
	few := curve(.5, .1, .9)
	few.References = 100
	for _, tt := range []struct {
		name string
		view *monitor.View
		want string // rules that speak, each with its subject
	}{
		{"nothing", view("", nil, nil), ""},
		{"a cache that is too small", view("cache", curve(.62, .2, .9), map[string]float64{"hits:count": 500, "misses:count": 500}), "cache-small /s"},
		{"a cache of little traffic", view("cache", few, nil), ""},
		{"a cache on a plateau", view("cache", curve(.8, .801, .802), nil), "cache-large /s"},
		{"a cache that is right", view("cache", curve(.8, .1, .81), nil), ""},
		{"entries that expire", view("cache", curve(.5, .5, .9), map[string]float64{"expirations:count": 50}), "cache-lifetime /s"},
		{"misses that are due to neither", view("cache", curve(.5, .5, .9), nil), ""},
		{"a cache without a curve", view("cache", nil, map[string]float64{"hits:count": 400, "misses:count": 1600, "evictions:count": 1500}), "cache-blind /s"},
		{"one that hits", view("cache", nil, map[string]float64{"hits:count": 1600, "misses:count": 400, "evictions:count": 300}), ""},
		{"one that is not full", view("cache", nil, map[string]float64{"hits:count": 400, "misses:count": 1600}), ""},
		{"loads that fail", view("cache", nil, map[string]float64{"loads:count": 100, "load-failures:count": 10, "stale:count": 3}), "load-failing /s"},
		{"calls that fail", view("memo", nil, map[string]float64{"calls:count": 100, "failures:count": 10}), "load-failing /s"},
		{"a load that fails", view("cache", nil, map[string]float64{"loads:count": 1000, "load-failures:count": 10}), ""},
		{"created again", view("singleton", nil, map[string]float64{"builds:count": 30, "build-time:seconds": 1, "instances:count": 1}), "created-again /s"},
		{"created once for each", view("singleton", nil, map[string]float64{"builds:count": 30, "instances:count": 30}), ""},
		{"waited for", view("singleton", nil, map[string]float64{"builds:count": 1, "instances:count": 1, "waits:count": 12, "build-time:seconds": .5}), "created-late /s"},
		{"hardly waited for", view("singleton", nil, map[string]float64{"builds:count": 1, "instances:count": 1, "waits:count": 2, "build-time:seconds": .001}), ""},
		{"forgotten", view("singleton", nil, map[string]float64{"leaks:count": 2}), "leaked /s"},
		{"dropped", view("store", nil, map[string]float64{"notes-dropped:count": 3, "feeds/dropped:count": 0}), "dropped /s/notes-dropped"},
		{"a level of what is dropped", view("store", nil, map[string]float64{"level-dropped:count": 3}), ""},
		{"dropped by the program", view("", nil, map[string]float64{"/desk/drops:quotes": 3}), "dropped /desk/drops"},
		{"locks", view("", nil, map[string]float64{"/sync/mutex/wait/total:seconds": 30}), "lock-wait"},
		{"few locks", view("", nil, map[string]float64{"/sync/mutex/wait/total:seconds": 3}), ""},
		{"garbage", view("", nil, map[string]float64{"/cpu/classes/gc/total:cpu-seconds": 30, "/cpu/classes/user:cpu-seconds": 60}), "gc-cost"},
		{"garbage, by idle processors", view("", nil, map[string]float64{"/cpu/classes/gc/total:cpu-seconds": 30, "/cpu/classes/gc/mark/idle:cpu-seconds": 29, "/cpu/classes/user:cpu-seconds": 60}), ""},
		{"garbage of an idle program", view("", nil, map[string]float64{"/cpu/classes/gc/total:cpu-seconds": 1, "/cpu/classes/user:cpu-seconds": 1}), ""},
	} {
		var got []string
		for name, a := range advise(tt.view) {
			got = append(got, name)
			if a.Text == "" || a.Do == "" || len(a.Evidence) == 0 {
				t.Errorf("%s: %s says %q, to do %q, with %d pieces of evidence", tt.name, name, a.Text, a.Do, len(a.Evidence))
			}
			for _, e := range a.Evidence {
				if e.What == "" || e.Unit == "" || math.IsNaN(e.Value) || math.IsInf(e.Value, 0) {
					t.Errorf("%s: %s: evidence %+v", tt.name, name, e)
				}
			}
		}
		slices.Sort(got)
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, s, tt.want)
		}
	}
}

func TestRuleNames(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range monitor.Rules() {
		if seen[r.Name] || r.Doc == "" || r.Check == nil {
			t.Errorf("rule %q: %+v", r.Name, r)
		}
		seen[r.Name] = true
	}
}

// Of a real cache that is too small the history says so, with the figures of its curve.
func TestRealCache(t *testing.T) {
	var r monitor.Registry
	c := cache.New[int, int](100, &cache.Options[int, int]{Curve: true})
	monitor.Watch(&r, "/cache/quotes", c)
	h := monitor.NewHistory(&r, nil)
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		for range 2000 {
			if k := random.IntN(180); true {
				if _, ok := c.Get(k); !ok {
					c.Set(k, k)
				}
			}
		}
		h.Sample()
	}
	all := h.Advice()
	if len(all) != 1 || all[0].Rule != "cache-small" || all[0].Subject != "/cache/quotes" || !strings.Contains(all[0].Text, "2 × its capacity, 200, would hit at least 99") {
		t.Errorf("the advice is %+v", all)
	}
}

// The trend of a line is the line, whatever part of up to a quarter of the points is wild.
func TestTrend(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var times, values []float64
	for i := range 100 {
		v := 5 + 3*float64(i) + random.NormFloat64()
		if i%5 == 0 {
			v = 1e6 * random.Float64()
		}
		times, values = append(times, float64(i)), append(values, v)
	}
	slope, lo, hi, sure := monitor.TrendOf(times, values)
	if math.Abs(slope-3) > .1 || !(lo <= slope && slope <= hi) || !sure {
		t.Errorf("slope %v in [%v, %v], sure: %v; want 3", slope, lo, hi, sure)
	}
	if _, _, _, sure := monitor.TrendOf(times[:5], values[:5]); sure {
		t.Error("five points are enough")
	}
	if slope, lo, hi, sure := monitor.TrendOf(times, make([]float64, 100)); slope != 0 || lo != 0 || hi != 0 || sure {
		t.Errorf("a level: %v in [%v, %v], sure: %v", slope, lo, hi, sure)
	}
}

// Noise, a sawtooth and warming up are no growth; steady growth is, and one in steps.
func TestGrowth(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, tt := range []struct {
		name  string
		value func(i int) float64
		want  bool
	}{
		{"steady", func(i int) float64 { return 100 + float64(i) + 20*random.NormFloat64() }, true},
		{"in steps", func(i int) float64 { return 100 + float64(i/20*20) }, true},
		{"a level", func(i int) float64 { return 100 }, false},
		{"a sawtooth", func(i int) float64 { return 100 + float64(i%37)*10 }, false},
		{"warming up", func(i int) float64 { return 100 + 50*float64(min(i, 60)) + random.NormFloat64() }, false},
		{"shrinking", func(i int) float64 { return 1000 - float64(i) }, false},
	} {
		var times, values []float64
		for i := range 200 {
			times, values = append(times, float64(i)), append(values, tt.value(i))
		}
		slope, over, ok := monitor.GrowthOf(times, values)
		if ok != tt.want {
			t.Errorf("%s: growth of %v is found: %v, want %v", tt.name, slope, ok, tt.want)
		}
		if ok && (math.Abs(slope-1) > .1 || over != 199*time.Second) {
			t.Errorf("%s: slope %v over %v, want 1", tt.name, slope, over)
		}
	}
	// Of noise it is seldom found: the tests have a level of 1 %.
	found := 0
	for range 300 {
		var times, values []float64
		for i := range 40 {
			times, values = append(times, float64(i)), append(values, random.Float64())
		}
		if _, _, ok := monitor.GrowthOf(times, values); ok {
			found++
		}
	}
	if found > 6 {
		t.Errorf("growth is found in %d of 300 series of noise", found)
	}
}

// levels is a source whose heap and goroutines are those given.
type levels struct{ heap, goroutines float64 }

func (l *levels) Read(yield func(monitor.Metric)) {
	yield(monitor.Metric{Name: "/gc/heap/live:bytes", Kind: monitor.KindGauge, Value: l.heap})
	yield(monitor.Metric{Name: "/sched/goroutines:goroutines", Kind: monitor.KindGauge, Value: l.goroutines})
}

func TestHeapGrows(t *testing.T) {
	for _, tt := range []struct {
		name  string
		level func(n int) float64 // heap in MB, goroutines in tens
		want  string
	}{
		{"steadily", func(n int) float64 { return 10 + .1*float64(n) }, "goroutine-growth heap-growth"},
		{"in the first minute", func(n int) float64 { return 10 + .3*float64(min(n, 60)) }, ""},
		{"hardly", func(n int) float64 { return 100 + .001*float64(n) }, ""},
		{"as a sawtooth", func(n int) float64 { return 10 + float64(n%50) }, ""},
	} {
		var r monitor.Registry
		l := &levels{}
		r.Add(l)
		work := func(n int) { l.heap, l.goroutines = 1e6*tt.level(n), 10*tt.level(n) }
		run(t, &r, nil, 320, work, func(h *monitor.History) {
			var got []string
			for _, a := range h.Advice() {
				got = append(got, a.Rule)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("%s: got %q, want %q: %v", tt.name, s, tt.want, fmt.Sprint(h.Advice()))
			}
		})
	}
}
