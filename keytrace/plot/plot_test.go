package plot_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/plot"
	"github.com/whetgo/whet/keytrace/policy"
)

// charted simulates a loop and returns all that is drawn of it.
func charted(t *testing.T, spec string, sizes ...int) (*plot.Chart, *keytrace.Report) {
	t.Helper()
	trace, err := keytrace.Generate(spec)
	if err != nil {
		t.Fatal(err)
	}
	r, err := keytrace.Simulate(context.Background(), trace, policy.Table, sizes, keytrace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	curve, err := keytrace.LRUCurve(context.Background(), trace)
	if err != nil {
		t.Fatal(err)
	}
	return plot.New(r, curve, "sieve"), r
}

func line(t *testing.T, c *plot.Chart, name string) plot.Line {
	t.Helper()
	for _, l := range c.Lines {
		if l.Name == name {
			return l
		}
	}
	t.Fatalf("no line %s", name)
	return plot.Line{}
}

func TestNew(t *testing.T) {
	c, r := charted(t, "loop:n=100,len=10000", 20, 50, 200)
	if got := line(t, c, "opt"); got.Kind != plot.Bound || len(got.Points) != 3 {
		t.Errorf("OPT is %+v", got)
	}
	if got := line(t, c, "sieve"); got.Kind != plot.Own {
		t.Errorf("the own policy is %+v", got)
	}
	lru := line(t, c, "lru")
	if first, last := lru.Points[0], lru.Points[len(lru.Points)-1]; len(lru.Points) < 50 || first.Size != 20 || last.Size != 200 {
		t.Errorf("LRU is drawn at %d sizes from %d to %d, want its curve from 20 to 200", len(lru.Points), first.Size, last.Size)
	}
	for _, p := range lru.Points { // a loop of 100: nothing below 100 entries, all but 100 from there on
		if want := map[bool]float64{false: 0, true: .99}[p.Size >= 100]; p.HitRatio != want {
			t.Errorf("LRU at %d is %v, want %v", p.Size, p.HitRatio, want)
		}
	}
	if got := line(t, plot.New(r, nil, ""), "lru"); len(got.Points) != 3 {
		t.Errorf("without a curve LRU has %d points", len(got.Points))
	}
}

// What is drawn is well-formed, whatever names hold, names every policy at its end, and
// keeps all that it draws on its canvas.
func TestSVG(t *testing.T) {
	for _, sizes := range [][]int{{20, 50, 200}, {50}} {
		c, _ := charted(t, "zipf:n=1000,len=20000", sizes...)
		c.Title = "a<b>&\"c\"\x00\x1b"
		var b bytes.Buffer
		if err := c.SVG(&b); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		dec := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		for _, l := range c.Lines {
			if !strings.Contains(text, ">"+l.Title+"</text>") {
				t.Errorf("no label of %s", l.Title)
			}
		}
		if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") || strings.Contains(text, "url(") || strings.Contains(text, "href") {
			t.Error("a number that is none, or a request")
		}
		ys := regexp.MustCompile(` y="(-|[5-9][3-9]\d|\d{4})`).FindAllString(text, -1)
		if len(ys) > 0 {
			t.Errorf("outside of the canvas: %q", ys)
		}
	}
}

// Labels of lines that end together stand apart, and within the height of the chart.
func TestLabelsDoNotOverlap(t *testing.T) {
	for _, spec := range []string{"scan:len=5000", "loop:n=10,len=5000"} { // all at the bottom, all at the top
		c, _ := charted(t, spec, 20, 100)
		var b bytes.Buffer
		if err := c.SVG(&b); err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]bool)
		n := 0
		for _, m := range regexp.MustCompile(`x="766" y="([^"]+)"`).FindAllStringSubmatch(b.String(), -1) {
			if n++; seen[m[1]] {
				t.Errorf("%s: two labels at y=%s", spec, m[1])
			}
			seen[m[1]] = true
			if y, err := strconv.ParseFloat(m[1], 64); err != nil || y < 60 || y > 470 {
				t.Errorf("%s: a label at y=%s, beside the lines", spec, m[1])
			}
		}
		if n != len(c.Lines) {
			t.Errorf("%s: %d labels of %d lines", spec, n, len(c.Lines))
		}
	}
}

func TestHTML(t *testing.T) {
	c, r := charted(t, "zipf:n=1000,len=20000", 20, 200)
	c.Title = "<script>"
	var b bytes.Buffer
	if err := c.HTML(&b, r, []keytrace.Advice{{Text: "<b>do</b>"}}); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if strings.Contains(text, "<script") || strings.Contains(text, "<b>do") || !strings.Contains(text, "&lt;b&gt;do") {
		t.Error("names become markup")
	}
	if got, want := strings.Count(text, "<tr"), len(policy.Table)+1; got != want {
		t.Errorf("the table has %d rows, want %d", got, want)
	}
	if got := strings.Count(text, `<td class="best">`); got < 2 {
		t.Errorf("%d cells are the best of their size, want one for each at least", got)
	}
	if m := regexp.MustCompile(`(src|href)="[^"]*"|@import|url\(`).FindAllString(text, -1); len(m) != 1 || m[0] != `href="data:,"` {
		t.Errorf("requests: %q", m)
	}
}

func TestText(t *testing.T) {
	c := &plot.Chart{Lines: []plot.Line{{Title: "up", Points: []keytrace.Point{{Size: 1, HitRatio: 0}, {Size: 16, HitRatio: 1}}}}}
	var got []string
	for _, row := range c.Text(25, 5) {
		var b strings.Builder
		for _, cell := range row {
			b.WriteRune(cell.Char)
		}
		got = append(got, strings.TrimRight(b.String(), " "))
	}
	want := []string{
		" 100 %┤               ┄┄┄",
		"      │           ┄┄┄┄",
		"  50 %┤       ┄┄┄┄",
		"      │   ┄┄┄┄",
		"   0 %┤┄┄┄",
		"      └──────────────────",
		"       1               16",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}
