package report

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/internal/terminal"
)

// GitHub writes workflow commands that annotate the findings' lines in a pull
// request. Root is the checkout's folder; what lies outside of it has no annotation.
// With a baseline, only new findings have one.
func GitHub(w io.Writer, run *archive.Run, root string, o Options) error {
	fs := run.Findings
	if o.Known != nil {
		fs = New(fs, o.Known)
	}
	if o.Top > 0 && len(fs) > o.Top {
		fs = fs[:o.Top] // GitHub itself shows ten of a step
	}
	var b bytes.Buffer
	for i := range fs {
		annotate(&b, run, &fs[i], root)
	}
	_, err := b.WriteTo(w)
	return err
}

func annotate(b *bytes.Buffer, run *archive.Run, f *analyze.Finding, root string) {
	at := f.Where()
	file, ok := fromRoot(root, run.Subject.Dir, at.File)
	if !ok {
		return
	}
	command := "warning"
	if f.Confidence.Level == analyze.Static {
		command = "notice"
	}
	title := terminal.Clean(f.Rule) + ": " + gain(f.Gain) + ", " + terminal.Clean(string(f.Confidence.Level))
	fmt.Fprintf(b, "::%s file=%s,line=%s,title=%s::%s\n", command, property(file), strconv.Itoa(max(1, at.Line)), property(title), message(said(f)))
}

// said returns what is slow and what to do, as running text.
func said(f *analyze.Finding) string {
	text := strings.TrimSuffix(terminal.Clean(f.Title), ".") + "."
	if do := terminal.Clean(f.Advice.Do); do != "" {
		text += " To do: " + strings.TrimSuffix(do, ".") + "."
	}
	return text
}

// message and property escape as the workflow commands' own toolkit does.
func message(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func property(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}

// fromRoot returns a location's file relative to root, with slashes, and whether it
// lies in there. Relative files are looked up from dir.
func fromRoot(root, dir, file string) (string, bool) {
	if file == "" {
		return "", false
	}
	name := filepath.FromSlash(file)
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	rel, err := filepath.Rel(root, name)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}
