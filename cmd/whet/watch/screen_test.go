package watch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

func ramp(n int) *sample {
	s := &sample{At: time.Now(), Source: "http://localhost/metrics", Process: "a\x1b[2Jprogram", Advice: []advice{{"/cache", strings.Repeat("long ", 100), "do\n\x07this"}, {"", "b", "c"}, {"", "d", "e"}}}
	for i := range n {
		s.Metrics = append(s.Metrics, metric{Name: fmt.Sprintf("metric_%03d\x1b]0;日本語日本語日本語日本語日本語日本語", i), Value: math.Pow(10, float64(i%40-20)), Counter: i%2 == 0, Rate: new(float64(i)), Note: "p50 1 ms  p99 \x1b7 2 ms"})
	}
	return s
}

// TestScreenFits: whatever the size and the names, the screen has as many lines as the
// terminal, none is wider, and nothing is in it that moves a cursor.
func TestScreenFits(t *testing.T) {
	for _, n := range []int{0, 1, 5, 500} {
		s := newScreen(t.Context(), nil, time.Second, false)
		for range 300 {
			s.take(ramp(n))
		}
		for _, size := range [][2]int{{80, 24}, {200, 60}, {20, 5}, {1, 1}, {0, 0}, {40, 3}, {100, 1}} {
			for _, key := range []string{"", "?", "x", "G", "p", "down", "up", "pgdown", "pgup", "home"} {
				s.key(key)
				s.trouble = errors.New("gone\x1b[H")
				s.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				checkScreen(t, s.text(), s.width, s.height)
			}
		}
	}
}

func checkScreen(t *testing.T, text string, width, height int) {
	t.Helper()
	lines := strings.Split(text, "\n")
	if len(lines) != height {
		t.Fatalf("%d lines on a screen of %d by %d:\n%s", len(lines), width, height, text)
	}
	for _, line := range lines {
		if w := ansi.StringWidth(line); w > width {
			t.Fatalf("a line of %d on a screen of %d by %d: %q", w, width, height, line)
		}
		if strings.ContainsAny(line, "\x1b\x07\r") {
			t.Fatalf("the screen has %q", line)
		}
	}
}

// TestKeys: keys move within bounds, pause, help and leave.
func TestKeys(t *testing.T) {
	s := newScreen(t.Context(), nil, time.Second, false)
	s.take(ramp(100))
	s.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	for _, step := range []struct {
		keys string
		top  int
	}{{"up", 0}, {"down down", 2}, {"G", 100 - s.room()}, {"down", 100 - s.room()}, {"home", 0}, {"pgdown", s.room()}, {"pgup", 0}} {
		for key := range strings.FieldsSeq(step.keys) {
			s.key(key)
		}
		if s.top != step.top {
			t.Errorf("after %s the first is %d, want %d", step.keys, s.top, step.top)
		}
	}
	s.key("p")
	if s.Update(taken{sample: ramp(1)}); len(s.sample.Metrics) != 100 {
		t.Error("a sample was taken while paused")
	}
	s.key("p")
	if s.Update(taken{sample: ramp(1)}); len(s.sample.Metrics) != 1 || s.top != 0 {
		t.Error("no sample was taken after the pause")
	}
	if s.Update(taken{err: errors.New("gone")}); !strings.Contains(s.text(), "! gone; trying again") {
		t.Errorf("the trouble is not told:\n%s", s.text())
	}
	for _, key := range []string{"q", "ctrl+c", "esc"} {
		if cmd := s.key(key); cmd == nil {
			t.Errorf("%s does not leave", key)
		}
	}
	if s.key("?"); !strings.Contains(s.text(), "PgUp") {
		t.Error("no help")
	}
	if s.key("q") == nil {
		t.Error("q does not leave the help")
	}
}

func TestSpark(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		points []float64
		width  int
		want   string
	}{
		{nil, 3, "   "},
		{[]float64{0, 0}, 3, " ▁▁"},
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, 8, "▁▂▃▄▅▆▇█"},
		{[]float64{5, nan, 10}, 4, " ▁ █"},
		{[]float64{100, 101}, 2, "██"}, // what hardly changes looks like it
		{[]float64{-4, 0}, 2, "▁█"},
		{[]float64{-1e308, 1e308}, 2, "▁█"},
		{[]float64{nan}, 1, " "},
	} {
		if got := spark(tt.points, tt.width); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.points, got, tt.want)
		}
	}
}

func TestQuantity(t *testing.T) {
	for _, tt := range []struct {
		v    float64
		unit string
		want string
	}{
		{0, "", "0"}, {12, "", "12"}, {1234, "", "1.23 k"}, {999_999, "", "1 M"}, {0.5, "", "0.5"}, {1e30, "", "1e+12 E"},
		{1500, "bytes", "1.5 kB"}, {0.0021, "seconds", "2.1 ms"}, {3e-9, "seconds", "3 ns"}, {90, "seconds", "90 s"}, {7200, "seconds", "2h0m0s"},
		{0.125, "ratio", "12.5 %"}, {2e6, "nanoseconds", "2 ms"}, {math.NaN(), "bytes", "–"}, {-1500, "", "-1.5 k"}, {0.3, "cpu-seconds", "300 ms"},
	} {
		if got := quantity(tt.v, tt.unit); got != tt.want {
			t.Errorf("%v %s: got %q, want %q", tt.v, tt.unit, got, tt.want)
		}
	}
}

// TestHistory: a metric that was away has gaps, one that stays away is forgotten, and the
// past is bounded.
func TestHistory(t *testing.T) {
	var h history
	add := func(names ...string) {
		s := &sample{}
		for _, n := range names {
			s.Metrics = append(s.Metrics, metric{Name: n, Value: 1})
		}
		h.add(s)
	}
	add("a", "b")
	add("a")
	add("a", "b")
	if got := h.last("b", 9); len(got) != 3 || got[0] != 1 || !math.IsNaN(got[1]) || got[2] != 1 {
		t.Errorf("got %v", got)
	}
	for range 2 * historyLen {
		add("a")
	}
	if h.courses["b"] != nil || len(h.last("a", 1000)) != historyLen {
		t.Errorf("b is still there, or a has %d points", len(h.last("a", 1000)))
	}
	var many []string
	for i := range maxCourses + 100 {
		many = append(many, fmt.Sprint(i))
	}
	if add(many...); len(h.courses) > maxCourses {
		t.Errorf("%d pasts", len(h.courses))
	}
}

// FuzzParse: whatever is answered is read or refused, and can be shown.
func FuzzParse(f *testing.F) {
	f.Add("/metrics", "# TYPE a counter\na{x=\"}\\\"\"} 1e999 1\nb NaN\n")
	f.Add("/debug/vars", `{"memstats":{"NumGC":1},"a":{"b":{"c":1}},"cmdline":[1,null]}`)
	f.Add("/debug/whet/report.json", `{"schema":"whet/monitor/1","metrics":[{"name":":","kind":"timer","value":null,"recent":{"Count":1}}],"advice":[{}]}`)
	f.Add("/debug/pprof/", `/debug/pprof/ goroutine heap`)
	f.Fuzz(func(t *testing.T, path, body string) {
		get := func(context.Context, string) ([]byte, error) { return []byte(body), nil }
		for _, r := range readers {
			if !r.reads(path, []byte(body)) {
				continue
			}
			sample, err := r.parse(t.Context(), []byte(body), get)
			if err != nil {
				continue
			}
			s := newScreen(t.Context(), nil, time.Second, false)
			s.take(sample)
			checkScreen(t, s.text(), 80, 24)
			if err := printTable(discard{}, sample, &s.history); err != nil {
				t.Fatal(err)
			}
			if err := printLine(discard{}, sample, &s.history); err != nil {
				t.Fatal(err)
			}
		}
	})
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
