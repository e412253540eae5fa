package cache

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/plot"
)

// tell prints the answer in the form asked for.
func (s *simulation) tell(ans *answer) error {
	switch {
	case s.json:
		return writeJSON(s.Stdout, ans)
	case s.csv:
		return writeCSV(s.Stdout, ans.report.Rows)
	}
	return newScreen(s.Options()).show(s.Stdout, ans)
}

// A Result is what --json prints, schema whet/cache/1.
type Result struct {
	Schema     string            `json:"schema"`
	About      About             `json:"about"`
	Simulated  keytrace.Summary  `json:"simulated"`
	Rows       []keytrace.Row    `json:"rows"`
	LRU        []keytrace.Point  `json:"lru,omitempty"`        // the exact curve at powers of two
	ForTargets []keytrace.Point  `json:"forTargets,omitempty"` // the size an LRU needs for 10, 20 … 90 %
	Advice     []keytrace.Advice `json:"advice"`
	Warnings   []string          `json:"warnings,omitempty"`
}

func writeJSON(w io.Writer, ans *answer) error {
	j := Result{Schema: "whet/cache/1", About: ans.about, Simulated: ans.report.Trace, Rows: ans.report.Rows, Advice: ans.advice, Warnings: ans.report.Warnings}
	if c := ans.curve; c != nil {
		var sizes []int
		for n := 1; n <= 2*c.Unique; n *= 2 {
			sizes = append(sizes, min(n, c.Unique))
		}
		j.LRU = c.Points(sizes)
		for i := 1; i < 10; i++ {
			if n, ok := c.SizeFor(float64(i) / 10); ok {
				j.ForTargets = append(j.ForTargets, keytrace.Point{Size: n, HitRatio: c.HitRatioAt(n)})
			}
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(j)
}

func writeCSV(w io.Writer, rows []keytrace.Row) error {
	c := csv.NewWriter(w)
	c.Write([]string{"policy", "title", "offline", "size", "requests", "hits", "hit_ratio", "byte_hit_ratio"}) // Flush has the error
	for _, r := range rows {
		c.Write([]string{r.Policy, r.Title, strconv.FormatBool(r.Offline), strconv.Itoa(r.Size), strconv.Itoa(r.Requests),
			strconv.Itoa(r.Hits), strconv.FormatFloat(r.HitRatio, 'g', 6, 64), strconv.FormatFloat(r.ByteHitRatio, 'g', 6, 64)})
	}
	c.Flush()
	return c.Error()
}

// draw writes the plot, if one was asked for.
func (s *simulation) draw(dir string, ans *answer) error {
	if s.plot == "" {
		return nil
	}
	c := plot.New(ans.report, ans.curve, own.Name)
	c.Title = "Hit ratio by cache size: " + ans.about.Name
	c.Note = strings.Join(ans.about.facts(), " · ")
	err := shell.WriteFile(shell.In(dir, s.plot), func(w io.Writer) error {
		if strings.EqualFold(filepath.Ext(s.plot), ".svg") {
			return c.SVG(w)
		}
		return c.HTML(w, ans.report, ans.advice)
	})
	if err != nil {
		return fmt.Errorf("writing the plot: %w", err)
	}
	return nil
}
