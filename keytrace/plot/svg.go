package plot

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// The canvas, in its own units.
const (
	canvasWidth  = 900
	canvasHeight = 520
	left         = 56
	right        = 740 // labels stand to the right of it
	upper        = 64
	lower        = 460
	labelHeight  = 15
)

// hues are the colours of policies: by light, by dark. They were chosen to differ for those
// who do not see red and green apart, too; labels say the rest.
var hues = [][2]string{
	{"#0072b2", "#56b4e9"}, {"#b35900", "#e69f00"}, {"#7a3e9d", "#c39be0"}, {"#008061", "#2fc79b"},
	{"#a3195b", "#f07fb5"}, {"#6b6b00", "#cfc64a"}, {"#4a4a9c", "#9a9af0"}, {"#00788a", "#4dd0e1"},
	{"#8a4b2a", "#d9a07c"}, {"#556b2f", "#a9c77f"}, {"#5a5a5a", "#b0b0b0"}, {"#2f4f6f", "#8fb3d9"},
}

// A theme is the colours of everything but the policies.
type theme struct{ ink, faint, page, grid, own string }

var (
	light = theme{"#1b1f24", "#59636e", "#ffffff", "#d1d9e0", "#c2002f"}
	dark  = theme{"#e6e9ec", "#9aa4af", "#101418", "#323b45", "#ff6b81"}
)

// shapes is what does not depend on the theme. There are no custom properties: programs
// other than browsers do not know them.
const shapes = `.kt text{font:12px system-ui,sans-serif}.kt .kh{font-size:16px;font-weight:600}.kt .kv{font-weight:600}
.kt path{fill:none;stroke-width:1.6;stroke-linejoin:round}.kt .kg{stroke-width:1}.kt .kb{stroke-dasharray:5 4}.kt .kd{stroke-dasharray:1.5 3.5}
.kt .kx{opacity:.35;stroke:none}.kt .kw{stroke-width:3}.kt .kc path{stroke-width:1;opacity:.6}
`

func (t theme) rules(hue int) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".kt text,.kt circle{fill:%[1]s}.kt .kb{stroke:%[1]s}.kt .kn{fill:%[2]s}.kt .kp{fill:%[3]s}.kt .kg{stroke:%[4]s}.kt .kx{fill:%[4]s}.kt .kw{stroke:%[5]s}.kt .kv{fill:%[5]s}",
		t.ink, t.faint, t.page, t.grid, t.own)
	for i, h := range hues {
		fmt.Fprintf(&b, ".kt .s%d{stroke:%s}.kt .f%d{fill:%s}", i, h[hue], i, h[hue])
	}
	return b.String()
}

// SVG writes the chart as an SVG file.
func (c *Chart) SVG(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="kt" viewBox="0 0 %d %d" role="img" aria-label="%s">`+"\n", canvasWidth, canvasHeight, escape(c.Title))
	b.WriteString("<style>" + style() + "</style>\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" class="kp"/>`+"\n", canvasWidth, canvasHeight)
	fmt.Fprintf(&b, `<text class="kh" x="%d" y="24">%s</text><text class="kn" x="%d" y="44">%s</text>`+"\n", left, escape(c.Title), left, escape(c.Note))
	d := newDrawing(c)
	d.scales(&b)
	d.beyond(&b)
	for _, i := range d.order() {
		d.line(&b, i)
	}
	d.labels(&b)
	b.WriteString("</svg>\n")
	_, err := b.WriteTo(w)
	return err
}

func style() string {
	return shapes + light.rules(0) + "\n@media (prefers-color-scheme:dark){" + dark.rules(1) + "}"
}

// A drawing is a chart on its canvas.
type drawing struct {
	*Chart
	from, to, top, step float64
}

func newDrawing(c *Chart) *drawing {
	d := &drawing{Chart: c}
	d.from, d.to = c.span()
	d.top, d.step = c.top()
	return d
}

func (d *drawing) x(size float64) float64 {
	if d.from >= d.to {
		return (left + right) / 2
	}
	return left + (right-left)*math.Log(size/d.from)/math.Log(d.to/d.from)
}

func (d *drawing) y(ratio float64) float64 { return lower - (lower-upper)*ratio/d.top }

func (d *drawing) scales(b *bytes.Buffer) {
	for i := 0; float64(i)*d.step <= d.top+1e-9; i++ {
		r := float64(i) * d.step
		fmt.Fprintf(b, `<path class="kg" d="M%d %.1fH%d"/><text class="kn" x="%d" y="%.1f" text-anchor="end">%.4g %%</text>`+"\n",
			left, d.y(r), right, left-6, d.y(r)+4, 100*r)
	}
	last := math.Inf(-1)
	for _, size := range d.ticks() {
		x := d.x(size)
		fmt.Fprintf(b, `<path class="kg" d="M%.1f %dv5"/>`, x, lower)
		if x-last < 48 {
			continue
		}
		last = x
		fmt.Fprintf(b, `<text class="kn" x="%.1f" y="%d" text-anchor="middle">%s</text>`, x, lower+20, d.size(size))
		if d.Unique > 0 {
			fmt.Fprintf(b, `<text class="kn" x="%.1f" y="%d" text-anchor="middle">%.2g %%</text>`, x, lower+35, 100*size/d.Unique)
		}
		b.WriteByte('\n')
	}
	what := "cache size in " + d.Unit
	if d.Unique > 0 {
		what += ", and in % of the distinct keys"
	}
	fmt.Fprintf(b, `<text class="kn" x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", (left+right)/2, lower+54, what)
}

// ticks returns the sizes that were simulated: those of the line with the fewest points.
func (d *drawing) ticks() []float64 {
	fewest := slices.MinFunc(d.Lines, func(a, b Line) int { return cmp.Compare(len(a.Points), len(b.Points)) })
	var sizes []float64
	for _, p := range fewest.Points {
		sizes = append(sizes, float64(p.Size))
	}
	return sizes
}

// beyond shades what lies above the highest bound.
func (d *drawing) beyond(b *bytes.Buffer) {
	for _, l := range d.Lines {
		if l.Name != "opt" {
			continue
		}
		fmt.Fprintf(b, `<path class="kx" d="%sL%.1f %dL%.1f %dZ"/>`+"\n", d.path(l), d.x(float64(l.Points[len(l.Points)-1].Size)), upper, d.x(float64(l.Points[0].Size)), upper)
	}
}

// order returns the lines in the order of drawing: the reader's own above all.
func (d *drawing) order() []int {
	var is []int
	for _, k := range []Kind{Policy, Bound, Own} {
		for i, l := range d.Lines {
			if l.Kind == k {
				is = append(is, i)
			}
		}
	}
	return is
}

func (d *drawing) path(l Line) string {
	var p strings.Builder
	for i, pt := range l.Points {
		op := 'L'
		if i == 0 {
			op = 'M'
		}
		fmt.Fprintf(&p, "%c%.1f %.1f", op, d.x(float64(pt.Size)), d.y(pt.HitRatio))
	}
	return p.String()
}

// paint returns the attributes of a line and of its label.
func (d *drawing) paint(i int) (line, label string) {
	switch l := d.Lines[i]; {
	case l.Kind == Own:
		return `class="kw"`, `class="kv"`
	case l.Kind == Bound:
		if l.Name != "opt" {
			return `class="kb kd"`, `class="kn"`
		}
		return `class="kb"`, `class="ki"`
	default:
		return fmt.Sprintf(`class="s%d"`, i%len(hues)), fmt.Sprintf(`class="f%d"`, i%len(hues))
	}
}

func (d *drawing) line(b *bytes.Buffer, i int) {
	l := d.Lines[i]
	line, label := d.paint(i)
	fmt.Fprintf(b, `<g><title>%s</title><path %s d="%s"/>`, escape(l.Title), line, d.path(l))
	if len(l.Points) < 40 { // not a curve that was drawn at every size
		for _, p := range l.Points {
			fmt.Fprintf(b, `<circle %s cx="%.1f" cy="%.1f" r="2.5"><title>%s: %.2f %% at %s</title></circle>`,
				label, d.x(float64(p.Size)), d.y(p.HitRatio), escape(l.Title), 100*p.HitRatio, d.size(float64(p.Size)))
		}
	}
	b.WriteString("</g>\n")
}

// labels writes the names at the lines' ends, moved apart where they would overlap.
func (d *drawing) labels(b *bytes.Buffer) {
	type label struct {
		i       int
		end, at float64
	}
	var ls []label
	for i, l := range d.Lines {
		y := d.y(l.Points[len(l.Points)-1].HitRatio)
		ls = append(ls, label{i, y, y})
	}
	slices.SortStableFunc(ls, func(a, b label) int { return cmp.Compare(a.end, b.end) })
	for i := range ls {
		if i > 0 {
			ls[i].at = max(ls[i].at, ls[i-1].at+labelHeight)
		}
	}
	floor := float64(lower + 4)
	for i := len(ls) - 1; i >= 0; i-- {
		ls[i].at = min(ls[i].at, floor)
		floor = ls[i].at - labelHeight
	}
	for _, l := range ls {
		line := d.Lines[l.i]
		x := d.x(float64(line.Points[len(line.Points)-1].Size))
		stroke, fill := d.paint(l.i)
		fmt.Fprintf(b, `<g class="kc"><path %s d="M%.1f %.1fL%d %.1f"/></g><text %s x="%d" y="%.1f">%s</text>`+"\n",
			stroke, x+3, l.end, right+22, l.at, fill, right+26, l.at+4, escape(line.Title))
	}
}

// escape makes text safe inside XML; what XML cannot hold is replaced.
func escape(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}
