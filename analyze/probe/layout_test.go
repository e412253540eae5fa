package probe_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/bench"
)

// depSource is a module that others get from the module cache.
const depSource = `package dep

type Table struct{ step int }

func New(step int) *Table { return &Table{step} }

func (t *Table) Double(s string) string {
	for i := 0; i < t.step; i++ { s += s }
	return s
}
`

// serve makes a proxy of the module in files and has the go command use it, with a module
// cache of its own. bare leaves out its go.mod, as modules had none once.
func serve(t *testing.T, bare bool) {
	t.Helper()
	proxy, cache := t.TempDir(), t.TempDir()
	dir := filepath.Join(proxy, "example.com", "dep", "@v")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	mod := "module example.com/dep\n"
	f, err := os.Create(filepath.Join(dir, "v1.0.0.zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	files := map[string]string{"dep.go": depSource, "go.mod": mod}
	if bare {
		delete(files, "go.mod")
	}
	for name, text := range files {
		w, err := z.Create("example.com/dep@v1.0.0/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"list": "v1.0.0\n", "v1.0.0.info": `{"Version":"v1.0.0"}`, "v1.0.0.mod": mod} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(proxy))
	t.Setenv("GONOSUMDB", "*")
	t.Setenv("GONOSUMCHECK", "1")
	t.Setenv("GOFLAGS", "-modcacherw")
	t.Setenv("GOMODCACHE", cache)
	t.Setenv("GOSUMDB", "off")
}

var app = map[string]string{
	"go.mod": "module example.com/app\n\ngo 1.26\n\nrequire example.com/dep v1.0.0\n",
	"main.go": `package main

import (
	"fmt"

	"example.com/app/inner"
	"example.com/dep"
)

func ask(t *dep.Table, s string) string { return t.Double(s) }

func main() {
	t := dep.New(2)
	for i := range 10 {
		fmt.Println(ask(t, inner.Word(i%2)))
	}
}
`,
	"inner/inner.go": "package inner\n\nfunc Word(i int) string { return []string{\"a\", \"b\"}[i] }\n",
}

func goRun(t *testing.T, dir string, args ...string) {
	t.Helper()
	if out := (bench.Exec{Path: "go", Args: args, Dir: dir}).Run(t.Context()); out.Err != nil {
		t.Fatalf("go %v: %v\n%s", args, out.Err, out.Output)
	}
}

// TestLayouts watches functions of a program and of what it depends on, however the two
// are laid out.
func TestLayouts(t *testing.T) {
	for name, tt := range map[string]struct {
		bare, inside, vendor, work bool
		flags                      []string
	}{
		"cache":          {},
		"trimpath":       {flags: []string{"-trimpath"}},
		"bare module":    {bare: true},
		"inside modules": {inside: true},
		"vendor":         {vendor: true},
		"workspace":      {work: true},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, tt.bare)
			files := make(map[string]string)
			for name, text := range app {
				if tt.work {
					name = "app/" + name
				}
				files[name] = text
			}
			if tt.work {
				files["go.work"] = "go 1.26\n\nuse ./app\n"
			}
			root := lay(t, files)
			dir := root
			if tt.work {
				dir = filepath.Join(root, "app")
			}
			goRun(t, dir, "mod", "tidy")
			if tt.vendor {
				goRun(t, dir, "mod", "vendor")
			}
			before := snapshot(t, root)
			watchApp(t, dir, tt.inside, tt.flags)
			unchanged(t, root, before)
		})
	}
}

func watchApp(t *testing.T, dir string, inside bool, flags []string) {
	plan := probe.Plan{Candidates: []probe.Candidate{
		{Func: "main.ask"}, {Func: "example.com/app/inner.Word"}, {Func: "example.com/dep.(*Table).Double"}, {Func: "example.com/dep.New", Mode: probe.Creation},
	}}
	run := probe.Run
	if inside {
		run = probe.RunInside
	}
	res, err := run(t.Context(), command(dir, flags...), plan)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Left) > 0 || len(res.Warnings) > 0 || len(res.Records) != 4 {
		t.Fatalf("got left %v, warnings %v, %d records", res.Left, res.Warnings, len(res.Records))
	}
	for i, want := range []int64{10, 10, 10, 1} {
		r := res.Records[i]
		if r.Calls != want || r.Func != plan.Candidates[i].Func {
			t.Errorf("%s was called %d times, want %d", r.Func, r.Calls, want)
		}
		if _, err := os.Stat(r.File); err != nil {
			t.Errorf("%s is said to be in %s: %v", r.Func, r.File, err)
		}
		if len(r.Callers) != 1 || filepath.Base(r.Callers[0].File) != "main.go" {
			t.Errorf("%s is called by %v", r.Func, r.Callers)
		}
	}
	double := res.Records[2]
	if got := double.All.Repeats; got != 8 {
		t.Errorf("%v of the calls of Double repeat, want 8", got)
	}
	if double.Inputs[0].Level != probe.Fields || !slices.Equal(double.Inputs[0].Reads, []string{"t.step"}) {
		t.Errorf("got receiver %+v", double.Inputs[0])
	}
	if c := res.Records[3].Created; c == nil || c.First == 0 || c.Creator.Func != "main.main" || c.Instances != 1 {
		t.Errorf("got creation %+v", c)
	}
}

// TestCgo watches functions of a file with C in it.
func TestCgo(t *testing.T) {
	if out := (bench.Exec{Path: "go", Args: []string{"env", "CGO_ENABLED", "CC"}, Dir: t.TempDir()}).Run(t.Context()); !strings.HasPrefix(string(out.Stdout), "1\n") {
		t.Skip("needs cgo")
	}
	dir := lay(t, map[string]string{
		"go.mod": "module example.com/c\n\ngo 1.26\n",
		"main.go": `package main

// static int twice(int x) { return 2*x; }
import "C"
import "fmt"

type num struct{ n C.int }

func twice(n C.int, s string) (C.int, error) { return C.twice(n), nil }

func (n *num) twice() (r int) { x, _ := twice(n.n, ""); return int(x) }

func main() {
	for i := range 6 {
		n := num{C.int(i % 2)}
		fmt.Println(n.twice())
	}
}
`})
	if out := (bench.Exec{Path: "go", Args: []string{"build", "-o", os.DevNull, "."}, Dir: dir}).Run(t.Context()); out.Err != nil {
		t.Skipf("needs a C compiler: %s", out.Output)
	}
	res, err := probe.Run(t.Context(), command(dir), probe.Plan{Candidates: []probe.Candidate{{Func: "main.twice"}, {Func: "main.(*num).twice"}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Left) > 0 || res.Records[0].Calls != 6 || res.Records[0].All.Repeats != 4 || res.Records[1].Calls != 6 {
		t.Errorf("got left %v, records %+v", res.Left, res.Records)
	}
}

// TestLeftOut has candidates that cannot be watched: each is named with the reason, and the
// others are watched.
func TestLeftOut(t *testing.T) {
	dir := lay(t, map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n",
		"main.go": `package main

import "fmt"

//go:nosplit
func pragma() {}

func ok(n int) int { return n }

// conflict does not build with a probe: it hides the name of the probe's import.
func conflict(whet_ int) int { return whet_ }

func main() {
	pragma()
	fmt.Println(ok(1), conflict(2), fmt.Sprint("a"))
}
`})
	plan := probe.Plan{Candidates: []probe.Candidate{
		{Func: "main.pragma"}, {Func: "main.ok"}, {Func: "main.conflict"}, {Func: "main.missing"}, {Func: "main.main"}, {Func: "fmt.Sprint"},
		{Func: "main.main", Line: 15, Callee: "fmt.Sprint"}, {Func: "main.main", Line: 14, Callee: "fmt.Sprint"}, {Func: "main.ok"},
	}}
	res, err := probe.Run(t.Context(), command(dir), plan)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range res.Left {
		got = append(got, l.Candidate.Func+": "+l.Why)
	}
	slices.Sort(got)
	for i, want := range []string{
		"fmt.Sprint: it is of the standard library",
		"main.conflict: it does not build with a probe: ",
		"main.main: main runs once",
		"main.main: no call of fmt.Sprint is on line 14",
		"main.missing: no function main.missing was found",
		"main.ok: it is planned twice",
		"main.pragma: it is marked //go:nosplit",
	} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Fatalf("got left out\n%s\nwant at %d %q", strings.Join(got, "\n"), i, want)
		}
	}
	if len(res.Warnings) != len(got) {
		t.Errorf("got warnings %v", res.Warnings)
	}
	for _, r := range res.Records {
		if r.Calls != 1 {
			t.Errorf("%s %s was called %d times", r.Func, r.Candidate.Callee, r.Calls)
		}
	}
	if len(res.Records) != 2 {
		t.Errorf("got %d records", len(res.Records))
	}
	if _, err := probe.Run(t.Context(), command(dir, "-cover"), plan); err == nil || !strings.Contains(err.Error(), "-cover") {
		t.Errorf("with -cover got %v", err)
	}
}

// TestEnds reads what was recorded however the program ends.
func TestEnds(t *testing.T) {
	dir := lay(t, map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n",
		"main.go": `package main

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

func work(n int) int { return n * n }

func main() {
	for i := range 100 {
		work(i % 10)
	}
	switch os.Args[1] {
	case "panic":
		panic("end")
	case "exit":
		os.Exit(3)
	case "fatal":
		m := map[int]int{}
		for range 8 {
			go func() { for { m[1]++ } }()
		}
		time.Sleep(time.Minute)
	case "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "child":
		exec.Command(os.Args[0], "return").Run()
	case "hang":
		select {}
	}
}
`})
	subject := command(dir)
	var ws []probe.Workload
	ends := []string{"return", "panic", "exit", "fatal", "kill", "child"}
	for _, end := range ends {
		ws = append(ws, probe.Workload{Package: "example.com/m", Kind: analyze.Command, Args: []string{end}})
	}
	res, err := probe.Run(t.Context(), subject, probe.Plan{Candidates: []probe.Candidate{{Func: "example.com/m.work"}}, Workloads: ws})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Records) != len(ends) {
		t.Fatalf("got %d records", len(res.Records))
	}
	for i, end := range ends {
		want, failed, processes := int64(100), i > 0 && end != "child", 1
		if end == "child" {
			want, processes = 200, 2
		}
		if r := res.Records[i]; r.Calls != want || r.Distinct != float64(10*processes) {
			t.Errorf("%s: got %d calls of %v inputs, want %d", end, r.Calls, r.Distinct, want)
		}
		if run := res.Runs[i]; (run.Failed != "") != failed || run.Processes != processes {
			t.Errorf("%s: got %q, %d processes", end, run.Failed, run.Processes)
		}
	}
}

// TestOperations counts repeats in an iteration of a benchmark apart from those across,
// in a package that is not where the go command runs.
func TestOperations(t *testing.T) {
	dir := lay(t, map[string]string{
		"go.mod":  "module example.com/m\n\ngo 1.26\n",
		"root.go": "package m\n",
		"p/p.go":  "package p\n\nfunc Square(n int) int { return n * n }\n",
		"p/p_test.go": `package p_test

import (
	"testing"

	"example.com/m/p"
)

func BenchmarkN(b *testing.B) {
	p.Square(100)
	for i := 0; i < b.N; i++ {
		for j := range 4 {
			p.Square(j % 2)
		}
	}
}

func BenchmarkLoop(b *testing.B) {
	for b.Loop() {
		p.Square(7)
	}
}

func BenchmarkSub(b *testing.B) {
	b.Run("parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				p.Square(9)
			}
		})
	})
}

func BenchmarkWhole(b *testing.B) {
	p.Square(1)
	p.Square(1)
}

func TestA(t *testing.T) {
	p.Square(1)
	p.Square(1)
}

func TestB(t *testing.T) { p.Square(1) }
`})
	w := func(kind analyze.Kind, pattern string) probe.Workload {
		return probe.Workload{Package: "example.com/m/p", Kind: kind, Pattern: pattern}
	}
	plan := probe.Plan{
		Candidates: []probe.Candidate{{Func: "example.com/m/p.Square"}},
		Workloads:  []probe.Workload{w(analyze.Benchmark, "N$"), w(analyze.Benchmark, "Loop$"), w(analyze.Benchmark, "Sub$"), w(analyze.Benchmark, "Whole$"), w(analyze.Test, "")},
		Budget:     2500 * time.Millisecond,
		Share:      1000, // watch all, however little it does
	}
	res, err := probe.Run(t.Context(), analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"./..."}}, plan)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Records) != 5 || len(res.Warnings) > 0 {
		t.Fatalf("got %d records, warnings %v", len(res.Records), res.Warnings)
	}
	n, loop, sub, whole, tests := res.Records[0], res.Records[1], res.Records[2], res.Records[3], res.Records[4]
	if n.Outside == 0 || n.Within.Calls != 4*n.Ops || n.Within.Repeats != float64(2*n.Ops) || n.All.Repeats != float64(4*n.Ops-2) {
		t.Errorf("b.N: got %d operations, outside %d, %v of %d calls repeat in one, %v over all", n.Ops, n.Outside, n.Within.Repeats, n.Within.Calls, n.All.Repeats)
	}
	if loop.Ops == 0 || loop.Within.Repeats != 0 || loop.All.Repeats != float64(loop.Ops-1) {
		t.Errorf("b.Loop: got %d operations, %v repeats in one, %v over all", loop.Ops, loop.Within.Repeats, loop.All.Repeats)
	}
	if sub.Ops == 0 || sub.Calls == 0 || sub.Distinct != 1 {
		t.Errorf("RunParallel: got %d operations, %d calls, %v inputs", sub.Ops, sub.Calls, sub.Distinct)
	}
	if whole.Ops == 0 || whole.Within.Repeats != float64(whole.Ops) {
		t.Errorf("no loop: got %d operations, %v repeats in one", whole.Ops, whole.Within.Repeats)
	}
	if tests.Ops != 2 || tests.Calls != 3 || tests.Within.Repeats != 1 || tests.All.Repeats != 2 {
		t.Errorf("tests: got %d operations, %d calls, %v repeats in one, %v over all", tests.Ops, tests.Calls, tests.Within.Repeats, tests.All.Repeats)
	}
}
