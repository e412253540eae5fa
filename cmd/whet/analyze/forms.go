package analyze

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/analyze/report"
	"github.com/whetgo/whet/cmd/whet/shell"
)

// forms are the forms of the result that other tools read.
type forms struct {
	github      bool
	sarif, html string // files, "" for none
	pprof       string
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
		err := shell.WriteFile(shell.In(run.Subject.Dir, f.sarif), func(w io.Writer) error { return report.SARIF(w, run, root, o) })
		if err != nil {
			return fmt.Errorf("writing the SARIF file: %w", err)
		}
	}
	if f.html != "" {
		err := shell.WriteFile(shell.In(run.Subject.Dir, f.html), func(w io.Writer) error { return report.HTML(w, run, o) })
		if err != nil {
			return fmt.Errorf("writing the HTML file: %w", err)
		}
	}
	if f.pprof != "" {
		err := shell.WriteFile(shell.In(run.Subject.Dir, f.pprof), func(w io.Writer) error { return report.Avoidable(w, s, run.Findings) })
		if err != nil {
			return fmt.Errorf("writing the profile: %w", err)
		}
	}
	return nil
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
