package capture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/internal/load"
)

// packages measures the benchmarks of the subject's packages, and the tests of those
// that have none.
func (c *capture) packages(ctx context.Context) error {
	c.progress("listing packages", 0, 1)
	pkgs, err := bench.List(ctx, c.Subject.Dir, c.Subject.Flags, c.Subject.Patterns)
	if err != nil {
		return err
	}
	tested := c.tested(pkgs)
	if len(tested) == 0 && len(c.s.Warnings) == len(pkgs) && slices.ContainsFunc(pkgs, func(p *bench.Package) bool { return p.Error != nil }) {
		return errors.New(c.s.Warnings[0].Text)
	}
	if len(tested) == 0 {
		// What they cost at start can be measured all the same.
		tested = slices.DeleteFunc(pkgs, func(p *bench.Package) bool { return p.Error != nil })
	}
	binaries := c.build(ctx, tested)
	if len(binaries) == 0 {
		return c.nothing("no test binary could be built")
	}
	c.inits(ctx, binaries)
	c.clock.start(c.Budget)
	c.measure(ctx, c.plan(ctx, binaries))
	if len(c.s.Workloads) == 0 && !c.costlyStart() {
		return c.nothing(c.nothingRan())
	}
	return nil
}

// nothingRan says why, as far as that is known.
func (c *capture) nothingRan() string {
	switch {
	case c.Subject.Test != "":
		return fmt.Sprintf("no test that matches %q ran", c.Subject.Test)
	case c.Subject.Bench != "" && c.Subject.Bench != "none":
		return fmt.Sprintf("no benchmark that matches %q ran", c.Subject.Bench)
	}
	return "no benchmark or test ran"
}

// costlyStart reports whether the start alone is worth a look: it was asked for, or
// takes long in a package that is not the standard library's.
func (c *capture) costlyStart() bool {
	return c.Subject.Bench == "none" && len(c.s.Inits) > 0 || slices.ContainsFunc(c.s.Inits, func(in analyze.Init) bool {
		return in.Sec >= 100e-6 && !load.IsStd(in.Package, "")
	})
}

// nothing returns an error that says what was tried.
func (c *capture) nothing(why string) error {
	var b strings.Builder
	for _, w := range c.s.Warnings {
		b.WriteString("\n" + w.Text)
	}
	return fmt.Errorf("%w: %s%s", ErrNothing, why, b.String())
}

// tested returns the packages that can be run, those with benchmarks first.
func (c *capture) tested(pkgs []*bench.Package) []*bench.Package {
	var benched, others []*bench.Package
	for _, p := range pkgs {
		switch {
		case p.Error != nil && !p.HasTests():
			c.s.Warn(p.ImportPath, "%s: %s", p.ImportPath, p.Error.Err)
		case p.HasTests() && p.HasBenchmarks():
			benched = append(benched, p)
		case p.HasTests():
			others = append(others, p)
		case len(pkgs) == 1:
			c.s.Warn(p.ImportPath, "%s has no test files: write a benchmark, or use --run for a command", p.ImportPath)
		}
	}
	return append(benched, others...)
}

// build builds the test binaries, with the agent linked in where it can be.
func (c *capture) build(ctx context.Context, pkgs []*bench.Package) []*bench.Binary {
	flags := c.Subject.Flags
	if flag, err := c.agentFor(ctx, pkgs); err != nil {
		c.s.Warn("", "no growth is measured: %v", err)
	} else {
		flags = append([]string{flag}, flags...)
	}
	var binaries []*bench.Binary
	for i, p := range pkgs {
		if ctx.Err() != nil {
			break
		}
		c.progress("building "+p.ImportPath, i, len(pkgs))
		path := filepath.Join(c.temp, strconv.Itoa(i)+".test")
		b, err := bench.Build(ctx, c.Subject.Dir, flags, p, path)
		if err != nil && len(flags) > len(c.Subject.Flags) && ctx.Err() == nil {
			var plain error
			if b, plain = bench.Build(ctx, c.Subject.Dir, c.Subject.Flags, p, path); plain == nil {
				c.s.Warn(p.ImportPath, "no growth is measured in %s: %v", p.ImportPath, err)
				err = nil
			} else {
				err = plain
			}
		}
		if err != nil {
			c.s.Warn(p.ImportPath, "%v", err)
			continue
		}
		binaries = append(binaries, b)
	}
	return binaries
}

func (c *capture) agentFor(ctx context.Context, pkgs []*bench.Package) (flag string, err error) {
	dir := filepath.Join(c.temp, "overlay")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	o, err := newOverlay(ctx, dir, c.Subject.Dir)
	if err != nil {
		return "", err
	}
	for _, p := range pkgs {
		if err := o.addTest(p); err != nil {
			return "", err
		}
	}
	return o.Flag()
}

// A job is one workload to be measured.
type job struct {
	w       *analyze.Workload
	binary  *bench.Binary
	pattern string // of -test.bench, or of -test.run for tests
}

// minShare is the least time for which measuring a benchmark by itself is worth a
// process: below it, neighbours are measured together.
const minShare = 1500e6 // nanoseconds

// plan returns the workloads to measure: each top-level benchmark by itself, or
// several together where the budget is too small for that, and the tests of packages
// without benchmarks.
func (c *capture) plan(ctx context.Context, binaries []*bench.Binary) []*job {
	var jobs []*job
	for _, b := range binaries {
		if ctx.Err() != nil {
			break
		}
		jobs = append(jobs, c.planBinary(ctx, b)...)
	}
	most := max(1, int(c.Budget/minShare))
	if len(jobs) > most {
		jobs = group(jobs, (len(jobs)+most-1)/most)
	}
	return jobs
}

func (c *capture) planBinary(ctx context.Context, b *bench.Binary) []*job {
	if c.Subject.Bench == "none" && c.Subject.Test == "" {
		return nil
	}
	if c.Subject.Test == "" && b.HasBenchmarks() {
		names, err := b.Benchmarks(ctx, topLevel(c.Subject.Bench))
		if err != nil {
			c.s.Warn(b.ImportPath, "%v", err)
			return nil
		}
		var jobs []*job
		for _, name := range names {
			jobs = append(jobs, c.benchmarkJob(b, name))
		}
		return jobs
	}
	if c.Subject.Bench != "" && c.Subject.Test == "" || !b.HasTests() {
		return nil
	}
	if c.Subject.Test != "" {
		if names, err := b.Tests(ctx, topLevel(c.Subject.Test)); err == nil && len(names) == 0 {
			return nil
		}
	}
	return []*job{c.testJob(b)}
}

// topLevel returns the part of a pattern that top-level names must match.
func topLevel(pattern string) string {
	top, _, _ := strings.Cut(pattern, "/")
	return cmp.Or(top, ".")
}

func (c *capture) benchmarkJob(b *bench.Binary, name string) *job {
	pattern := "^" + name + "$"
	if _, sub, ok := strings.Cut(c.Subject.Bench, "/"); ok {
		pattern += "/" + sub
	}
	return &job{
		w: &analyze.Workload{
			Name: name, Package: b.ImportPath, Dir: b.Dir, Kind: analyze.Benchmark,
			Repro: fmt.Sprintf("go test -run '^$' -bench '%s' -benchmem -count 10 %s", pattern, b.ImportPath),
		},
		binary: b, pattern: pattern,
	}
}

func (c *capture) testJob(b *bench.Binary) *job {
	pattern := c.Subject.Test
	if pattern == "" {
		pattern = "."
	}
	return &job{
		w: &analyze.Workload{
			Name: "tests of " + b.Name, Package: b.ImportPath, Dir: b.Dir, Kind: analyze.Test,
			Repro: fmt.Sprintf("go test -run '%s' -count 5 %s", pattern, b.ImportPath),
		},
		binary: b, pattern: pattern,
	}
}

// group joins up to n neighbouring benchmarks of one binary into one workload.
func group(jobs []*job, n int) []*job {
	var out []*job
	count := 0
	for _, j := range jobs {
		last := len(out) - 1
		if last >= 0 && out[last].binary == j.binary && count < n && j.w.Kind == analyze.Benchmark && !strings.Contains(j.pattern, "/") {
			out[last] = join(out[last], j)
			count++
			continue
		}
		out, count = append(out, j), 1
	}
	return out
}

func join(a, b *job) *job {
	w := *a.w
	first, _, _ := strings.Cut(w.Name, "…")
	w.Name = first + "…" + strings.TrimPrefix(b.w.Name, "Benchmark")
	pattern := "^(" + strings.Trim(strings.TrimSuffix(strings.TrimPrefix(a.pattern, "^"), "$"), "()") + "|" + strings.Trim(b.pattern, "^$") + ")$"
	w.Repro = fmt.Sprintf("go test -run '^$' -bench '%s' -benchmem -count 10 %s", pattern, w.Package)
	return &job{w: &w, binary: a.binary, pattern: pattern}
}
