package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// promLine is a sample in the text format of Prometheus, 0.0.4, or OpenMetrics: a name, labels
// and a value, and perhaps a time and an exemplar, which are not shown.
var promLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\})?[ \t]+(\S+)(?:[ \t].*)?$`)

// isPrometheus reports whether the first line that is not empty is a comment or a sample.
func isPrometheus(_ string, body []byte) bool {
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if bytes.HasPrefix(line, []byte("# ")) {
				return bytes.HasPrefix(line, []byte("# HELP ")) || bytes.HasPrefix(line, []byte("# TYPE ")) || bytes.HasPrefix(line, []byte("# UNIT "))
			}
			_, _, ok := promSample(string(line))
			return ok
		}
	}
	return false
}

// promSample reads a line: the name with its labels, and the value.
func promSample(line string) (name string, value float64, ok bool) {
	m := promLine.FindStringSubmatch(line)
	if m == nil {
		return "", 0, false
	}
	v, err := strconv.ParseFloat(m[3], 64)
	return m[1] + m[2], v, err == nil || errors.Is(err, strconv.ErrRange)
}

func parsePrometheus(_ context.Context, body []byte, _ getter) (*sample, error) {
	s := &sample{}
	types := map[string]string{}
	number := 0
	for raw := range bytes.Lines(body) {
		number++
		line := strings.TrimSpace(string(raw))
		if words := strings.Fields(line); len(words) == 4 && words[0] == "#" && words[1] == "TYPE" {
			types[words[2]] = words[3]
		}
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := promSample(line)
		if !ok {
			return nil, fmt.Errorf("line %d is no sample of Prometheus: %.80q", number, line)
		}
		if m, ok := promMetric(name, value, types); ok {
			s.Metrics = append(s.Metrics, m)
		}
	}
	return s, nil
}

// promMetric returns a sample as a metric, if it is one to show: buckets are left out, which
// their histogram's count and sum stand for, and so is what has no number.
func promMetric(name string, value float64, types map[string]string) (m metric, ok bool) {
	base, _, _ := strings.Cut(name, "{")
	family := base
	for _, suffix := range []string{"_total", "_bucket", "_count", "_sum", "_created"} {
		if f, ok := strings.CutSuffix(base, suffix); ok && types[base] == "" && types[f] != "" {
			family = f
		}
	}
	kind := types[family]
	if strings.HasSuffix(base, "_bucket") && kind == "histogram" || math.IsNaN(value) || math.IsInf(value, 0) {
		return m, false
	}
	m = metric{Name: name, Value: value, Unit: promUnit(base)}
	m.Counter = kind == "counter" || strings.HasSuffix(base, "_total") || family != base && (kind == "histogram" || kind == "summary")
	if strings.HasSuffix(base, "_count") && family != base {
		m.Unit = ""
	}
	return m, true
}

// promUnit returns the unit that a name ends with.
func promUnit(name string) string {
	for _, suffix := range []string{"_total", "_sum"} {
		name = strings.TrimSuffix(name, suffix)
	}
	for _, unit := range []string{"bytes", "seconds", "ratio"} {
		if strings.HasSuffix(name, "_"+unit) {
			return unit
		}
	}
	return ""
}
