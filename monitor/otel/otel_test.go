package otel_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/monitor"
	"github.com/whetgo/whet/monitor/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// collect reads a registry as the SDK does, beside an instrument of the SDK's own, and
// returns all metrics by name.
func collect(t *testing.T, r *monitor.Registry) map[string]metricdata.Metrics {
	t.Helper()
	reader := metric.NewManualReader(metric.WithProducer(otel.New(r)))
	provider := metric.NewMeterProvider(metric.WithReader(reader))
	own, err := provider.Meter("test").Int64Counter("own")
	if err != nil {
		t.Fatal(err)
	}
	own.Add(t.Context(), 1)
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	all := make(map[string]metricdata.Metrics)
	for _, s := range rm.ScopeMetrics {
		for _, m := range s.Metrics {
			if _, twice := all[m.Name]; twice {
				t.Errorf("%s comes twice", m.Name)
			}
			all[m.Name] = m
		}
	}
	if _, ok := all["own"]; !ok {
		t.Error("the SDK's own instrument is not there")
	}
	return all
}

func TestProducer(t *testing.T) {
	var r monitor.Registry
	r.Counter("/orders/filled:orders").Add(3)
	r.Gauge("/queue/size:bytes").Set(-2)
	d := r.Timer("/call:seconds")
	for _, v := range []time.Duration{1023, 1024, time.Second, time.Hour} {
		d.Observe(v)
	}
	for _, name := range []string{"/cache/quotes", "/cache/bars"} {
		c := cache.New[int, int](10, nil)
		c.Get(1)
		monitor.Watch(&r, name, c)
	}
	all := collect(t, &r)
	filled, ok := all["orders.filled"].Data.(metricdata.Sum[float64])
	if !ok || !filled.IsMonotonic || filled.Temporality != metricdata.CumulativeTemporality || filled.DataPoints[0].Value != 3 || all["orders.filled"].Unit != "{orders}" {
		t.Errorf("the counter is %+v", all["orders.filled"])
	}
	size, ok := all["queue.size"].Data.(metricdata.Gauge[float64])
	if !ok || size.DataPoints[0].Value != -2 || all["queue.size"].Unit != "By" {
		t.Errorf("the gauge is %+v", all["queue.size"])
	}
	call, ok := all["call"].Data.(metricdata.Histogram[float64])
	if !ok || len(call.DataPoints) != 1 {
		t.Fatalf("the timer is %+v", all["call"])
	}
	checkHistogram(t, call.DataPoints[0])
	misses, ok := all["whet.cache.misses"].Data.(metricdata.Sum[float64])
	if !ok || len(misses.DataPoints) != 2 {
		t.Fatalf("the misses are %+v", all["whet.cache.misses"])
	}
	for i, name := range []string{"/cache/bars", "/cache/quotes"} {
		p := misses.DataPoints[i]
		if got, _ := p.Attributes.Value(attribute.Key("name")); got.AsString() != name || p.Value != 1 {
			t.Errorf("point %d: %v of %q", i, p.Value, got.AsString())
		}
	}
}

func checkHistogram(t *testing.T, h metricdata.HistogramDataPoint[float64]) {
	t.Helper()
	sum := uint64(0)
	for _, n := range h.BucketCounts {
		sum += n
	}
	if h.Count != 4 || sum != 4 || len(h.BucketCounts) != len(h.Bounds)+1 || math.Abs(h.Sum-3601) > .2 {
		t.Errorf("%d durations, %d in buckets, sum %v", h.Count, sum, h.Sum)
	}
	if h.BucketCounts[0] != 1 || h.BucketCounts[1] != 1 || h.BucketCounts[len(h.BucketCounts)-1] != 1 {
		t.Errorf("the buckets are %v", h.BucketCounts)
	}
	lo, _ := h.Min.Value()
	hi, _ := h.Max.Value()
	if math.Abs(lo-1.023e-6) > 1e-8 || math.Abs(hi-3600) > 30 {
		t.Errorf("from %v to %v", lo, hi)
	}
}

func TestRuntimeAndNothing(t *testing.T) {
	var r monitor.Registry
	if all := collect(t, &r); len(all) != 1 {
		t.Errorf("of nothing there is %v", all)
	}
	r.Add(monitor.Runtime())
	all := collect(t, &r)
	if _, ok := all["go.sched.latencies"].Data.(metricdata.Histogram[float64]); !ok || all["go.gc.heap.live"].Unit != "By" || all["go.cpu.classes.user"].Unit != "s" {
		t.Errorf("%+v %+v", all["go.sched.latencies"].Data, all["go.gc.heap.live"])
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := otel.New(new(monitor.Registry)).Produce(ctx); err == nil {
		t.Error("a cancelled context is not noticed")
	}
}
