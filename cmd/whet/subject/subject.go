// Package subject makes of a command line what is to be measured, and says what to do
// where that cannot be.
package subject

import (
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/cmd/whet/shell"
)

// Asked is what a command line says of what is to be measured.
type Asked struct {
	*shell.App
	Command  string // whose line it is: "whet analyze"
	Run      string // the package of a command
	URL      string
	Profiles []string
	Bench    string
	Test     string
	Tags     string
	Budget   time.Duration
}

// Subject makes the subject of what was asked. Args from dash on stood after "--"; dash is
// below 0 if there was none.
func (a *Asked) Subject(args []string, dash int) (analyze.Subject, error) {
	dir, err := a.Dir()
	if err != nil {
		return analyze.Subject{}, err
	}
	s := analyze.Subject{Dir: dir, Mode: "packages", Patterns: args, Bench: a.Bench, Test: a.Test}
	if a.Tags != "" {
		s.Flags = []string{"-tags=" + a.Tags}
	}
	if err := a.check(); err != nil {
		return s, err
	}
	switch {
	case a.Run != "":
		return a.command(s, args, dash)
	case dash >= 0:
		return s, shell.Usage(a.Command, "arguments after -- are for the command of --run")
	case len(a.Profiles) > 0:
		s.Mode = "profile"
		s.Source, s.Patterns = a.files(dir, args)
	case a.URL != "":
		s.Mode, s.Source = "url", []string{a.URL}
	}
	if len(s.Patterns) == 0 {
		s.Patterns = []string{"."}
	}
	return s, a.patterns(s.Patterns)
}

func (a *Asked) check() error {
	for _, re := range []string{a.Bench, a.Test} {
		if _, err := regexp.Compile(re); err != nil {
			return shell.Usage(a.Command, "%w", err)
		}
	}
	if a.Budget <= 0 {
		return shell.Usage(a.Command, "--budget is %v: nothing can be measured in that", a.Budget)
	}
	return nil
}

func (a *Asked) command(s analyze.Subject, args []string, dash int) (analyze.Subject, error) {
	if dash < 0 {
		dash = len(args)
	}
	if dash > 0 {
		return s, shell.Usage(a.Command, "%q is no argument of whet: what the command takes follows --", args[0])
	}
	s.Mode, s.Patterns, s.Args = "command", []string{a.Run}, args
	return s, a.patterns(s.Patterns)
}

// patterns refuses what the go command would take for a flag of its own.
func (a *Asked) patterns(patterns []string) error {
	for _, p := range patterns {
		if p == "" || strings.HasPrefix(p, "-") {
			return shell.Usage(a.Command, "%q is not a package", p)
		}
	}
	return nil
}

// files splits the arguments into profiles and packages: a shell expands "--profile
// *.pprof" to one flag and further names.
func (a *Asked) files(dir string, args []string) (files, patterns []string) {
	files = append(files, a.Profiles...)
	for len(args) > 0 {
		info, err := os.Stat(shell.In(dir, args[0]))
		if err != nil || !info.Mode().IsRegular() || strings.HasSuffix(args[0], ".go") {
			break
		}
		files, args = append(files, args[0]), args[1:]
	}
	if a.Chdir != "" {
		for i, f := range files {
			files[i] = shell.In(dir, f)
		}
	}
	return files, args
}

// UnmeasuredHint says what to do where nothing could be measured.
func (a *Asked) UnmeasuredHint() string {
	switch {
	case a.Run != "":
		return "see that the command runs by itself, and for some seconds"
	case a.URL != "":
		return "take the profile while the process is busy"
	}
	if a.Bench != "" && a.Bench != "none" || a.Test != "" {
		return "'go test -list .' shows the names of a package's benchmarks and tests; 'go test' what stands in their way"
	}
	return "'go vet' and 'go test' show what stands in the way; --run measures a command, --test tests, --budget gives more time"
}

// FailureHint says what to do where the subject could not be used at all.
func (a *Asked) FailureHint() string {
	switch {
	case len(a.Profiles) > 0:
		return "take a new profile: 'go test -cpuprofile cpu.pprof', or curl -o cpu.pprof http://HOST/debug/pprof/profile"
	case a.URL != "":
		return "import net/http/pprof in the program and see that 'curl URL/debug/pprof/' answers"
	}
	return "see that 'go list' takes the packages, here or with -C DIR"
}
