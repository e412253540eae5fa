package bench

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whetgo/whet/internal/robust"
)

// A Machine is what the gate found of the machine at hand: what can be claimed here.
type Machine struct {
	Go       string  `json:"go"`
	OS       string  `json:"os"`
	Arch     string  `json:"arch"`
	Cores    int     `json:"cores"`
	RunDelay float64 `json:"run_delay"`       // time the control loop waited for a core, over the time it ran; -1 if the system does not tell
	Control  float64 `json:"control_speedup"` // of a loop that shares nothing, at GOMAXPROCS = Cores
	Scaling  bool    `json:"scaling"`         // scaling can be measured here now
	Reason   string  `json:"reason"`          // why not, or what supports it
	Noise    string  `json:"noise"`           // "low", "medium", "high"
	Spread   float64 `json:"spread"`          // of repeated timings of the control loop: (median-min)/min
}

const (
	controlRuns = 7
	controlTime = 12 * time.Millisecond
)

// Gate times a loop that shares nothing, alone and on every core, and returns what
// that says of the machine. It takes about 0.2 s.
func Gate(ctx context.Context) Machine {
	m := Machine{Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), RunDelay: -1}
	procs := min(m.Cores, runtime.GOMAXPROCS(0))
	iters := calibrate()
	wait0, run0, ok0 := schedstat()
	var one, all []time.Duration
	for range controlRuns {
		if ctx.Err() != nil {
			break
		}
		one = append(one, timeControl(1, iters))
		all = append(all, timeControl(procs, iters))
	}
	wait1, run1, ok1 := schedstat()
	if ok0 && ok1 && run1 > run0 {
		m.RunDelay = max(0, float64(wait1-wait0)/float64(run1-run0))
	}
	if len(one) == 0 {
		m.Reason = "the gate was interrupted"
		return m
	}
	m.Control = float64(procs) * robust.Median(one) / robust.Median(all)
	m.Spread = robust.Median(one)/float64(slices.Min(one)) - 1
	m.judge(procs)
	return m
}

func (m *Machine) judge(procs int) {
	switch {
	case m.Spread > 0.15 || m.RunDelay > 0.3:
		m.Noise = "high"
	case m.Spread > 0.05 || m.RunDelay > 0.1:
		m.Noise = "medium"
	default:
		m.Noise = "low"
	}
	switch {
	case procs < 2:
		m.Reason = "one core: scaling cannot be measured"
	case m.Control < 0.9*float64(procs):
		m.Reason = "a loop that shares nothing ran only " + strconv.FormatFloat(m.Control, 'f', 2, 64) + " times as fast on " + strconv.Itoa(procs) + " cores: scaling is not measurable here"
	case m.RunDelay > 0.1:
		m.Reason = "goroutines waited for a core: scaling is not measurable here"
	default:
		m.Scaling = true
		m.Reason = "a loop that shares nothing scales"
	}
}

// calibrate returns how many rounds of the control loop take controlTime.
func calibrate() int {
	iters := 1 << 16
	for {
		d := timeControl(1, iters)
		if d >= controlTime/4 {
			return int(float64(iters) * float64(controlTime) / float64(d))
		}
		iters *= 2
	}
}

func timeControl(procs, iters int) time.Duration {
	var wg sync.WaitGroup
	start := time.Now()
	for range procs {
		wg.Go(func() { kept.Store(control(iters)) })
	}
	wg.Wait()
	return time.Since(start)
}

// kept has the control loop's result used.
var kept atomic.Uint64

// control is a chain of dependent multiplications in registers.
//
//go:noinline
func control(iters int) uint64 {
	x := uint64(iters)
	for range iters {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

// schedstat returns the nanoseconds that this process waited for a core and ran.
func schedstat() (wait, run int64, ok bool) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0, 0, false
	}
	for _, t := range tasks {
		b, err := os.ReadFile("/proc/self/task/" + t.Name() + "/schedstat")
		f := strings.Fields(string(b))
		if err != nil || len(f) < 2 {
			continue
		}
		r, _ := strconv.ParseInt(f[0], 10, 64)
		w, _ := strconv.ParseInt(f[1], 10, 64)
		run, wait, ok = run+r, wait+w, true
	}
	return wait, run, ok
}
