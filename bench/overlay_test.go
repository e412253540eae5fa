package bench_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whetgo/whet/bench"
)

func TestOverlay(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "main.go")
	for name, text := range map[string]string{
		main:                         "package main\n\nfunc main() { println(`as it is`) }\n",
		filepath.Join(dir, "go.mod"): "module m\n\ngo 1.26\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := bench.NewOverlay(t.TempDir())
	for path, text := range map[string]string{
		main:                          "package main\n\nfunc main() { println(also) }\n",
		filepath.Join(dir, "also.go"): "package main\n\nconst also = `as it is seen`\n",
	} {
		if err := o.Put(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	flag, err := o.Flag()
	if err != nil {
		t.Fatal(err)
	}
	out := bench.Exec{Path: "go", Args: []string{"run", flag, "."}, Dir: dir}.Run(t.Context())
	if got := string(out.Stderr); out.Err != nil || got != "as it is seen\n" {
		t.Errorf("got %q, %v", got, out.Err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	file := strings.TrimPrefix(flag, "-overlay=")
	if _, ok := o.Path(file); ok {
		t.Error("the overlay's own file is seen nowhere, and has a path")
	}
	if p, ok := o.Path(filepath.Join(filepath.Dir(file), "f0_main.go")); ok && p != main {
		t.Errorf("got %s, want %s", p, main)
	}
}

func TestEnv(t *testing.T) {
	env, err := bench.Env(t.Context(), t.TempDir(), "GOROOT", "GOMODCACHE")
	if err != nil || len(env) != 2 || env["GOROOT"] == "" {
		t.Errorf("got %v, %v", env, err)
	}
	if _, err := bench.Env(t.Context(), filepath.Join(t.TempDir(), "none"), "GOROOT"); err == nil || !strings.Contains(err.Error(), "running go env") {
		t.Errorf("in no folder: %v", err)
	}
}

func TestBeneath(t *testing.T) {
	for _, c := range []struct {
		path, dir string
		want      bool
	}{{"/a/b", "/a", true}, {"/a", "/a", true}, {"/ab", "/a", false}, {"/b", "/a", false}, {"/a", "", false}} {
		if got := bench.Beneath(filepath.FromSlash(c.path), filepath.FromSlash(c.dir)); got != c.want {
			t.Errorf("%q in %q: got %v", c.path, c.dir, got)
		}
	}
}
