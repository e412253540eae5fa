package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/whetgo/whet/compare/measure"
	"github.com/whetgo/whet/compare/report"
)

func TestMain(m *testing.M) {
	if !measure.MemoryChild() {
		os.Exit(m.Run())
	}
}

// compare runs the command and returns what it wrote and its exit status.
func compare(t *testing.T, ctx context.Context, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, progress strings.Builder
	code = run(ctx, args, &out, &progress)
	return out.String(), progress.String(), code
}

func TestQuick(t *testing.T) {
	out := filepath.Join(t.TempDir(), "compare.md")
	stdout, stderr, code := compare(t, t.Context(), "-quick", "-rows", "get,bound", "-peers", "otter,golang-lru", "-rounds", "2", "-sample", "1ms", "-out", out)
	if code != 0 || stdout != "" || !strings.Contains(stderr, "get u64: round 2 of 2\n") {
		t.Fatalf("exit status %d, printed %q, %q", code, stdout, stderr)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`\n\| u64, GOMAXPROCS 2 \| ns/op \| ÷ otter \| ÷ golang-lru \| B/op \| hit % \| size % \| wait % \|\n`,
		`\n\| golang-lru \| [0-9.]+ \| [0-9.]+ \[[0-9.]+, [0-9.]+\] \| 1 \| [0-9.]+ \| 100.0 \| 76.3 \| [0-9.]+ \|\n`,
		`\n## Bound\n`, `-peers otter,golang-lru -rounds 2`,
	} {
		if !regexp.MustCompile(want).Match(text) {
			t.Errorf("%s does not match\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "theine") {
		t.Error("a peer that was not asked for is in the document")
	}
}

func TestJSON(t *testing.T) {
	stdout, _, code := compare(t, t.Context(), "-quick", "-rows", "get", "-peers", "map", "-rounds", "2", "-sample", "1ms", "-json")
	var r report.Results
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != 0 {
		t.Fatalf("exit status %d: %v", code, err)
	}
	if len(r.Speed) != 4 || len(r.Speed[0].Ns) != 2 || r.Machine.Cores == 0 || r.Scale != 10 {
		t.Errorf("got %+v", r)
	}
}

// TestFrom: runs made one by one make one document, unless they do not fit together.
func TestFrom(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	for name, rows := range map[string]string{"get.json": "get", "bound.json": "bound"} {
		if _, stderr, code := compare(t, t.Context(), "-quick", "-rows", rows, "-peers", "whet-cache,otter", "-rounds", "2", "-sample", "1ms", "-json", "-out", file(name)); code != 0 {
			t.Fatalf("%s: exit status %d, %s", rows, code, stderr)
		}
	}
	if err := os.WriteFile(file("bad.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, _, code := compare(t, t.Context(), "-from", file("get.json")+","+file("bound.json"))
	if code != 0 {
		t.Fatalf("exit status %d", code)
	}
	for _, want := range []string{`\| Get, u64, GOMAXPROCS 2 \| ≤ 0.50 × otter \| [0-9.]+ \[`, `\| size at most, whet-cache \| ≤ 100 % of the capacity \| 100 \| held \|`, `-rows bound`, `-rows get`} {
		if !regexp.MustCompile(want).MatchString(stdout) {
			t.Errorf("%s does not match\n%s", want, stdout)
		}
	}
	for _, bad := range []string{file("none.json"), file("bad.json"), file("get.json") + "," + file("get.json")} {
		if _, stderr, code := compare(t, t.Context(), "-from", bad); code != 2 || stderr == "" {
			t.Errorf("%s: exit status %d, %q", bad, code, stderr)
		}
	}
}

func TestArguments(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx    context.Context
		args   string
		code   int
		stderr string
	}{
		{t.Context(), "-h", 0, "hit-ratio\n"},
		{t.Context(), "-h", 0, "examples:\n  go run . -out ../docs/compare.md"},
		{t.Context(), "-no", 2, "not defined"},
		{t.Context(), "get", 2, `unexpected argument "get"`},
		{t.Context(), "-peers ((", 2, "-peers: "},
		{t.Context(), "-rows ((", 2, "-rows: "},
		{t.Context(), "-quick -rows get -peers nobody", 2, `no peer of "nobody"`},
		{ended, "-quick", 130, "nothing was written"},
	} {
		stdout, stderr, code := compare(t, c.ctx, strings.Fields(c.args)...)
		if code != c.code || stdout != "" || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%s: exit status %d, want %d; printed %q and %q, want %q", c.args, code, c.code, stdout, stderr, c.stderr)
		}
	}
}

func TestCommand(t *testing.T) {
	if got, want := command([]string{"-peers", "a|b", "-quick"}), "go run . -peers 'a|b' -quick"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
