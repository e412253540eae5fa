package keytrace

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/keytrace/format"
)

func recorder[K comparable](t testing.TB, o RecordOptions) *Recorder[K] {
	t.Helper()
	r, err := NewRecorder[K](o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRecordAll: without sampling the trace is what was observed, under other names.
func TestRecordAll(t *testing.T) {
	r := recorder[string](t, RecordOptions{Sizes: true})
	want := mustGenerate(t, "zipf:n=300,len=5000")
	for _, key := range want.Keys {
		r.ObserveSize(fmt.Sprint("user:", key), uint32(key))
	}
	got := r.Trace()
	gotIDs, _ := got.IDs()
	wantIDs, _ := want.IDs()
	if !slices.Equal(gotIDs, wantIDs) || got.Rate != 1 || got.Sizes[10] != uint32(want.Keys[10]) || got.Times != nil {
		t.Errorf("got %d requests for %d keys at rate %v, want %d for %d", got.Len(), got.Unique(), got.Rate, want.Len(), want.Unique())
	}
	if slices.Contains(got.Keys, want.Keys[0]) {
		t.Error("a recorded key is the key itself")
	}
	r.Observe("more")
	if got.Len() != 5000 || r.Trace().Len() != 5001 {
		t.Error("a trace that was returned went on, or the recorder did not")
	}
}

// TestRecordSampled: at a rate all requests for that part of the keys are kept; when
// memory runs out the rate falls and still all requests for the keys that are left are
// there, from first to last.
func TestRecordSampled(t *testing.T) {
	const keys, rounds = 20000, 20
	for _, tt := range []struct {
		o    RecordOptions
		rate float64 // 0: lowered by itself
	}{
		{RecordOptions{Rate: .1}, .1},
		{RecordOptions{Max: 10000}, 0},
		{RecordOptions{Rate: .25, Max: 10000}, 0},
	} {
		r := recorder[int](t, tt.o)
		for range rounds {
			for key := range keys {
				r.Observe(key)
			}
		}
		r.SetTotal(keys * rounds)
		tr := r.Trace()
		if tt.rate != 0 && math.Abs(tr.Rate-tt.rate) > 1e-9 || tt.rate == 0 && (tr.Rate > 10000./(keys*rounds) || tr.Len() > 10000 || tr.Len() < 2000) {
			t.Errorf("%+v: got rate %v and %d requests", tt.o, tr.Rate, tr.Len())
		}
		if got := float64(tr.Unique()) / keys; math.Abs(got-tr.Rate) > 4*math.Sqrt(tr.Rate/keys) {
			t.Errorf("%+v: got %.4f of the keys, want %.4f", tt.o, got, tr.Rate)
		}
		if tr.Len() != rounds*tr.Unique() || tr.Total != keys*rounds {
			t.Errorf("%+v: got %d requests for %d keys of %d, want %d for each", tt.o, tr.Len(), tr.Unique(), tr.Total, rounds)
		}
	}
}

// TestRecordOneKey: a key that fills the memory alone is dropped in the end, even one that
// is always sampled.
func TestRecordOneKey(t *testing.T) {
	r := recorder[int](t, RecordOptions{Max: 100})
	for i := range 100000 {
		r.ObserveHash(0, 0)
		if i%10 == 0 {
			r.ObserveHash(rand.Uint64(), 0)
		}
	}
	if n := r.Trace().Len(); n > 100 {
		t.Errorf("%d requests, want at most 100", n)
	}
}

// TestRecordLowered: a request that was sampled while another goroutine lowered the rate
// is not added.
func TestRecordLowered(t *testing.T) {
	r := recorder[int](t, RecordOptions{})
	r.limit.Store(1000)
	r.add(1001, 0)
	r.add(1000, 0)
	if tr := r.Trace(); tr.Len() != 1 || tr.Keys[0] != 1000 {
		t.Errorf("got keys %v, want 1000 alone", tr.Keys)
	}
}

// TestRecordConcurrently: all goroutines' requests are there, the times rise, and the
// stream holds what memory would.
func TestRecordConcurrently(t *testing.T) {
	var b bytes.Buffer
	stream := recorder[int](t, RecordOptions{Stream: &b, Times: true, Rate: .5})
	memory := recorder[int](t, RecordOptions{Times: true, Max: 4000})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 5000 {
				stream.Observe(i)
				memory.Observe(i)
				if i%1000 == g {
					memory.Trace()
				}
			}
		})
	}
	wg.Wait()
	stream.SetTotal(40000)
	if err := stream.Close(); err != nil {
		t.Fatal(err)
	}
	in, err := format.NewReader(&b, "", format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Read(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if tr.Rate != .5 || tr.Total != 40000 || tr.Tick != time.Microsecond {
		t.Errorf("stream: got rate %v, total %d, tick %v", tr.Rate, tr.Total, tr.Tick)
	}
	for _, tr := range []*Trace{tr, memory.Trace()} {
		if tr.Len() != 8*tr.Unique() || !slices.IsSorted(tr.Times) || tr.Len() == 0 {
			t.Errorf("got %d requests for %d keys, want 8 for each; times sorted: %v", tr.Len(), tr.Unique(), slices.IsSorted(tr.Times))
		}
	}
	stream.Observe(1)
	if err := stream.Close(); err == nil {
		t.Error("closed twice, with a request between: no error")
	}
}

func TestRecordTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := recorder[int](t, RecordOptions{Times: true})
		for range 3 {
			time.Sleep(time.Second)
			r.Observe(1)
		}
		tr := r.Trace()
		if want := []int64{1e6, 2e6, 3e6}; !slices.Equal(tr.Times, want) || tr.Tick != time.Microsecond {
			t.Errorf("got %v of %v, want %v", tr.Times, tr.Tick, want)
		}
	})
}

type broken struct{ after int }

var errBroken = errors.New("broken")

func (b *broken) Write(p []byte) (int, error) {
	if b.after--; b.after < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestRecordErrors(t *testing.T) {
	if _, err := NewRecorder[int](RecordOptions{Stream: &broken{}}); !errors.Is(err, errBroken) {
		t.Errorf("no header: got %v", err)
	}
	r := recorder[int](t, RecordOptions{Stream: &broken{1}})
	for i := range 10000 {
		r.Observe(i)
	}
	if err := r.Close(); !errors.Is(err, errBroken) {
		t.Errorf("no block: got %v", err)
	}
	for _, o := range []RecordOptions{{Rate: -1}, {Rate: 2}, {Max: -1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v: no panic", o)
				}
			}()
			NewRecorder[int](o)
		}()
	}
}

func TestRecordAllocs(t *testing.T) {
	r := recorder[string](t, RecordOptions{Rate: 1e-12})
	keys := []string{"one key", "another key of more bytes than the first"}
	if got := testing.AllocsPerRun(1000, func() { r.Observe(keys[0]); r.Observe(keys[1]) }); got != 0 {
		t.Errorf("not sampled: %v allocations", got)
	}
}

func BenchmarkObserve(b *testing.B) {
	for _, rate := range []float64{1e-9, .01, 1} {
		b.Run(fmt.Sprintf("key=string/rate=%g", rate), func(b *testing.B) {
			r := recorder[string](b, RecordOptions{Rate: rate, Max: 1 << 16})
			keys := make([]string, 1024)
			for i := range keys {
				keys[i] = fmt.Sprint("user:", i)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				r.Observe(keys[i&1023])
				i++
			}
		})
		b.Run(fmt.Sprintf("key=hash/rate=%g", rate), func(b *testing.B) {
			r := recorder[string](b, RecordOptions{Rate: rate, Max: 1 << 16})
			i := uint64(0)
			for b.Loop() {
				r.ObserveHash(mix(i&1023), 0)
				i++
			}
		})
	}
}
