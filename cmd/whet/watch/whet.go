package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// A dashReport is what is shown of a monitor.Report.
type dashReport struct {
	Schema  string    `json:"schema"`
	At      time.Time `json:"at"`
	Process struct {
		Name  string `json:"name"`
		PID   int    `json:"pid"`
		Go    string `json:"go"`
		Cores int    `json:"cores"`
	} `json:"process"`
	Advice  []advice `json:"advice"`
	Metrics []struct {
		Name   string   `json:"name"`
		Kind   string   `json:"kind"`
		Value  *float64 `json:"value"`
		Rate   *float64 `json:"rate"`
		All    *spread  `json:"all"`
		Recent *spread  `json:"recent"`
	} `json:"metrics"`
}

// A spread sums durations up, in seconds.
type spread struct {
	Count    uint64
	P50, P99 float64
}

const reportSchema = "whet/monitor/1"

func isReport(_ string, body []byte) bool {
	var r struct{ Schema string }
	return bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) && json.Unmarshal(body, &r) == nil && strings.HasPrefix(r.Schema, "whet/monitor/")
}

func parseReport(_ context.Context, body []byte, _ getter) (*sample, error) {
	var r dashReport
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, err
	}
	if r.Schema != reportSchema {
		return nil, fmt.Errorf("it is a report of schema %q, and this whet reads %s", r.Schema, reportSchema)
	}
	s := &sample{At: r.At, Advice: r.Advice}
	p := r.Process
	s.Process = fmt.Sprintf("%s, process %d, %s, %d processors", p.Name, p.PID, p.Go, p.Cores)
	for _, m := range r.Metrics {
		name, unit, _ := strings.Cut(m.Name, ":")
		x := metric{Name: name, Unit: unit, Counter: m.Kind != "gauge", Rate: m.Rate}
		if m.Value != nil {
			x.Value = *m.Value
		}
		if m.Kind == "timer" {
			x.Unit = "" // its value is a number of durations
			d := m.Recent
			if d == nil || d.Count == 0 {
				d = m.All
			}
			if d != nil && d.Count > 0 {
				x.Note = fmt.Sprintf("p50 %s  p99 %s", quantity(d.P50, "seconds"), quantity(d.P99, "seconds"))
			}
		}
		s.Metrics = append(s.Metrics, x)
	}
	return s, nil
}
