package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Package is a package as the go command lists it.
type Package struct {
	ImportPath   string
	Name         string
	Dir          string
	Standard     bool
	TestGoFiles  []string
	XTestGoFiles []string
	Error        *struct{ Err string }
	Module       *struct{ Dir string }
}

// HasTests reports whether the package has test files.
func (p *Package) HasTests() bool { return len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 }

var benchmarkFunc = regexp.MustCompile(`(?m)^func Benchmark\w*\(`)

// HasBenchmarks reports whether one of the test files declares a benchmark.
func (p *Package) HasBenchmarks() bool {
	for _, name := range slices.Concat(p.TestGoFiles, p.XTestGoFiles) {
		src, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err == nil && benchmarkFunc.Match(src) {
			return true
		}
	}
	return false
}

// List returns the packages that patterns match, as the go command run in dir with the
// build flags sees them. A package that cannot be read has its Error set.
func List(ctx context.Context, dir string, flags, patterns []string) ([]*Package, error) {
	args := append([]string{"list", "-e", "-json=ImportPath,Name,Dir,Standard,TestGoFiles,XTestGoFiles,Error,Module"}, flags...)
	args = append(append(args, "--"), patterns...)
	o := Exec{Path: "go", Args: args, Dir: dir}.Run(ctx)
	if o.Err != nil {
		return nil, fmt.Errorf("listing packages: %w: %s", o.Err, Complaint(o.Stderr, 5))
	}
	var ps []*Package
	for dec := json.NewDecoder(bytes.NewReader(o.Stdout)); ; {
		p := new(Package)
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			return ps, nil
		} else if err != nil {
			return nil, fmt.Errorf("listing packages: %w", err)
		}
		ps = append(ps, p)
	}
}

// A Binary is a built test binary.
type Binary struct {
	*Package
	Path string
}

// Build builds the package's test binary at path. Its error holds what the compiler
// said.
func Build(ctx context.Context, dir string, flags []string, p *Package, path string) (*Binary, error) {
	args := append([]string{"test", "-c", "-vet=off", "-o", path}, flags...)
	o := Exec{Path: "go", Args: append(args, p.ImportPath), Dir: dir}.Run(ctx)
	if o.Err != nil {
		return nil, fmt.Errorf("building the tests of %s: %w\n%s", p.ImportPath, o.Err, Complaint(o.Output, 12))
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("building the tests of %s: no test binary was made", p.ImportPath)
	}
	return &Binary{p, path}, nil
}

// Benchmarks returns the names of the top-level benchmarks of the binary that match the
// regular expression, in the order of the source. A binary that cannot list them in time,
// for instance because its initialization fails, gives an error.
func (b *Binary) Benchmarks(ctx context.Context, pattern string) ([]string, error) {
	return b.list(ctx, pattern, "Benchmark")
}

// Tests is Benchmarks for what a test run runs: tests, examples and the seeds of fuzz tests.
func (b *Binary) Tests(ctx context.Context, pattern string) ([]string, error) {
	return b.list(ctx, pattern, "Test", "Example", "Fuzz")
}

// list returns the names that match the pattern and begin with one of the kinds.
func (b *Binary) list(ctx context.Context, pattern string, kinds ...string) ([]string, error) {
	o := b.Run(ctx, Args{"-test.list=" + pattern}, nil, 20*time.Second)
	if o.Err != nil {
		return nil, fmt.Errorf("listing the benchmarks and tests of %s: %w\n%s", b.ImportPath, o.Err, Complaint(o.Output, 12))
	}
	var names []string
	for line := range strings.Lines(string(o.Output)) {
		line = strings.TrimSpace(line)
		is := func(kind string) bool { return strings.HasPrefix(line, kind) }
		if slices.ContainsFunc(kinds, is) && !strings.ContainsAny(line, " \t") {
			names = append(names, line)
		}
	}
	return names, nil
}

// Args are the arguments of a test binary.
type Args []string

// Run runs the binary in its package's folder, as go test does.
func (b *Binary) Run(ctx context.Context, args Args, env []string, timeout time.Duration) Outcome {
	return Exec{Path: b.Path, Args: args, Dir: b.Dir, Env: append([]string{"PWD=" + b.Dir}, env...), Timeout: timeout}.Run(ctx)
}
