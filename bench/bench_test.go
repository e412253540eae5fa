package bench_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/bench"
)

func TestParse(t *testing.T) {
	rs := bench.Parse([]byte(`goos: linux
some garbage the program printed
BenchmarkA
BenchmarkA/keys=zipf-8         	    1000	      1500 ns/op	      16 B/op	       2 allocs/op
BenchmarkB-small 	 3 	 2 ms/op
BenchmarkC-8 not a line
PASS`))
	if len(rs) != 2 {
		t.Fatalf("got %d results: %+v", len(rs), rs)
	}
	a, b := rs[0], rs[1]
	if a.Name != "BenchmarkA/keys=zipf" || a.Procs != 8 || a.Iters != 1000 || math.Abs(a.Values["sec/op"]-1.5e-6) > 1e-12 || a.Values["B/op"] != 16 || a.Values["allocs/op"] != 2 {
		t.Errorf("A: %+v", a)
	}
	if b.Name != "BenchmarkB-small" || b.Procs != 1 {
		t.Errorf("B: %+v", b)
	}
	if got := bench.Mean(rs, "B/op"); math.Abs(got-16) > 1e-9 {
		t.Errorf("mean B/op %v, want 16", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("BenchmarkA-8 1 2 ns/op\n"))
	f.Add([]byte("BenchmarkA-99999999999999999999 1 2 ns/op 3"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, r := range bench.Parse(b) {
			if !strings.HasPrefix(r.Name, "Benchmark") {
				t.Errorf("name %q", r.Name)
			}
		}
	})
}

func TestGate(t *testing.T) {
	m := bench.Gate(t.Context())
	if m.Cores != runtime.NumCPU() || m.Control <= 0 || m.Reason == "" || m.Noise == "" {
		t.Errorf("got %+v", m)
	}
	if m.Scaling && m.Control < 0.9*float64(min(m.Cores, runtime.GOMAXPROCS(0))) {
		t.Errorf("scaling is claimed although the control loop did not scale: %+v", m)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if m := bench.Gate(ended); m.Scaling || m.Reason == "" {
		t.Errorf("interrupted: %+v", m)
	}
}

func TestExec(t *testing.T) {
	sh := func(ctx context.Context, script string, timeout time.Duration) bench.Outcome {
		return bench.Exec{Path: "sh", Args: []string{"-c", script}, Timeout: timeout}.Run(ctx)
	}
	if o := sh(t.Context(), "echo out; echo err >&2", 0); o.Err != nil || string(o.Stdout) != "out\n" || string(o.Stderr) != "err\n" || len(o.Output) != 8 {
		t.Errorf("got %+v", o)
	}
	if o := sh(t.Context(), "exit 3", 0); o.Err == nil {
		t.Error("exit 3 gave no error")
	}
	// What the child started must end with it.
	mark := filepath.Join(t.TempDir(), "mark")
	o := sh(t.Context(), "(sleep 1; echo late > '"+mark+"') & sleep 30", 100*time.Millisecond)
	if !errors.Is(o.Err, bench.ErrTimeout) || o.Took > 10*time.Second {
		t.Errorf("got %v after %v, want a time-out", o.Err, o.Took)
	}
	time.Sleep(1200 * time.Millisecond)
	if _, err := os.Stat(mark); err == nil {
		t.Error("a grandchild lived on")
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if o := sh(ctx, "sleep 30", 0); !errors.Is(o.Err, context.Canceled) {
		t.Errorf("canceled: got %v", o.Err)
	}
}

func TestBinary(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/m\n\ngo 1.26\n")
	write("m.go", "package m\n")
	write("m_test.go", `package m

import "testing"

func BenchmarkX(b *testing.B) { for b.Loop() { } }
func BenchmarkY(b *testing.B) { b.Run("sub", func(b *testing.B) { for b.Loop() { } }) }
func TestZ(t *testing.T) { }
`)
	ps, err := bench.List(t.Context(), dir, nil, []string{"./..."})
	if err != nil || len(ps) != 1 || !ps[0].HasBenchmarks() {
		t.Fatalf("listed %v, %v", ps, err)
	}
	b, err := bench.Build(t.Context(), dir, nil, ps[0], filepath.Join(t.TempDir(), "m.test"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := b.Benchmarks(t.Context(), ".")
	if err != nil || strings.Join(names, " ") != "BenchmarkX BenchmarkY" {
		t.Errorf("names %v, %v", names, err)
	}
	o := b.Run(t.Context(), bench.Args{"-test.run=^$", "-test.bench=Y", "-test.benchtime=5x"}, nil, time.Minute)
	if rs := bench.Parse(o.Output); len(rs) != 1 || rs[0].Name != "BenchmarkY/sub" || rs[0].Iters != 5 {
		t.Errorf("ran %+v: %s", rs, o.Output)
	}
	write("m.go", "package m\n\nfunc (\n")
	if _, err := bench.Build(t.Context(), dir, nil, ps[0], filepath.Join(t.TempDir(), "m.test")); err == nil || !strings.Contains(err.Error(), "m.go:4") {
		t.Errorf("a broken package: got %v, want the compiler's message", err)
	}
}
