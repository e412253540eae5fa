// Package analyze is "whet analyze" and "whet show": what slows a program, the greatest
// gain first.
package analyze

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/analyze/capture"
	"github.com/whetgo/whet/analyze/passes"
	"github.com/whetgo/whet/analyze/rank"
	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/cmd/whet/subject"
)

const help = `Measure Go code and say what slows it, the greatest gain first.

What is measured is one of
  packages        their benchmarks; of packages without any, their tests
  --run PKG       a command, built and run with the arguments after --
  --profile FILE  pprof profiles that you already have: cpu, heap, mutex, block
  --url URL       a live process with net/http/pprof, such as http://localhost:6060

No file of the program is changed. Runs are kept in .whet, in the root of the
module, for 'whet show'; git does not see that folder.

` + shell.ExitHelp

const examples = `  whet analyze ./...
  whet analyze --bench 'Get|Put' --budget 20s ./cache
  whet analyze --run ./cmd/server -- -addr :0 -for 10s
  whet analyze --profile cpu.pprof --profile heap.pprof ./...
  whet analyze --url http://localhost:6060
  whet analyze --json ./... > findings.jsonl
  whet analyze --baseline findings.jsonl --fail-on profiled ./...`

// analysis is what was asked of "whet analyze".
type analysis struct {
	subject.Asked
	probe  string // auto, all, off
	redact bool
	output output
	forms  forms
}

// output is how the result is to be told.
type output struct {
	json, all, quiet, verbose bool
	top                       int
	failOn, baseline          string
	known                     map[string]bool // fingerprints in the baseline; nil for none
}

// Command is "whet analyze".
func Command(a *shell.App) *cobra.Command {
	an := &analysis{Asked: subject.Asked{App: a, Command: "whet analyze"}}
	cmd := &cobra.Command{
		Use:     "analyze [packages]",
		GroupID: "find",
		Short:   "Measure packages, a command, profiles or a live process, and rank what slows them",
		Long:    help,
		Example: examples,
		RunE: func(cmd *cobra.Command, args []string) error {
			return an.analyze(cmd.Context(), args, cmd.ArgsLenAtDash())
		},
	}
	f := cmd.Flags()
	f.StringVar(&an.Run, "run", "", "build and run the command in `PKG`; its arguments follow --")
	f.StringArrayVar(&an.Profiles, "profile", nil, "read the profile in `FILE`; may be repeated")
	f.StringVar(&an.URL, "url", "", "profile the live process at `URL`")
	f.StringVar(&an.Bench, "bench", "", "run the benchmarks that match `REGEX`; all by default, 'none': start-up cost only")
	f.StringVar(&an.Test, "test", "", "run the tests that match `REGEX` instead of benchmarks")
	f.StringVar(&an.Tags, "tags", "", "build with these comma-separated `TAGS`")
	f.DurationVar(&an.Budget, "budget", time.Minute, "`TIME` for the runs, builds apart")
	f.StringVar(&an.probe, "probe", "auto", "`WHICH` candidates to run once more with probes: auto for the best, all for colder ones too, or off")
	f.BoolVar(&an.redact, "redact", false, "keep the inputs that probes see out of the result")
	f.BoolVar(&an.output.json, "json", false, "print findings as JSON lines (schema whet/1), what is missing on stderr")
	f.IntVar(&an.output.top, "top", 8, "show the `N` best findings")
	f.BoolVar(&an.output.all, "all", false, "show every finding")
	f.StringVar(&an.output.failOn, "fail-on", "never", "exit 1 for a finding of `LEVEL` or above: never, static, profiled, observed, verified")
	f.StringVar(&an.output.baseline, "baseline", "", "count only what is not in `FILE`, the --json of an earlier run")
	f.BoolVarP(&an.output.quiet, "quiet", "q", false, "no progress on stderr")
	f.BoolVarP(&an.output.verbose, "verbose", "v", false, "also print where the time goes, and what a command prints")
	f.BoolVar(&an.forms.github, "github", false, "also print annotations for GitHub's workflows")
	f.StringVar(&an.forms.sarif, "sarif", "", "also write SARIF 2.1.0 to `FILE`, for code scanning")
	f.StringVar(&an.forms.html, "html", "", "also write a page to `FILE`")
	f.StringVar(&an.forms.pprof, "pprof", "", "also write the time that could be avoided to `FILE`, for 'go tool pprof'")
	cmd.MarkFlagsMutuallyExclusive("json", "github")
	cmd.MarkFlagsMutuallyExclusive("run", "profile", "url")
	cmd.MarkFlagsMutuallyExclusive("all", "top")
	return cmd
}

func (an *analysis) analyze(ctx context.Context, args []string, dash int) error {
	subject, err := an.subject(args, dash)
	if err != nil {
		return err
	}
	if err := an.output.check(subject.Dir); err != nil {
		return err
	}
	if err := shell.CanWrite(subject.Dir, an.forms.sarif, an.forms.html, an.forms.pprof); err != nil {
		return err
	}
	started := time.Now()
	s, err := an.capture(ctx, subject)
	if err != nil {
		return an.explain(ctx, err)
	}
	fs := an.findings(ctx, s, started)
	run := archive.New(s, fs, started, time.Since(started))
	run.Interrupted = ctx.Err() != nil
	keep := archive.Find(subject.Dir).Save(run)
	if err := an.tell(s, run, keep == nil); err != nil {
		return fmt.Errorf("writing to standard output: %w", err)
	}
	if keep != nil {
		an.Fail(&shell.Failure{Err: keep, Hint: "the result above is whole, but 'whet show' cannot come back to it: " +
			"free some space or make the folder writable, or keep the output of --json"})
	}
	an.Code = an.output.code(run)
	return an.forms.write(an.Stdout, s, run, an.shown())
}

// subject makes the subject of what was asked. Args from dash on stood after "--".
func (an *analysis) subject(args []string, dash int) (analyze.Subject, error) {
	if an.probe != "auto" && an.probe != "all" && an.probe != "off" {
		return analyze.Subject{}, shell.Usage(an.Command, "--probe is %q, not auto, all or off", an.probe)
	}
	return an.Subject(args, dash)
}

// capture measures the subject, and tells the progress.
func (an *analysis) capture(ctx context.Context, subject analyze.Subject) (*analyze.Session, error) {
	o := capture.Options{Subject: subject, Budget: an.plainBudget()}
	if !an.output.quiet {
		p := shell.NewProgress(an.Stderr)
		defer p.End()
		o.Progress = p.Report
	}
	if an.output.verbose {
		o.Output = func(b []byte) { an.Stderr.Write(b) } // what cannot be shown is not missed
	}
	return capture.Run(ctx, o)
}

// plainBudget is what runs without probes may take of the budget.
func (an *analysis) plainBudget() time.Duration {
	if an.probe == "off" {
		return an.Budget
	}
	return an.Budget * 3 / 4
}

// watchBudget is what the runs with probes may take: what is left of the budget, a quarter
// of it at least, 20 seconds at most unless everything is to be watched.
func (an *analysis) watchBudget(since time.Time) time.Duration {
	d := max(an.Budget/4, an.Budget-time.Since(since))
	if an.probe == "all" {
		return d
	}
	return min(d, 20*time.Second)
}

// findings runs the subject with probes, where that is wanted and possible, and the
// passes over what there is. When ctx has ended already, they still look at it: an
// interrupted analysis says what it knows.
func (an *analysis) findings(ctx context.Context, s *analyze.Session, started time.Time) []analyze.Finding {
	ps := passes.All
	if an.probe != "off" && ctx.Err() == nil {
		ps = an.watch(ctx, s, started)
	}
	if ctx.Err() != nil {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer cancel()
		ctx = late
	}
	return rank.Rank(s, analyze.Run(ctx, s, ps...))
}

func (an *analysis) watch(ctx context.Context, s *analyze.Session, started time.Time) []*analyze.Pass {
	w := passes.Watch{All: an.probe == "all", Budget: an.watchBudget(started), NoText: an.redact}
	if !an.output.quiet {
		p := shell.NewProgress(an.Stderr)
		defer p.End()
		w.Progress = func(doing string) { p.Report(capture.Progress{Doing: doing}) }
	}
	return w.Run(ctx, s)
}

// explain adds to a capture's error what can be done about it.
func (an *analysis) explain(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return &shell.Failure{Err: errors.New("interrupted before anything was measured"), Code: shell.ExitInterrupted}
	case errors.Is(err, capture.ErrNothing):
		return &shell.Failure{Err: err, Hint: an.UnmeasuredHint(), Code: shell.ExitUnmeasured}
	}
	return &shell.Failure{Err: err, Hint: an.FailureHint(), Code: shell.ExitFailure}
}
