package otel

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/whetgo/whet/monitor"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// scope names who measures.
const scope = "github.com/whetgo/whet/monitor"

// New returns a producer of what r knows. Sums are said to have begun now: make it when the
// program starts.
func New(r *monitor.Registry) metric.Producer { return &producer{r, time.Now()} }

type producer struct {
	registry *monitor.Registry
	began    time.Time
}

// Produce implements metric.Producer.
func (p *producer) Produce(ctx context.Context) ([]metricdata.ScopeMetrics, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := p.registry.Snapshot()
	points := make([]point, 0, len(s.Metrics))
	for _, m := range s.Metrics {
		points = append(points, point{nameOf(m), m})
	}
	// The points of a metric follow each other.
	slices.SortStableFunc(points, func(a, b point) int {
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(a.Kind, b.Kind))
	})
	sm := metricdata.ScopeMetrics{Scope: instrumentation.Scope{Name: scope}}
	for len(points) > 0 {
		n := 1
		for n < len(points) && points[n].name == points[0].name && points[n].Kind == points[0].Kind {
			n++
		}
		sm.Metrics = append(sm.Metrics, p.metric(points[:n], s.At))
		points = points[n:]
	}
	if len(sm.Metrics) == 0 {
		return nil, nil
	}
	return []metricdata.ScopeMetrics{sm}, nil
}

// A point is a metric under its name in OpenTelemetry.
type point struct {
	name string
	monitor.Metric
}

// nameOf returns a metric's name, without its unit.
func nameOf(m monitor.Metric) string {
	path := strings.TrimPrefix(m.Path(), "/")
	switch {
	case m.Type == "runtime" && !strings.HasPrefix(m.Name, "/process/"):
		path = "go/" + path
	case m.Subject != "" && m.Type != "runtime":
		path = "whet/" + m.Type + "/" + m.Field()
	}
	return strings.ReplaceAll(path, "/", ".")
}

// unitOf returns a unit as UCUM has it.
func unitOf(m monitor.Metric) string {
	switch u := m.Unit(); u {
	case "seconds", "cpu-seconds":
		return "s"
	case "bytes":
		return "By"
	case "percent":
		return "%"
	case "count":
		return "1"
	default:
		return "{" + u + "}"
	}
}

// metric makes one metric of points that have name and kind in common.
func (p *producer) metric(points []point, at time.Time) metricdata.Metrics {
	m := metricdata.Metrics{Name: points[0].name, Unit: unitOf(points[0].Metric)}
	switch points[0].Kind {
	case monitor.KindTimer:
		h := metricdata.Histogram[float64]{Temporality: metricdata.CumulativeTemporality}
		for _, x := range points {
			h.DataPoints = append(h.DataPoints, p.histogram(x.Metric, at))
		}
		m.Data = h
	case monitor.KindCounter:
		m.Data = metricdata.Sum[float64]{Temporality: metricdata.CumulativeTemporality, IsMonotonic: true, DataPoints: p.numbers(points, at)}
	default:
		m.Data = metricdata.Gauge[float64]{DataPoints: p.numbers(points, at)}
	}
	return m
}

func (p *producer) numbers(points []point, at time.Time) []metricdata.DataPoint[float64] {
	all := make([]metricdata.DataPoint[float64], 0, len(points))
	for _, x := range points {
		all = append(all, metricdata.DataPoint[float64]{Attributes: attributes(x.Metric), StartTime: p.began, Time: at, Value: x.Value})
	}
	return all
}

func attributes(m monitor.Metric) attribute.Set {
	if m.Subject == "" || m.Type == "runtime" {
		return *attribute.EmptySet()
	}
	return attribute.NewSet(attribute.String("name", m.Subject))
}

// The limits of histograms are those of package prom: from 1,024 ns to 17 s, each twice the
// one before and less 1 ns, for which counts are exact.
const (
	firstLimit = 10
	lastLimit  = 34
)

func limit(i int) time.Duration { return time.Duration(1)<<i - 1 }

var bounds = func() (all []float64) {
	for i := firstLimit; i <= lastLimit; i++ {
		all = append(all, limit(i).Seconds())
	}
	return all
}()

func (p *producer) histogram(m monitor.Metric, at time.Time) metricdata.HistogramDataPoint[float64] {
	h := metricdata.HistogramDataPoint[float64]{
		Attributes: attributes(m), StartTime: p.began, Time: at,
		Count: m.Durations.Count(), Sum: m.Durations.Sum().Seconds(), Bounds: bounds,
		BucketCounts: make([]uint64, 0, len(bounds)+1),
	}
	below := uint64(0)
	for i := firstLimit; i <= lastLimit; i++ {
		n := m.Durations.AtMost(limit(i))
		h.BucketCounts = append(h.BucketCounts, n-below)
		below = n
	}
	h.BucketCounts = append(h.BucketCounts, h.Count-below)
	if h.Count > 0 {
		h.Min = metricdata.NewExtrema(m.Durations.Quantile(0).Seconds())
		h.Max = metricdata.NewExtrema(m.Durations.Quantile(1).Seconds())
	}
	return h
}
