package monitor

import (
	"runtime/metrics"
	"strings"
	"sync"
)

// Runtime returns a source of what the Go runtime measures: heap, garbage collection,
// goroutines, locks, scheduling. Metrics have the names of package runtime/metrics;
// histograms of times are timers, other histograms and the counts of GODEBUG settings are
// left out. Where the operating system tells them, /process/resident:bytes and
// /process/cpu:seconds are added. A read takes about 20 µs.
func Runtime() Source {
	r := &runtimeSource{}
	for _, d := range metrics.All() {
		if strings.HasPrefix(d.Name, "/godebug/") || d.Kind == metrics.KindFloat64Histogram && !strings.HasSuffix(d.Name, ":seconds") {
			continue
		}
		k := KindGauge
		switch {
		case d.Kind == metrics.KindFloat64Histogram:
			k = KindTimer
		case d.Cumulative:
			k = KindCounter
		}
		r.kinds = append(r.kinds, k)
		r.samples = append(r.samples, metrics.Sample{Name: d.Name})
	}
	return r
}

const runtimeName = "/runtime"

type runtimeSource struct {
	kinds []Kind

	mu      sync.Mutex // guards samples
	samples []metrics.Sample
}

func (r *runtimeSource) subjectName() string { return runtimeName }

// Subject implements describer.
func (r *runtimeSource) Subject() Subject { return Subject{Name: runtimeName, Type: "runtime"} }

// Read implements Source.
func (r *runtimeSource) Read(yield func(Metric)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	metrics.Read(r.samples)
	for i, s := range r.samples {
		m := Metric{Name: s.Name, Kind: r.kinds[i], Subject: runtimeName, Type: "runtime"}
		switch s.Value.Kind() {
		case metrics.KindUint64:
			m.Value = float64(s.Value.Uint64())
		case metrics.KindFloat64:
			m.Value = s.Value.Float64()
		case metrics.KindFloat64Histogram:
			m.Durations = ofRuntime(s.Value.Float64Histogram())
			m.Value = m.Durations.count()
		default:
			continue
		}
		yield(m)
	}
	readProcess(func(name string, kind Kind, value float64) {
		yield(Metric{Name: name, Kind: kind, Value: value, Subject: runtimeName, Type: "runtime"})
	})
}
