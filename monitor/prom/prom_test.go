package prom_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/monitor"
	"github.com/whetgo/whet/monitor/prom"
)

// parse reads a text as Prometheus does.
func parse(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return families
}

func text(r *monitor.Registry) string {
	var b bytes.Buffer
	_ = prom.Write(&b, r.Snapshot())
	return b.String()
}

func TestFormat(t *testing.T) {
	var r monitor.Registry
	r.Counter("/orders/filled:orders").Add(3)
	r.Gauge("/queue:count").Set(-1.5)
	r.Gauge("/a/size:bytes").Set(math.Inf(1))
	r.Gauge("/9-lives.x:count").Set(math.NaN())
	quotes, bars := cache.New[int, int](10, nil), cache.New[int, int](20, nil)
	monitor.Watch(&r, "/cache/quotes", quotes)
	monitor.Watch(&r, "/cache/bars", bars)
	quotes.Get(1)
	families := parse(t, text(&r))
	for name, want := range map[string]float64{"orders_filled_total": 3, "queue": -1.5, "a_size_bytes": math.Inf(1)} {
		if name == "orders_filled_total" {
			name = "orders_filled_orders_total"
		}
		f := families[name]
		if f == nil || len(f.Metric) != 1 {
			t.Fatalf("%s: %v", name, f)
		}
		if got := f.Metric[0].GetCounter().GetValue() + f.Metric[0].GetGauge().GetValue(); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if f := families["_9_lives_x"]; f == nil || !math.IsNaN(f.Metric[0].GetGauge().GetValue()) {
		t.Errorf("what begins with a digit, and is no number, is %v", f)
	}
	misses := families["whet_cache_misses_total"]
	if misses.GetType() != dto.MetricType_COUNTER || len(misses.Metric) != 2 {
		t.Fatalf("misses: %v", misses)
	}
	got := map[string]float64{}
	for _, m := range misses.Metric {
		got[m.Label[0].GetName()+"="+m.Label[0].GetValue()] = m.GetCounter().GetValue()
	}
	if got["name=/cache/quotes"] != 1 || len(got) != 2 {
		t.Errorf("misses: %v", got)
	}
	if f := families["whet_cache_capacity"]; f.GetType() != dto.MetricType_GAUGE || len(f.Metric) != 2 {
		t.Errorf("capacity: %v", f)
	}
}

func TestHistogram(t *testing.T) {
	var r monitor.Registry
	d := r.Timer("/call:seconds")
	for _, v := range []time.Duration{0, time.Microsecond, 1023, 1024, time.Millisecond, time.Second, time.Hour} {
		d.Observe(v)
	}
	h := parse(t, text(&r))["call_seconds"].GetMetric()[0].GetHistogram()
	if h.GetSampleCount() != 7 || math.Abs(h.GetSampleSum()-3601.001) > .2 {
		t.Errorf("count %d, sum %v", h.GetSampleCount(), h.GetSampleSum())
	}
	last, atFirst := uint64(0), uint64(0)
	for i, b := range h.Bucket {
		if b.GetCumulativeCount() < last {
			t.Errorf("bucket %d has %d, the one before %d", i, b.GetCumulativeCount(), last)
		}
		last = b.GetCumulativeCount()
		if i == 0 {
			atFirst = last
		}
	}
	if atFirst != 3 || last != 7 || !math.IsInf(h.Bucket[len(h.Bucket)-1].GetUpperBound(), 1) || h.Bucket[len(h.Bucket)-2].GetCumulativeCount() != 6 {
		t.Errorf("%d not longer than 1,023 ns, %d in all, %d within 17 s, want 3, 7, 6", atFirst, last, h.Bucket[len(h.Bucket)-2].GetCumulativeCount())
	}
}

// Everything that the runtime tells is understood, under names that the official client uses.
func TestRuntime(t *testing.T) {
	var r monitor.Registry
	r.Add(monitor.Runtime())
	families := parse(t, text(&r))
	for name, kind := range map[string]dto.MetricType{
		"go_gc_heap_live_bytes": dto.MetricType_GAUGE, "go_gc_heap_allocs_bytes_total": dto.MetricType_COUNTER,
		"go_sched_goroutines_goroutines": dto.MetricType_GAUGE, "go_sched_latencies_seconds": dto.MetricType_HISTOGRAM,
	} {
		if f := families[name]; f == nil || f.GetType() != kind {
			t.Errorf("%s: %v", name, f.GetType())
		}
	}
	if len(families) < 60 {
		t.Errorf("only %d families", len(families))
	}
}

// odd yields what a source should not.
type odd struct{ metrics []monitor.Metric }

func (o odd) Read(yield func(monitor.Metric)) {
	for _, m := range o.metrics {
		yield(m)
	}
}

// Whatever names a source makes up, the text is one that Prometheus takes.
func FuzzNames(f *testing.F) {
	f.Add("/a/b:c", "/a", "x", uint8(1))
	f.Add("/a.b:c", "/a\"\\\n", "y z", uint8(2))
	f.Add("", "", "", uint8(3))
	f.Add("/é:\xff", "\xff", "ü", uint8(1))
	f.Fuzz(func(t *testing.T, name, subject, kind string, k uint8) {
		subject = strings.ToValidUTF8(subject, "?") // labels are UTF-8
		var r monitor.Registry
		r.Add(odd{[]monitor.Metric{
			{Name: name, Kind: monitor.Kind(1 + k%3), Subject: subject, Type: kind, Value: 1},
			{Name: name + "x", Kind: monitor.Kind(1 + (k+1)%3), Subject: subject, Type: kind, Value: 2},
			{Name: strings.ReplaceAll(name, "_", "."), Kind: monitor.KindGauge, Subject: subject, Type: kind},
		}})
		parse(t, text(&r))
	})
}

func TestHandler(t *testing.T) {
	var r monitor.Registry
	r.Counter("/c:count").Add(2)
	server := httptest.NewServer(prom.Handler(&r))
	defer server.Close()
	answer, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || expfmt.ResponseFormat(answer.Header) != expfmt.NewFormat(expfmt.TypeTextPlain) {
		t.Errorf("%v, format %q", err, expfmt.ResponseFormat(answer.Header))
	}
	if got := string(body); got != "# TYPE c_total counter\nc_total 2\n" {
		t.Errorf("got %q", got)
	}
	if answer, err := http.Post(server.URL, "text/plain", nil); err != nil || answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a POST is answered %v, %v", answer.Status, err)
	}
}

// A scrape of 1,000 instruments, 100 of them timers of 1,000 durations each.
func BenchmarkScrape(b *testing.B) {
	var r monitor.Registry
	for i := range 1000 {
		switch {
		case i%10 == 0:
			d := r.Timer(fmt.Sprintf("/part/%d/call:seconds", i))
			for n := range 1000 {
				d.Observe(time.Duration(1000+n*n) * time.Microsecond)
			}
		case i%10 < 4:
			r.Gauge(fmt.Sprintf("/part/%d/level:bytes", i)).Set(float64(i))
		default:
			r.Counter(fmt.Sprintf("/part/%d/events:count", i)).Add(int64(i))
		}
	}
	var text []byte
	b.ReportAllocs()
	for b.Loop() {
		text = prom.Append(text[:0], r.Snapshot())
	}
	b.ReportMetric(float64(len(text)), "B/scrape")
}
