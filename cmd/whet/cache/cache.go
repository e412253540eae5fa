// Package cache is "whet cache": a trace of keys, replayed against every policy and size.
package cache

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/policy"
)

const help = `Replay the requests of a trace against caches of several policies and sizes, and
say which size and policy is worth having.

TRACE is one of
  a file     in any format that package keytrace reads, packed with gzip or zstd or
             not: a key a line, CSV, Twitter's, ARC, LIRS, libCacheSim, its own
  -          standard input
  a spec     of a generated trace: zipf:n=100000,s=0.99,len=1e6  scan:len=1e6
             loop:n=5000  shifting:n=1e5,every=1e4  and mixes: zipf:weight=9+loop:n=1000

The policy whet is package cache itself, not a model of it: the trace is replayed on a
cache.Cache of that capacity, a Get for each request and a Set on a miss.

Exit codes: 0 done, 2 wrong usage or a failure, 130 interrupted.`

const examples = `  whet cache requests.keys
  whet cache OLTP.lis.zst --target 50% --plot oltp.html
  whet cache access.csv.gz --column url --policies lru,whet --sizes 1000,5%
  whet cache zipf:n=1e5,s=0.9,len=1e6 --json
  whet cache twitter.csv.zst --ttl 10m --sample 0.05
  whet cache cdn.tr --sizes 64MiB,1GiB
  whet cache generate zipf:n=1e5+scan:weight=0.2 mix.keytrace
  whet cache convert OLTP.lis.zst oltp.keytrace
  whet cache compare`

// simulation is what was asked of "whet cache".
type simulation struct {
	*shell.App
	source
	sizes, policies, target, entry string
	ttl                            time.Duration
	sample                         float64
	json, csv, quiet               bool
	plot                           string
	progress                       *shell.LateProgress
}

// Command is "whet cache".
func Command(a *shell.App) *cobra.Command {
	s := &simulation{App: a}
	cmd := &cobra.Command{
		Use:     "cache TRACE",
		GroupID: "find",
		Short:   "Say what hit ratio a cache of which size and policy would have",
		Long:    help,
		Example: examples,
		Args:    shell.Exactly("whet cache", 1, "one trace: a file, - or a spec such as zipf:n=1000"),
		RunE:    func(cmd *cobra.Command, args []string) error { return s.run(cmd.Context(), args[0]) },
	}
	s.source.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&s.sizes, "sizes", "", "`SIZES` to simulate: entries (1000), percent of the distinct keys (5%) or bytes (64MiB)")
	f.StringVar(&s.policies, "policies", "", "`NAMES` of policies, or all: "+strings.Join(policyNames(), ", "))
	f.DurationVar(&s.ttl, "ttl", 0, "`TIME` after which an entry is loaded again; the trace must have times")
	f.Float64Var(&s.sample, "sample", 1, "simulate this `PART` of the keys, in caches smaller by the same part")
	f.StringVar(&s.target, "target", "", "find the smallest size with this hit `RATIO`, such as 80% or 0.8")
	f.StringVar(&s.entry, "bytes", "", "`SIZE` of an entry, such as 200 or 4KiB, to say what caches take")
	f.BoolVar(&s.json, "json", false, "print one object of JSON (schema whet/cache/1)")
	f.BoolVar(&s.csv, "csv", false, "print a row of CSV for each policy and size")
	f.StringVar(&s.plot, "plot", "", "also draw the curves to `FILE`, .svg or .html")
	f.BoolVarP(&s.quiet, "quiet", "q", false, "no progress on stderr")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	cmd.AddCommand(convertCommand(a), generateCommand(a), compareCommand(a))
	return cmd
}

// An answer is what came out.
type answer struct {
	about  About
	report *keytrace.Report
	curve  *keytrace.Curve // of LRU; nil where it says another thing than the rows
	advice []keytrace.Advice
}

func (s *simulation) run(ctx context.Context, arg string) error {
	dir, err := s.Dir()
	if err != nil {
		return err
	}
	q, err := s.check(dir)
	if err != nil {
		return err
	}
	if !s.quiet {
		s.progress = shell.NewLateProgress(s.Stderr)
	}
	ans, err := s.answer(ctx, dir, arg, q)
	s.progress.End()
	if err != nil {
		return shell.Interrupted(ctx, err)
	}
	if err := s.tell(ans); err != nil {
		return fmt.Errorf("writing to standard output: %w", err)
	}
	return s.draw(dir, ans)
}

// A question is what was asked, checked as far as it can be without the trace.
type question struct {
	policies []policy.Info
	sizes    []size
	bytes    bool // sizes are bytes
	target   float64
	entry    float64 // bytes of one; 0: not said
}

func (s *simulation) check(dir string) (q question, err error) {
	if q.sizes, q.bytes, err = parseSizes(s.sizes); err != nil {
		return q, shell.Usage("whet cache", "--sizes: %w", err)
	}
	if q.policies, err = choosePolicies(s.policies, q.bytes); err != nil {
		return q, shell.Usage("whet cache", "--policies: %w", err)
	}
	if q.target, err = parseRatio(s.target); err != nil {
		return q, shell.Usage("whet cache", "--target: %w", err)
	}
	if q.entry, err = parseEntry(s.entry); err != nil {
		return q, shell.Usage("whet cache", "--bytes: %w", err)
	}
	if s.ttl < 0 {
		return q, shell.Usage("whet cache", "--ttl is %v: want a time above 0", s.ttl)
	}
	if !(s.sample > 0 && s.sample <= 1) {
		return q, shell.Usage("whet cache", "--sample is %v: want a number above 0 and up to 1", s.sample)
	}
	if err := s.source.check(); err != nil {
		return q, err
	}
	if s.plot == "" {
		return q, nil
	}
	if ext := strings.ToLower(filepath.Ext(s.plot)); ext != ".svg" && ext != ".html" {
		return q, shell.Usage("whet cache", "--plot is %q: its name must end in .svg or .html", s.plot)
	}
	return q, shell.CanWrite(dir, s.plot)
}

// answer reads the trace and simulates.
func (s *simulation) answer(ctx context.Context, dir, arg string, q question) (*answer, error) {
	t, name, err := s.read(ctx, s.progress, shell.In(dir, arg), arg)
	if err != nil {
		return nil, err
	}
	ans := &answer{about: describe(t, name, s.source.kind)}
	sizes, warnings := q.entries(t)
	o := keytrace.Options{Rate: s.sample, TTL: s.ttl, Bytes: q.bytes}
	o.Progress = s.progress.Part(fmt.Sprintf("simulating %d policies at %d sizes", len(q.policies), len(sizes)))
	if ans.report, err = keytrace.Simulate(ctx, t, q.policies, sizes, o); err != nil {
		return nil, explain(err)
	}
	ans.report.Warnings = append(append(s.source.warnings, warnings...), ans.report.Warnings...)
	if s.ttl == 0 && !q.bytes {
		part := t
		if s.sample < 1 {
			part = t.Sample(s.sample)
		}
		if ans.curve, err = keytrace.LRUCurve(ctx, part); err != nil {
			return nil, err
		}
	}
	ans.advice, err = s.advise(ctx, t, q, ans, o)
	return ans, err
}

// explain adds to an error of the simulation what can be done about it.
func explain(err error) error {
	hint := ""
	switch text := err.Error(); {
	case strings.Contains(text, "trace with times"):
		hint = "times are in traces of Twitter, libCacheSim and webcachesim, and in a CSV's column: --column key=url,time=at"
	case strings.Contains(text, "trace with sizes"):
		hint = "name the column of a CSV that holds sizes: --column key=url,size=bytes; or count entries"
	}
	return &shell.Failure{Err: err, Hint: hint, Code: shell.ExitFailure}
}

// advise says what follows. What is asked for with a target is looked at between the
// sizes of the table, too.
func (s *simulation) advise(ctx context.Context, t *keytrace.Trace, q question, ans *answer, o keytrace.Options) ([]keytrace.Advice, error) {
	r := ans.report
	var all []keytrace.Advice
	if q.target > 0 {
		near, err := s.refine(ctx, t, q, r, o)
		if err != nil {
			return nil, err
		}
		all = pick(keytrace.Advise(near, keytrace.Wish{HitRatio: q.target}), "target")
	}
	rest := keytrace.Advise(r, keytrace.Wish{})
	if q.entry > 0 {
		rest = slices.DeleteFunc(rest, func(a keytrace.Advice) bool { return a.Kind == "bytes" })
	}
	all = append(all, rest...)
	for _, more := range []func() (keytrace.Advice, bool){
		func() (keytrace.Advice, bool) { return ownAdvice(r) },
		func() (keytrace.Advice, bool) { return entryAdvice(r, q.entry) },
		func() (keytrace.Advice, bool) { return ttlAdvice(t, s.ttl) },
	} {
		if a, ok := more(); ok {
			all = append(all, a)
		}
	}
	return all, nil
}

func pick(as []keytrace.Advice, kind string) []keytrace.Advice {
	return slices.DeleteFunc(as, func(a keytrace.Advice) bool { return a.Kind != kind })
}

// refine returns the report with more sizes just below the first that reaches the target.
func (s *simulation) refine(ctx context.Context, t *keytrace.Trace, q question, r *keytrace.Report, o keytrace.Options) (*keytrace.Report, error) {
	const steps = 8
	below, above := 0, 0
	for _, row := range r.Rows {
		if !row.Offline && row.HitRatio >= q.target && (above == 0 || row.Size < above) {
			above = row.Size
		}
	}
	if above == 0 {
		return r, nil
	}
	for _, row := range r.Rows {
		if row.Size < above {
			below = max(below, row.Size)
		}
	}
	var sizes []int
	for i := 1; i < steps; i++ {
		n := below + (above-below)*i/steps
		if n > below && n < above {
			sizes = append(sizes, n)
		}
	}
	sizes = slices.Compact(sizes)
	online := slices.DeleteFunc(slices.Clone(q.policies), func(p policy.Info) bool { return p.Offline })
	if len(sizes) == 0 {
		return r, nil
	}
	o.Progress = s.progress.Part("looking between sizes")
	near, err := keytrace.Simulate(ctx, t, online, sizes, o)
	if err != nil {
		return nil, err
	}
	near.Rows = append(near.Rows, r.Rows...)
	return near, nil
}
