// Package capture runs a subject and brings home what a session needs: timings,
// profiles, epochs, the cost of its start, the source of its hot packages.
//
// A subject's files are never changed. What must be linked into its binaries (an
// agent that snapshots the heap while a benchmark runs) goes through the go command's
// -overlay; times and CPU profiles come from runs in which the agent sleeps.
package capture

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/internal/load"
)

// Options say what is captured.
type Options struct {
	Subject  analyze.Subject
	Budget   time.Duration // for the runs, builds apart; 0: a minute
	Progress func(Progress)
	Output   func([]byte) // receives what a command prints; nil: dropped
	Watch    bool         // only the run that shows what grows, and longer: nothing is timed
}

// Progress is what a capture is doing now.
type Progress struct {
	Doing       string
	Done, Total int           // steps of this phase
	Left        time.Duration // of the runs, as far as can be told; 0: unknown
}

// ErrNothing is wrapped by an error of Run when no workload could be measured.
var ErrNothing = errors.New("nothing could be measured")

// Run captures the subject. Whatever fails in part is a warning in the session; the
// error is of a subject of which nothing could be measured. When ctx ends, the session
// holds what there is by then.
func Run(ctx context.Context, o Options) (*analyze.Session, error) {
	dir, err := filepath.Abs(o.Subject.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the subject's folder: %w", err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, fmt.Errorf("finding the subject's folder: %w", err)
	}
	o.Subject.Dir = dir
	if o.Budget <= 0 {
		o.Budget = time.Minute
	}
	temp, err := os.MkdirTemp("", "whet-")
	if err != nil {
		return nil, fmt.Errorf("making a scratch folder: %w", err)
	}
	defer os.RemoveAll(temp)
	c := &capture{Options: o, temp: temp, s: &analyze.Session{Subject: o.Subject, Program: new(load.Program)}}
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	return c.s, nil
}

type capture struct {
	Options
	temp  string // removed at the end
	s     *analyze.Session
	clock clock
}

func (c *capture) run(ctx context.Context) error {
	c.progress("measuring this machine", 0, 1)
	c.s.Machine = bench.Gate(ctx)
	modules, err := load.LocalModules(ctx, c.Subject.Dir, c.Subject.Flags)
	switch {
	case err == nil:
		c.s.Program.Modules = modules
	case c.Subject.Mode == "packages" || c.Subject.Mode == "command":
		return err
	default:
		c.s.Warn("", "no source: %v", err)
	}
	switch c.Subject.Mode {
	case "packages":
		err = c.packages(ctx)
	case "command":
		err = c.command(ctx)
	case "profile":
		err = c.files()
	case "url":
		err = c.endpoint(ctx)
	default:
		err = fmt.Errorf("unknown mode %q", c.Subject.Mode)
	}
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		c.s.Warn("", "interrupted: the result is of the runs until then")
	}
	c.progress("reading the source of the hot packages", 0, 1)
	c.source(context.WithoutCancel(ctx))
	return nil
}

// progress tells the caller what is being done.
func (c *capture) progress(doing string, done, total int) {
	if c.Progress != nil {
		c.Progress(Progress{Doing: doing, Done: done, Total: total, Left: c.clock.left()})
	}
}

// clock shares the budget out among runs.
type clock struct {
	end time.Time
}

func (k *clock) start(budget time.Duration) { k.end = time.Now().Add(budget) }

// left returns what is left of the budget, 0 before start and after its end.
func (k *clock) left() time.Duration {
	if k.end.IsZero() {
		return 0
	}
	return max(0, time.Until(k.end))
}

// share returns an equal part of what is left for each of n runs.
func (k *clock) share(n int) time.Duration { return k.left() / time.Duration(max(1, n)) }
