package probe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/probe/whetprobe"
	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

const (
	defaultBudget = 20 * time.Second
	defaultShare  = 0.5
	mostSites     = 10_000
	grace         = 3 * time.Second // for a command to end by itself when its time is over
)

// Run builds the subject with the plan's candidates watched, runs it, and returns what was
// recorded. The error is of a subject that could not be watched at all; what fails in part
// is in the result. When ctx ends, the result is of what was run until then.
//
// It takes a build of the workloads' packages, without what they import from elsewhere if
// that is not watched, and their runs. Nothing but scratch files is written.
func Run(ctx context.Context, subject analyze.Subject, plan Plan) (*Result, error) {
	return start(ctx, &run{subject: subject, plan: plan})
}

func start(ctx context.Context, r *run) (*Result, error) {
	remove, err := r.prepare()
	if err != nil {
		return nil, err
	}
	defer remove()
	return r.run(ctx)
}

// prepare checks what is asked for, fills in what is left to the package, and makes the
// scratch folder, which remove removes.
func (r *run) prepare() (remove func(), err error) {
	if f := conflicts(r.subject.Flags); f != "" {
		return nil, fmt.Errorf("probes go into a build by an overlay, which cannot be together with %s", f)
	}
	if r.plan.Budget <= 0 {
		r.plan.Budget = defaultBudget
	}
	if r.plan.Share <= 0 {
		r.plan.Share = defaultShare
	}
	if n := len(r.plan.Candidates); n > mostSites {
		return nil, fmt.Errorf("%d candidates are too many: at most %d can be watched at once", n, mostSites)
	}
	temp, err := os.MkdirTemp("", "whet-probe-")
	if err != nil {
		return nil, fmt.Errorf("making a scratch folder: %w", err)
	}
	remove = func() { os.RemoveAll(temp) }
	// What the go command calls a file has no links in it.
	if r.temp, err = filepath.EvalSymlinks(temp); err != nil {
		remove()
		return nil, fmt.Errorf("making a scratch folder: %w", err)
	}
	if r.subject.Dir, err = filepath.EvalSymlinks(r.subject.Dir); err != nil {
		remove()
		return nil, fmt.Errorf("finding the subject's folder: %w", err)
	}
	return remove, nil
}

type run struct {
	subject analyze.Subject
	plan    Plan
	temp    string
	prog    *load.Program
	inside  bool // the probe goes into the modules, not the standard library
	listed  map[string]*bench.Package
	left    []Left
	result  Result
}

func (r *run) warn(about, format string, args ...any) {
	w := analyze.Warning{About: about, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(r.result.Warnings, w) {
		r.result.Warnings = append(r.result.Warnings, w)
	}
}

func (r *run) progress(format string, args ...any) {
	if r.plan.Progress != nil {
		r.plan.Progress(fmt.Sprintf(format, args...))
	}
}

func (r *run) run(ctx context.Context) (*Result, error) {
	p, binaries, err := r.ready(ctx)
	if err != nil {
		return nil, err
	}
	r.result.Left = p.left
	for _, l := range p.left {
		r.warn(l.Candidate.Func, "%s is not watched: %s", l.Candidate.Func, l.Why)
	}
	end := time.Now().Add(r.plan.Budget)
	for i, w := range r.plan.Workloads {
		if ctx.Err() != nil {
			r.warn("", "interrupted: the result is of the runs until then")
			break
		}
		if binaries[w.Package] == nil {
			continue
		}
		share := time.Until(end) / time.Duration(len(r.plan.Workloads)-i)
		if share < 100*time.Millisecond {
			r.warn("", "%d of %d workloads were watched within the budget of %v", i, len(r.plan.Workloads), r.plan.Budget)
			break
		}
		r.progress("watching %s of %s", w.Kind, w.Package)
		r.watch(ctx, p, binaries[w.Package], w, share)
	}
	r.order(p)
	return &r.result, nil
}

// ready reads the source, and builds the workloads with probes.
func (r *run) ready(ctx context.Context) (*planting, map[string]*binary, error) {
	r.progress("reading the source of %d candidates", len(r.plan.Candidates))
	if err := r.load(ctx); err != nil {
		return nil, nil, err
	}
	if err := r.workloads(ctx); err != nil {
		return nil, nil, err
	}
	return r.build(ctx)
}

// load reads the source of the candidates' packages.
func (r *run) load(ctx context.Context) error {
	modules, err := load.LocalModules(ctx, r.subject.Dir, r.subject.Flags)
	if err != nil {
		return err
	}
	paths := make(map[string]bool)
	for _, name := range append(r.names(), r.plan.Operation) {
		switch pkg := profile.Package(name); {
		case pkg == "main":
			for _, p := range r.subject.Patterns {
				paths[p] = true
			}
		case pkg != "" && !load.IsStd(pkg, ""):
			paths[pkg] = true
		case pkg != "":
			// A module may have a name without a dot, as the standard library's packages do.
			for _, m := range modules {
				if pkg == m.Path || strings.HasPrefix(pkg, m.Path+"/") {
					paths[pkg] = true
				}
			}
		}
	}
	if r.prog, err = load.Load(ctx, r.subject.Dir, r.subject.Flags, modules, slices.Sorted(maps.Keys(paths))); err != nil {
		return err
	}
	for _, problem := range r.prog.Problems {
		r.warn("", "source of %s", problem)
	}
	return nil
}

func (r *run) names() (names []string) {
	for _, c := range r.plan.Candidates {
		names = append(names, c.Func)
	}
	return names
}

// workloads lists the packages of the plan's workloads, and where the plan has none, makes
// them of the subject.
func (r *run) workloads(ctx context.Context) error {
	patterns := r.subject.Patterns
	for _, w := range r.plan.Workloads {
		patterns = append(slices.Clip(patterns), w.Package)
	}
	pkgs, err := bench.List(ctx, r.subject.Dir, r.subject.Flags, patterns)
	if err != nil {
		return err
	}
	r.listed = make(map[string]*bench.Package)
	var own []Workload
	for _, p := range pkgs {
		if p.Error != nil || r.listed[p.ImportPath] != nil {
			continue
		}
		r.listed[p.ImportPath] = p
		switch {
		case r.subject.Mode == "command":
			own = append(own, Workload{Package: p.ImportPath, Kind: analyze.Command, Args: r.subject.Args})
		case r.subject.Test == "" && r.subject.Bench != "none" && p.HasBenchmarks():
			own = append(own, Workload{Package: p.ImportPath, Kind: analyze.Benchmark, Pattern: r.subject.Bench})
		case p.HasTests():
			own = append(own, Workload{Package: p.ImportPath, Kind: analyze.Test, Pattern: r.subject.Test})
		}
	}
	if len(r.plan.Workloads) == 0 {
		r.plan.Workloads = own
	}
	if len(r.plan.Workloads) == 0 {
		return errors.New("there is nothing to run: no command, benchmark or test")
	}
	return nil
}

// A binary is a built workload.
type binary struct {
	path string
	pkg  *bench.Package
}

// build builds the workloads' binaries. Candidates that the compiler does not take are left
// out, and it is tried again.
func (r *run) build(ctx context.Context) (*planting, map[string]*binary, error) {
	const tries = 8
	var last error
	for try := range tries {
		dir := filepath.Join(r.temp, "overlay"+strconv.Itoa(try))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, nil, fmt.Errorf("making a scratch folder: %w", err)
		}
		o, err := newOverlay(ctx, dir, r.subject.Dir, r.subject.Flags)
		if err != nil {
			return nil, nil, err
		}
		o.std = o.std && !r.inside
		p := r.plant(o)
		for _, w := range r.plan.Workloads {
			if pkg := r.listed[w.Package]; pkg != nil && w.Kind != analyze.Command && !slices.Contains(p.pkgs, pkg) {
				p.pkgs = append(p.pkgs, pkg)
			}
		}
		if err := p.overlay(ctx, o); err != nil {
			return nil, nil, err
		}
		flags, err := o.buildFlags(ctx)
		if err != nil {
			return nil, nil, err
		}
		binaries, output, err := r.compile(ctx, flags)
		if err == nil {
			return p, binaries, nil
		}
		if last = err; ctx.Err() != nil || !r.blame(p, o, output) {
			break
		}
	}
	return nil, nil, last
}

// compile builds every workload's binary. A package that does not build without probes
// either costs its own workloads.
func (r *run) compile(ctx context.Context, flags []string) (map[string]*binary, []byte, error) {
	binaries := make(map[string]*binary)
	var failed error
	for _, w := range r.plan.Workloads {
		pkg := r.listed[w.Package]
		if pkg == nil || binaries[w.Package] != nil {
			if pkg == nil {
				r.warn(w.Package, "%s was not found", w.Package)
			}
			continue
		}
		r.progress("building %s with probes", w.Package)
		path := filepath.Join(r.temp, "w"+strconv.Itoa(len(binaries))+".bin")
		out := r.goBuild(ctx, w, slices.Concat(flags, r.subject.Flags), path)
		if out.Err == nil {
			binaries[w.Package] = &binary{path, pkg}
			continue
		}
		failed = fmt.Errorf("building %s with probes: %w\n%s", w.Package, out.Err, bench.Complaint(out.Output, 12))
		if plain := r.goBuild(ctx, w, r.subject.Flags, path); plain.Err == nil || ctx.Err() != nil {
			return nil, out.Output, failed
		}
		r.warn(w.Package, "%s does not build: %s", w.Package, bench.Complaint(out.Output, 5))
	}
	if len(binaries) == 0 {
		return nil, nil, failed
	}
	return binaries, nil, nil
}

func (r *run) goBuild(ctx context.Context, w Workload, flags []string, path string) bench.Outcome {
	args := append([]string{"test", "-c", "-vet=off", "-o", path}, flags...)
	if w.Kind == analyze.Command {
		args = append([]string{"build", "-o", path}, flags...)
	}
	return bench.Exec{Path: "go", Args: append(args, w.Package), Dir: r.subject.Dir}.Run(ctx) // "--" would end the packages of go test
}

// blame leaves out the candidates that a failed build speaks of, or where it speaks of
// none, has the probe go elsewhere. It reports whether there is anything to try again.
func (r *run) blame(p *planting, o *overlay, output []byte) bool {
	before := len(r.left)
	for line := range strings.Lines(string(output)) {
		file, at, ok := errorPlace(line)
		if !ok {
			continue
		}
		for _, s := range p.sites {
			if o.is(file, s.src.path, r.subject.Dir) && s.src.line(s.body.Pos()) <= at && at <= s.src.line(s.body.End()) {
				r.leave(s, strings.TrimSpace(line))
			}
		}
	}
	for line := range strings.Lines(string(output)) {
		if file, _, ok := errorPlace(line); ok && len(r.left) == before {
			for _, s := range p.sites {
				if o.is(file, s.src.path, r.subject.Dir) {
					r.leave(s, strings.TrimSpace(line))
				}
			}
		}
	}
	if len(r.left) > before {
		return true
	}
	if !r.inside && o.std {
		r.inside = true
		r.warn("", "the probe is placed into the modules, since it does not build in this toolchain's standard library: %s", bench.Complaint(output, 3))
		return true
	}
	return false
}

func (r *run) leave(s *site, why string) {
	if !slices.ContainsFunc(r.left, func(l Left) bool { return same(l.Candidate, s.cand) }) {
		r.left = append(r.left, Left{s.cand, "it does not build with a probe: " + why})
	}
}

// errorPlace reads "file:line:column: message".
func errorPlace(line string) (file string, at int, ok bool) {
	file, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
	if !ok {
		return "", 0, false
	}
	number, _, ok := strings.Cut(rest, ":")
	at, err := strconv.Atoi(number)
	return file, at, ok && err == nil
}

// is reports whether a compiler's name for a file is that of a source.
func (o *overlay) is(file, path, dir string) bool {
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	return file == path || o.real(file) == path
}

// watch runs one workload and reads what it recorded.
func (r *run) watch(ctx context.Context, p *planting, b *binary, w Workload, share time.Duration) {
	dir := filepath.Join(r.temp, "records"+strconv.Itoa(len(r.result.Runs)))
	if err := os.Mkdir(dir, 0o700); err != nil {
		r.warn(w.Package, "%s was not watched: %v", w.Package, err)
		return
	}
	defer os.RemoveAll(dir)
	benchTime := ""
	if w.Kind == analyze.Benchmark {
		benchTime = r.benchTime(ctx, b, w, share)
	}
	e := r.exec(b, w, benchTime)
	e.Timeout = share
	e.Env = append(e.Env, r.env(p, w, dir))
	out := e.Run(ctx)
	ran := Ran{Workload: w, Took: out.Took, CPU: out.CPU}
	if out.Err != nil {
		ran.Failed = out.Err.Error()
		if !errors.Is(out.Err, bench.ErrTimeout) {
			ran.Failed += "\n" + bench.Complaint(out.Output, 12)
		}
		r.warn(w.Package, "a watched %s did not end as it should: %s", w.Kind, ran.Failed)
	}
	r.read(p, dir, w, &ran)
	if w.Kind == analyze.Test && r.plan.Operation == "" && ran.Operations > int64(ran.Processes) {
		ran.Operations -= int64(ran.Processes) // what came before the first test
	}
	r.setOps(p, ran.Operations)
	r.result.Runs = append(r.result.Runs, ran)
}

// exec is a run of a workload's binary, each of its benchmarks for benchTime.
func (r *run) exec(b *binary, w Workload, benchTime string) bench.Exec {
	e := bench.Exec{Path: b.path, Dir: b.pkg.Dir}
	switch w.Kind {
	case analyze.Command:
		e.Args, e.Dir, e.Grace = w.Args, r.subject.Dir, grace
	case analyze.Benchmark:
		e.Args = []string{"-test.run=^$", "-test.bench=" + pattern(w.Pattern), "-test.benchtime=" + benchTime}
		e.Env = []string{"PWD=" + e.Dir}
	default:
		e.Args = []string{"-test.run=" + pattern(w.Pattern), "-test.timeout=0"}
		e.Env = []string{"PWD=" + e.Dir}
	}
	return e
}

// env tells the probe in a workload's process what to do, and where to write.
func (r *run) env(p *planting, w Workload, dir string) string {
	begin := ""
	if w.Kind == analyze.Benchmark || r.plan.Operation != "" {
		begin = "o"
	}
	if !r.plan.NoText {
		begin += "t"
	}
	return fmt.Sprintf("%s=%d,%d,%s,%s", whetprobe.Env, max(1, len(p.sites)), int(100*r.plan.Share), begin, dir)
}

// setOps notes how many operations there were in the records of the last run.
func (r *run) setOps(p *planting, ops int64) {
	for _, rec := range r.result.Records[len(r.result.Records)-len(p.sites):] {
		if rec.Ops = ops; rec.Stopped {
			rec.Ops = min(ops, max(1, rec.ops))
		}
	}
}

func pattern(p string) string {
	if p == "" {
		return "."
	}
	return p
}

// benchTime returns how long each benchmark is to run: a first run without probes tells
// how many there are.
func (r *run) benchTime(ctx context.Context, b *binary, w Workload, share time.Duration) string {
	out := bench.Exec{
		Path: b.path, Args: []string{"-test.run=^$", "-test.bench=" + pattern(w.Pattern), "-test.benchtime=1x"},
		Dir: b.pkg.Dir, Env: []string{"PWD=" + b.pkg.Dir}, Timeout: share / 2,
	}.Run(ctx)
	leaves := len(bench.Parse(out.Output))
	left := share - 3*out.Took
	if leaves == 0 || left <= 0 {
		return "1x"
	}
	// A benchmark takes about twice its time, with the runs that find how often it fits.
	each := min(time.Second, left/time.Duration(3*leaves))
	if each < 5*time.Millisecond {
		return "1x"
	}
	return each.Round(time.Millisecond).String()
}
