package memory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/capture"
	"github.com/whetgo/whet/analyze/passes/growth"
	"github.com/whetgo/whet/analyze/rank"
	"github.com/whetgo/whet/analyze/report"
	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/cmd/whet/subject"
	"github.com/whetgo/whet/internal/terminal"
	"github.com/whetgo/whet/memprof"
	"github.com/whetgo/whet/profile"
)

const growthHelp = `Run the benchmarks of packages, else their tests, or a command, look at what is alive
after a forced collection many times meanwhile (the epochs), and say of each site that
keeps memory how it behaves:

  leak      it rises, does not come to rest, and nothing bounds it
  filled    it rises because the workload fills it, or is bounded by its source
  settling  it rose and came to rest, as a cache that fills
  sawtooth  it rises and is let go of again
  steady    it does not move
  noise     it moves, and none of these can be said
  few       there were too few epochs: give more --budget

The slope is Theil and Sen's, in bytes an epoch, with its interval of 95 %. What to do
about a leak is said by the finding of 'whet analyze' that is shown with it.

Exit codes:
  0    done, or nothing leaks where --fail-on leak
  1    something leaks, with --fail-on leak
  2    wrong usage, or a failure
  3    nothing could be measured
  130  interrupted`

const growthExamples = `  whet memory growth ./...
  whet memory growth --bench Put --budget 10s ./store
  whet memory growth --fail-on leak ./...
  whet memory growth --run ./cmd/server -- -addr :0`

// growing is what was asked of "whet memory growth".
type growing struct {
	subject.Asked
	failOn           string
	top              int
	all, json, quiet bool
}

func growthCommand(a *shell.App) *cobra.Command {
	g := &growing{Asked: subject.Asked{App: a, Command: "whet memory growth"}}
	cmd := &cobra.Command{
		Use:     "growth [packages]",
		Short:   "Watch what stays alive over epochs, with a verdict for each site",
		Long:    growthHelp,
		Example: growthExamples,
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.run(cmd.Context(), args, cmd.ArgsLenAtDash())
		},
	}
	runFlags(cmd, &g.Asked)
	f := cmd.Flags()
	f.StringVar(&g.Run, "run", "", "build and run the command in `PKG`; its arguments follow --")
	f.StringVar(&g.failOn, "fail-on", "never", "exit 1 for a `LEVEL`: leak or never")
	f.IntVar(&g.top, "top", 10, "show the `N` largest sites of each workload")
	f.BoolVar(&g.all, "all", false, "show every site")
	f.BoolVar(&g.json, "json", false, "print a workload a line as JSON (schema whet/growth/1)")
	f.BoolVarP(&g.quiet, "quiet", "q", false, "no progress on stderr")
	cmd.MarkFlagsMutuallyExclusive("all", "top")
	cmd.MarkFlagsMutuallyExclusive("run", "bench")
	cmd.MarkFlagsMutuallyExclusive("run", "test")
	return cmd
}

func (g *growing) run(ctx context.Context, args []string, dash int) error {
	if g.failOn != "never" && g.failOn != "leak" {
		return shell.Usage("whet memory growth", "--fail-on is %q, not leak or never", g.failOn)
	}
	if g.top < 1 {
		return shell.Usage("whet memory growth", "--top is %d: show at least one, or use --json", g.top)
	}
	subject, err := g.Subject(args, dash)
	if err != nil {
		return err
	}
	s, err := g.watch(ctx, subject)
	switch {
	case ctx.Err() != nil:
		return &shell.Failure{Err: errors.New("interrupted: what was not watched to its end says nothing"), Code: shell.ExitInterrupted}
	case errors.Is(err, capture.ErrNothing):
		return &shell.Failure{Err: err, Hint: g.UnmeasuredHint(), Code: shell.ExitUnmeasured}
	case err != nil:
		return &shell.Failure{Err: err, Hint: g.FailureHint(), Code: shell.ExitFailure}
	}
	report.Warnings(g.Stderr, s.Warnings) // the verdicts matter more
	found := grown(s, rank.Rank(s, analyze.Run(ctx, s, growth.Pass)))
	if len(found) == 0 {
		return &shell.Failure{Err: errors.New("no epoch of any workload was seen"), Hint: "give more --budget, or a --bench that runs longer", Code: shell.ExitUnmeasured}
	}
	if g.json {
		err = writeGrowthJSON(g.Stdout, found)
	} else {
		err = g.show(g.Stdout, found)
	}
	if err != nil {
		return fmt.Errorf("writing to standard output: %w", err)
	}
	if g.failOn == "leak" && slices.ContainsFunc(found, watched.leaks) {
		g.Code = shell.ExitFindings
	}
	return nil
}

// watch runs the subject.
func (g *growing) watch(ctx context.Context, subject analyze.Subject) (*analyze.Session, error) {
	o := capture.Options{Subject: subject, Budget: g.Budget, Watch: true}
	if !g.quiet {
		p := shell.NewProgress(g.Stderr)
		defer p.End()
		o.Progress = p.Report
	}
	return capture.Run(ctx, o)
}

// A watched is a workload over its epochs.
type watched struct {
	Schema     string            `json:"schema"`
	Workload   string            `json:"workload"`
	Package    string            `json:"package,omitempty"`
	Heap       siteGrowth        `json:"heap"` // all that the subject holds
	Goroutines memprof.Growth    `json:"goroutines"`
	Sites      []siteGrowth      `json:"sites"`              // leaks first, then the largest
	Findings   []analyze.Finding `json:"findings,omitempty"` // of pass growth: what to do
}

// A siteGrowth is a site and how it grew.
type siteGrowth struct {
	File    string         `json:"file,omitempty"`
	Line    int            `json:"line,omitempty"`
	Func    string         `json:"func,omitempty"`
	What    string         `json:"what,omitempty"` // the container
	Verdict string         `json:"verdict"`
	Why     []string       `json:"why,omitempty"`
	Growth  memprof.Growth `json:"growth"` // by the numbers alone
	Alive   float64        `json:"alive"`  // bytes at the last epoch
	Values  []float64      `json:"values"` // bytes at each epoch
}

func (w watched) leaks() bool {
	return w.Goroutines.Verdict == memprof.Leak || slices.ContainsFunc(w.Sites, func(s siteGrowth) bool { return s.Verdict == string(memprof.Leak) })
}

// grown judges the workloads of a session.
func grown(s *analyze.Session, findings []analyze.Finding) []watched {
	var all []watched
	for _, w := range s.Workloads {
		rows, total := growth.Survey(s, w)
		if len(total.Values) == 0 {
			continue
		}
		x := watched{Schema: "whet/growth/1", Workload: w.Name, Package: w.Package, Heap: judged(total), Goroutines: memprof.Judge(growth.Goroutines(s, w), memprof.MinEpochs)}
		for _, r := range rows {
			x.Sites = append(x.Sites, judged(r))
		}
		slices.SortStableFunc(x.Sites, func(a, b siteGrowth) int {
			return cmp.Compare(leakLast(a), leakLast(b))
		})
		for _, f := range findings {
			if f.Gain.Workload == w.Name {
				x.Findings = append(x.Findings, f)
			}
		}
		all = append(all, x)
	}
	return all
}

func leakLast(s siteGrowth) int {
	if s.Verdict == string(memprof.Leak) {
		return 0
	}
	return 1
}

// judged gives a verdict: the numbers say whether a site rises, the source whether it is
// meant to.
func judged(r growth.Row) siteGrowth {
	g := memprof.Judge(r.Values, memprof.LeastBytes)
	s := siteGrowth{
		File: r.Where.File, Line: r.Where.Line, Func: r.Where.Func, What: r.What,
		Verdict: string(g.Verdict), Growth: g, Alive: r.Values[len(r.Values)-1], Values: r.Values,
	}
	switch rises := r.Grows || g.Verdict == memprof.Leak; {
	case r.Where.File == "": // the total
	case rises && r.Leak:
		s.Verdict, s.Why = string(memprof.Leak), r.Why
	case rises:
		s.Verdict = "filled"
	}
	return s
}

func writeGrowthJSON(w io.Writer, all []watched) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, x := range all {
		if err := enc.Encode(x); err != nil {
			return err
		}
	}
	return nil
}

func (g *growing) show(w io.Writer, all []watched) error {
	var b strings.Builder
	for i, x := range all {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s  %d epochs\n", terminal.Clean(x.Workload), x.Heap.Growth.Epochs)
		fmt.Fprintf(&b, "  %-8s  %10s alive  %16s  %s  all that the subject holds\n", x.Heap.Verdict, report.Quantity(x.Heap.Alive, "B"), slope(x.Heap.Growth), sparkline(x.Heap.Values))
		if x.Goroutines.Verdict == memprof.Leak {
			fmt.Fprintf(&b, "  %-8s  %+.1f goroutines an epoch\n", x.Goroutines.Verdict, x.Goroutines.Slope)
		}
		most := g.top
		if g.all {
			most = len(x.Sites)
		}
		for _, s := range x.Sites[:min(most, len(x.Sites))] {
			fmt.Fprintf(&b, "  %-8s  %10s alive  %16s  %s  %s:%d %s\n", s.Verdict, report.Quantity(s.Alive, "B"), slope(s.Growth), sparkline(s.Values), terminal.Clean(s.File), s.Line, terminal.Clean(profile.Short(s.Func)))
			if s.What != "" {
				fmt.Fprintf(&b, "            kept in %s\n", terminal.Clean(s.What))
			}
			for _, why := range s.Why {
				fmt.Fprintf(&b, "            %s\n", terminal.Clean(why))
			}
		}
		if n := len(x.Sites) - most; n > 0 {
			fmt.Fprintf(&b, "  and %d more: --all shows them\n", n)
		}
		for _, f := range x.Findings {
			fmt.Fprintf(&b, "  → %s:%d %s\n", terminal.Clean(f.Where().File), f.Where().Line, terminal.Clean(f.Advice.Do))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// slope writes the growth of an epoch.
func slope(g memprof.Growth) string {
	if g.Verdict == memprof.Few || g.Slope == 0 {
		return ""
	}
	sign := "+"
	if g.Slope < 0 {
		sign = ""
	}
	return sign + report.Quantity(g.Slope, "B") + "/epoch"
}

// sparkWidth is how many characters a series is drawn in.
const sparkWidth = 16

// sparkline draws a series from 0 to its largest value.
func sparkline(v []float64) string {
	const marks = "▁▂▃▄▅▆▇█"
	steps := []rune(marks)
	most := slices.Max(v)
	n := min(sparkWidth, len(v))
	line := make([]rune, n)
	for i := range line {
		x := v[i*len(v)/n]
		if i == n-1 {
			x = v[len(v)-1]
		}
		k := 0
		if most > 0 {
			k = int(x / most * float64(len(steps)-1))
		}
		line[i] = steps[min(len(steps)-1, max(0, k))]
	}
	return string(line)
}
