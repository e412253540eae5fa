package shell

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	ExitClean       = 0   // nothing found at or above --fail-on
	ExitFindings    = 1   // something found at or above --fail-on
	ExitFailure     = 2   // wrong usage, or the work failed
	ExitUnmeasured  = 3   // nothing could be measured
	ExitInterrupted = 130 // SIGINT or SIGTERM; what was found until then was printed
)

// ExitHelp says in a help text what exit codes mean.
const ExitHelp = `Exit codes:
  0    clean: nothing found at or above --fail-on
  1    findings at or above --fail-on
  2    wrong usage, or a failure
  3    nothing could be measured
  130  interrupted; what was found until then was printed`

// A Failure is an error with what to do about it and the exit code it asks for.
type Failure struct {
	Err  error
	Hint string
	Code int
}

func (f *Failure) Error() string { return f.Err.Error() }
func (f *Failure) Unwrap() error { return f.Err }

// Usage returns the failure of a command line that makes no sense.
func Usage(command, format string, args ...any) error {
	return &Failure{Err: fmt.Errorf(format, args...), Hint: "'" + command + " --help' shows what can be asked", Code: ExitFailure}
}

// Interrupted returns the error as it is, or that of an interrupt.
func Interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &Failure{Err: errors.New("interrupted: there is no part of the result"), Code: ExitInterrupted}
	}
	return err
}

// Exactly demands a number of arguments.
func Exactly(command string, n int, want string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return Usage(command, "got %d arguments, want %s", len(args), want)
		}
		return nil
	}
}
