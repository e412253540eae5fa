package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
)

// isVars reports whether body is a JSON object with something that package expvar always
// has, or from where it always is.
func isVars(path string, body []byte) bool {
	var vars map[string]json.RawMessage
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) || json.Unmarshal(body, &vars) != nil {
		return false
	}
	return vars["memstats"] != nil || vars["cmdline"] != nil || strings.HasSuffix(path, "/vars")
}

// memStats are the parts of runtime.MemStats to show, and how.
var memStats = map[string]metric{
	"HeapAlloc":    {Unit: "bytes"},
	"HeapInuse":    {Unit: "bytes"},
	"HeapObjects":  {},
	"StackInuse":   {Unit: "bytes"},
	"Sys":          {Unit: "bytes"},
	"TotalAlloc":   {Unit: "bytes", Counter: true},
	"Mallocs":      {Counter: true},
	"NumGC":        {Counter: true},
	"PauseTotalNs": {Unit: "nanoseconds", Counter: true},
}

func parseVars(_ context.Context, body []byte, _ getter) (*sample, error) {
	var vars map[string]any
	if err := json.Unmarshal(body, &vars); err != nil {
		return nil, err
	}
	s := &sample{}
	if words, ok := vars["cmdline"].([]any); ok && len(words) > 0 {
		if program, ok := words[0].(string); ok { // its arguments may hold secrets
			s.Process = filepath.Base(program)
		}
	}
	delete(vars, "cmdline")
	if m, ok := vars["memstats"].(map[string]any); ok {
		for name, known := range memStats {
			if v, ok := m[name].(float64); ok {
				known.Name, known.Value = "memstats."+name, v
				s.Metrics = append(s.Metrics, known)
			}
		}
		delete(vars, "memstats")
	}
	s.flatten("", vars, 0)
	slices.SortFunc(s.Metrics, func(a, b metric) int { return strings.Compare(a.Name, b.Name) })
	return s, nil
}

// deepest is how deep variables may lie in others.
const deepest = 8

// flatten adds the numbers in vars.
func (s *sample) flatten(prefix string, vars map[string]any, depth int) {
	for name, v := range vars {
		switch v := v.(type) {
		case float64:
			s.Metrics = append(s.Metrics, metric{Name: prefix + name, Value: v})
		case map[string]any:
			if depth < deepest {
				s.flatten(prefix+name+".", v, depth+1)
			}
		}
	}
}
