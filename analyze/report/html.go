package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/internal/terminal"
)

//go:embed page.html
var pageSource string

// page escapes by context: nothing that the analyzed program is called or prints can
// become markup.
var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"clean":   terminal.Clean,
	"gain":    gain,
	"bar":     gainBar,
	"share":   share,
	"percent": func(v float64) string { return strconv.FormatFloat(100*min(1, max(0, v)), 'f', 1, 64) },
	"amount":  quantity,
	"bytes":   func(n int64) string { return quantity(float64(n), "B") },
	"symbol":  symbol,
	"place":   place,
	"warning": warning,
	"number":  func(i int) int { return i + 1 },
	"code":    codeLines,
}).Parse(pageSource))

// HTML writes the run as one page that needs nothing else: no script, no request. It
// is readable on a phone, in print, and by day and by night.
func HTML(w io.Writer, run *archive.Run, o Options) error {
	p := pageData{Run: run, Header: strings.Join(headerParts(run, o), " · "), Again: again(run.Subject, "whet", "--html report.html")}
	for i := range run.Findings {
		f := &run.Findings[i]
		c := pageFinding{Finding: f, New: o.Known != nil && !o.Known[f.Fingerprint]}
		for _, e := range excerpts(run.Subject.Dir, f.Locations, run.Started) {
			c.Source = append(c.Source, pageSourceOf(e))
		}
		p.Findings = append(p.Findings, c)
	}
	if err := page.Execute(w, p); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

type pageData struct {
	Run      *archive.Run
	Header   string
	Again    string
	Findings []pageFinding
}

type pageFinding struct {
	*analyze.Finding
	New    bool
	Source []pageExcerpt
}

type pageExcerpt struct {
	File, Missing string
	Changed       bool
	Lines         []pageLine
}

type pageLine struct {
	Number int
	Text   string
	Notes  []string
	Gap    bool // lines before it are left out
}

func pageSourceOf(e excerpt) pageExcerpt {
	x := pageExcerpt{File: terminal.Clean(e.file), Missing: e.missing, Changed: e.changed}
	last := 0
	for _, l := range e.lines {
		pl := pageLine{Number: l.number, Text: terminal.CleanLine(l.text), Gap: last > 0 && l.number > last+1}
		for _, at := range e.at {
			if at.Line == l.number {
				pl.Notes = append(pl.Notes, noteOf(at))
			}
		}
		x.Lines = append(x.Lines, pl)
		last = l.number
	}
	return x
}

// A rangeBar is a gain drawn: from the left what is saved for sure, then what may be.
type rangeBar struct{ Sure, Maybe float64 } // percent

func gainBar(g analyze.Gain) rangeBar {
	lo, hi := -g.Predicted[0], -g.Predicted[1]
	if g.Measured != nil {
		lo, hi = -g.Measured.CI[1], -g.Measured.CI[0]
	}
	lo, hi = min(lo, hi), max(lo, hi)
	sure := 100 * min(1, max(0, lo))
	return rangeBar{sure, max(0, 100*min(1, max(0, hi))-sure)}
}

func codeLines(snippet string) string {
	var b strings.Builder
	for l := range strings.Lines(strings.Trim(snippet, "\n")) {
		b.WriteString(strings.TrimRight(terminal.CleanLine(l), " ") + "\n")
	}
	return b.String()
}
