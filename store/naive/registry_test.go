package naive

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestOpenGivesOneStoreForEqualParams(t *testing.T) {
	emptyRegistry()
	dir := t.TempDir()
	first := mustOpen(t, dir, 1)
	again := Params{}
	for _, name := range []string{"maxlots", "client", "addr", "driver", "account"} {
		again[name] = FileParams(dir, "paper", 1)[name]
	}
	second, err := Open(again)
	if err != nil {
		t.Fatal(err)
	}
	if first != second {
		t.Error("equal parameters gave two stores")
	}
	if n := Stores(); n != 1 {
		t.Errorf("%d stores are open, want 1", n)
	}
}

func TestOpenTellsParamsApart(t *testing.T) {
	emptyRegistry()
	dir := t.TempDir()
	joined := filepath.Join(t.TempDir(), "bars") + "&addr=" + dir
	if err := os.MkdirAll(joined, 0o700); err != nil {
		t.Fatal(err)
	}
	front, _, _ := strings.Cut(joined, "&addr=")
	seen := map[*Store]bool{}
	for _, p := range []Params{
		FileParams(dir, "paper", 1),
		FileParams(dir, "paper", 2),
		FileParams(dir, "other", 1),
		FileParams(t.TempDir(), "paper", 1),
		FileParams(joined, "paper", 1),
		FileParams(dir, "paper&addr="+front, 1),
	} {
		s, err := Open(p)
		if err != nil {
			t.Fatal(err)
		}
		if seen[s] {
			t.Errorf("%v shares a store with other parameters", p)
		}
		seen[s] = true
	}
	if n := Stores(); n != len(seen) {
		t.Errorf("%d stores are open, want %d", n, len(seen))
	}
}

func TestOpenRejectsBadParams(t *testing.T) {
	emptyRegistry()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]any{
		"driver":  "ib",
		"account": 7,
		"client":  "1",
		"maxlots": int64(0),
		"addr":    file,
	} {
		p := FileParams(dir, "paper", 1)
		p[name] = bad
		if _, err := Open(p); err == nil {
			t.Errorf("%s=%v was accepted", name, bad)
		}
		delete(p, name)
		if _, err := Open(p); err == nil {
			t.Errorf("parameters without %s were accepted", name)
		}
	}
	if n := Stores(); n != 0 {
		t.Errorf("%d failed stores were kept", n)
	}
}

func TestOpenAgainAfterFailure(t *testing.T) {
	emptyRegistry()
	dir := filepath.Join(t.TempDir(), "later")
	p := FileParams(dir, "paper", 1)
	if _, err := Open(p); err == nil {
		t.Fatal("a store on no directory was opened")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(p); err != nil {
		t.Errorf("opening after the directory came: %v", err)
	}
}

func TestStoreKeepsItsOwnParams(t *testing.T) {
	emptyRegistry()
	dir := t.TempDir()
	p := FileParams(dir, "paper", 1)
	before := maps.Clone(p)
	s, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	p["account"] = "changed"
	if !maps.Equal(s.params, before) {
		t.Errorf("store has %v after its caller changed the map, want %v", s.params, before)
	}
}

func TestOpenConcurrently(t *testing.T) {
	emptyRegistry()
	dir := t.TempDir()
	const clients, strategies = 3, 20
	got := make([]*Store, clients*strategies)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = mustOpen(t, dir, i%clients) })
	}
	wg.Wait()
	for i, s := range got {
		if s == nil || s != got[i%clients] {
			t.Errorf("strategy %d has store %p, want %p", i, s, got[i%clients])
		}
	}
	if n := Stores(); n != clients {
		t.Errorf("%d stores are open, want %d", n, clients)
	}
}
