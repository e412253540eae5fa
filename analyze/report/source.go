package report

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/terminal"
)

const (
	context   = 3       // lines of source around a location
	maxSource = 8 << 20 // bytes of a source file that are read
)

// An excerpt is some lines of one source file, with the locations that lie in it.
type excerpt struct {
	file  string
	lines []sourceLine
	// changed is set if the file is younger than the run: lines may have moved.
	changed bool
	missing string // why there are no lines, "" if there are
	at      []analyze.Location
}

type sourceLine struct {
	number int
	text   string
}

// excerpts reads the source around the locations, a file once, in the order in which
// the files are first named. Files are looked up from dir.
func excerpts(dir string, locations []analyze.Location, run time.Time) []excerpt {
	var es []excerpt
	for _, l := range locations {
		if l.File == "" {
			continue
		}
		i := slices.IndexFunc(es, func(e excerpt) bool { return e.file == l.File })
		if i < 0 {
			i = len(es)
			es = append(es, excerpt{file: l.File})
		}
		es[i].at = append(es[i].at, l)
	}
	for i := range es {
		es[i].read(dir, run)
	}
	return es
}

func (e *excerpt) read(dir string, run time.Time) {
	name := filepath.FromSlash(e.file)
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		e.missing = "the source is not at hand"
		return
	}
	e.changed = info.ModTime().After(run)
	f, err := os.Open(name)
	if err != nil {
		e.missing = "the source cannot be read"
		return
	}
	defer f.Close()
	e.scan(f)
	if len(e.lines) == 0 {
		e.missing = "the source has no such line any more"
	}
}

func (e *excerpt) scan(f io.Reader) {
	sc := bufio.NewScanner(io.LimitReader(f, maxSource))
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		if e.near(n) {
			e.lines = append(e.lines, sourceLine{n, sc.Text()})
		}
	}
}

func (e *excerpt) near(line int) bool {
	return slices.ContainsFunc(e.at, func(l analyze.Location) bool {
		return l.Line > 0 && line >= l.Line-context && line <= l.Line+context
	})
}

// source writes an excerpt with a gutter: line numbers, and marks where the finding's
// locations are.
func (s screen) source(e excerpt) {
	title := terminal.Clean(e.file)
	if e.changed {
		title += s.Hue(terminal.Yellow, "  (changed since the run: lines may have moved)")
	}
	fmt.Fprintf(s, "\n  %s\n", s.Hue(terminal.Cyan, title))
	if e.missing != "" {
		for _, l := range e.at {
			s.Wrap("    ", noteOf(l)+" at line "+strconv.Itoa(l.Line)+": "+e.missing)
		}
		return
	}
	width := len(strconv.Itoa(e.lines[len(e.lines)-1].number))
	last := 0
	for _, l := range e.lines {
		if last > 0 && l.number > last+1 {
			s.Line(s.Dim(fmt.Sprintf("    %*s ┆", width, "")))
		}
		last = l.number
		s.sourceLine(l, e.at, width)
	}
}

func (s screen) sourceLine(l sourceLine, at []analyze.Location, width int) {
	var notes []string
	for _, loc := range at {
		if loc.Line == l.number {
			notes = append(notes, noteOf(loc))
		}
	}
	number := fmt.Sprintf("%*d", width, l.number)
	text := terminal.CleanLine(l.text)
	if len(notes) == 0 {
		s.Line(s.Dim("    "+number+" │ ") + text)
		return
	}
	s.Line(s.Hue(terminal.Red, "  ▶ ") + s.Bold(number) + s.Dim(" │ ") + s.Bold(text))
	indent := len(text) - len(strings.TrimLeft(text, " "))
	indent = min(indent, s.Width()/2)
	s.Wrap(s.Dim(fmt.Sprintf("    %*s │ ", width, ""))+strings.Repeat(" ", indent)+s.Hue(terminal.Red, "└ "),
		s.Hue(terminal.Red, ansi.Strip(strings.Join(notes, "; "))))
}

// noteOf says what a location is to the finding.
func noteOf(l analyze.Location) string {
	what := "here"
	switch l.Role {
	case analyze.Cause:
		what = "the cause"
	case analyze.Holder:
		what = "held here"
	case analyze.Waiter:
		what = "waits here"
	case analyze.Caller:
		what = "called here"
	}
	if l.Note != "" {
		return what + ": " + terminal.Clean(l.Note)
	}
	if l.Func != "" {
		return what + ", in " + shortFunc(terminal.Clean(l.Func))
	}
	return what
}
