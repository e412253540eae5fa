package capture

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/profile"
)

// measure runs the jobs, each within its share of the budget.
func (c *capture) measure(ctx context.Context, jobs []*job) {
	for i, j := range jobs {
		if ctx.Err() != nil {
			break
		}
		if c.clock.left() == 0 {
			c.s.Warn("", "%d of %d workloads were measured within the budget of %v: raise it with --budget", i, len(jobs), c.Budget)
			break
		}
		c.progress("running "+j.w.Name, i, len(jobs))
		j.w.Profiles = make(map[string]*profile.Profile)
		r := &runner{c: c, job: j, dir: filepath.Join(c.temp, "run"+strconv.Itoa(i)), share: c.clock.share(len(jobs) - i)}
		if err := os.Mkdir(r.dir, 0o700); err != nil {
			c.s.Warn(j.w.Name, "%s was not measured: %v", j.w.Name, err)
			continue
		}
		r.measure(ctx)
		os.RemoveAll(r.dir)
		if len(j.w.Profiles) > 0 || len(j.w.Epochs) > 0 {
			c.s.Workloads = append(c.s.Workloads, j.w)
		}
	}
}

// A runner measures one workload: a pilot that tells how many results there are and
// what one operation takes; a timed run with the CPU and heap profiles; a crowded run
// at many times the cores for the waiting; a watched run for what grows.
type runner struct {
	c     *capture
	job   *job
	dir   string
	share time.Duration

	leaves int           // sub-benchmarks
	once   time.Duration // what one iteration of each takes
	count  int           // how often the timed run ran tests
	again  time.Duration // what one more run of tests takes at most
}

// crowd is how many goroutines may run for each core in the crowded run: contention
// shows there even on few cores.
const crowd = 4

func (r *runner) measure(ctx context.Context) {
	o := r.run(ctx, r.args("1x", 1), nil, r.share)
	r.once = o.Took
	r.leaves = len(bench.Parse(o.Output))
	switch {
	case ctx.Err() != nil:
		return
	case errors.Is(o.Err, bench.ErrTimeout):
		r.fail(o)
		r.stuck(ctx)
		return
	case o.Err != nil:
		r.fail(o)
	}
	if r.c.Watch {
		r.again = o.Took
		r.watched(ctx)
		return
	}
	r.timed(ctx)
	if ctx.Err() == nil && o.Err == nil {
		r.crowded(ctx)
	}
	if ctx.Err() == nil {
		r.watched(ctx)
	}
}

// stuck watches a workload that does not end, for where its goroutines are.
func (r *runner) stuck(ctx context.Context) {
	dir := filepath.Join(r.dir, "stuck")
	if os.Mkdir(dir, 0o700) == nil {
		r.run(ctx, r.args("1x", 1), agentEnv(dir, 200*time.Millisecond), min(r.share, 1500*time.Millisecond))
		r.epochs(dir)
	}
}

// timed is the run that times come from.
func (r *runner) timed(ctx context.Context) {
	cpu, heap := filepath.Join(r.dir, "cpu"), filepath.Join(r.dir, "heap")
	args := append(r.args(r.benchtime(0.4, time.Second), 0.4), "-test.benchmem", "-test.cpuprofile="+cpu, "-test.memprofile="+heap, "-test.memprofilerate=65536")
	o := r.run(ctx, args, nil, r.patience())
	r.job.w.Results = bench.Parse(o.Output)
	r.again = o.Took / time.Duration(max(1, r.count))
	r.keep("cpu", cpu)
	r.keep("heap", heap)
	if o.Err != nil {
		r.fail(o)
	}
}

// crowded is the run that shows who waits for whom. Where there is waiting, the
// workload is swept over GOMAXPROCS.
func (r *runner) crowded(ctx context.Context) {
	mutex, block := filepath.Join(r.dir, "mutex"), filepath.Join(r.dir, "block")
	procs := crowd * runtime.NumCPU()
	args := append(r.args(r.benchtime(0.15, 300*time.Millisecond), 0.15), "-test.cpu="+strconv.Itoa(procs),
		"-test.mutexprofile="+mutex, "-test.mutexprofilefraction=1", "-test.blockprofile="+block, "-test.blockprofilerate=10000")
	o := r.run(ctx, args, nil, r.patience())
	r.keep("mutex", mutex)
	r.keep("block", block)
	if p := r.job.w.Profiles["mutex"]; p != nil && o.Err == nil && r.job.w.Kind == analyze.Benchmark &&
		float64(p.Total("delay")) > 0.02*float64(o.Took) {
		for _, n := range []int{1, runtime.NumCPU(), procs} {
			r.sweep(ctx, n)
		}
	}
}

func (r *runner) sweep(ctx context.Context, procs int) {
	dir := filepath.Join(r.dir, "sweep"+strconv.Itoa(procs))
	if os.Mkdir(dir, 0o700) != nil {
		return
	}
	args := append(r.args(r.benchtime(0.05, 150*time.Millisecond), 0.05), "-test.cpu="+strconv.Itoa(procs))
	o := r.run(ctx, args, agentEnv(dir, time.Hour), r.patience())
	results := bench.Parse(o.Output)
	_, wait := readEpochs(dir)
	ops := int64(0)
	for _, res := range results {
		ops += res.Iters
	}
	if o.Err == nil && ops > 0 {
		r.job.w.Sweep = append(r.job.w.Sweep, analyze.Point{Procs: procs, SecPerOp: bench.Mean(results, "sec/op"), WaitPerOp: wait / float64(ops)})
	}
}

const (
	// epochs is how many epochs a watched benchmark should see: its ramp to b.N and the
	// time that collections take leave some twelve of them to its last round.
	epochs = 30
	// shortest is how long a benchmark of few parts is watched even where the budget is
	// all but used up: growth does not show in less.
	shortest = 200 * time.Millisecond
	// repeats is how often watched tests are run at most. What one run leaves behind is
	// told from what it needs by its coming again and again.
	repeats = 2000
)

// watched is the run that shows what grows.
func (r *runner) watched(ctx context.Context) {
	dir := filepath.Join(r.dir, "watched")
	if os.Mkdir(dir, 0o700) != nil {
		return
	}
	part, most, n := 0.3, 900*time.Millisecond, epochs
	if r.c.Watch {
		part, most, n = 0.8, 6*time.Second, 2*epochs
	}
	length := min(time.Duration(part*float64(r.share)), time.Duration(max(1, r.leaves))*most)
	period := length / time.Duration(n*max(1, r.leaves))
	benchtime := r.benchtime(part, most-100*time.Millisecond)
	if d, err := time.ParseDuration(benchtime); err == nil && d < shortest && r.leaves <= 4 {
		benchtime = shortest.String()
	}
	args := r.args(benchtime, part)
	if r.job.w.Kind == analyze.Test && r.again > 0 {
		period /= 2 // what again overestimates shortens the run
		args = append(args, "-test.count="+strconv.Itoa(int(min(repeats, max(1, length/r.again)))))
	}
	env := append(agentEnv(dir, max(10*time.Millisecond, period)), "WHET_GC=1", "GODEBUG="+godebug("memprofilerate=4096"))
	r.run(ctx, args, env, r.patience())
	r.epochs(dir)
}

// epochs keeps what the agent wrote into dir.
func (r *runner) epochs(dir string) {
	r.job.w.Epochs, _ = readEpochs(dir)
	if n := len(r.job.w.Epochs); n > 0 {
		if p := r.job.w.Epochs[n-1].Goroutine; p != nil {
			r.job.w.Profiles["goroutine"] = p
		}
	}
}

// patience is how long a run may take that the pilot showed to end.
func (r *runner) patience() time.Duration {
	if r.job.w.Failed != "" {
		return min(r.share, 2*time.Second) + 2*r.once
	}
	return r.share + 5*r.once + 5*time.Second
}

func agentEnv(dir string, period time.Duration) []string {
	return []string{"WHET_AGENT=" + dir, "WHET_PERIOD=" + period.String()}
}

// godebug adds a setting to those of the user.
func godebug(setting string) string {
	if old := os.Getenv("GODEBUG"); old != "" {
		return old + "," + setting
	}
	return setting
}

// benchtime returns how long each sub-benchmark should run for the whole to take the
// given part of the share, at most most.
func (r *runner) benchtime(part float64, most time.Duration) string {
	// The ramp to b.N runs about as long again as the last round does.
	d := (time.Duration(part*float64(r.share)) - r.once) * 10 / time.Duration(14*max(1, r.leaves))
	return max(10*time.Millisecond, min(d, most)).String()
}

// args returns the arguments that run the job: a benchmark for benchtime, tests as
// often as fits into the given part of the share, at most 20 times.
func (r *runner) args(benchtime string, part float64) bench.Args {
	if r.job.w.Kind == analyze.Benchmark {
		// No -test.timeout: it ends before the benchmarks begin, and the timer that it
		// leaves behind may keep the runtime from seeing a deadlock.
		return bench.Args{"-test.run=^$", "-test.bench=" + r.job.pattern, "-test.benchtime=" + benchtime}
	}
	count := 1
	if r.once > 0 {
		count = int(part * float64(r.share) / float64(r.once))
	}
	r.count = min(20, max(1, count))
	limit := 3*r.share + time.Minute
	return bench.Args{"-test.run=" + r.job.pattern, "-test.count=" + strconv.Itoa(r.count), "-test.timeout=" + limit.String()}
}

func (r *runner) run(ctx context.Context, args bench.Args, env []string, timeout time.Duration) bench.Outcome {
	return r.job.binary.Run(ctx, args, env, timeout)
}

// keep reads a profile that a run wrote, if it wrote one.
func (r *runner) keep(name, path string) {
	p, err := profile.ReadFile(path)
	if err != nil {
		return // of a run that failed, which is said
	}
	if len(p.Samples) > 0 {
		r.job.w.Profiles[name] = p
	}
}

// said returns what a failed child complained of, for the end of a sentence.
func said(output []byte) string {
	if c := bench.Complaint(output, 6); c != "" {
		return ". It said:\n" + c
	}
	return ""
}

// fail notes, once, how a run went wrong.
func (r *runner) fail(o bench.Outcome) {
	if r.job.w.Failed != "" {
		return
	}
	r.job.w.Failed = fmt.Sprintf("%v", o.Err)
	r.c.s.Warn(r.job.w.Name, "%s failed (%v); what was measured until then is used%s", r.job.w.Name, o.Err, said(o.Output))
}
