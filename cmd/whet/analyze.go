package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/analyze/capture"
	"github.com/whetgo/whet/analyze/passes"
	"github.com/whetgo/whet/analyze/rank"
)

const analyzeHelp = `Measure Go code and say what slows it, the greatest gain first.

What is measured is one of
  packages        their benchmarks; of packages without any, their tests
  --run PKG       a command, built and run with the arguments after --
  --profile FILE  pprof profiles that you already have: cpu, heap, mutex, block
  --url URL       a live process with net/http/pprof, such as http://localhost:6060

No file of the program is changed. Runs are kept in .whet, in the root of the
module, for 'whet show'; git does not see that folder.

` + exitHelp

const analyzeExamples = `  whet analyze ./...
  whet analyze --bench 'Get|Put' --budget 20s ./cache
  whet analyze --run ./cmd/server -- -addr :0 -for 10s
  whet analyze --profile cpu.pprof --profile heap.pprof ./...
  whet analyze --url http://localhost:6060
  whet analyze --json ./... > findings.jsonl
  whet analyze --baseline findings.jsonl --fail-on profiled ./...`

// analysis is what was asked of "whet analyze".
type analysis struct {
	*app
	run, url, bench, test, tags string
	profiles                    []string
	probe                       string // auto, all, off
	redact                      bool
	budget                      time.Duration
	output                      output
	forms                       forms
}

// output is how the result is to be told.
type output struct {
	json, all, quiet, verbose bool
	top                       int
	failOn, baseline          string
	known                     map[string]bool // fingerprints in the baseline; nil for none
}

func (a *app) analyze() *cobra.Command {
	an := &analysis{app: a}
	cmd := &cobra.Command{
		Use:     "analyze [packages]",
		GroupID: "find",
		Short:   "Measure packages, a command, profiles or a live process, and rank what slows them",
		Long:    analyzeHelp,
		Example: analyzeExamples,
		RunE: func(cmd *cobra.Command, args []string) error {
			return an.analyze(cmd.Context(), args, cmd.ArgsLenAtDash())
		},
	}
	f := cmd.Flags()
	f.StringVar(&an.run, "run", "", "build and run the command in `PKG`; its arguments follow --")
	f.StringArrayVar(&an.profiles, "profile", nil, "read the profile in `FILE`; may be repeated")
	f.StringVar(&an.url, "url", "", "profile the live process at `URL`")
	f.StringVar(&an.bench, "bench", "", "run the benchmarks that match `REGEX`; all by default, 'none': start-up cost only")
	f.StringVar(&an.test, "test", "", "run the tests that match `REGEX` instead of benchmarks")
	f.StringVar(&an.tags, "tags", "", "build with these comma-separated `TAGS`")
	f.DurationVar(&an.budget, "budget", time.Minute, "`TIME` for the runs, builds apart")
	f.StringVar(&an.probe, "probe", "auto", "run once more with probes in the best candidates: auto, all (colder ones too) or off")
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
	if err := an.forms.check(subject.Dir); err != nil {
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
		an.fail(&failure{err: keep, hint: "the result above is whole, but 'whet show' cannot come back to it: " +
			"free some space or make the folder writable, or keep the output of --json"})
	}
	an.code = an.output.code(run)
	return an.forms.write(an.stdout, s, run, an.shown())
}

// subject makes the subject of what was asked. Args from dash on stood after "--".
func (an *analysis) subject(args []string, dash int) (analyze.Subject, error) {
	dir, err := an.dir()
	if err != nil {
		return analyze.Subject{}, err
	}
	s := analyze.Subject{Dir: dir, Mode: "packages", Patterns: args, Bench: an.bench, Test: an.test}
	if an.tags != "" {
		s.Flags = []string{"-tags=" + an.tags}
	}
	for _, re := range []string{an.bench, an.test} {
		if _, err := regexp.Compile(re); err != nil {
			return s, usage("whet analyze", "%w", err)
		}
	}
	if an.budget <= 0 {
		return s, usage("whet analyze", "--budget is %v: nothing can be measured in that", an.budget)
	}
	if an.probe != "auto" && an.probe != "all" && an.probe != "off" {
		return s, usage("whet analyze", "--probe is %q, not auto, all or off", an.probe)
	}
	switch {
	case an.run != "":
		return an.commandSubject(s, args, dash)
	case dash >= 0:
		return s, usage("whet analyze", "arguments after -- are for the command of --run")
	case len(an.profiles) > 0:
		s.Mode = "profile"
		s.Source, s.Patterns = an.profileFiles(dir, args)
	case an.url != "":
		s.Mode, s.Source = "url", []string{an.url}
	}
	if len(s.Patterns) == 0 {
		s.Patterns = []string{"."}
	}
	if err := checkPatterns(s.Patterns); err != nil {
		return s, err
	}
	return s, nil
}

func (an *analysis) commandSubject(s analyze.Subject, args []string, dash int) (analyze.Subject, error) {
	if dash < 0 {
		dash = len(args)
	}
	if dash > 0 {
		return s, usage("whet analyze", "%q is no argument of whet: what the command takes follows --", args[0])
	}
	s.Mode, s.Patterns, s.Args = "command", []string{an.run}, args
	return s, checkPatterns(s.Patterns)
}

// checkPatterns refuses what the go command would take for a flag of its own.
func checkPatterns(patterns []string) error {
	for _, p := range patterns {
		if p == "" || strings.HasPrefix(p, "-") {
			return usage("whet analyze", "%q is not a package", p)
		}
	}
	return nil
}

// profileFiles splits the arguments into profiles and packages: a shell expands
// "--profile *.pprof" to one flag and further names.
func (an *analysis) profileFiles(dir string, args []string) (files, patterns []string) {
	files = append(files, an.profiles...)
	for len(args) > 0 {
		info, err := os.Stat(in(dir, args[0]))
		if err != nil || !info.Mode().IsRegular() || strings.HasSuffix(args[0], ".go") {
			break
		}
		files, args = append(files, args[0]), args[1:]
	}
	if an.chdir != "" {
		for i, f := range files {
			files[i] = in(dir, f)
		}
	}
	return files, args
}

// capture measures the subject, and tells the progress.
func (an *analysis) capture(ctx context.Context, subject analyze.Subject) (*analyze.Session, error) {
	o := capture.Options{Subject: subject, Budget: an.plainBudget()}
	if !an.output.quiet {
		p := newProgress(an.stderr)
		defer p.end()
		o.Progress = p.report
	}
	if an.output.verbose {
		o.Output = func(b []byte) { an.stderr.Write(b) } // what cannot be shown is not missed
	}
	return capture.Run(ctx, o)
}

// plainBudget is what runs without probes may take of the budget.
func (an *analysis) plainBudget() time.Duration {
	if an.probe == "off" {
		return an.budget
	}
	return an.budget * 3 / 4
}

// watchBudget is what the runs with probes may take: what is left of the budget, a quarter
// of it at least, 20 seconds at most unless everything is to be watched.
func (an *analysis) watchBudget(since time.Time) time.Duration {
	d := max(an.budget/4, an.budget-time.Since(since))
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
		p := newProgress(an.stderr)
		defer p.end()
		w.Progress = func(doing string) { p.report(capture.Progress{Doing: doing}) }
	}
	return w.Run(ctx, s)
}

// explain adds to a capture's error what can be done about it.
func (an *analysis) explain(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return &failure{err: errors.New("interrupted before anything was measured"), code: exitInterrupted}
	case errors.Is(err, capture.ErrNothing):
		return &failure{err: err, hint: an.unmeasuredHint(), code: exitUnmeasured}
	}
	return &failure{err: err, hint: an.failureHint(), code: exitFailure}
}

func (an *analysis) unmeasuredHint() string {
	switch {
	case an.run != "":
		return "see that the command runs by itself, and for some seconds"
	case an.url != "":
		return "take the profile while the process is busy"
	}
	return "'go vet' and 'go test' show what stands in the way; --run measures a command, --test tests, --budget gives more time"
}

func (an *analysis) failureHint() string {
	switch {
	case len(an.profiles) > 0:
		return "take a new profile: 'go test -cpuprofile cpu.pprof', or curl -o cpu.pprof http://HOST/debug/pprof/profile"
	case an.url != "":
		return "import net/http/pprof in the program and see that 'curl URL/debug/pprof/' answers"
	}
	return "see that 'go list' takes the packages, here or with -C DIR"
}
