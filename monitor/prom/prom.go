package prom

import (
	"cmp"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whetgo/whet/monitor"
)

// contentType is that of the text format.
const contentType = "text/plain; version=0.0.4; charset=utf-8"

// Handler returns a handler that answers each request with a snapshot of r.
func Handler(r *monitor.Registry) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodGet && req.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "prom: only GET", http.StatusMethodNotAllowed)
			return
		}
		text := Append(nil, r.Snapshot())
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		w.Write(text)
	})
}

// Write writes a snapshot in the text format.
func Write(w io.Writer, s monitor.Snapshot) error {
	_, err := w.Write(Append(nil, s))
	return err
}

// A sample is a metric on its way into the text.
type sample struct {
	family string
	*monitor.Metric
}

// Append appends a snapshot in the text format to b. It takes O(metrics log metrics).
func Append(b []byte, s monitor.Snapshot) []byte {
	samples := make([]sample, 0, len(s.Metrics))
	for i := range s.Metrics {
		m := &s.Metrics[i]
		samples = append(samples, sample{familyOf(m), m})
	}
	// A family's samples must follow each other.
	slices.SortStableFunc(samples, func(a, b sample) int {
		return cmp.Or(strings.Compare(a.family, b.family), strings.Compare(a.Subject, b.Subject))
	})
	b = slices.Grow(b, 64*len(samples))
	var last sample // that was written
	for i, m := range samples {
		switch {
		case i == 0 || last.family != m.family:
			b = appendType(b, m)
		case last.Subject == m.Subject || last.Kind != m.Kind:
			continue // two names that are one to Prometheus: the first stands
		}
		b = appendSample(b, m)
		last = m
	}
	return b
}

var types = map[monitor.Kind]string{monitor.KindCounter: "counter", monitor.KindGauge: "gauge", monitor.KindTimer: "histogram"}

func appendType(b []byte, m sample) []byte {
	return append(append(append(append(append(b, "# TYPE "...), m.family...), ' '), types[m.Kind]...), '\n')
}

// familyOf returns the name that a metric has in Prometheus.
func familyOf(m *monitor.Metric) string {
	var b strings.Builder
	switch {
	case m.Type == "runtime" && !strings.HasPrefix(m.Name, "/process/"):
		write(&b, "go"+m.Path())
	case m.Subject != "" && m.Type != "runtime":
		write(&b, "whet_"+m.Type+"_"+m.Field())
	default:
		write(&b, strings.TrimPrefix(m.Path(), "/"))
	}
	if unit := m.Unit(); unit != "count" && !(m.Type != "runtime" && strings.HasSuffix(b.String(), "_"+unit)) {
		write(&b, "_"+unit)
	}
	if m.Kind == monitor.KindCounter {
		b.WriteString("_total")
	}
	return b.String()
}

// write writes a name with "_" for what Prometheus does not have in names, and before a digit
// at the beginning.
func write(b *strings.Builder, name string) {
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case '0' <= r && r <= '9':
			b.WriteString("_" + string(r))
		default:
			b.WriteByte('_')
		}
	}
}

func appendSample(b []byte, m sample) []byte {
	label := ""
	if m.Subject != "" && m.Type != "runtime" {
		label = `name="` + escape.Replace(m.Subject) + `"`
	}
	if m.Kind != monitor.KindTimer {
		b = appendLabels(append(b, m.family...), label, "")
		return appendValue(b, m.Value)
	}
	return appendHistogram(b, m, label)
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// The limits of histograms: from 1,024 ns to 17 s, each less 1 ns.
const (
	firstLimit = 10
	lastLimit  = 34
)

var limitLabels = func() (all [lastLimit + 1]string) {
	for i := firstLimit; i <= lastLimit; i++ {
		all[i] = `le="` + strconv.FormatFloat(limit(i).Seconds(), 'g', -1, 64) + `"`
	}
	return all
}()

func limit(i int) time.Duration { return time.Duration(1)<<i - 1 }

func appendHistogram(b []byte, m sample, label string) []byte {
	for i := firstLimit; i <= lastLimit; i++ {
		b = appendLabels(append(append(b, m.family...), "_bucket"...), label, limitLabels[i])
		b = appendValue(b, float64(m.Durations.AtMost(limit(i))))
	}
	b = appendLabels(append(append(b, m.family...), "_bucket"...), label, `le="+Inf"`)
	b = appendValue(b, float64(m.Durations.Count()))
	b = appendLabels(append(append(b, m.family...), "_sum"...), label, "")
	b = appendValue(b, m.Durations.Sum().Seconds())
	b = appendLabels(append(append(b, m.family...), "_count"...), label, "")
	return appendValue(b, float64(m.Durations.Count()))
}

func appendLabels(b []byte, one, two string) []byte {
	switch {
	case one != "" && two != "":
		return append(append(append(append(append(b, '{'), one...), ','), two...), '}')
	case one != "" || two != "":
		return append(append(append(b, '{'), one+two...), '}')
	}
	return b
}

func appendValue(b []byte, v float64) []byte {
	b = append(b, ' ')
	switch {
	case math.IsInf(v, 1):
		b = append(b, "+Inf"...)
	case math.IsInf(v, -1):
		b = append(b, "-Inf"...)
	default:
		b = strconv.AppendFloat(b, v, 'g', -1, 64)
	}
	return append(b, '\n')
}
