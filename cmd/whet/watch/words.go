package watch

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/whetgo/whet/internal/terminal"
)

// quantity returns a number as people read it, in its unit.
func quantity(v float64, unit string) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case unit == "nanoseconds":
		return inSeconds(v / 1e9)
	case strings.HasSuffix(unit, "seconds"): // also CPU seconds
		return inSeconds(v)
	case unit == "bytes":
		return scaled(v, "B")
	case unit == "ratio":
		return strconv.FormatFloat(v*100, 'f', 1, 64) + " %"
	}
	return scaled(v, "")
}

func inSeconds(v float64) string {
	switch a := math.Abs(v); {
	case a == 0:
		return "0 s"
	case a < 1e-6:
		return digits(v*1e9) + " ns"
	case a < 1e-3:
		return digits(v*1e6) + " µs"
	case a < 1:
		return digits(v*1e3) + " ms"
	case a < 1000:
		return digits(v) + " s"
	case a < 1e9:
		return time.Duration(v * 1e9).Round(time.Second).String()
	}
	return scaled(v, "s")
}

// scaled returns a number with a prefix of 1,000 and a unit.
func scaled(v float64, unit string) string {
	prefixes := []string{"", "k", "M", "G", "T", "P", "E"}
	i := 0
	for ; math.Abs(v) >= 999.5 && i < len(prefixes)-1; i++ {
		v /= 1000
	}
	if math.Abs(v) >= 999.5 {
		return strings.TrimSpace(strconv.FormatFloat(v, 'g', 3, 64) + " " + prefixes[i] + unit)
	}
	return strings.TrimSpace(digits(v) + " " + prefixes[i] + unit)
}

// digits returns a number below 1,000 with three digits, whole numbers without a point.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case v == math.Trunc(v) && a < 1000, a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// value and rate return the columns of a metric; the rate of a gauge is empty.
func (m *metric) value() string { return quantity(m.Value, m.Unit) }

func (m *metric) rate() string {
	switch {
	case !m.Counter:
		return ""
	case m.Rate == nil:
		return "–/s"
	}
	return quantity(*m.Rate, m.Unit) + "/s"
}

// printTable prints a sample whole.
func printTable(w io.Writer, s *sample, _ *history) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", terminal.Clean(s.Source))
	if s.Process != "" {
		fmt.Fprintf(&b, "%s\n", terminal.Clean(s.Process))
	}
	for _, a := range s.Advice {
		fmt.Fprintf(&b, "\n! %s\n  → %s\n", terminal.Clean(a.head()), terminal.Clean(a.Do))
	}
	b.WriteByte('\n')
	width := 0
	for i := range s.Metrics {
		width = max(width, len([]rune(s.Metrics[i].Name)))
	}
	for i := range s.Metrics {
		m := &s.Metrics[i]
		line := fmt.Sprintf("%-*s  %10s  %12s  %s", min(width, 80), terminal.Clean(m.Name), m.value(), m.rate(), terminal.Clean(m.Note))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (a *advice) head() string {
	if a.Subject == "" {
		return a.Text
	}
	return a.Subject + ": " + a.Text
}

// printLine prints the time, the advice and the metrics that moved most, on one line.
func printLine(w io.Writer, s *sample, h *history) error {
	parts := []string{s.At.Local().Format("15:04:05")}
	for _, m := range h.liveliest(s, 6) {
		text := m.rate()
		if !m.Counter {
			text = m.value()
		}
		parts = append(parts, terminal.Clean(m.Name)+"="+strings.ReplaceAll(text, " ", ""))
	}
	for _, a := range s.Advice {
		parts = append(parts, "! "+terminal.Clean(a.head()))
	}
	_, err := io.WriteString(w, strings.Join(parts, "  ")+"\n")
	return err
}
