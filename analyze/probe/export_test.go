package probe

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/probe/whetprobe"
)

// A Built is a probed binary, to be run with Env.
type Built struct {
	Path, Dir string // Dir: of its package
	Env       string
	Records   string // the folder of its records
	Left      []Left
	Warnings  []analyze.Warning
	sites     int
}

// Build builds the plan's only workload. inside has the probe go into the modules.
func Build(ctx context.Context, tb testing.TB, subject analyze.Subject, plan Plan, inside bool) (*Built, error) {
	tb.Helper()
	temp, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		return nil, err
	}
	plan.Budget, plan.Share = defaultBudget, defaultShare
	r := &run{subject: subject, plan: plan, temp: temp, inside: inside}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	if len(plan.Candidates) == 0 {
		r.plan.Candidates = Every(r.prog)
	}
	if err := r.workloads(ctx); err != nil {
		return nil, err
	}
	p, binaries, err := r.build(ctx)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(temp, "records")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	b := &Built{Records: dir, Left: p.left, Warnings: r.result.Warnings, sites: len(p.sites)}
	b.Env = fmt.Sprintf("%s=%d,50,t,%s", whetprobe.Env, len(p.sites), dir)
	for _, bin := range binaries {
		b.Path, b.Dir = bin.path, bin.pkg.Dir
	}
	return b, nil
}

// CandidatesIn loads the packages and returns Every candidate of them.
func CandidatesIn(ctx context.Context, subject analyze.Subject, paths ...string) ([]Candidate, error) {
	r := &run{subject: subject}
	for _, p := range paths {
		r.plan.Candidates = append(r.plan.Candidates, Candidate{Func: strings.TrimSuffix(p, ".") + ".x"})
	}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	return Every(r.prog), nil
}

// Calls returns how many calls the record files of a built binary hold.
func (b *Built) Calls(tb testing.TB) (calls int64, processes int) {
	tb.Helper()
	entries, err := os.ReadDir(b.Records)
	if err != nil {
		tb.Fatal(err)
	}
	records := make([]*Record, b.sites)
	for i := range records {
		records[i] = &Record{}
	}
	var ran Ran
	for _, e := range entries {
		if err := readFile(filepath.Join(b.Records, e.Name()), b.sites, records, &ran); err != nil {
			tb.Error(err)
		}
	}
	for _, r := range records {
		calls += r.Calls
	}
	return calls, ran.Processes
}

// RunInside is Run with the probe in the modules.
func RunInside(ctx context.Context, subject analyze.Subject, plan Plan) (*Result, error) {
	r := &run{subject: subject, plan: plan, inside: true}
	return start(ctx, r)
}

// Plant returns the flags of a build with Every function of the packages probed, and what
// it takes to run it: how many sites there are, the environment, the folder of records.
func Plant(ctx context.Context, tb testing.TB, subject analyze.Subject, packages []string) (b *Built, flags []string, err error) {
	tb.Helper()
	temp, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		return nil, nil, err
	}
	cs, err := CandidatesIn(ctx, subject, packages...)
	if err != nil {
		return nil, nil, err
	}
	r := &run{subject: subject, plan: Plan{Candidates: cs}, temp: temp}
	if err := r.load(ctx); err != nil {
		return nil, nil, err
	}
	if err := r.workloads(ctx); err != nil {
		return nil, nil, err
	}
	o, err := newOverlay(ctx, temp, subject.Dir, subject.Flags)
	if err != nil {
		return nil, nil, err
	}
	p := r.plant(o)
	for _, pkg := range r.listed {
		p.pkgs = append(p.pkgs, pkg)
	}
	if err := p.overlay(ctx, o); err != nil {
		return nil, nil, err
	}
	if flags, err = o.buildFlags(ctx); err != nil {
		return nil, nil, err
	}
	b = &Built{Records: filepath.Join(temp, "records"), Left: p.left, sites: len(p.sites)}
	b.Env = fmt.Sprintf("%s=%d,50,t,%s", whetprobe.Env, len(p.sites), b.Records)
	return b, flags, os.Mkdir(b.Records, 0o700)
}

// Sites returns how many candidates are watched.
func (b *Built) Sites() int { return b.sites }
