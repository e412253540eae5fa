package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/terminal"
)

// minus is the sign as it is typeset: as wide as a digit, and not a hyphen.
const minus = "−"

// Quantity returns a value in a base unit ("B", "sec/op") as a reader writes it: "1.2 MB".
func Quantity(v float64, unit string) string { return quantity(v, unit) }

// quantity returns a value in a base unit as a reader writes it: "1.2 ms/op".
func quantity(v float64, unit string) string {
	base, per, _ := strings.Cut(terminal.Clean(unit), "/")
	if per != "" {
		per = "/" + per
	}
	sign := ""
	if v < 0 {
		sign, v = minus, -v
	}
	switch base {
	case "sec", "s":
		return sign + scaled(v, []scale{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}}) + per
	case "B":
		return sign + scaled(v, []scale{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}}) + per
	case "1", "":
		return sign + figure(v)
	}
	return sign + figure(v) + " " + base + per
}

type scale struct {
	size float64
	name string
}

// scaled picks the largest scale that v is not below, the last one if there is none.
func scaled(v float64, scales []scale) string {
	if v == 0 {
		return "0 " + scales[0].name
	}
	sc := scales[len(scales)-1]
	for _, c := range scales {
		if v >= c.size*0.9995 { // 0.9996 ms is printed as 1 ms
			sc = c
			break
		}
	}
	return figure(v/sc.size) + " " + sc.name
}

// figure returns three significant digits, all digits of a greater whole number.
func figure(v float64) string {
	if math.Abs(v) >= 100 {
		return strconv.FormatFloat(math.Round(v), 'f', -1, 64)
	}
	return strconv.FormatFloat(precise(v), 'f', -1, 64)
}

func precise(v float64) float64 {
	p, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return v
	}
	return p
}

// absolute reports whether a gain in the metric is told as an amount: what happens
// once, not with every operation.
func absolute(g analyze.Gain) bool {
	return g.Base > 0 && !strings.Contains(g.Metric, "/")
}

// gain returns what mending would save, as a range, without the workload:
// "−62 … −91 % sec/op", "−3.1 ms", "−98.3 % [−99, −97] sec/op" once measured.
func gain(g analyze.Gain) string {
	g.Metric = terminal.Clean(g.Metric)
	if m := g.Measured; m != nil {
		return fmt.Sprintf("%s %% [%s, %s] %s", percent1(m.Delta), percent(m.CI[0]), percent(m.CI[1]), g.Metric)
	}
	lo, hi := g.Predicted[0], g.Predicted[1]
	if lo == 0 && hi == 0 {
		return "not predicted"
	}
	if absolute(g) {
		a, b := quantity(lo*g.Base, g.Metric), quantity(hi*g.Base, g.Metric)
		if a == b {
			return a
		}
		if num, unit, ok := strings.Cut(a, " "); ok && strings.HasSuffix(b, " "+unit) {
			a = num // one unit says it for both
		}
		return a + " … " + b
	}
	if a, b := percent(lo), percent(hi); a != b {
		return a + " … " + b + " % " + g.Metric
	}
	return percent(hi) + " % " + g.Metric
}

// percent returns a relative change in whole percent; in tenths what is below one, and
// what is not yet a hundred.
func percent(v float64) string {
	p := 100 * v
	if r := math.Round(p); r != 0 && (r > -100 || p <= -100) {
		return signed(r)
	}
	return signed(math.Trunc(10*p) / 10)
}

// percent1 returns a relative change in percent with one decimal.
func percent1(v float64) string { return signed(math.Round(1000*v) / 10) }

func signed(p float64) string {
	text := strconv.FormatFloat(math.Abs(p), 'f', -1, 64)
	switch {
	case p < 0:
		return minus + text
	case p > 0:
		return "+" + text
	}
	return text
}

// share returns a fraction as whole percent, "" for none.
func share(v float64) string {
	if v <= 0 {
		return ""
	}
	if v < 0.01 {
		return "<1 %"
	}
	return strconv.FormatFloat(math.Round(100*v), 'f', -1, 64) + " %"
}

// counted returns "1 test", "2 tests".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
