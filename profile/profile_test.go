package profile_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"

	pb "github.com/google/pprof/profile"

	"github.com/whetgo/whet/profile"
)

// goroutines returns a real profile of this process, encoded.
func goroutines(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 0); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadReal(t *testing.T) {
	p, err := profile.Read(bytes.NewReader(goroutines(t)))
	if err != nil {
		t.Fatal(err)
	}
	if p.Total("goroutine") < 1 || !p.Symbolized() {
		t.Errorf("got %d goroutines, symbolized %v", p.Total("goroutine"), p.Symbolized())
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := profile.Read(&b)
	if err != nil || len(again.Samples) != len(p.Samples) {
		t.Errorf("read back %v, %v", again, err)
	}
	sum, err := profile.Merge(p, again)
	if err != nil || sum.Total("goroutine") != 2*p.Total("goroutine") {
		t.Errorf("merged %v, %v", sum, err)
	}
}

func TestReadBad(t *testing.T) {
	good := goroutines(t)
	var zeros bytes.Buffer
	zw := gzip.NewWriter(&zeros)
	chunk := make([]byte, 1<<20)
	for range profile.MaxSize>>20 + 1 {
		zw.Write(chunk)
	}
	zw.Close()
	for _, tt := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", profile.ErrEmpty.Error(), nil},
		{"text", "not a profile", []byte("hello, this is a page\n<html>")},
		{"truncated", "profile is truncated", good[:len(good)/2]},
		{"gzip of nothing", "not a profile", []byte{0x1f, 0x8b, 1, 2}},
		{"bomb", profile.ErrTooLarge.Error(), zeros.Bytes()},
	} {
		_, err := profile.Read(bytes.NewReader(tt.data))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := profile.ReadFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(goroutines(f))
	f.Add([]byte("heap profile: 1: 2 [3: 4] @ heap/1\n"))
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := profile.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, typ := range p.Types {
			profile.Attribute(p, typ.Type, func(profile.Frame) profile.Owner { return profile.Own })
		}
	})
}

// made returns a profile of stacks written leaf first, as "std.A<own.B<test.C".
func made(stacks map[string]int64) *profile.Profile {
	raw := &pb.Profile{SampleType: []*pb.ValueType{{Type: "cpu", Unit: "nanoseconds"}}}
	locs := make(map[string]*pb.Location)
	for stack, value := range stacks {
		s := &pb.Sample{Value: []int64{value}}
		for name := range strings.SplitSeq(stack, "<") {
			loc := locs[name]
			if loc == nil {
				fn := &pb.Function{ID: uint64(len(locs) + 1), Name: name, Filename: name + ".go"}
				raw.Function = append(raw.Function, fn)
				loc = &pb.Location{ID: fn.ID, Line: []pb.Line{{Function: fn, Line: 7}}}
				raw.Location = append(raw.Location, loc)
				locs[name] = loc
			}
			s.Location = append(s.Location, loc)
		}
		raw.Sample = append(raw.Sample, s)
	}
	return profile.New(raw)
}

func owner(f profile.Frame) profile.Owner {
	switch profile.Package(f.Func) {
	case "own":
		return profile.Own
	case "lib":
		return profile.Library
	case "test":
		return profile.Harness
	}
	return profile.Runtime
}

func TestAttribute(t *testing.T) {
	ix := profile.Attribute(made(map[string]int64{
		"std.A<own.F<own.G<test.B":                      10, // F's, though the time passes in A
		"own.G<test.B":                                  5,
		"std.A<lib.L<own.G<test.B":                      3,  // G's: the library works for it
		"std.A<lib.L<lib.M":                             2,  // L's: nobody of ours is there
		"std.A<test.B":                                  50, // the benchmark's own preparations
		"own.F<own.F<own.G":                             1,  // recursion counts once
		"runtime.mallocgc<runtime.gcBgMarkWorker":       4,
		"runtime.gcAssistAlloc<runtime.new<own.F<own.G": 6,
	}), "cpu", owner)
	if ix.Total != 31 || ix.GC != 10 {
		t.Errorf("total %d, GC %d; want 31, 10", ix.Total, ix.GC)
	}
	f, g, l := ix.Funcs["own.F"], ix.Funcs["own.G"], ix.Funcs["lib.L"]
	if f.Own != 17 || f.Cum != 17 || f.Flat != 1 {
		t.Errorf("F: %+v", f.Cost)
	}
	if g.Own != 8 || g.Cum != 25 || g.Flat != 5 {
		t.Errorf("G: %+v", g.Cost)
	}
	if l.Own != 2 || l.Cum != 5 {
		t.Errorf("L: %+v", l.Cost)
	}
	if got := f.Below["std.A"]; got != 10 {
		t.Errorf("A below F: %d, want 10", got)
	}
	if got := g.Below["lib.L"]; got != 3 {
		t.Errorf("L below G: %d, want 3", got)
	}
	if r := ix.Ranked(); len(r) != 3 || r[0] != f || r[1] != g || r[2] != l {
		t.Errorf("ranked: %v", r)
	}
	if b := ix.Funcs["test.B"]; b.Own != 0 {
		t.Errorf("the harness is responsible for %d", b.Own)
	}
}
