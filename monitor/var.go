package monitor

import (
	"encoding/json"
)

// String returns all metrics as a JSON object, so that a Registry is an expvar.Var: a number
// for each counter and gauge, and for each timer an object of its count and, in seconds, its
// mean, quantiles and greatest value.
func (r *Registry) String() string {
	s := r.Snapshot()
	values := make(map[string]any, len(s.Metrics))
	for _, m := range s.Metrics {
		if m.Kind == KindTimer {
			values[m.Name] = spread(m.Durations)
		} else {
			values[m.Name] = Number(m.Value)
		}
	}
	text, err := json.Marshal(values)
	if err != nil { // there is nothing in it that could fail
		return "null"
	}
	return string(text)
}
