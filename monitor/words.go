package monitor

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"
)

// Texts of advice say figures as a person would.

func percent(ratio float64) string { return trimZero(fmt.Sprintf("%.1f", 100*ratio)) + " %" }

func trimZero(s string) string { return strings.TrimSuffix(s, ".0") }

// count is a number of things, with its thousands apart.
func count(n float64) string {
	switch {
	case n != math.Trunc(n) && math.Abs(n) < 10:
		return fmt.Sprintf("%.2g", n)
	case math.Abs(n) >= 1e15:
		return fmt.Sprintf("%.3g", n)
	}
	digits := fmt.Sprintf("%.0f", math.Abs(n))
	var b strings.Builder
	if n < 0 {
		b.WriteByte('-')
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// bytesText is an amount of memory.
func bytesText(n float64) string {
	for _, u := range []string{"B", "kB", "MB", "GB"} {
		if math.Abs(n) < 1000 {
			return fmt.Sprintf("%.3g %s", n, u)
		}
		n /= 1000
	}
	return fmt.Sprintf("%.3g TB", n)
}

// roundSeconds is a time of some seconds or more.
func roundSeconds(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return trimZero(fmt.Sprintf("%.1f", d.Minutes())) + " min"
	}
	return trimZero(fmt.Sprintf("%.1f", d.Hours())) + " h"
}

// shortTime is a time of any length, to three digits.
func shortTime(s float64) string {
	for _, u := range []string{"s", "ms", "µs"} {
		if s >= 1 {
			return fmt.Sprintf("%.3g %s", s, u)
		}
		s *= 1000
	}
	return fmt.Sprintf("%.3g ns", s)
}

func baseName(path string) string { return filepath.Base(path) }
