package cache

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/whetgo/whet/keytrace"
)

// A size of a cache, as it was asked for.
type size struct {
	n       float64
	percent bool // of the distinct keys
}

// maxSizes bounds the work that a typing error can ask for.
const maxSizes = 200

// units are factors of bytes; longer suffixes stand first.
var units = []struct {
	suffix string
	factor float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12}, {"b", 1},
}

// parseBytes reads a number with a unit of bytes; ok is false without one.
func parseBytes(text string) (n float64, ok bool, err error) {
	lower := strings.ToLower(text)
	for _, u := range units {
		if number, ok := strings.CutSuffix(lower, u.suffix); ok {
			n, err := parseNumber(strings.TrimSpace(number))
			return n * u.factor, true, err
		}
	}
	return 0, false, nil
}

func parseNumber(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n <= 0 || n > 1<<53 {
		return 0, fmt.Errorf("%q is no number above 0", text)
	}
	return n, nil
}

// parseSizes reads a list of sizes, all of entries and percent or all of bytes.
func parseSizes(list string) (sizes []size, bytes bool, err error) {
	if list == "" {
		return nil, false, nil
	}
	plain := 0
	for text := range strings.SplitSeq(list, ",") {
		text = strings.TrimSpace(text)
		s := size{}
		var unit bool
		if s.n, unit, err = parseBytes(text); unit {
			bytes = true
		} else if number, percent := strings.CutSuffix(text, "%"); percent {
			s.percent = true
			s.n, err = parseNumber(strings.TrimSpace(number))
			if err == nil && s.n > 100 {
				err = fmt.Errorf("%q is more than all keys", text)
			}
		} else if s.n, err = parseNumber(text); err == nil && s.n != math.Trunc(s.n) {
			err = fmt.Errorf("%q is no whole number of entries", text)
		}
		if err != nil {
			return nil, false, err
		}
		if !unit {
			plain++
		}
		sizes = append(sizes, s)
	}
	switch {
	case bytes && plain > 0:
		return nil, false, errors.New("entries and bytes are mixed")
	case len(sizes) > maxSizes:
		return nil, false, fmt.Errorf("%d sizes, the most is %d", len(sizes), maxSizes)
	}
	return sizes, bytes, nil
}

// entries returns the sizes to simulate, in rising order. Those beyond the whole trace are
// all alike and become one.
func (q question) entries(t *keytrace.Trace) (sizes []int, warnings []string) {
	if len(q.sizes) == 0 {
		return keytrace.Sizes(t), nil
	}
	unique := float64(t.Unique())
	if t.Rate > 0 {
		unique /= t.Rate
	}
	most, what := max(1, math.Round(unique)), "keys"
	if q.bytes {
		most, what = footprint(t), "bytes"
	}
	over := false
	for _, s := range q.sizes {
		n := s.n
		if s.percent {
			n = unique * s.n / 100
		}
		over = over || n > most
		sizes = append(sizes, int(min(most, max(1, math.Round(n)))))
	}
	if over {
		warnings = append(warnings, fmt.Sprintf("sizes above %.0f are shown as that: the trace has no more %s", most, what))
	}
	slices.Sort(sizes)
	return slices.Compact(sizes), warnings
}

// footprint returns the bytes of all keys at their largest.
func footprint(t *keytrace.Trace) float64 {
	sum := 0.0
	for _, n := range t.Workload(true).Sizes {
		sum += float64(max(1, n))
	}
	if t.Rate > 0 {
		sum /= t.Rate
	}
	return max(1, sum)
}

// parseRatio reads a hit ratio, 80% or 0.8; "" is 0.
func parseRatio(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	x, err := parseNumber(strings.TrimSpace(number))
	if percent {
		x /= 100
	}
	if err != nil || x >= 1 {
		return 0, fmt.Errorf("%q is no hit ratio: want one such as 80%% or 0.8", text)
	}
	return x, nil
}

// parseEntry reads the bytes of an entry; "" is 0.
func parseEntry(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	n, unit, err := parseBytes(text)
	if !unit {
		n, err = parseNumber(text)
	}
	return n, err
}
