package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/whetgo/whet/analyze/report"
)

// Exit codes.
const (
	exitClean       = 0   // nothing found at or above --fail-on
	exitFindings    = 1   // something found at or above --fail-on
	exitFailure     = 2   // wrong usage, or the work failed
	exitUnmeasured  = 3   // nothing could be measured
	exitInterrupted = 130 // SIGINT or SIGTERM; what was found until then was printed
)

const exitHelp = `Exit codes:
  0    clean: nothing found at or above --fail-on
  1    findings at or above --fail-on
  2    wrong usage, or a failure
  3    nothing could be measured
  130  interrupted; what was found until then was printed`

// A failure is an error with what to do about it and the exit code it asks for.
type failure struct {
	err  error
	hint string
	code int
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// usage returns the failure of a command line that makes no sense.
func usage(command, format string, args ...any) error {
	return &failure{err: fmt.Errorf(format, args...), hint: "'" + command + " --help' shows what can be asked", code: exitFailure}
}

// Main runs the command with the arguments that follow its name, and returns its
// exit code. The first SIGINT or SIGTERM ends the work in order, the second at once.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the next signal is the system's
	a := &app{stdout: stdout, stderr: stderr}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return a.code
	}
	return a.fail(err)
}

// An app is one run of the command.
type app struct {
	stdout, stderr io.Writer
	chdir          string // -C as typed
	colour         string // --color
	code           int    // of a run without error
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "whet",
		Short:         "Find what slows a Go program",
		Long:          "Whet finds what slows a Go program, and says what to do about it.\n\n" + exitHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			switch a.colour {
			case "auto", "always", "never":
				return nil
			}
			return usage("whet", "--color is %q, not auto, always or never", a.colour)
		},
	}
	root.PersistentFlags().StringVarP(&a.chdir, "chdir", "C", "", "work in `DIR`; files and packages are looked up from there")
	root.PersistentFlags().StringVar(&a.colour, "color", "auto", "colour: auto, always or never; auto is none when piped, with NO_COLOR or TERM=dumb")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd.CommandPath(), "%w", err) })
	root.AddGroup(&cobra.Group{ID: "find", Title: "Find:"}, &cobra.Group{ID: "watch", Title: "Watch:"})
	root.AddCommand(a.analyze(), a.show(), a.cache(), a.memory(), a.claims(), a.watch(), a.version())
	return root
}

// fail prints an error and its hint, and returns its exit code.
func (a *app) fail(err error) int {
	fmt.Fprintf(a.stderr, "whet: %v\n", err)
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{code: exitFailure}
		if strings.HasPrefix(err.Error(), "unknown command") {
			f.hint = "'whet --help' lists the commands"
		}
	}
	if f.hint != "" {
		fmt.Fprintf(a.stderr, "whet: hint: %s\n", f.hint)
	}
	return f.code
}

// dir returns the absolute path of the folder to work in.
func (a *app) dir() (string, error) {
	dir, err := filepath.Abs(a.chdir) // of "" it is the working folder
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

// in returns the path of a file that was named on the command line.
func in(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// options returns how to show things on standard output.
func (a *app) options() report.Options {
	o := report.Options{Chdir: a.chdir}
	tty := terminal(a.stdout)
	if tty != nil {
		if width, _, err := term.GetSize(tty.Fd()); err == nil {
			o.Width = width
		}
	}
	switch a.colour {
	case "always":
		o.Color = true
	case "auto":
		o.Color = tty != nil && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return o
}

// terminal returns w as a terminal, nil if it is none.
func terminal(w io.Writer) *os.File {
	if f, ok := w.(*os.File); ok && term.IsTerminal(f.Fd()) {
		return f
	}
	return nil
}
