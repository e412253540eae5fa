package keytrace

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/keytrace/policy"
)

func policies(t testing.TB, names ...string) []policy.Info {
	t.Helper()
	var infos []policy.Info
	for _, name := range names {
		info, ok := policy.Lookup(name)
		if !ok {
			t.Fatalf("no policy %q", name)
		}
		infos = append(infos, info)
	}
	return infos
}

func simulate(t testing.TB, tr *Trace, ps []policy.Info, sizes []int, o Options) *Report {
	t.Helper()
	r, err := Simulate(t.Context(), tr, ps, sizes, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSimulate: rows are in order and hold what asking the policies one by one gives.
func TestSimulate(t *testing.T) {
	tr := mustGenerate(t, "zipf:n=5000,s=.9,len=200000+loop:n=800,weight=.3")
	sizes := []int{50, 700, 3000}
	var last, calls, all int64
	r := simulate(t, tr, policy.Table, sizes, Options{Progress: func(done, of int64) {
		if done <= last {
			t.Errorf("progress fell from %d to %d", last, done)
		}
		last, all = done, of
		calls++
	}})
	if want := int64(len(policy.Table) * len(sizes) * tr.Len()); last != want || all != want || calls < int64(len(r.Rows)) {
		t.Errorf("progress: %d of %d in %d calls, want %d", last, all, calls, want)
	}
	i := 0
	for _, info := range policy.Table {
		for _, size := range sizes {
			p, hits := info.New(tr.Workload(false), size), 0
			ids, _ := tr.IDs()
			for _, id := range ids {
				if p.Access(id) {
					hits++
				}
			}
			want := Row{Policy: info.Name, Title: info.Title, Offline: info.Offline, Size: size, Capacity: size, Requests: tr.Len(), Hits: hits, HitRatio: float64(hits) / float64(tr.Len())}
			if r.Rows[i] != want {
				t.Errorf("row %d: got %+v, want %+v", i, r.Rows[i], want)
			}
			i++
		}
	}
	if want := (Summary{Requests: tr.Len(), Unique: tr.Unique(), Rate: 1}); r.Trace != want || len(r.Warnings) != 0 {
		t.Errorf("got %+v, %v, want %+v", r.Trace, r.Warnings, want)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var again Report
	if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(&again, r) {
		t.Errorf("as JSON and back: %v", err)
	}
}

// TestSimulateSampled: a miniature simulation is within two points of the whole one.
func TestSimulateSampled(t *testing.T) {
	tr := mustGenerate(t, "zipf:n=200000,s=.9,len=2e6+scan:weight=.1")
	ps := policies(t, "opt", "lru", "arc", "s3-fifo", "w-tinylfu", "sieve")
	sizes := []int{2000, 20000, 60000}
	whole := simulate(t, tr, ps, sizes, Options{})
	part := simulate(t, tr, ps, sizes, Options{Rate: .05})
	for i, row := range part.Rows {
		if d := row.HitRatio - whole.Rows[i].HitRatio; math.Abs(d) > .02 {
			t.Errorf("%s of %d: got %.3f, want %.3f", row.Title, row.Size, row.HitRatio, whole.Rows[i].HitRatio)
		}
		if row.Capacity != row.Size/20 || row.Requests > tr.Len()/10 {
			t.Errorf("%s of %d: simulated with %d entries and %d requests", row.Title, row.Size, row.Capacity, row.Requests)
		}
	}
	if got := part.Trace; got.Requests != tr.Len() || math.Abs(float64(got.Unique)/float64(tr.Unique())-1) > .03 || got.Rate != .05 || len(part.Warnings) != 0 {
		t.Errorf("got %+v, %v", got, part.Warnings)
	}
	coarse := simulate(t, tr, ps[:1], []int{2000}, Options{Rate: .005})
	if len(coarse.Warnings) != 2 || !strings.Contains(coarse.Warnings[0], "keys") || !strings.Contains(coarse.Warnings[1], "below 10000") {
		t.Errorf("a small sample: got warnings %q", coarse.Warnings)
	}
}

// TestSimulateTTL compares with a cache that has room for all and forgets by time.
func TestSimulateTTL(t *testing.T) {
	tr := mustGenerate(t, "zipf:n=500,len=20000")
	tr.Tick = 10 * time.Millisecond
	for i := range tr.Keys {
		tr.Times = append(tr.Times, int64(i/3))
	}
	for _, ttl := range []int64{1, 10, 500, 1e6} {
		loaded, hits := map[uint64]int64{}, 0
		for i, key := range tr.Keys {
			at, ok := loaded[key]
			if ok && tr.Times[i]-at < ttl {
				hits++
			} else {
				loaded[key] = tr.Times[i]
			}
		}
		r := simulate(t, tr, policies(t, "lru", "sieve"), []int{500}, Options{TTL: time.Duration(ttl) * tr.Tick})
		for _, row := range r.Rows {
			if row.Hits != hits {
				t.Errorf("%s, TTL %d ticks: got %d hits, want %d", row.Title, ttl, row.Hits, hits)
			}
		}
		if want := time.Duration(tr.Times[tr.Len()-1]) * tr.Tick; r.Trace.Duration != want {
			t.Errorf("got duration %v, want %v", r.Trace.Duration, want)
		}
	}
}

// TestSimulateBytes: bytes asked for and hit are counted, and sizes may be bytes.
func TestSimulateBytes(t *testing.T) {
	tr := &Trace{Keys: []uint64{1, 2, 1, 3, 1, 2}, Sizes: []uint32{10, 100, 10, 1000, 10, 100}}
	r := simulate(t, tr, policies(t, "lru"), []int{2}, Options{})
	// Hits: the second and third 1; 2 was evicted by 3.
	if row := r.Rows[0]; row.Hits != 2 || math.Abs(row.ByteHitRatio-20./1230) > 1e-12 {
		t.Errorf("entries: got %+v", row)
	}
	if got, want := r.Trace.MeanSize, 370.; got != want {
		t.Errorf("mean size: got %v, want %v", got, want)
	}
	r = simulate(t, tr, policies(t, "lru"), []int{500}, Options{Bytes: true})
	// 3 never fits, so that 2 stays.
	if row := r.Rows[0]; row.Hits != 3 || math.Abs(row.ByteHitRatio-120./1230) > 1e-12 || !r.Trace.Bytes {
		t.Errorf("bytes: got %+v", row)
	}
}

func TestSimulateErrors(t *testing.T) {
	tr := mustGenerate(t, "zipf:len=100000")
	for _, tt := range []struct {
		sizes []int
		o     Options
		want  string
	}{
		{[]int{0}, Options{}, "size 0"},
		{[]int{1}, Options{Rate: -1}, "sampling rate"},
		{[]int{1}, Options{Rate: math.NaN()}, "sampling rate"},
		{[]int{1}, Options{TTL: time.Second}, "a trace with times"},
		{[]int{1}, Options{Bytes: true}, "a trace with sizes"},
	} {
		if _, err := Simulate(t.Context(), tr, policies(t, "lru"), tt.sizes, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %v, want %q", tt.o, err, tt.want)
		}
	}
	tr.Sizes = make([]uint32, tr.Len())
	if _, err := Simulate(t.Context(), tr, policies(t, "arc"), []int{5}, Options{Bytes: true}); err == nil || !strings.Contains(err.Error(), "arc counts entries") {
		t.Errorf("ARC in bytes: got %v", err)
	}
	for _, tr := range []*Trace{{}, tr.Sample(1e-12)} {
		if r := simulate(t, tr, policy.Table, []int{5}, Options{}); tr.Len() != 0 || r.Rows[0].HitRatio != 0 {
			t.Errorf("an empty trace: got %+v", r.Rows[0])
		}
	}
}

// TestSimulateCancel: a simulation ends soon after it is told to, with the reason.
func TestSimulateCancel(t *testing.T) {
	tr := mustGenerate(t, "zipf:len=2e6")
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	var done int64
	_, err := Simulate(ctx, tr, policy.Table, []int{1000, 10000}, Options{Progress: func(n, _ int64) {
		if done = n; n > 100000 {
			cancel(stop)
		}
	}})
	if !errors.Is(err, stop) || done > 2e6 {
		t.Errorf("got %v after %d requests", err, done)
	}
}

func BenchmarkSimulate(b *testing.B) {
	tr := mustGenerate(b, "zipf:n=1e6,s=.9,len=4e6")
	tr.IDs()
	for _, name := range []string{"lru", "s3-fifo", "opt"} {
		b.Run("policy="+name, func(b *testing.B) {
			for b.Loop() {
				simulate(b, tr, policies(b, name), []int{50000}, Options{})
			}
			b.ReportMetric(float64(b.N)*float64(tr.Len())/b.Elapsed().Seconds()/1e6, "Mreq/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
