// Command compare measures Go caches side by side: speed, tails, memory and hit ratio.
//
//	go run . -out ../docs/compare.md    # all of it, half an hour or more
//	go run . -quick -rows get -peers 'otter|golang-lru'
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/compare/measure"
	"github.com/whetgo/whet/compare/report"
)

func main() {
	if measure.MemoryChild() {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const usage = `usage: go run . [flags]

Compares Go caches and prints a Markdown document. Progress goes to standard error.
WHET_TRACES names a folder of public traces (arc_P3.lis.zst, lirs_cpp.trace.gz, ...) to
replay for the hit ratio; without it only generated ones are.

rows:  %s

examples:
  go run . -out ../docs/compare.md                    all, half an hour or more
  go run . -rows 'get.*' -peers 'otter|floor.*'       some rows and peers
  go run . -quick -rows memory,bound                  small sizes, not to be quoted
  go run . -rows mixed -rounds 20 -json > mixed.json  every round's figures
  go run . -from get.json,mixed.json                  a document of runs made one by one

`

// others are the rows that are not throughput, in the order in which they are measured.
var others = []string{"latency", "bound", "memory", "hit-ratio"}

// options are the command line.
type options struct {
	out, rows, peers    string
	from                string
	rounds              int
	sample              time.Duration
	quick, json         bool
	wantRows, wantPeers *regexp.Regexp
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	fs := flag.NewFlagSet("compare", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		var names []string
		for _, row := range measure.Rows {
			names = append(names, row.Name)
		}
		fmt.Fprintf(stderr, usage, strings.Join(append(names, others...), " "))
		fs.PrintDefaults()
	}
	fs.StringVar(&o.out, "out", "", "the `file` to write; the standard output without it")
	fs.StringVar(&o.from, "from", "", "measure nothing, join the JSON `files` of earlier runs, by commas")
	fs.StringVar(&o.rows, "rows", ".*", "rows to measure: regular expressions of whole names, by commas")
	fs.StringVar(&o.peers, "peers", ".*", "peers to measure, in the same way; ratios need their base")
	fs.IntVar(&o.rounds, "rounds", 0, "rounds of samples (default 15, quick 3)")
	fs.DurationVar(&o.sample, "sample", 0, "length of a sample (default 50ms, quick 5ms)")
	fs.BoolVar(&o.quick, "quick", false, "a tenth of every size, few and short samples")
	fs.BoolVar(&o.json, "json", false, "write JSON, with the figure of every round")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if o.wantRows, err = whole(o.rows); err != nil {
		return o, fmt.Errorf("-rows: %w", err)
	}
	if o.wantPeers, err = whole(o.peers); err != nil {
		return o, fmt.Errorf("-peers: %w", err)
	}
	return o, nil
}

// whole compiles expressions that are separated by commas, to match a whole name by one.
func whole(list string) (*regexp.Regexp, error) {
	return regexp.Compile("^(?:" + strings.ReplaceAll(list, ",", "|") + ")$")
}

func (o options) plan(stderr io.Writer) measure.Plan {
	p := measure.Plan{Peers: o.wantPeers, Rounds: 15, Sample: 50 * time.Millisecond, Procs: []int{1, 2}, Scale: 1,
		Traces: os.Getenv("WHET_TRACES"), Progress: stderr}
	if o.quick {
		p.Rounds, p.Sample, p.Scale, p.Traces = 3, 5*time.Millisecond, 10, ""
	}
	if o.rounds > 0 {
		p.Rounds = o.rounds
	}
	if o.sample > 0 {
		p.Sample = o.sample
	}
	return p
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = o.compare(ctx, args, stdout, stderr)
	}
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "compare: interrupted; nothing was written")
		return 130
	case err != nil:
		fmt.Fprintln(stderr, "compare:", err)
		return 2
	}
	return 0
}

func (o options) compare(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	r, err := o.results(ctx, args, stderr)
	if err != nil {
		return err
	}
	return o.write(r, stdout)
}

// results measures, or reads what was measured before.
func (o options) results(ctx context.Context, args []string, stderr io.Writer) (report.Results, error) {
	if o.from != "" {
		r, err := read(strings.Split(o.from, ","))
		r.Command += "\n    " + command(args)
		return r, err
	}
	p := o.plan(stderr)
	r := report.Results{Machine: bench.Gate(ctx), CPU: report.CPU(), Time: time.Now(), Command: command(args),
		Rounds: p.Rounds, Sample: p.Sample, Scale: p.Scale, Versions: report.Versions()}
	err := o.measure(ctx, p, &r)
	return r, err
}

// read joins the results in files of JSON.
func read(names []string) (report.Results, error) {
	runs := make([]report.Results, len(names))
	for i, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return report.Results{}, err
		}
		if err := json.Unmarshal(text, &runs[i]); err != nil {
			return report.Results{}, fmt.Errorf("%s: %w", name, err)
		}
		runs[i].Command += " > " + filepath.Base(name)
	}
	return report.Merge(runs)
}

func (o options) write(r report.Results, stdout io.Writer) error {
	var b bytes.Buffer
	if o.json {
		e := json.NewEncoder(&b)
		e.SetIndent("", " ")
		if err := e.Encode(r); err != nil {
			return err
		}
	} else if err := report.Markdown(&b, r); err != nil {
		return err
	}
	if o.out != "" {
		return os.WriteFile(o.out, b.Bytes(), 0o644)
	}
	_, err := stdout.Write(b.Bytes())
	return err
}

// measure fills in the figures of the rows that are wanted. It fails if there are none.
func (o options) measure(ctx context.Context, p measure.Plan, r *report.Results) (err error) {
	for _, row := range measure.Rows {
		if o.wantRows.MatchString(row.Name) {
			s, err := row.Measure(ctx, p)
			if err != nil {
				return err
			}
			r.Speed = append(r.Speed, s...)
		}
	}
	if o.wantRows.MatchString("get-ttl") {
		if r.Lifetime, err = measure.MeasureLifetime(ctx, p); err != nil {
			return err
		}
	}
	for _, name := range others {
		if !o.wantRows.MatchString(name) {
			continue
		}
		switch name {
		case "latency":
			r.Latency, err = measure.MeasureLatency(ctx, p)
		case "bound":
			r.Bound, err = measure.MeasureBound(ctx, p)
		case "memory":
			r.Memory, err = measure.MeasureMemory(ctx, p)
		case "hit-ratio":
			r.HitRatio, err = measure.MeasureHitRatio(ctx, p)
		}
		if err != nil {
			return err
		}
	}
	if len(r.Speed)+len(r.Latency)+len(r.Bound)+len(r.Memory)+len(r.HitRatio) == 0 {
		return fmt.Errorf("no peer of %q is in a row of %q", o.peers, o.rows)
	}
	return nil
}

// command returns the command line of a run, for a shell.
func command(args []string) string {
	words := []string{"go", "run", "."}
	for _, a := range args {
		if strings.ContainsAny(a, "|*()[]?$ '\"\\") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}
