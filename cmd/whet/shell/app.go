package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/whetgo/whet/analyze/report"
)

// An App is one run of the command.
type App struct {
	Stdout, Stderr io.Writer
	Chdir          string // -C as typed
	Code           int    // of a run without error

	color string // --color
}

// Flags adds the flags of every command to the root.
func (a *App) Flags(root *cobra.Command) {
	root.PersistentFlags().StringVarP(&a.Chdir, "chdir", "C", "", "work in `DIR`; files and packages are looked up from there")
	root.PersistentFlags().StringVar(&a.color, "color", "auto", "`WHEN` to use colour: auto, always or never; auto is none when piped, with NO_COLOR or TERM=dumb")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		switch a.color {
		case "auto", "always", "never":
			return nil
		}
		return Usage("whet", "--color is %q, not auto, always or never", a.color)
	}
}

// Fail prints an error and its hint, and returns its exit code.
func (a *App) Fail(err error) int {
	fmt.Fprintf(a.Stderr, "whet: %v\n", err)
	var f *Failure
	if !errors.As(err, &f) {
		f = &Failure{Code: ExitFailure}
		if strings.HasPrefix(err.Error(), "unknown command") {
			f.Hint = "'whet --help' lists the commands"
		}
	}
	if f.Hint != "" {
		fmt.Fprintf(a.Stderr, "whet: hint: %s\n", f.Hint)
	}
	return f.Code
}

// Dir returns the absolute path of the folder to work in.
func (a *App) Dir() (string, error) {
	dir, err := filepath.Abs(a.Chdir) // of "" it is the working folder
	if err != nil {
		return "", fmt.Errorf("finding the folder to work in: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return "", fmt.Errorf("-C: %w", err)
	}
	if !info.IsDir() {
		return "", fmt.Errorf("-C: %s is not a folder", dir)
	}
	return dir, nil
}

// Options returns how to show things on standard output.
func (a *App) Options() report.Options {
	o := report.Options{Chdir: a.Chdir}
	tty := Terminal(a.Stdout)
	if tty != nil {
		if width, _, err := term.GetSize(tty.Fd()); err == nil {
			o.Width = width
		}
	}
	switch a.color {
	case "always":
		o.Color = true
	case "auto":
		o.Color = tty != nil && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return o
}

// Terminal returns w as a terminal, nil if it is none.
func Terminal(w io.Writer) *os.File {
	if f, ok := w.(*os.File); ok && term.IsTerminal(f.Fd()) {
		return f
	}
	return nil
}
