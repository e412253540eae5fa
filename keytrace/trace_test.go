package keytrace

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/keytrace/format"
)

// TestIDs compares the numbering with a map's.
func TestIDs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 513, 5000, 200000} {
		tr := &Trace{Keys: make([]uint64, n)}
		for i := range tr.Keys {
			tr.Keys[i] = rng.Uint64N(uint64(n)) * 1024
		}
		ref := map[uint64]uint32{}
		want := make([]uint32, n)
		for i, key := range tr.Keys {
			if _, ok := ref[key]; !ok {
				ref[key] = uint32(len(ref))
			}
			want[i] = ref[key]
		}
		ids, unique := tr.IDs()
		if unique != len(ref) || !slices.Equal(ids, want) || tr.Unique() != unique {
			t.Errorf("%d keys: got %d distinct, want %d, or other numbers", n, unique, len(ref))
		}
	}
}

// TestSample: a sample has all requests for some keys, the same in every trace, about as
// many as the rate says.
func TestSample(t *testing.T) {
	tr := mustGenerate(t, "zipf:n=50000,s=.7,len=300000")
	tr.Sizes, tr.Times = make([]uint32, tr.Len()), make([]int64, tr.Len())
	for i, key := range tr.Keys {
		tr.Sizes[i], tr.Times[i] = uint32(key), int64(i)
	}
	s := tr.Sample(.1)
	if got := float64(s.Unique()) / float64(tr.Unique()); math.Abs(got-.1) > .01 {
		t.Errorf("got %.3f of the keys, want .1", got)
	}
	chosen := map[uint64]bool{}
	for i, key := range s.Keys {
		chosen[key] = true
		if s.Sizes[i] != uint32(key) || tr.Keys[s.Times[i]] != key {
			t.Fatalf("request %d: another's size or time", i)
		}
	}
	n := 0
	for _, key := range tr.Keys {
		if chosen[key] {
			n++
		}
	}
	if n != s.Len() {
		t.Errorf("got %d requests of %d for its keys", s.Len(), n)
	}
	if s.Rate != .1 || s.Total != uint64(tr.Len()) {
		t.Errorf("got rate %v of %d, want .1 of %d", s.Rate, s.Total, tr.Len())
	}
	if again := s.Sample(.5); again.Rate != .05 || again.Total != s.Total || again.Len() > s.Len() {
		t.Errorf("a sample's sample: rate %v of %d", again.Rate, again.Total)
	}
	if all := tr.Sample(1); !slices.Equal(all.Keys, tr.Keys) {
		t.Error("a sample of everything lacks something")
	}
	for _, rate := range []float64{0, -1, 1.1, math.NaN()} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("rate %v: no panic", rate)
				}
			}()
			tr.Sample(rate)
		}()
	}
}

func mustGenerate(t testing.TB, spec string) *Trace {
	t.Helper()
	tr, err := Generate(spec)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestWriteOpen writes a trace to a file and opens it.
func TestWriteOpen(t *testing.T) {
	tr := mustGenerate(t, "zipf:n=1000,len=9000")
	tr.Sizes, tr.Times = make([]uint32, tr.Len()), make([]int64, tr.Len())
	for i := range tr.Keys {
		tr.Sizes[i], tr.Times[i] = uint32(i%100+1), int64(i)
	}
	tr.Tick, tr.Rate, tr.Total = time.Millisecond, .5, 20000
	file := filepath.Join(t.TempDir(), "x.keytrace")
	var b bytes.Buffer
	if err := tr.Write(&b, "keytrace"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Open(t.Context(), file, format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := &Trace{Keys: tr.Keys, Sizes: tr.Sizes, Times: tr.Times, Tick: tr.Tick, Rate: tr.Rate, Total: tr.Total}
	if !reflect.DeepEqual(got, want) {
		t.Error("what was opened is not what was written")
	}

	// Cut off: what is there, and why it ends.
	if err := os.WriteFile(file, b.Bytes()[:b.Len()*2/3], 0o600); err != nil {
		t.Fatal(err)
	}
	got, err = Open(t.Context(), file, format.Options{})
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), file) || got.Len() != 4096 || got.Rate != .5 {
		t.Errorf("cut off: got %d requests, %v", got.Len(), err)
	}
	if got, err := Open(t.Context(), file+"x", format.Options{}); got != nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v, %v", got, err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	if got, err := Open(ctx, file, format.Options{}); got != nil || !errors.Is(err, stop) {
		t.Errorf("canceled: got %v, %v", got, err)
	}
	if err := os.WriteFile(file, []byte("1 1 0 0\nx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Open(t.Context(), file, format.Options{Format: "arc"}); got != nil || err == nil {
		t.Errorf("a bad line: got %v, %v", got, err)
	}
}

func TestWorkload(t *testing.T) {
	tr := &Trace{Keys: []uint64{9, 8, 9}, Sizes: []uint32{5, 7, 6}}
	w := tr.Workload(true)
	if w.Unique != 2 || !slices.Equal(w.IDs, []uint32{0, 1, 0}) || !slices.Equal(w.Sizes, []uint32{6, 7}) {
		t.Errorf("got %d ids %v of sizes %v", w.Unique, w.IDs, w.Sizes)
	}
	if w := tr.Workload(false); w.Sizes != nil {
		t.Errorf("without bytes: got sizes %v", w.Sizes)
	}
}

func BenchmarkIDs(b *testing.B) {
	tr := mustGenerate(b, "zipf:n=1e6,s=.9,len=2e6")
	for b.Loop() {
		number(tr.Keys)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(tr.Len()), "ns/req")
}
