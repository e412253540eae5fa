package watch

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"
)

// isPprof reports whether body is the index page of package net/http/pprof.
func isPprof(path string, body []byte) bool {
	return bytes.Contains(body, []byte("/debug/pprof/")) && bytes.Contains(body, []byte("goroutine")) && bytes.Contains(body, []byte("heap"))
}

var (
	pprofTotal = regexp.MustCompile(`^(\w+) profile: total (\d+)`)
	pprofStat  = regexp.MustCompile(`(?m)^# (\w+) = (\d+)$`)
)

// parsePprof asks for the goroutines, the threads and, at the end of the heap profile, the
// memory statistics.
func parsePprof(ctx context.Context, _ []byte, get getter) (*sample, error) {
	s := &sample{}
	for _, name := range []string{"goroutine", "threadcreate"} {
		body, err := get(ctx, name+"?debug=1")
		if err != nil {
			return nil, err
		}
		m := pprofTotal.FindSubmatch(body)
		if m == nil {
			return nil, fmt.Errorf("its %s profile cannot be read", name)
		}
		n, err := strconv.ParseFloat(string(m[2]), 64)
		if err != nil {
			return nil, err
		}
		s.Metrics = append(s.Metrics, metric{Name: map[string]string{"goroutine": "goroutines", "threadcreate": "threads"}[name], Value: n})
	}
	body, err := get(ctx, "heap?debug=1")
	if err != nil {
		return nil, err
	}
	for _, m := range pprofStat.FindAllSubmatch(body, -1) {
		known, ok := memStats[string(m[1])]
		if v, err := strconv.ParseFloat(string(m[2]), 64); ok && err == nil {
			known.Name, known.Value = "memstats."+string(m[1]), v
			s.Metrics = append(s.Metrics, known)
		}
	}
	return s, nil
}
