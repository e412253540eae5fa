package probe_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/bench"
)

// lay writes files into a folder of their own.
func lay(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

func archive(tb testing.TB, name string) map[string]string {
	tb.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	files := make(map[string]string)
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

// snapshot returns what is in a folder.
func snapshot(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		files[path] = string(b)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

func unchanged(tb testing.TB, dir string, before map[string]string) {
	tb.Helper()
	after := snapshot(tb, dir)
	for name, text := range after {
		if before[name] != text {
			tb.Errorf("%s was changed or made", name)
		}
	}
	if len(after) != len(before) {
		tb.Errorf("got %d files, there were %d", len(after), len(before))
	}
}

var (
	arguments = regexp.MustCompile(`(?m)^([\w./*()\[\]{}-]+)\(.*\)$`)    // of a frame: they are there only of what is not inlined
	addresses = regexp.MustCompile(`\+?0x[0-9a-f]+|goroutine \d+`)       //
	places    = regexp.MustCompile(`(?m)^(\t\S+:\d+)( \+\S+)?$`)         // of a frame: without the offset in the function
	glue      = regexp.MustCompile(`(?m)^\S*deferwrap\d+\(\)\n\t\S+\n?`) // the compiler's
	signals   = regexp.MustCompile(`\[signal [^\]]*\]`)                  //
)

// plainly takes out of a program's output what may differ between two builds.
func plainly(out []byte, dir string) string {
	s := arguments.ReplaceAllString(string(out), "$1()")
	s = addresses.ReplaceAllString(s, "")
	s = places.ReplaceAllString(s, "$1")
	s = glue.ReplaceAllString(s, "")
	s = signals.ReplaceAllString(s, "")
	s = regexp.MustCompile(`(?m) +$`).ReplaceAllString(s, "")
	return strings.ReplaceAll(s, dir, "DIR")
}

func command(dir string, flags ...string) analyze.Subject {
	return analyze.Subject{Dir: dir, Patterns: []string{"."}, Mode: "command", Flags: flags}
}

// TestConform holds probed programs to what they do without probes.
func TestConform(t *testing.T) {
	names, err := filepath.Glob("testdata/conform/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".txtar")
		t.Run(base, func(t *testing.T) {
			conform(t, lay(t, archive(t, name)), variants[base].inside, variants[base].flags)
		})
	}
	t.Run("race", func(t *testing.T) {
		if !canRace(t) {
			t.Skip("needs a C compiler for the race detector")
		}
		conform(t, lay(t, archive(t, "testdata/conform/language.txtar")), false, []string{"-race"})
	})
}

// variants are how the programs are built, each in another way.
var variants = map[string]struct {
	inside bool
	flags  []string
}{
	"exit":  {inside: true},
	"line":  {flags: []string{"-gcflags=-N -l"}},
	"panic": {flags: []string{"-trimpath"}},
}

func conform(t *testing.T, dir string, inside bool, flags []string) {
	plain := filepath.Join(t.TempDir(), "plain")
	if out := (bench.Exec{Path: "go", Args: slices.Concat([]string{"build", "-o", plain}, flags, []string{"."}), Dir: dir}).Run(t.Context()); out.Err != nil {
		t.Fatalf("%v\n%s", out.Err, out.Output)
	}
	before := snapshot(t, dir)
	subject := command(dir, flags...)
	cs, err := probe.CandidatesIn(t.Context(), subject, "main")
	if err != nil {
		t.Fatal(err)
	}
	b, err := probe.Build(t.Context(), t, subject, probe.Plan{Candidates: cs}, inside)
	if err != nil {
		t.Fatal(err)
	}
	unchanged(t, dir, before)
	for _, l := range b.Left {
		if !strings.Contains(l.Why, "marked //go:nosplit") {
			t.Errorf("%s:%d was left out: %s", l.Candidate.Func, l.Candidate.Line, l.Why)
		}
	}
	want := bench.Exec{Path: plain, Dir: dir, Timeout: time.Minute}.Run(t.Context())
	got := bench.Exec{Path: b.Path, Dir: dir, Env: []string{b.Env}, Timeout: time.Minute}.Run(t.Context())
	if fmt.Sprint(got.Err) != fmt.Sprint(want.Err) {
		t.Errorf("probed, it ended with %v, plain with %v", got.Err, want.Err)
	}
	for _, out := range [][2][]byte{{want.Stdout, got.Stdout}, {want.Stderr, got.Stderr}} {
		if w, g := plainly(out[0], dir), plainly(out[1], dir); w != g {
			t.Errorf("probed, it printed\n%s\nplain\n%s\n(raw)\n%s", g, w, out[1])
		}
	}
	if calls, processes := b.Calls(t); calls == 0 || processes != 1 {
		t.Errorf("got %d calls of %d processes recorded", calls, processes)
	}
}

// canRace reports whether the race detector can be built.
func canRace(t *testing.T) bool {
	dir := lay(t, map[string]string{"go.mod": "module m\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"})
	out := bench.Exec{Path: "go", Args: []string{"build", "-race", "-o", os.DevNull, "."}, Dir: dir}.Run(t.Context())
	if out.Err != nil && os.Getenv("WHET_ALL") != "" {
		t.Fatalf("%v\n%s", out.Err, bytes.TrimSpace(out.Output))
	}
	return out.Err == nil
}
