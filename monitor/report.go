package monitor

import (
	"encoding/json"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

// ReportSchema names the form of a Report in JSON. Fields may be added under that name.
const ReportSchema = "whet/monitor/1"

// A Report is all that is known at one moment, for a program to read: what /debug/whet/
// serves as JSON.
type Report struct {
	Schema   string    `json:"schema"`
	At       time.Time `json:"at"`
	Started  time.Time `json:"started"` // the history
	Period   float64   `json:"period"`  // seconds between samples
	Recent   float64   `json:"recent"`  // seconds that "recent" stands for
	Process  Process   `json:"process"`
	Windows  []Window  `json:"windows"`
	Advice   []Advice  `json:"advice"`
	Subjects []Subject `json:"subjects"`
	Metrics  []Reading `json:"metrics"` // sorted by name
	// Left is how many metrics have no past, because HistoryOptions.MaxSeries have one.
	Left int `json:"left,omitempty"`
}

// A Process says what program it is.
type Process struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"` // of its main module
	PID     int    `json:"pid"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Cores   int    `json:"cores"` // GOMAXPROCS
}

// A Reading is a metric in a report.
type Reading struct {
	Name    string `json:"name"`
	Kind    Kind   `json:"kind"`
	Subject string `json:"subject,omitempty"`
	Type    string `json:"type,omitempty"` // of the subject
	// Value is a counter's total, a gauge's level, and the number of a timer's durations.
	Value Number `json:"value"`
	// Rate is how much more it has become, per second, since the sample before; not of gauges.
	Rate *Number `json:"rate,omitempty"`
	// A timer's durations: since it was made, of the recent time, and since the sample before.
	All    *Spread `json:"all,omitempty"`
	Recent *Spread `json:"recent,omitempty"`
	Latest *Spread `json:"latest,omitempty"`
}

// A Spread sums a distribution of durations up, in seconds.
type Spread struct {
	Count uint64  `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// A Number is a float64 that is null in JSON if JSON has no number for it.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

// MarshalJSON tells a value that is no number as null.
func (e Evidence) MarshalJSON() ([]byte, error) {
	type plain Evidence
	return json.Marshal(struct {
		plain
		Value Number `json:"value"`
	}{plain(e), Number(e.Value)})
}

// MarshalText makes a kind its name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Report returns the present one. It takes O(metrics), and the time of reading the curves.
func (h *History) Report() Report {
	subjects := h.registry.Subjects()
	h.mu.Lock()
	last, diff, recent := h.last, h.diff, h.recent()
	left := h.tiers[0].left
	h.mu.Unlock()
	r := Report{
		Schema: ReportSchema, At: last.At, Started: h.started,
		Period: h.opts.Period.Seconds(), Recent: recent.Over.Seconds(),
		Process: process(), Windows: h.Windows(), Advice: h.Advice(), Subjects: subjects,
		Metrics: make([]Reading, 0, len(last.Metrics)), Left: left,
	}
	for i, m := range last.Metrics {
		r.Metrics = append(r.Metrics, reading(m, diff, diff.Metrics[i], recent.Metrics[i]))
	}
	return r
}

// reading sums a metric up; the three snapshots have it at the same place.
func reading(m Metric, diff Snapshot, since, recent Metric) Reading {
	r := Reading{Name: m.Name, Kind: m.Kind, Subject: m.Subject, Type: m.Type, Value: Number(m.Value)}
	if m.Kind != KindGauge && diff.Over > 0 {
		r.Rate = new(Number(diff.Rate(since)))
	}
	if m.Kind == KindTimer {
		r.All, r.Recent, r.Latest = spread(m.Durations), spread(recent.Durations), spread(since.Durations)
	}
	return r
}

func spread(d *Durations) *Spread {
	return &Spread{
		Count: d.Count(), Mean: d.Mean().Seconds(), P50: d.Quantile(.5).Seconds(), P90: d.Quantile(.9).Seconds(),
		P99: d.Quantile(.99).Seconds(), Max: d.Quantile(1).Seconds(),
	}
}

func process() Process {
	p := Process{
		Name: processName(), PID: os.Getpid(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		Cores: runtime.GOMAXPROCS(0),
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "(devel)" {
		p.Version = info.Main.Version
	}
	return p
}

// MarshalJSON tells a window in seconds.
func (w Window) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]float64{"step": w.Step.Seconds(), "length": w.Length.Seconds()})
}

// MarshalJSON tells the points by their metrics, and null where there is none.
func (s Series) MarshalJSON() ([]byte, error) {
	b := []byte(`{"schema":"` + ReportSchema + `","step":`)
	b = strconv.AppendFloat(b, s.Window.Step.Seconds(), 'g', -1, 64)
	b = append(b, `,"times":[`...)
	for i, t := range s.Times {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(t.UnixMilli())/1000, 'f', -1, 64)
	}
	b = append(b, `],"values":{`...)
	first := true
	for name, values := range s.Values {
		if !first {
			b = append(b, ',')
		}
		first = false
		quoted, _ := json.Marshal(name) // of a string it does not fail
		b = append(append(b, quoted...), ':')
		b = appendPoints(b, values)
	}
	return append(b, `}}`...), nil
}

func appendPoints(b []byte, values []float32) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			b = append(b, "null"...)
		} else {
			b = strconv.AppendFloat(b, f, 'g', 6, 32)
		}
	}
	return append(b, ']')
}

// MarshalJSON tells the points as pairs.
func (c Curve) MarshalJSON() ([]byte, error) {
	points := make([][2]float64, 0, len(c.Points))
	for _, p := range c.Points {
		points = append(points, [2]float64{float64(p.Capacity), p.HitRatio})
	}
	return json.Marshal(struct {
		Capacity   int          `json:"capacity"`
		Measured   float64      `json:"measured"`
		References uint64       `json:"references"`
		Points     [][2]float64 `json:"points"`
	}{c.Capacity, c.Measured, c.References, points})
}
