package contention

import (
	"math"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/internal/load"
	whet "github.com/whetgo/whet/profile"
)

func TestWaits(t *testing.T) {
	sweep := []analyze.Point{{Procs: 1, SecPerOp: 1e-6}, {Procs: 2, SecPerOp: 2e-6, WaitPerOp: 4e-6}, {Procs: 8, SecPerOp: 4e-6, WaitPerOp: 4e-6}}
	ws := waits(sweep, 0.5)
	if len(ws) != 3 || ws[1].sec != 2e-6 || ws[1].rel != 1 || math.Abs(ws[1].share-1.0/3) > 1e-9 {
		t.Errorf("waits %+v", ws)
	}
	if g := greatest(ws); g.procs != 2 || g.rel != 1 {
		t.Errorf("the greatest wait is %+v, want that at 2", g)
	}
	if got := slowdown(sweep); got != 0.5 {
		t.Errorf("slowdown %v, want 0.5: the least of both", got)
	}
	if got := waitShare(1, 1e-9, 8); got != mostWon {
		t.Errorf("a share of waiting of %v, want at most %v", got, mostWon)
	}
	if g := greatest(waits(sweep[:1], 1)); g.procs != 0 {
		t.Errorf("one processor alone gives %+v", g)
	}
}

func TestParallelized(t *testing.T) {
	for _, tt := range []struct {
		part  float64
		cores int
		want  float64
	}{{1, 4, 0.75}, {0.5, 4, 0.5}, {0.1, 4, 0}, {1, 1, 0}} {
		if got := parallelized(tt.part, tt.cores); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("parallelized(%v, %d) = %v, want %v", tt.part, tt.cores, got, tt.want)
		}
	}
}

// TestRoom: on two cores, what runs one at a time can gain half, and what it takes longer
// for the crowding; what blocks needs no core.
func TestRoom(t *testing.T) {
	w := &analyze.Workload{Sweep: []analyze.Point{{Procs: 1, SecPerOp: 1e-6}, {Procs: 2, SecPerOp: 1e-6}, {Procs: 8, SecPerOp: 2e-6}}}
	v := verdict{c: &census{s: &analyze.Session{Machine: bench.Machine{Cores: 2}}, w: w}, u: new(usage), facts: new(facts)}
	if got := [2]float64{v.room(2), v.room(8)}; got != [2]float64{0.5, 0.75} {
		t.Errorf("room for %v, want 0.5 and 0.75", got)
	}
	v.facts.calls = []work{{kind: "I/O", sure: true}}
	if got := v.room(2); got != 1 {
		t.Errorf("room for %v of what does I/O, want 1", got)
	}
	cpu := stacks("cpu", map[int64][]string{1e9: {"x.org/p.parse"}})
	cpu.Seconds = 1
	w.Profiles = map[string]*whet.Profile{"cpu": cpu}
	if v.u = (&usage{held: 0.9}); v.room(2) != 0.5 {
		t.Errorf("room for %v of what does I/O, but uses a core meanwhile, want 0.5", v.room(2))
	}
}

func TestSpan(t *testing.T) {
	for sec, want := range map[float64]string{2.5: "2.5 s", 0.0123: "12.3 ms", 27.76e-6: "27.8 µs", 5e-10: "0.5 ns"} {
		if got := span(sec); got != want {
			t.Errorf("span(%v) = %q, want %q", sec, got, want)
		}
	}
}

func TestOperation(t *testing.T) {
	frames := func(names ...string) (fs []whet.Frame) {
		for _, n := range names {
			fs = append(fs, whet.Frame{Func: n})
		}
		return fs
	}
	for _, tt := range []struct {
		below []whet.Frame
		via   string
		ok    bool
	}{
		{frames("internal/sync.(*Mutex).lockSlow", "internal/sync.(*Mutex).Lock", "sync.(*Mutex).Lock"), "", true},
		{frames("sync.(*RWMutex).RUnlock"), "", true},
		{frames("sync.(*Mutex).Unlock", "log.(*Logger).output", "log.Printf"), "log.(*Logger).output", true},
		{frames("sync.(*Mutex).Unlock", "sync.(*Once).doSlow", "sync.(*Once).Do"), "", false},
		{frames("sync.(*Mutex).Unlock", "sync.(*Pool).Get"), "", false},
		{frames("sync.(*WaitGroup).Wait"), "", false},
		{frames("runtime.chanrecv1"), "", false},
		{nil, "", false},
	} {
		if via, ok := operation(tt.below); via != tt.via || ok != tt.ok {
			t.Errorf("operation(%v) = %q, %v; want %q, %v", tt.below, via, ok, tt.via, tt.ok)
		}
	}
}

// stacks makes a profile of one value type; each stack is leaf first.
func stacks(typ string, by map[int64][]string) *whet.Profile {
	raw := &profile.Profile{SampleType: []*profile.ValueType{{Type: typ, Unit: "nanoseconds"}}}
	for value, names := range by {
		smp := &profile.Sample{Value: []int64{value}}
		for _, name := range names {
			fn := &profile.Function{Name: name, Filename: "/src/x.go"}
			loc := &profile.Location{Line: []profile.Line{{Function: fn, Line: 7}}}
			raw.Location = append(raw.Location, loc)
			smp.Location = append(smp.Location, loc)
		}
		raw.Sample = append(raw.Sample, smp)
	}
	return whet.New(raw)
}

// TestWithoutSource: what the profiles alone prove is said, and a lock of the runtime
// or of a sync.Once is nobody's.
func TestWithoutSource(t *testing.T) {
	s := &analyze.Session{Program: &load.Program{Modules: []load.Module{{Path: "x.org/p", Dir: "/src"}}}}
	s.Workloads = []*analyze.Workload{{
		Name: "BenchmarkPut", Kind: analyze.Benchmark, Repro: "go test -bench Put",
		Sweep: []analyze.Point{{Procs: 1, SecPerOp: 1e-6}, {Procs: 8, SecPerOp: 2e-6, WaitPerOp: 8e-6}},
		Profiles: map[string]*whet.Profile{
			"mutex": stacks("delay", map[int64][]string{
				6e9: {"sync.(*Mutex).Unlock", "x.org/p.(*T).Put", "testing.(*B).RunParallel.func1"},
				1e9: {"runtime.unlock", "runtime.semrelease1", "sync.(*Mutex).Unlock", "x.org/p.(*T).Get"},
				2e9: {"sync.(*Mutex).Unlock", "sync.(*Once).doSlow", "x.org/p.Init"},
				3e9: {"sync.(*Mutex).Unlock", "testing.(*common).Log"},
			}),
			"block": stacks("delay", map[int64][]string{5e9: {"sync.(*Mutex).Lock", "x.org/p.(*T).Put"}}),
		},
	}}
	found := analyze.Run(t.Context(), s, Pass)
	if len(found) != 1 || found[0].Rule != "contention/hot-lock" || found[0].Where().Func != "x.org/p.(*T).Put" {
		t.Fatalf("found %+v, want the lock of Put", found)
	}
	// Half of 8 µs over 8 µs and 8 × 2 µs.
	if got := found[0].Gain.Predicted[1]; math.Abs(got+0.2) > 1e-9 {
		t.Errorf("at most %v is gained, want -0.2: 4 µs of 4 + 8 × 2", got)
	}
}

// TestSpinningNeedsNobodyBlocked: time in channel operations is a spin only while the
// scheduler has nothing to wait for.
func TestSpinningNeedsNobodyBlocked(t *testing.T) {
	s := &analyze.Session{Program: &load.Program{Modules: []load.Module{{Path: "x.org/p", Dir: "/src"}}}}
	for parked, want := range map[int64]bool{1: true, 60: false} {
		w := &analyze.Workload{Profiles: map[string]*whet.Profile{"cpu": stacks("cpu", map[int64][]string{
			90:     {"runtime.selectgo", "x.org/p.run"},
			10:     {"x.org/p.run"},
			parked: {"runtime.findRunnable", "runtime.schedule", "runtime.park_m", "runtime.mcall"},
		})}}
		m := march(s, w)
		sps := m.ranked()
		if len(sps) != 1 || sps[0].cum != 100 || sps[0].sched != 90 {
			t.Fatalf("spinners %+v", sps)
		}
		if _, ok := m.spinning(s.Program, sps[0], loop{kind: retries}); ok != want {
			t.Errorf("with %d parked: spinning %v, want %v", parked, ok, want)
		}
	}
}
