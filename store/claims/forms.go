package claims

import (
	"bufio"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"
)

// Text writes a report for the terminal.
func Text(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s\n", measuredOn(r))
	for _, row := range r.Rows {
		fmt.Fprintf(out, "\n%s (%s): %s\n", row.Title, row.ID, row.How)
		for _, f := range row.Figures {
			fmt.Fprintf(out, "  %s  %s\n", pad(f.Subject, 46), text(f))
		}
		for _, c := range row.Checks {
			fmt.Fprintf(out, "  %s  %s: %s\n", pad(string(c.Verdict), 16), c.Claim, c.Found)
		}
	}
	return out.Flush()
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(n-utf8.RuneCountInString(s), 0)) }

func measuredOn(r *Report) string {
	s := fmt.Sprintf("Measured with %s on %s, %d cores, subjects in turn.", r.Go, r.System, r.Cores)
	if r.Quick {
		s += " In a hurry: not to be believed."
	}
	return s
}

// Markdown writes a report as docs/claims.md.
func Markdown(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, head, measuredOn(r), "\n")
	for _, row := range r.Rows {
		fmt.Fprintf(out, "\n## %s\n\n%s.\n\n| subject | figure | interval |\n|---|---:|---|\n", row.Title, cell(capital(row.How)))
		for _, f := range row.Figures {
			interval := ""
			if f.Lo != f.Hi {
				interval = number(f.Lo) + " … " + number(f.Hi)
			}
			fmt.Fprintf(out, "| %s | %s %s | %s |\n", cell(f.Subject), number(f.Value), cell(f.Unit), interval)
		}
		fmt.Fprint(out, "\n| claim | found | verdict |\n|---|---|---|\n")
		for _, c := range row.Checks {
			fmt.Fprintf(out, "| %s | %s | %s |\n", cell(c.Claim), cell(c.Found), c.Verdict)
		}
	}
	return out.Flush()
}

const head = `# What was claimed, measured again

The document that Whet came from expected gains of its singletons, caches and memory layouts; it
had measured none. This is every row of its table on package [store](../store), against the same
store [as a hurried engineer writes it](../store/naive) and [as a competent one does](../store/plain),
and what it should have claimed. The first claim of a row is the document's, where it had one.
Nothing here is typed: ` + "`whet claims --markdown`" + ` prints this document, in some minutes. In a hurry, one row:

` + "```sh\n$ go run ./cmd/whet claims --quick access\n```" + `

A figure is the median of the rounds, with an interval that holds it with 95 % or more. A claim
is held if the whole interval is on its side, and not held if the whole is on the other.

`

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(r)) + s[n:]
}

// A bar is a figure of a plot.
type bar struct {
	Figure
	Text             string
	Y, Width, Lo, Hi float64
}

// Bars lays out the figures of a row as bars, each unit on a scale of its own.
func (r Row) Bars() []bar {
	most := make(map[string]float64)
	for _, f := range r.Figures {
		most[f.Unit] = max(most[f.Unit], f.Hi)
	}
	bars := make([]bar, len(r.Figures))
	for i, f := range r.Figures {
		scale := 0.0
		if most[f.Unit] > 0 {
			scale = 300 / most[f.Unit]
		}
		bars[i] = bar{f, text(f), float64(22 * i), max(f.Value*scale, 0.5), f.Lo * scale, f.Hi * scale}
	}
	return bars
}

// Height returns that of the plot of a row.
func (r Row) Height() int { return 22 * len(r.Figures) }

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"about": measuredOn,
	"add":   func(a, b float64) float64 { return a + b },
	"class": func(v Verdict) string { return strings.ReplaceAll(string(v), " ", "-") },
}).Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>What was claimed, measured again</title>
<style>
body{font:16px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
svg text{font:13px system-ui,sans-serif;fill:#222}
table{border-collapse:collapse}td{padding:.2rem .8rem .2rem 0;vertical-align:top}
.held{color:#176b2c}.not-held{color:#a11a1a;font-weight:bold}.within-the-noise{color:#6a5a00}
</style>
<h1>What was claimed, measured again</h1>
<p>{{about .}}</p>
{{range .Rows}}<h2>{{.Title}}</h2>
<p>{{.How}}</p>
<svg viewBox="0 0 860 {{.Height}}" width="860" height="{{.Height}}" role="img" aria-label="{{.Title}}">
{{range .Bars}}<text x="290" y="{{add .Y 15}}" text-anchor="end">{{.Subject}}</text><rect x="300" y="{{add .Y 4}}" width="{{.Width}}" height="14" fill="#4a7ab5"/><line x1="{{add .Lo 300}}" x2="{{add .Hi 300}}" y1="{{add .Y 11}}" y2="{{add .Y 11}}" stroke="#222" stroke-width="2"/><text x="{{add .Hi 308}}" y="{{add .Y 15}}">{{.Text}}</text>
{{end}}</svg>
<table>{{range .Checks}}<tr><td class="{{class .Verdict}}">{{.Verdict}}<td>{{.Claim}}<td>{{.Found}}
{{end}}</table>
{{end}}</html>
`))

// HTML writes a report as a page with a plot for each row.
func HTML(w io.Writer, r *Report) error { return page.Execute(w, r) }
