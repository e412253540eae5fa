package plot

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/whetgo/whet/keytrace"
)

//go:embed page.html
var pageSource string

// page escapes by context: no name in a trace can become markup.
var page = template.Must(template.New("page").Parse(pageSource))

// HTML writes the chart as a page, with the table of a report and advice. It needs nothing
// else: no script, no request.
func (c *Chart) HTML(w io.Writer, r *keytrace.Report, advice []keytrace.Advice) error {
	var svg strings.Builder
	if err := c.SVG(&svg); err != nil {
		return err
	}
	p := pageData{Chart: c, SVG: template.HTML(svg.String()), Advice: advice, Warnings: r.Warnings}
	p.table(c, r)
	if err := page.Execute(w, p); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

type pageData struct {
	*Chart
	SVG      template.HTML // escaped by SVG
	Sizes    []string
	Table    []pageRow
	Advice   []keytrace.Advice
	Warnings []string
}

type pageRow struct {
	Title string
	Class string
	Cells []pageCell
}

type pageCell struct {
	Text string
	Best bool // of those that do not know the future
}

func (p *pageData) table(c *Chart, r *keytrace.Report) {
	best := make(map[int]float64)
	var sizes []int
	for _, row := range r.Rows {
		if !slices.Contains(sizes, row.Size) {
			sizes = append(sizes, row.Size)
			p.Sizes = append(p.Sizes, c.size(float64(row.Size)))
		}
		if !row.Offline {
			best[row.Size] = max(best[row.Size], row.HitRatio)
		}
	}
	last := ""
	for _, row := range r.Rows {
		if row.Policy != last {
			last = row.Policy
			i := slices.IndexFunc(c.Lines, func(l Line) bool { return l.Name == row.Policy })
			p.Table = append(p.Table, pageRow{Title: row.Title, Class: []string{"", "bound", "own"}[c.Lines[i].Kind]})
		}
		at := &p.Table[len(p.Table)-1]
		at.Cells = append(at.Cells, pageCell{fmt.Sprintf("%.2f", 100*row.HitRatio), !row.Offline && row.HitRatio == best[row.Size]})
	}
}
