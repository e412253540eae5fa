package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/internal/terminal"
	"github.com/whetgo/whet/profile"
)

// levelWidth is the columns of the longest level with its symbol: "◐ profiled".
const levelWidth = 10

// maxWarnings is how many warnings the first screen shows before it only counts.
const maxWarnings = 6

// Terminal writes the first screen: a header, the best findings, what is missing,
// and what to type next.
func Terminal(w io.Writer, run *archive.Run, o Options) error {
	s := newScreen(o)
	s.header(run, o)
	shown := run.Findings
	if o.Top > 0 && len(shown) > o.Top {
		shown = shown[:o.Top]
	}
	s.findings(shown, o)
	if n := len(run.Findings) - len(shown); n > 0 {
		s.Line(s.Dim(fmt.Sprintf("     and %s that would gain less: --all shows them", counted(n, "finding"))))
	}
	s.warnings(run.Warnings)
	s.next(run, o)
	_, err := s.WriteTo(w)
	return err
}

func (s screen) header(run *archive.Run, o Options) {
	parts := headerParts(run, o)
	if run.Interrupted {
		last := len(parts) - 1
		parts[last] = s.Hue(terminal.Yellow, parts[last])
	}
	s.Wrap(s.Bold("whet: "), strings.Join(parts, " · "))
}

func headerParts(run *archive.Run, o Options) []string {
	parts := []string{findingsCount(len(run.Findings))}
	if o.Known != nil {
		parts = append(parts, strconv.Itoa(len(New(run.Findings, o.Known)))+" new")
	}
	parts = append(parts, workloadsCount(run.Workloads)...)
	parts = append(parts, took(run.Took))
	if n := noise(run); n != "" {
		parts = append(parts, n)
	}
	if run.Interrupted {
		parts = append(parts, "INTERRUPTED: this is a part of the result")
	}
	return parts
}

func findingsCount(n int) string {
	if n == 0 {
		return "no findings"
	}
	return counted(n, "finding")
}

// workloadsCount returns how many workloads of each kind were measured.
func workloadsCount(ws []*analyze.Workload) []string {
	var parts []string
	for _, kind := range []analyze.Kind{analyze.Benchmark, analyze.Test, analyze.Command, analyze.File, analyze.Endpoint} {
		n := 0
		for _, w := range ws {
			if w.Kind == kind {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, counted(n, string(kind)))
		}
	}
	if len(parts) == 0 {
		return []string{"nothing was run"}
	}
	return parts
}

func took(d time.Duration) string {
	if d < 10*time.Second {
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	if d < 2*time.Minute {
		return strconv.Itoa(int(d.Round(time.Second).Seconds())) + " s"
	}
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}

// noise says what the gate found; "" where it was not asked, as for a profile.
func noise(run *archive.Run) string {
	m := run.Machine
	if m.Noise == "" {
		return ""
	}
	text := "noise " + m.Noise
	if m.Noise == "high" {
		text = "noise HIGH"
	}
	if !m.Scaling && m.Reason != "" {
		reason := strings.TrimSuffix(strings.TrimSuffix(terminal.Clean(m.Reason), "scaling is not measurable here"), ": ")
		text += ": scaling not measured here (" + reason + ")"
	}
	return text
}

// findings writes a line for each finding where that leaves room for what to do, and
// what to do below it on a narrower screen.
func (s screen) findings(fs []analyze.Finding, o Options) {
	if len(fs) == 0 {
		return
	}
	s.WriteByte('\n')
	rows := make([]row, len(fs))
	var gains, places, dos int
	for i := range fs {
		rows[i] = newRow(&fs[i], o)
		gains = max(gains, ansi.StringWidth(rows[i].gain))
		places = max(places, ansi.StringWidth(place(rows[i].at)))
		dos = max(dos, ansi.StringWidth(rows[i].do))
	}
	number := len(strconv.Itoa(len(fs)))
	head := number + 2 + gains + 2 + levelWidth + 2
	for i, r := range rows {
		line := fmt.Sprintf("%s  %s  %s  ", s.Bold(fmt.Sprintf("%*d", number, i+1)),
			s.Bold(terminal.Pad(r.gain, gains)), terminal.Pad(s.confidence(r.level), levelWidth))
		if head+places+2+min(dos, enoughDo) <= s.Width() {
			s.Line(line + s.Hue(terminal.Cyan, terminal.Pad(place(r.at), places)) + "  " + r.do + s.Dim(r.tail()))
			continue
		}
		s.below(line, r, strings.Repeat(" ", number+2), s.Width()-head)
	}
}

// enoughDo and minPlace are the columns below which what to do, and the place, get a
// line of their own.
const (
	enoughDo = 60
	minPlace = 24
)

// below writes a finding that does not fit on one line: the head, with the place if
// room is enough for it, then what to do.
func (s screen) below(head string, r row, indent string, room int) {
	if room >= minPlace {
		s.Line(head + s.Hue(terminal.Cyan, fitPlace(r.at, room)))
	} else {
		s.Line(head)
		s.Line(indent + s.Hue(terminal.Cyan, fitPlace(r.at, s.Width()-len(indent))))
	}
	room = s.Width() - len(indent)
	do := ansi.Truncate(r.do, 2*room-10, "…") // of two lines; breaking words costs some
	if tail := r.tail(); ansi.StringWidth(do)+ansi.StringWidth(tail) <= room {
		do += s.Dim(tail)
	}
	s.Wrap(indent, do)
}

// A row is what the first screen says of one finding.
type row struct {
	gain, do, workload string
	at                 analyze.Location
	level              analyze.Level
	fresh              bool // not in the baseline
}

func newRow(f *analyze.Finding, o Options) row {
	do := f.Advice.Do
	if do == "" {
		do = f.Title
	}
	return row{
		gain:     gain(f.Gain),
		at:       f.Where(),
		do:       terminal.Clean(do),
		workload: terminal.Clean(f.Gain.Workload),
		level:    f.Confidence.Level,
		fresh:    o.Known != nil && !o.Known[f.Fingerprint],
	}
}

// tail is what is added where there is room.
func (r row) tail() string {
	text := ""
	if r.workload != "" {
		text = "  · " + r.workload
	}
	if r.fresh {
		text += "  · new"
	}
	return text
}

// place returns a location as editors open it, and its function in short.
func place(l analyze.Location) string { return strings.TrimSpace(position(l) + " " + function(l)) }

func position(l analyze.Location) string {
	if l.Line > 0 {
		return terminal.Clean(l.File) + ":" + strconv.Itoa(l.Line)
	}
	return terminal.Clean(l.File)
}

func function(l analyze.Location) string { return shortFunc(terminal.Clean(l.Func)) }

// fitPlace shortens a place to the width: first its function, then, from the left,
// its path.
func fitPlace(l analyze.Location, width int) string {
	at, fn := position(l), function(l)
	room := width - ansi.StringWidth(at) - 1
	switch {
	case fn == "" || room < 0:
		return cutLeft(at, width)
	case room < min(8, ansi.StringWidth(fn)): // too little of a name to tell anything
		return at
	}
	return at + " " + ansi.Truncate(fn, room, "…")
}

// shortFunc takes the import path from a function's name: the file says it already.
//
//	shortFunc("example.com/a/b.(*T).M") == "(*T).M"
func shortFunc(name string) string {
	word, rest, ok := strings.Cut(name, " ") // "type a/b.T", "var a/b.x"
	if ok {
		return word + " " + shortFunc(rest)
	}
	return profile.Local(name)
}

// cutLeft shortens a path that does not fit from its left: the end says more.
func cutLeft(text string, width int) string {
	if over := ansi.StringWidth(text) - width; over > 0 {
		return ansi.TruncateLeft(text, over+1, "…")
	}
	return text
}

func (s screen) warnings(ws []analyze.Warning) {
	if len(ws) == 0 {
		return
	}
	s.Heading("missing")
	shown := ws
	if len(ws) > maxWarnings {
		shown = ws[:maxWarnings-1]
	}
	for _, w := range shown {
		const most = 400 // bytes of a message: some hold a whole log
		s.Wrap(s.Hue(terminal.Yellow, "  ! "), ansi.Truncate(warning(w), most, "…"))
	}
	if n := len(ws) - len(shown); n > 0 {
		s.Line(s.Dim(fmt.Sprintf("    and %d more: --json prints all on stderr", n)))
	}
}

// warning returns what is missing, and of what, in one line.
func warning(w analyze.Warning) string {
	text := terminal.Clean(w.Text)
	if about := terminal.Clean(w.About); !strings.HasPrefix(text, about) {
		return about + ": " + text
	}
	return text
}

// Warnings writes what is missing, one line each.
func Warnings(w io.Writer, ws []analyze.Warning) error {
	for _, m := range ws {
		if _, err := fmt.Fprintf(w, "whet: missing: %s\n", warning(m)); err != nil {
			return err
		}
	}
	return nil
}

// next writes the commands to type now.
func (s screen) next(run *archive.Run, o Options) {
	type command struct{ line, what string }
	var cs []command
	program := "whet"
	if o.Chdir != "" {
		program += " -C " + shellQuote(terminal.Clean(o.Chdir))
	}
	if len(run.Findings) > 0 {
		f := &run.Findings[0]
		if o.Kept {
			cs = append(cs, command{program + " show 1", "source, evidence, doubts"})
			if f.ID != "" {
				cs = append(cs, command{program + " show " + terminal.Clean(f.ID), "the same, by its lasting name"})
			}
		}
		cs = append(cs, command{again(run.Subject, program, "--json"), "findings as JSON lines"})
		if f.Repro != "" {
			cs = append(cs, command{terminal.Clean(f.Repro), "measure the first one again"})
		}
	}
	if len(cs) == 0 {
		return
	}
	s.Heading("next")
	width := 0
	for _, c := range cs {
		if n := ansi.StringWidth(c.line); n <= s.Width()/2 {
			width = max(width, n)
		}
	}
	for _, c := range cs {
		if n := ansi.StringWidth(c.line); n > width && n+len(c.what)+6 > s.Width() {
			fmt.Fprintf(s, "  %s\n", c.line) // to be copied: never cut
			continue
		}
		s.Line("  " + terminal.Pad(c.line, width) + "  " + s.Dim("# "+c.what))
	}
}

// again returns the command that analyzes the subject again, with the flag added.
func again(sub analyze.Subject, program, flag string) string {
	words := []string{"analyze", flag}
	for _, f := range sub.Flags {
		if tags, ok := strings.CutPrefix(f, "-tags="); ok {
			words = append(words, "--tags", tags)
		}
	}
	if sub.Bench != "" {
		words = append(words, "--bench", sub.Bench)
	}
	if sub.Test != "" {
		words = append(words, "--test", sub.Test)
	}
	switch sub.Mode {
	case "command":
		words = append(words, "--run")
	case "profile":
		for _, f := range sub.Source {
			words = append(words, "--profile", f)
		}
	case "url":
		words = append(words, "--url")
		words = append(words, sub.Source...)
	}
	words = append(words, sub.Patterns...)
	if len(sub.Args) > 0 {
		words = append(append(words, "--"), sub.Args...)
	}
	for i, w := range words {
		words[i] = shellQuote(terminal.Clean(w))
	}
	return program + " " + strings.Join(words, " ")
}

// shellQuote returns a word as a POSIX shell reads it back.
func shellQuote(word string) string {
	if word != "" && strings.IndexFunc(word, special) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func special(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@%+,", r))
}

// New returns the findings whose fingerprints are not known.
func New(fs []analyze.Finding, known map[string]bool) []analyze.Finding {
	var fresh []analyze.Finding
	for _, f := range fs {
		if !known[f.Fingerprint] {
			fresh = append(fresh, f)
		}
	}
	return fresh
}
