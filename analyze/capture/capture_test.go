package capture_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/capture"
	"github.com/whetgo/whet/profile"
)

// module writes a module of the given files and returns its folder.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if _, ok := files["go.mod"]; !ok {
		files["go.mod"] = "module example.com/m\n\ngo 1.26\n"
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tree returns the names of all files below dir with their contents.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		b.WriteString(path + "\n" + string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const sumSource = `package m

import "strconv"

var table = build()

func build() map[int]string {
	m := make(map[int]string)
	for i := range 20000 {
		m[i] = strconv.Itoa(i)
	}
	return m
}

func Sum(n int) int {
	s := 0
	for i := range n {
		s += len(table[i%20000])
	}
	return s
}
`

const sumBench = `package m

import "testing"

func BenchmarkSum(b *testing.B) {
	for b.Loop() {
		if Sum(1000) == 0 {
			b.Fatal("zero")
		}
	}
}
`

// TestExternalTests measures a benchmark outside of the package that ranges over one of its
// iterators: the compiler puts that into the benchmark, by a name in "m_test", which is no
// package of the go command's, and the file is still the iterator's.
func TestExternalTests(t *testing.T) {
	source := `package m

import "iter"

var table = make([]int, 1000)

func Numbers() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range 100 {
			sum := i + 1
			for _, n := range table {
				sum += n
			}
			if !yield(sum) {
				return
			}
		}
	}
}
`
	bench := `package m_test

import (
	"testing"

	"example.com/m"
)

func BenchmarkNumbers(b *testing.B) {
	for b.Loop() {
		for n := range m.Numbers() {
			if n == 0 {
				b.Fatal("zero")
			}
		}
	}
}
`
	dir := module(t, map[string]string{"m.go": source, "m_test.go": bench})
	s, err := capture.Run(t.Context(), capture.Options{
		Subject: analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"."}},
		Budget:  2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Warnings) != 0 {
		t.Errorf("warnings %v", s.Warnings)
	}
	if s.Program.Func("example.com/m.Numbers") == nil {
		t.Error("the source of Numbers was not read")
	}
}

func TestPackages(t *testing.T) {
	dir := module(t, map[string]string{"m.go": sumSource, "m_test.go": sumBench})
	before := tree(t, dir)
	var doing []string
	s, err := capture.Run(t.Context(), capture.Options{
		Subject:  analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"./..."}},
		Budget:   3 * time.Second,
		Progress: func(p capture.Progress) { doing = append(doing, p.Doing) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Workloads) != 1 || len(s.Warnings) != 0 {
		t.Fatalf("workloads %v, warnings %v", s.Workloads, s.Warnings)
	}
	w := s.Workloads[0]
	if w.Name != "BenchmarkSum" || w.Kind != analyze.Benchmark || w.SecPerOp() <= 0 || w.Failed != "" {
		t.Errorf("workload %+v", w)
	}
	if len(w.Epochs) < 4 || w.Epochs[1].Heap == nil || w.Epochs[1].HeapBytes == 0 {
		t.Errorf("%d epochs", len(w.Epochs))
	}
	ix := s.Index(w, "cpu", "cpu")
	if f := ix.Funcs["example.com/m.Sum"]; f == nil || ix.Share(f.Cum) < 0.5 || f.Owner != profile.Own {
		t.Errorf("Sum is not where the time goes: %+v", f)
	}
	if s.Program.Func("example.com/m.Sum") == nil {
		t.Error("the source of Sum was not read")
	}
	if !slices.ContainsFunc(s.Inits, func(in analyze.Init) bool { return in.Package == "example.com/m" && in.Allocs > 10000 && in.Sec > 0 }) {
		t.Errorf("the cost of the table at start is not in %+v", s.Inits)
	}
	if !slices.Contains(doing, "running BenchmarkSum") {
		t.Errorf("progress said %q", doing)
	}
	if after := tree(t, dir); after != before {
		t.Error("the subject's files have changed")
	}
}

func TestPackagesThatFail(t *testing.T) {
	for _, tt := range []struct{ name, bench, warn string }{
		{"fails", `func BenchmarkX(b *testing.B) { b.Fatal("no luck") }`, "no luck"},
		{"panics", `func BenchmarkX(b *testing.B) { panic("ouch") }`, "ouch"},
		{"exits", `func BenchmarkX(b *testing.B) { os.Exit(0) }`, ""},
		{"hangs", `func BenchmarkX(b *testing.B) { for { time.Sleep(time.Hour) } }`, "took too long"},
		{"deadlocks", `func BenchmarkX(b *testing.B) { select {} }`, "all goroutines are asleep"},
		{"prints", `func BenchmarkX(b *testing.B) { for b.Loop() { fmt.Println("BenchmarkZ-8 x y z\x00") } }`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := module(t, map[string]string{"m.go": sumSource, "m_test.go": sumBench, "x_test.go": "package m\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"testing\"\n\t\"time\"\n)\n\nvar _, _, _ = fmt.Println, os.Exit, time.Sleep\n\n" + tt.bench + "\n"})
			s, err := capture.Run(t.Context(), capture.Options{Subject: analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"."}}, Budget: 4 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(s.Workloads, func(w *analyze.Workload) bool { return w.Name == "BenchmarkSum" && w.SecPerOp() > 0 }) {
				t.Errorf("the good benchmark is missing: %v", s.Warnings)
			}
			said := ""
			for _, w := range s.Warnings {
				said += w.Text
			}
			if !strings.Contains(said, tt.warn) {
				t.Errorf("warnings %q do not say %q", said, tt.warn)
			}
		})
	}
}

func TestNothingToMeasure(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		files      map[string]string
	}{
		{"no tests", "no test files", map[string]string{"m.go": "package m\n"}},
		{"does not build", "m.go:3", map[string]string{"m.go": "package m\n\nfunc broken( {\n", "m_test.go": sumBench}},
		{"does not type-check", "undefined: Sum", map[string]string{"m.go": "package m\n", "m_test.go": sumBench}},
	} {
		dir := module(t, tt.files)
		_, err := capture.Run(t.Context(), capture.Options{Subject: analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"."}}})
		if !errors.Is(err, capture.ErrNothing) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want it to say %q", tt.name, err, tt.want)
		}
	}
	if _, err := capture.Run(t.Context(), capture.Options{Subject: analyze.Subject{Dir: t.TempDir(), Mode: "packages", Patterns: []string{"."}}}); err == nil || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("no module: got %v", err)
	}
}

// A package without tests is started all the same, for what that costs.
func TestStartAlone(t *testing.T) {
	dir := module(t, map[string]string{"m.go": sumSource})
	s, err := capture.Run(t.Context(), capture.Options{Subject: analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"."}}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(s.Inits, func(in analyze.Init) bool { return in.Package == "example.com/m" && in.Sec > 1e-4 }) {
		t.Errorf("inits %+v", s.Inits)
	}
	if len(s.Warnings) == 0 || !strings.Contains(s.Warnings[0].Text, "no test files") {
		t.Errorf("warnings %v do not say what is missing", s.Warnings)
	}
}

const serverSource = `package main

import (
	"os"
	"sort"
)

var sink []int

func work() {
	s := make([]int, 50000)
	for i := range s {
		s[i] = i * 7919 % 50021
	}
	sort.Ints(s)
	sink = s
}

func main() {
	for i := 0; len(os.Args) < 2 || i < 200; i++ {
		work()
	}
}
`

func TestCommand(t *testing.T) {
	for _, args := range [][]string{nil, {"a while"}} { // one that never ends, one that does
		dir := module(t, map[string]string{"main.go": serverSource})
		s, err := capture.Run(t.Context(), capture.Options{
			Subject: analyze.Subject{Dir: dir, Mode: "command", Patterns: []string{"."}, Args: args},
			Budget:  3 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		w := s.Workloads[0]
		ix := s.Index(w, "cpu", "cpu")
		if f := ix.Funcs["main.work"]; f == nil || ix.Share(f.Own) < 0.5 || f.Owner != profile.Own {
			t.Errorf("args %q: work is not where the time goes: %+v, warnings %v", args, f, s.Warnings)
		}
		if len(w.Epochs) == 0 || w.Profiles["heap"] == nil || s.Program.Func("main.work") == nil {
			t.Errorf("args %q: epochs %d, profiles %v", args, len(w.Epochs), w.Profiles)
		}
	}
}

func TestInterrupted(t *testing.T) {
	dir := module(t, map[string]string{"main.go": serverSource})
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(4*time.Second, cancel)
	start := time.Now()
	s, err := capture.Run(ctx, capture.Options{Subject: analyze.Subject{Dir: dir, Mode: "command", Patterns: []string{"."}}, Budget: time.Minute})
	if time.Since(start) > 20*time.Second {
		t.Errorf("ended after %v", time.Since(start))
	}
	if err == nil && !slices.ContainsFunc(s.Warnings, func(w analyze.Warning) bool { return strings.Contains(w.Text, "interrupted") }) {
		t.Errorf("no word of the interruption: %v", s.Warnings)
	}
	left, _ := filepath.Glob(filepath.Join(temp, "whet-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A package that only the tests import is told from one that the program starts.
func TestInitsOfTestsAlone(t *testing.T) {
	table := "package %s\n\nvar Table = func() map[int]int {\n\tm := make(map[int]int)\n\tfor i := range 50000 {\n\t\tm[i] = i\n\t}\n\treturn m\n}()\n"
	dir := module(t, map[string]string{
		"m.go":             "package m\n\nimport \"example.com/m/used\"\n\nfunc Len() int { return len(used.Table) }\n",
		"used/used.go":     fmt.Sprintf(table, "used"),
		"tested/tested.go": fmt.Sprintf(table, "tested"),
		"m_test.go":        "package m\n\nimport (\n\t\"testing\"\n\n\t\"example.com/m/tested\"\n)\n\nfunc TestLen(t *testing.T) {\n\tif Len() != len(tested.Table) {\n\t\tt.Fatal(Len())\n\t}\n}\n",
	})
	s, err := capture.Run(t.Context(), capture.Options{
		Subject: analyze.Subject{Dir: dir, Mode: "packages", Patterns: []string{"."}, Bench: "none"},
		Budget:  time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	only := make(map[string]bool)
	for _, in := range s.Inits {
		if in.Sec > 1e-4 {
			only[in.Package] = in.TestOnly
		}
	}
	if alone, ok := only["example.com/m/used"]; !ok || alone {
		t.Errorf("used: measured %v, of the tests alone %v; want true, false", ok, alone)
	}
	if !only["example.com/m/tested"] {
		t.Errorf("tested is not marked as the tests' alone: %+v", s.Inits)
	}
}
