package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/analyze/report"
)

// forms are the forms of the result that other tools read.
type forms struct {
	github      bool
	sarif, html string // files, "" for none
	pprof       string
}

// check refuses files that could not be written, before anything costly is begun.
func (f *forms) check(dir string) error {
	for _, name := range []string{f.sarif, f.html, f.pprof} {
		if name == "" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(in(dir, name))); err != nil || !info.IsDir() {
			return &failure{err: fmt.Errorf("writing %s: there is no such folder", name), hint: "make the folder first", code: exitFailure}
		}
	}
	return nil
}

// write writes what was asked for. Annotations go to stdout, where GitHub reads them.
func (f *forms) write(stdout io.Writer, s *analyze.Session, run *archive.Run, o report.Options) error {
	root := checkout(run.Subject.Dir)
	if f.github {
		if err := report.GitHub(stdout, run, root, o); err != nil {
			return fmt.Errorf("writing to standard output: %w", err)
		}
	}
	if f.sarif != "" {
		err := writeFile(in(run.Subject.Dir, f.sarif), func(w io.Writer) error { return report.SARIF(w, run, root, o) })
		if err != nil {
			return fmt.Errorf("writing the SARIF file: %w", err)
		}
	}
	if f.html != "" {
		err := writeFile(in(run.Subject.Dir, f.html), func(w io.Writer) error { return report.HTML(w, run, o) })
		if err != nil {
			return fmt.Errorf("writing the HTML file: %w", err)
		}
	}
	if f.pprof != "" {
		err := writeFile(in(run.Subject.Dir, f.pprof), func(w io.Writer) error { return report.Avoidable(w, s, run.Findings) })
		if err != nil {
			return fmt.Errorf("writing the profile: %w", err)
		}
	}
	return nil
}

// writeFile writes a file at once, when all that goes into it is at hand.
func writeFile(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o666)
}

// checkout returns the root of the repository around dir, dir itself outside of any:
// what code hosts count paths from.
func checkout(dir string) string {
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, ".git")); err == nil {
			return d
		}
		if filepath.Dir(d) == d {
			return dir
		}
	}
}
