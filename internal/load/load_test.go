package load_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whetgo/whet/internal/load"
	"github.com/whetgo/whet/profile"
)

func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
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

const source = `package m

import "strings"

type Map[K comparable, V any] struct{ m map[K]V }

func (m *Map[K, V]) Get(k K) V { return m.m[k] }

type T struct{}

func (T) Value() int { return 1 }

func Keys[K comparable](ks ...K) int { return len(ks) }

func F(s string) string {
	f := func() string {
		return strings.ToUpper(s)
	}
	return f()
}
`

func program(t *testing.T, files map[string]string, paths ...string) *load.Program {
	t.Helper()
	dir := module(t, files)
	mods, err := load.LocalModules(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := load.Load(t.Context(), dir, nil, mods, paths)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProgram(t *testing.T) {
	p := program(t, map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "m.go": source, "cmd/c/main.go": "package main\n\nfunc main() {}\n"}, "example.com/m", "example.com/m/cmd/c")
	if len(p.Problems) > 0 {
		t.Fatal(p.Problems)
	}
	for _, name := range []string{
		"example.com/m.(*Map[...]).Get", "example.com/m.T.Value", "example.com/m.Keys[...]", "example.com/m.F",
		"example.com/m.F.func1", "main.main", "example.com/m/cmd/c.main",
	} {
		if p.Func(name) == nil {
			t.Errorf("no %s", name)
		}
	}
	if p.Func("example.com/m.None") != nil {
		t.Error("found a function that is not there")
	}
	// A profile of a trimmed build on another machine.
	fr := profile.Frame{Func: "example.com/m.Other.F.func1", File: "example.com/m/m.go", Line: 17}
	fn := p.FuncAt(fr)
	if fn == nil || fn.Name != "example.com/m.F" {
		t.Fatalf("line 17 is of %v", fn)
	}
	var callee string
	for _, n := range p.Nodes(fn, 17) {
		if call, ok := n.(*ast.CallExpr); ok {
			callee = load.FuncName(load.Callee(fn.Info(), call))
		}
	}
	if callee != "strings.ToUpper" {
		t.Errorf("line 17 calls %q", callee)
	}
	if !filepath.IsAbs(p.Path(fr)) || filepath.Base(p.Path(fr)) != "m.go" {
		t.Errorf("path %q", p.Path(fr))
	}
	if len(p.FuncsOf(fn.File.Pkg)) != 4 {
		t.Errorf("%d functions", len(p.FuncsOf(fn.File.Pkg)))
	}
}

func TestBrokenSource(t *testing.T) {
	p := program(t, map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "m.go": "package m\n\nfunc F() { undefined() }\n"}, "example.com/m")
	if len(p.Problems) == 0 || !strings.Contains(p.Problems[0], "undefined") || p.Func("example.com/m.F") == nil {
		t.Errorf("problems %q", p.Problems)
	}
}

func TestLocal(t *testing.T) {
	dir := module(t, map[string]string{
		"a/go.mod": "module example.com/a\n\ngo 1.26\n\nrequire example.com/b v0.0.0\n\nreplace example.com/b => ../b\n",
		"a/a.go":   "package a\n\nimport _ \"example.com/b\"\n",
		"b/go.mod": "module example.com/b\n\ngo 1.26\n", "b/b.go": "package b\n",
	})
	mods, err := load.LocalModules(t.Context(), filepath.Join(dir, "a"), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &load.Program{Modules: mods}
	for _, tt := range []struct {
		pkg, file string
		local     bool
	}{
		{"example.com/a", dir + "/a/a.go", true},
		{"example.com/a/sub", "example.com/a/sub/s.go", true},
		{"example.com/b", dir + "/b/b.go", true},
		{"example.com/ab", "/x/ab.go", false},
		{"example.com/a/v2", "/home/x/go/pkg/mod/example.com/a/v2@v2.0.1/a.go", false},
		{"main", dir + "/a/main.go", true},
		{"main", "/elsewhere/main.go", false},
		{"strings", "/usr/lib/go/src/strings/s.go", false},
	} {
		if got := p.IsLocal(tt.pkg, tt.file); got != tt.local {
			t.Errorf("IsLocal(%q, %q) = %v", tt.pkg, tt.file, got)
		}
	}
	if !load.IsStd("net/http", "") || load.IsStd("a.b/c", "") {
		t.Error("IsStd")
	}
	if _, err := load.LocalModules(t.Context(), t.TempDir(), nil); err == nil {
		t.Error("a folder without a module gave no error")
	}
}

func TestHasTypeParam(t *testing.T) {
	p := program(t, map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "m.go": `package m

type G[T any] struct {
	m map[string]T
	s []T
	f func(T)
}
type List struct {
	next *List
	of   G[int]
}
`}, "example.com/m")
	scope := p.Packages[0].Types.Scope()
	if !load.HasTypeParam(scope.Lookup("G").Type()) {
		t.Error("G[T] mentions T")
	}
	if load.HasTypeParam(scope.Lookup("List").Type()) {
		t.Error("List mentions no type parameter")
	}
}
