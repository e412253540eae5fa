package analyze

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/analyze/report"
	"github.com/whetgo/whet/cmd/whet/shell"
)

// Show is "whet show".
func Show(a *shell.App) *cobra.Command {
	var json, redact bool
	cmd := &cobra.Command{
		Use:     "show FINDING",
		GroupID: "find",
		Short:   "Show one finding of the last run: source, evidence, doubts",
		Long: `Show one finding of the last run of 'whet analyze' in this module: the source with
the lines concerned, the evidence, what to do, what it would gain and how that was
predicted, what speaks against it, and the command that proves it.

A finding is named by its number on the first screen, by its ID, or by the beginning
(at least 4 characters) of its ID or fingerprint.`,
		Example: "  whet show 1\n  whet show hot-3f2a\n  whet show 3f2a9c --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return shell.Usage("whet show", "show takes one finding, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return show(a, args[0], json, redact) },
	}
	cmd.Flags().BoolVar(&json, "json", false, "print it as a line of JSON (schema whet/1)")
	cmd.Flags().BoolVar(&redact, "redact", false, "show the lengths of sampled inputs, not the inputs")
	return cmd
}

func show(a *shell.App, name string, json, redact bool) error {
	dir, err := a.Dir()
	if err != nil {
		return err
	}
	run, err := archive.Find(dir).Last()
	if errors.Is(err, archive.ErrNone) {
		return &shell.Failure{Err: err, Hint: "run 'whet analyze' first, in the same module", Code: shell.ExitFailure}
	} else if err != nil {
		return &shell.Failure{Err: err, Hint: "run 'whet analyze' again", Code: shell.ExitFailure}
	}
	f, err := report.Find(run.Findings, name)
	if err != nil {
		return &shell.Failure{Err: err, Hint: "'whet analyze' prints the numbers, and --json the IDs", Code: shell.ExitFailure}
	}
	if redact {
		f = redacted(f)
	}
	if json {
		err = archive.EncodeFindings(a.Stdout, []analyze.Finding{*f})
	} else {
		err = report.Show(a.Stdout, run, f, a.Options())
	}
	if err != nil {
		return fmt.Errorf("writing to standard output: %w", err)
	}
	return nil
}

// redacted returns the finding without the inputs that were sampled.
func redacted(f *analyze.Finding) *analyze.Finding {
	if f.Watched == nil {
		return f
	}
	c, w := *f, *f.Watched
	w.Samples = slices.Clone(w.Samples)
	for i, in := range w.Samples {
		w.Samples[i].Text = fmt.Sprintf("(%d characters)", utf8.RuneCountInString(in.Text))
	}
	c.Watched = &w
	return &c
}
