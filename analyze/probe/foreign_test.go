package probe_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/bench"
)

// The module whose own tests are run with every function probed: an expression language
// of 56,000 lines, with generated code, reflection and unsafe.
const (
	foreignModule = "github.com/expr-lang/expr@v1.17.8"
	foreignSum    = "h1:W1loDTT+0PQf5YteHSTpju2qfUfNoBt4yw9+wOEU9VM="
)

// foreign returns a copy of the module, and skips the test where it cannot be had.
func foreign(t *testing.T) string {
	t.Helper()
	dir := lay(t, map[string]string{"go.mod": "module m\n\ngo 1.26\n"})
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", foreignModule)
	cmd.Dir = dir
	out, err := cmd.Output()
	var m struct{ Dir, Sum, Error string }
	if json.Unmarshal(out, &m) != nil || err != nil || m.Error != "" {
		if os.Getenv("WHET_ALL") != "" {
			t.Fatalf("needs %s: %v %s", foreignModule, err, m.Error)
		}
		t.Skipf("needs %s, which cannot be downloaded: %s", foreignModule, m.Error)
	}
	if m.Sum != foreignSum {
		t.Fatalf("%s has the sum %s, want %s", foreignModule, m.Sum, foreignSum)
	}
	to := filepath.Join(dir, "copy")
	if err := os.CopyFS(to, os.DirFS(m.Dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestForeign runs the tests of a module that is not ours with every function of it probed.
func TestForeign(t *testing.T) {
	dir := foreign(t)
	patterns := []string{".", "./ast/...", "./builtin", "./checker/...", "./compiler", "./optimizer", "./parser/...", "./vm/..."}
	switch {
	case testing.Short():
		patterns = []string{"./parser/...", "./file/..."}
	case os.Getenv("WHET_ALL") != "":
		patterns = []string{"./..."}
	}
	subject := analyze.Subject{Dir: dir, Mode: "packages", Patterns: patterns}
	pkgs, err := bench.List(t.Context(), dir, nil, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, p := range pkgs {
		paths = append(paths, p.ImportPath)
	}
	b, flags, err := probe.Plant(t.Context(), t, subject, paths)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range b.Left {
		if !strings.Contains(l.Why, "marked //go:") {
			t.Errorf("%s:%d is left out: %s", l.Candidate.Func, l.Candidate.Line, l.Why)
		}
	}
	args := slices.Concat([]string{"test", "-count=1", "-vet=off"}, flags, patterns)
	out := bench.Exec{Path: "go", Args: args, Dir: dir, Env: []string{b.Env}, Timeout: 10 * time.Minute}.Run(t.Context())
	if out.Err != nil {
		t.Errorf("%v\n%s", out.Err, bench.Complaint(out.Output, 60))
	}
	passed := strings.Count("\n"+string(out.Output), "\nok ")
	calls, processes := b.Calls(t)
	t.Logf("%d functions probed, %d packages passed, %d calls seen in %d processes, %v", b.Sites(), passed, calls, processes, out.Took)
	if b.Sites() < 1000 || passed < len(patterns) || calls < 10_000 {
		t.Error("too little was probed")
	}
}
