package analyze

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/analyze/report"
	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/profile"
)

// lastWords is what the passes have to look at a session that was interrupted.
const lastWords = 5 * time.Second

// check validates what was asked of the output, and reads the baseline, before
// anything costly is begun.
func (o *output) check(dir string) error {
	if o.failOn != "never" && analyze.Level(o.failOn).Rank() < 0 {
		return shell.Usage("whet analyze", "--fail-on is %q, not never, static, profiled, observed or verified", o.failOn)
	}
	if o.top < 1 {
		return shell.Usage("whet analyze", "--top is %d: show at least one, or use --json", o.top)
	}
	if o.baseline == "" {
		return nil
	}
	known, err := readBaseline(shell.In(dir, o.baseline))
	if err != nil {
		return &shell.Failure{Err: err, Hint: "a baseline is made by 'whet analyze --json > FILE'", Code: shell.ExitFailure}
	}
	o.known = known
	return nil
}

// maxBaseline bounds a baseline: thousands of findings.
const maxBaseline = 64 << 20

func readBaseline(name string) (map[string]bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBaseline+1))
	if err == nil && len(data) > maxBaseline {
		err = fmt.Errorf("it is larger than %d MB", maxBaseline>>20)
	}
	var fs []analyze.Finding
	if err == nil {
		fs, err = archive.DecodeFindings(bytes.NewReader(data))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the baseline %s: %w", name, err)
	}
	known := make(map[string]bool)
	for _, f := range fs {
		known[f.Fingerprint] = true
	}
	return known, nil
}

// tell prints the result.
func (an *analysis) tell(s *analyze.Session, run *archive.Run, kept bool) error {
	if an.output.json {
		report.Warnings(an.Stderr, run.Warnings) // the findings matter more
		return archive.EncodeFindings(an.Stdout, run.Findings)
	}
	o := an.shown()
	o.Kept = kept
	if err := report.Terminal(an.Stdout, run, o); err != nil {
		return err
	}
	if an.output.verbose {
		return report.Hot(an.Stdout, s, o)
	}
	return nil
}

// shown returns how findings are to be shown.
func (an *analysis) shown() report.Options {
	o := an.Options()
	o.Known = an.output.known
	if !an.output.all {
		o.Top = an.output.top
	}
	return o
}

// code returns the exit code of a run that was told.
func (o *output) code(run *archive.Run) int {
	if run.Interrupted {
		return shell.ExitInterrupted
	}
	fs := run.Findings
	if o.known != nil {
		fs = report.New(fs, o.known)
	}
	level := analyze.Level(o.failOn)
	if o.failOn != "never" && slices.ContainsFunc(fs, func(f analyze.Finding) bool { return f.Confidence.Level.Rank() >= level.Rank() }) {
		return shell.ExitFindings
	}
	if len(run.Findings) == 0 && !measured(run) {
		return shell.ExitUnmeasured
	}
	return shell.ExitClean
}

// measured reports whether anything was: a workload that ended well or left samples
// of where its time went, or the cost of a start where nothing else was to be run.
func measured(run *archive.Run) bool {
	if len(run.Workloads) == 0 {
		return len(run.Inits) > 0
	}
	return slices.ContainsFunc(run.Workloads, func(w *analyze.Workload) bool {
		if len(w.Results) > 0 || sampled(w.Profiles["cpu"]) {
			return true
		}
		return w.Failed == "" && slices.ContainsFunc(slices.Collect(maps.Values(w.Profiles)), sampled)
	})
}

func sampled(p *profile.Profile) bool { return p != nil && len(p.Samples) > 0 }
