// Package watch is "whet watch": a running process, in the terminal.
package watch

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/internal/terminal"
)

// A watching is one run of whet watch.
type watching struct {
	*shell.App
	source   *source
	interval time.Duration
	count    int
	json     bool
	once     bool
}

// Command is "whet watch".
func Command(a *shell.App) *cobra.Command {
	w := &watching{App: a}
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "watch URL",
		Short: "Watch a running process",
		Long: `Watch shows what a running process says of itself, and how that changes: its metrics with
their course, and the advice of package monitor if it is linked.

URL is where the process serves one of
  /debug/whet/    package dash: everything, with advice
  /metrics        Prometheus text, of any program
  /debug/vars     package expvar
  /debug/pprof/   package net/http/pprof: goroutines, threads and memory
or just its host and port: then they are tried in this order. Nothing but GET is sent.

Keys: q leaves, ↑ ↓ PgUp PgDn Home End move, p pauses, ? helps. When the output is not a
terminal, a line is printed for each sample, and nothing is drawn.`,
		Example: `  whet watch localhost:6060
  whet watch http://localhost:6060/debug/whet/
  whet watch --once http://localhost:9090/metrics
  whet watch --json --count 10 localhost:6060 | jq '.metrics[] | select(.rate > 100)'`,
		GroupID: "watch",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return shell.Usage("whet watch", "watch wants the URL of one process, not %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := w.check(timeout); err != nil {
				return err
			}
			at, err := parseURL(args[0])
			if err != nil {
				return &shell.Failure{Err: err, Hint: "a URL is like http://localhost:6060 or localhost:6060/metrics", Code: shell.ExitFailure}
			}
			w.source = newSource(at, timeout)
			return w.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.DurationVar(&w.interval, "interval", time.Second, "`TIME` between samples")
	f.DurationVar(&timeout, "timeout", 5*time.Second, "`TIME` to wait for an answer")
	f.IntVar(&w.count, "count", 0, "stop after `N` samples; 0 goes on until interrupted")
	f.BoolVar(&w.once, "once", false, "print one sample as a table, and stop")
	f.BoolVar(&w.json, "json", false, "print each sample as a line of JSON")
	return cmd
}

func (w *watching) check(timeout time.Duration) error {
	switch {
	case w.interval < 100*time.Millisecond:
		return shell.Usage("whet watch", "--interval is %v: at least 100ms", w.interval)
	case timeout <= 0:
		return shell.Usage("whet watch", "--timeout is %v", timeout)
	case w.count < 0:
		return shell.Usage("whet watch", "--count is %d", w.count)
	}
	if w.once {
		w.count = 1
	}
	return nil
}

// parseURL completes what was typed.
func parseURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("the URL cannot be read: " + err.(*url.Error).Err.Error())
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("the URL is of scheme " + u.Scheme + ", not http or https")
	case u.Host == "" || u.Hostname() == "":
		return nil, errors.New("the URL has no host")
	}
	u.Fragment = ""
	return u, nil
}

// run finds out what there is to watch, and shows it.
func (w *watching) run(ctx context.Context) error {
	first, err := w.source.open(ctx)
	if err != nil {
		return w.failed(ctx, err)
	}
	if !w.json && !w.once && w.count == 0 && shell.Terminal(w.Stdout) != nil {
		return w.draw(ctx, first)
	}
	return w.print(ctx, first)
}

// failed returns the failure of a source; an interruption is none.
func (w *watching) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		w.Code = shell.ExitInterrupted
		return nil
	}
	f := &shell.Failure{Err: err, Code: shell.ExitFailure}
	var bad *trouble
	if errors.As(err, &bad) {
		f.Hint = bad.hint
	}
	return f
}

// print prints samples, one after the other, until the count, an interruption or an error of
// writing. A process that was there and is not is waited for.
func (w *watching) print(ctx context.Context, s *sample) error {
	var history history
	tick := time.NewTicker(w.interval)
	defer tick.Stop()
	for n := 1; ; n++ {
		history.add(s)
		if err := w.printOne(s, &history); err != nil {
			return err
		}
		if n == w.count {
			return nil
		}
		if s = w.next(ctx, tick.C); s == nil {
			w.Code = shell.ExitInterrupted
			return nil
		}
	}
}

// next returns the next sample, nil if it was interrupted.
func (w *watching) next(ctx context.Context, tick <-chan time.Time) *sample {
	said := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
		s, err := w.source.sample(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			return s
		case !said:
			said = true
			io.WriteString(w.Stderr, "whet: "+terminal.Clean(err.Error())+"; trying again\n")
		}
	}
}

func (w *watching) printOne(s *sample, h *history) error {
	switch {
	case w.json:
		e := json.NewEncoder(w.Stdout)
		e.SetEscapeHTML(false)
		return e.Encode(s)
	case w.once:
		return printTable(w.Stdout, s, h)
	}
	return printLine(w.Stdout, s, h)
}
