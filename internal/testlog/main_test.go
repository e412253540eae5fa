package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files are a module in which tests end in every way.
var files = map[string]string{
	"go.mod": "module m\n\ngo 1.26\n",
	"ends/ends_test.go": `package ends

import "testing"

func TestPasses(t *testing.T) { t.Run("part", func(t *testing.T) {}) }
func TestFails(t *testing.T)  { t.Run("part", func(t *testing.T) { t.Error("it is broken") }) }
func TestSkips(t *testing.T)  { t.Skip("needs a server\nof some kind") }
func TestPart(t *testing.T)   { t.Run("of it", func(t *testing.T) { t.Skip("needs a browser") }) }
func TestSilent(t *testing.T) { t.SkipNow() }
`,
	"build/build_test.go": "package build\n\nvar x int = undefined\n",
	"exits/exits_test.go": `package exits

import (
	"os"
	"testing"
)

func TestMain(*testing.M) { println("gone"); os.Exit(3) }
`,
	"none/none.go": "package none\n",
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "./...")
	cmd.Dir = dir
	log, err := cmd.Output()
	if err == nil {
		t.Fatal("the tests passed, want failures")
	}
	var printed strings.Builder
	got, err := read(strings.NewReader(string(log)), &printed)
	if err != nil {
		t.Fatal(err)
	}
	// Two tests pass, one fails, and so do two packages that have no test to blame.
	if got.passed != 2 || got.failed != 3 || got.skipped != 2 {
		t.Errorf("got %d passed, %d failed, %d skipped, want 2, 3, 2", got.passed, got.failed, got.skipped)
	}
	slices.Sort(got.skips)
	want := []string{
		"m/ends TestPart/of_it: needs a browser\n",
		"m/ends TestSilent: no reason given\n",
		"m/ends TestSkips: needs a server\n",
	}
	if !slices.Equal(got.skips, want) {
		t.Errorf("skips: got %q, want %q", got.skips, want)
	}
	for _, part := range []string{"it is broken", "undefined: undefined", "gone"} {
		if !strings.Contains(printed.String(), part) {
			t.Errorf("%q is not printed:\n%s", part, printed.String())
		}
	}
}
