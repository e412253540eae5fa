package probe

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/internal/robust"
)

// An Overhead is what the probes of a plan add to a workload: the CPU time, user and
// system, of runs of its process, plain and probed in turn, with the same arguments.
type Overhead struct {
	Workload      Workload
	Args          []string // of the binary
	Plain, Probed []time.Duration
}

// Ratio returns the median, the least and the greatest of the pairs' probed CPU time over
// the plain. It panics if there is no pair.
func (o Overhead) Ratio() (median, least, greatest float64) {
	var rs []float64
	for i, plain := range o.Plain {
		rs = append(rs, float64(o.Probed[i])/float64(max(plain, 1)))
	}
	return robust.Median(rs), slices.Min(rs), slices.Max(rs)
}

// plainRun is about how long the plain run of a benchmark takes.
const plainRun = time.Second

// MeasureOverhead builds the plan's workloads twice, plain and with the plan's candidates
// watched, and runs both in turn, pairs times. A benchmark makes the same number of
// iterations in all of them. The plan's budget is not kept to, its share is: it is what is
// measured.
func MeasureOverhead(ctx context.Context, subject analyze.Subject, plan Plan, pairs int) ([]Overhead, error) {
	r := &run{subject: subject, plan: plan}
	remove, err := r.prepare()
	if err != nil {
		return nil, err
	}
	defer remove()
	p, binaries, err := r.ready(ctx)
	if err != nil {
		return nil, err
	}
	var all []Overhead
	for i, w := range r.plan.Workloads {
		b := binaries[w.Package]
		if b == nil {
			return nil, fmt.Errorf("%s was not built", w.Package)
		}
		plain := &binary{filepath.Join(r.temp, "plain"+strconv.Itoa(i)+".bin"), b.pkg}
		if out := r.goBuild(ctx, w, r.subject.Flags, plain.path); out.Err != nil {
			return nil, fmt.Errorf("building %s: %w\n%s", w.Package, out.Err, bench.Complaint(out.Output, 12))
		}
		o, err := r.overhead(ctx, p, plain, b, w, pairs)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// overhead runs the two binaries in turn, each first in every other pair.
func (r *run) overhead(ctx context.Context, p *planting, plain, probed *binary, w Workload, pairs int) (Overhead, error) {
	o := Overhead{Workload: w}
	times, err := r.iterations(ctx, plain, w)
	if err != nil {
		return o, err
	}
	for i := range 2 * pairs {
		first, odd := i%2 == 0, i/2%2 == 1
		b, cpu := plain, &o.Plain
		if first == odd {
			b, cpu = probed, &o.Probed
		}
		e := r.exec(b, w, times)
		if b == probed {
			dir, err := os.MkdirTemp(r.temp, "records")
			if err != nil {
				return o, fmt.Errorf("making a scratch folder: %w", err)
			}
			e.Env = append(e.Env, r.env(p, w, dir))
		}
		out := e.Run(ctx)
		if out.Err != nil {
			return o, fmt.Errorf("running %s: %w\n%s", w.Package, out.Err, bench.Complaint(out.Output, 12))
		}
		o.Args, *cpu = e.Args, append(*cpu, out.CPU)
	}
	return o, nil
}

// iterations returns how many iterations each benchmark of the workload makes in about
// plainRun, as -test.benchtime takes it; of several, as few as the slowest.
func (r *run) iterations(ctx context.Context, plain *binary, w Workload) (string, error) {
	if w.Kind != analyze.Benchmark {
		return "", nil
	}
	out := r.exec(plain, w, plainRun.String()).Run(ctx)
	if out.Err != nil {
		return "", fmt.Errorf("running %s: %w\n%s", w.Package, out.Err, bench.Complaint(out.Output, 12))
	}
	n := 0
	for _, res := range bench.Parse(out.Output) {
		if n == 0 || int(res.Iters) < n {
			n = int(res.Iters)
		}
	}
	if n == 0 {
		return "", fmt.Errorf("%s has no benchmark that matches %q", w.Package, w.Pattern)
	}
	return strconv.Itoa(n) + "x", nil
}
