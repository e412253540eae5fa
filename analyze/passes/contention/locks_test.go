package contention

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/whetgo/whet/internal/load"
)

// read loads the module testdata/locks and its locks.
func read(t *testing.T) *book {
	t.Helper()
	dir, err := filepath.Abs("testdata/locks")
	if err != nil {
		t.Fatal(err)
	}
	p, err := load.Load(t.Context(), dir, nil, []load.Module{{Path: "example.com/locks", Dir: dir}}, []string{"example.com/locks"})
	if err != nil || len(p.Packages) != 1 || len(p.Problems) > 0 {
		t.Fatalf("%v: %d packages, problems %v", err, len(p.Packages), p.Problems)
	}
	b := newBook(p)
	b.open(p.Packages[0])
	return b
}

// section returns the only section of a function.
func (b *book) only(t *testing.T, name string) *section {
	t.Helper()
	fn := b.p.Func("example.com/locks." + name)
	if fn == nil {
		t.Fatalf("no function %s", name)
	}
	if n := len(b.sections[fn]); n != 1 {
		t.Fatalf("%s has %d sections, want 1", name, n)
	}
	return b.sections[fn][0]
}

func TestSections(t *testing.T) {
	b := read(t)
	for _, tt := range []struct {
		fn, lock string
		lines    int // from taking the lock to giving it back
		read     bool
	}{
		{"(*Map[...]).Add", "Map.Mutex", 3, false},
		{"(*Outer).Reset", "Map.Mutex", 2, false},
		{"(*Hits).Hit", "Hits.mu", 2, false},
		{"(*Hits).Count", "Hits.mu", 3, true},
		{"Load", "mu", 9, false},
		{"(*Each).With", "Each.locks", 3, false},
	} {
		c := b.only(t, tt.fn)
		from, to := b.lines(c)
		if c.lock.name != tt.lock || to-from != tt.lines || c.read() != tt.read {
			t.Errorf("%s: lock %s over %d lines, read %v; want %s over %d lines, read %v", tt.fn, c.lock.name, to-from, c.read(), tt.lock, tt.lines, tt.read)
		}
	}
	if b.only(t, "(*Map[...]).Add").lock != b.only(t, "(*Outer).Reset").lock {
		t.Error("a promoted lock is not the one it is promoted from")
	}
}

func TestFacts(t *testing.T) {
	b := read(t)
	for _, tt := range []struct {
		fn, writes, element string
		counts, partly      bool
	}{
		{"(*Map[...]).Add", "by", "m.by", false, true},
		{"(*Outer).Reset", "by", "", false, true},
		{"(*Hits).Hit", "n", "", true, false},
		{"(*Hits).Count", "", "", false, false},
		{"Load", "cache", "cache", false, true},
		{"Seen", "at", "seen.at", false, true},
	} {
		f := b.factsOf(b.only(t, tt.fn))
		if strings.Join(f.writes, " ") != tt.writes || f.element != tt.element || f.counts != tt.counts || f.partly != tt.partly {
			t.Errorf("%s: %+v, want %+v", tt.fn, f, tt)
		}
	}
}

func TestWorkUnderLock(t *testing.T) {
	b := read(t)
	f := b.factsOf(b.only(t, "(*Log).Write"))
	if len(f.calls) != 2 || f.calls[0].name != "l.put" || f.calls[0].does != "l.w.Write" || f.calls[0].kind != "I/O" || f.calls[1].kind != "encoding" {
		t.Errorf("(*Log).Write does %+v, want I/O by l.put, then encoding", f.calls)
	}
	f = b.factsOf(b.only(t, "Load"))
	if len(f.calls) != 1 || f.calls[0].does != "os.ReadFile" || f.calls[0].sure {
		t.Errorf("Load does %+v, want os.ReadFile behind a condition", f.calls)
	}
}

func TestDivided(t *testing.T) {
	b := read(t)
	for fn, want := range map[string]bool{
		"(*Each).With": true, "(*Table).Get": true, "(*Hits).Count": false, "(*Map[...]).Add": false, "Seen": false, "Load": false,
	} {
		if got := b.divided(b.only(t, fn).lock); got != want {
			t.Errorf("the lock of %s is one of many: %v, want %v", fn, got, want)
		}
	}
}

func TestWord(t *testing.T) {
	b := read(t)
	for fn, want := range map[string]word{
		"(*Gauge).Set":  {"value", "atomic.Uint64", "g.value.Store(math.Float64bits(v))", "math.Float64frombits(g.value.Load())"},
		"(*Peak).See":   {},
		"(*Span).Begin": {},
		"(*Hits).Hit":   {},
	} {
		c := b.only(t, fn)
		v := verdict{c: &census{book: b}, u: &usage{lock: c.lock}, primary: &holder{section: c}, facts: b.factsOf(c)}
		if got, ok := v.word(); got != want || ok != (want.name != "") {
			t.Errorf("%s sets %+v, %v; want %+v", fn, got, ok, want)
		}
	}
}
