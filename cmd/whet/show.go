package main

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/archive"
	"github.com/whetgo/whet/analyze/report"
)

func (a *app) show() *cobra.Command {
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
				return usage("whet show", "show takes one finding, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runShow(args[0], json, redact) },
	}
	cmd.Flags().BoolVar(&json, "json", false, "print it as a line of JSON (schema whet/1)")
	cmd.Flags().BoolVar(&redact, "redact", false, "show the lengths of sampled inputs, not the inputs")
	return cmd
}

func (a *app) runShow(name string, json, redact bool) error {
	dir, err := a.dir()
	if err != nil {
		return err
	}
	run, err := archive.Find(dir).Last()
	if errors.Is(err, archive.ErrNone) {
		return &failure{err: err, hint: "run 'whet analyze' first, in the same module", code: exitFailure}
	} else if err != nil {
		return &failure{err: err, hint: "run 'whet analyze' again", code: exitFailure}
	}
	f, err := report.Find(run.Findings, name)
	if err != nil {
		return &failure{err: err, hint: "'whet analyze' prints the numbers, and --json the IDs", code: exitFailure}
	}
	if redact {
		f = redacted(f)
	}
	if json {
		err = archive.EncodeFindings(a.stdout, []analyze.Finding{*f})
	} else {
		err = report.Show(a.stdout, run, f, a.options())
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
