package plot

import (
	"math"

	"github.com/whetgo/whet/keytrace"
)

// A Kind says what a line stands for.
type Kind int

const (
	Policy Kind = iota // a policy that could be used
	Bound              // one that knows the future
	Own                // the one that the reader is to compare with
)

// A Line is the hit ratios of one policy.
type Line struct {
	Name, Title string
	Kind        Kind
	Points      []keytrace.Point // by rising size, at least one
}

// A Chart is the hit ratios of policies by size. It is drawn as it is; methods do not
// change it.
type Chart struct {
	Title, Note string
	Unit        string // of sizes: "entries" or "bytes"
	Unique      float64
	Lines       []Line
}

// curvePoints is how many points of an exact curve are drawn: one each few pixels.
const curvePoints = 160

// New returns the chart of a report. The policy of the name own is the reader's. If lru is
// not nil, it is drawn in place of the points of the policy "lru", at all sizes between.
func New(r *keytrace.Report, lru *keytrace.Curve, own string) *Chart {
	c := &Chart{Unit: "entries", Unique: float64(r.Trace.Unique)}
	if r.Trace.Bytes {
		c.Unit, c.Unique = "bytes", 0
	}
	at := make(map[string]int)
	for _, row := range r.Rows {
		i, ok := at[row.Policy]
		if !ok {
			i = len(c.Lines)
			at[row.Policy] = i
			c.Lines = append(c.Lines, Line{Name: row.Policy, Title: row.Title, Kind: kind(row, own)})
		}
		c.Lines[i].Points = append(c.Lines[i].Points, keytrace.Point{Size: row.Size, HitRatio: row.HitRatio})
	}
	if i, ok := at["lru"]; ok && lru != nil {
		ps := c.Lines[i].Points
		c.Lines[i].Points = lru.Points(between(ps[0].Size, ps[len(ps)-1].Size))
	}
	return c
}

func kind(row keytrace.Row, own string) Kind {
	switch {
	case row.Offline:
		return Bound
	case row.Policy == own:
		return Own
	}
	return Policy
}

// between returns sizes from one to another, evenly spaced on a logarithmic scale.
func between(from, to int) []int {
	if from >= to {
		return []int{from}
	}
	sizes := []int{from}
	for i := 1; i <= curvePoints; i++ {
		n := int(math.Round(float64(from) * math.Pow(float64(to)/float64(from), float64(i)/curvePoints)))
		if n > sizes[len(sizes)-1] {
			sizes = append(sizes, n)
		}
	}
	return sizes
}

// ratioAt returns a line's height at a size, between its points on the logarithmic scale.
// Outside of them it is that of the nearest.
func (l Line) ratioAt(size float64) float64 {
	ps := l.Points
	if size <= float64(ps[0].Size) {
		return ps[0].HitRatio
	}
	for i := 1; i < len(ps); i++ {
		a, b := ps[i-1], ps[i]
		if size <= float64(b.Size) {
			part := math.Log(size/float64(a.Size)) / math.Log(float64(b.Size)/float64(a.Size))
			return a.HitRatio + part*(b.HitRatio-a.HitRatio)
		}
	}
	return ps[len(ps)-1].HitRatio
}

// span returns the smallest and the largest size.
func (c *Chart) span() (from, to float64) {
	from, to = math.Inf(1), 0
	for _, l := range c.Lines {
		from = min(from, float64(l.Points[0].Size))
		to = max(to, float64(l.Points[len(l.Points)-1].Size))
	}
	return from, to
}

// top returns where the scale of hit ratios ends, and its step: the next round number above
// all lines.
func (c *Chart) top() (top, step float64) {
	most := 0.0
	for _, l := range c.Lines {
		for _, p := range l.Points {
			most = max(most, p.HitRatio)
		}
	}
	for _, step := range []float64{.001, .002, .005, .01, .02, .05, .1} {
		if n := math.Ceil(most/step - 1e-9); n <= 6 {
			return max(1, n) * step, step
		}
	}
	return min(1, math.Ceil(most*5-1e-9)/5), .2
}
