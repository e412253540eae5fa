package keytrace

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
)

// stack is the textbook LRU stack: a slice, the most recent id first.
type stack []uint32

func (s *stack) touch(id uint32) int {
	at := slices.Index(*s, id)
	if at >= 0 {
		*s = slices.Delete(*s, at, at+1)
	}
	*s = slices.Insert(*s, 0, id)
	return at + 1
}

func (s *stack) forget(id uint32) {
	at := slices.Index(*s, id)
	*s = slices.Delete(*s, at, at+1)
}

// check returns what is wrong with r's invariants, "" if nothing.
func (r *recency) check() string {
	live := 0
	for id, s := range r.slot {
		if s == nowhere {
			continue
		}
		live++
		if r.owner[s] != uint32(id) || r.words[s/64]>>(s%64)&1 == 0 {
			return "an id's slot is not its own"
		}
	}
	if live != r.live || len(r.words) > 0 && r.upTo(uint32(len(r.owner)-1)) != live {
		return "bits and ids differ in number"
	}
	if len(r.owner) > max(1024, 4*r.live+64) && r.next == len(r.owner) {
		return "more slots than the ids need"
	}
	return ""
}

// FuzzRecency feeds pairs of bytes as ids, the highest as orders to forget.
func FuzzRecency(f *testing.F) {
	f.Add([]byte("abcabcbacbabcbabc\xff\xffabab"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r recency
		var ref stack
		for len(data) >= 2 && len(ref) < 500 {
			id := uint32(binary.LittleEndian.Uint16(data) % 700)
			data = data[2:]
			if id >= 690 && len(ref) > 0 {
				id = ref[int(id)%len(ref)]
				r.forget(id)
				ref.forget(id)
				continue
			}
			if got, want := r.touch(id), ref.touch(id); got != want {
				t.Fatalf("id %d: got distance %d, want %d", id, got, want)
			}
		}
		if bad := r.check(); bad != "" {
			t.Fatal(bad)
		}
	})
}

// TestRecency goes through several compactions, with and without forgetting.
func TestRecency(t *testing.T) {
	tr := mustGenerate(t, "shifting:n=700,s=.8,every=50,by=3,len=30000+loop:n=300")
	ids, unique := tr.IDs()
	for _, forgetting := range []bool{false, true} {
		var r recency
		var ref stack
		for i, id := range ids {
			if got, want := r.touch(id), ref.touch(id); got != want {
				t.Fatalf("request %d: got distance %d, want %d", i, got, want)
			}
			if forgetting && len(ref) > 200 {
				old := ref[len(ref)/2]
				r.forget(old)
				ref.forget(old)
			}
			if i%997 == 0 {
				if bad := r.check(); bad != "" {
					t.Fatalf("request %d: %s", i, bad)
				}
			}
		}
		if most := 2*unique + 1024; len(r.owner) > most {
			t.Errorf("%d slots for %d ids after %d requests", len(r.owner), unique, len(ids))
		}
	}
}

// TestLRUCurve compares the curve with LRU caches of several sizes.
func TestLRUCurve(t *testing.T) {
	tr := mustGenerate(t, "zipf:n=2000,s=.9,len=60000+loop:n=500,weight=.5+scan:weight=.2")
	c, err := LRUCurve(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	ids, unique := tr.IDs()
	for _, size := range []int{0, 1, 2, 10, 100, 499, 500, 501, 1500, unique, unique * 2} {
		hits := 0
		var s stack
		for _, id := range ids {
			if d := s.touch(id); d > 0 && d <= size {
				hits++
			}
			if len(s) > max(1, size) {
				s = s[:max(1, size)]
			}
		}
		want := float64(hits) / float64(len(ids))
		if got := c.HitRatioAt(size); math.Abs(got-want) > 1e-12 || math.Abs(c.MissRatioAt(size)-(1-want)) > 1e-12 {
			t.Errorf("size %d: got %v, want %v", size, got, want)
		}
		if at, ok := c.SizeFor(want); want > 0 && (!ok || at > size || math.Abs(c.HitRatioAt(at)-want) > 1e-12) {
			t.Errorf("size for %v: got %d, %v, want at most %d", want, at, ok, size)
		}
	}
	if _, ok := c.SizeFor(.9999); ok {
		t.Error("a hit ratio above that of all keys was reached")
	}
	if got := c.Points([]int{100, 500}); got[1] != (Point{500, c.HitRatioAt(500)}) || len(got) != 2 {
		t.Errorf("points: got %v", got)
	}
	if c.Unique != unique || c.Keys != unique {
		t.Errorf("got %d of %d keys, want %d", c.Keys, c.Unique, unique)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := LRUCurve(ctx, tr); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: got %v", err)
	}
	empty, err := LRUCurve(t.Context(), &Trace{})
	if err != nil || empty.HitRatioAt(10) != 0 {
		t.Errorf("an empty trace: got %v, %v", empty.HitRatioAt(10), err)
	}
}

// sampleSpecs are traces of different shapes: popular keys, a moving set, loops and scans.
var sampleSpecs = []string{
	"zipf:n=200000,s=.8,len=1e6",
	"zipf:n=100000,s=1.1,len=1e6",
	"shifting:n=50000,s=.9,every=1000,by=50,len=1e6",
	"zipf:n=100000,s=.9,weight=3,len=1e6+loop:n=30000+scan:weight=.5",
}

// TestSampledCurves: fixed-rate and fixed-size SHARDS within the error that is stated for
// the number of keys.
func TestSampledCurves(t *testing.T) {
	for _, spec := range sampleSpecs {
		tr := mustGenerate(t, spec)
		exact, err := LRUCurve(t.Context(), tr)
		if err != nil {
			t.Fatal(err)
		}
		check := func(name string, c *Curve, keys int, most float64) {
			mean := 0.0
			for i := 1; i <= 100; i++ {
				size := exact.Unique * i / 100
				mean += math.Abs(exact.HitRatioAt(size) - c.HitRatioAt(size))
			}
			if mean > most {
				t.Errorf("%s, %s: mean error %.2f points, want at most %.2f", spec, name, mean, most)
			}
			if got := float64(c.Unique) / float64(exact.Unique); math.Abs(got-1) > .1 || c.Keys < keys*8/10 || c.Keys > keys*12/10 {
				t.Errorf("%s, %s: estimates %d keys from %d, want %d from about %d", spec, name, c.Unique, c.Keys, exact.Unique, keys)
			}
			if got := c.HitRatioAt(math.MaxInt32); math.Abs(got-exact.HitRatioAt(math.MaxInt32)) > 2*most/100 {
				t.Errorf("%s, %s: hit ratio of room for all %.4f, want %.4f", spec, name, got, exact.HitRatioAt(math.MaxInt32))
			}
		}
		for _, keys := range []int{2000, 8000} {
			most := map[int]float64{2000: 2, 8000: .75}[keys]
			fixed, err := LRUCurve(t.Context(), tr.Sample(float64(keys)/float64(exact.Unique)))
			if err != nil {
				t.Fatal(err)
			}
			check("fixed rate", fixed, keys, most)
			s := NewShards(keys)
			for _, key := range tr.Keys {
				s.Add(key)
			}
			check("fixed size", s.Curve(), keys, most)
			if len(s.heap) != keys || len(s.keys) != keys || len(s.order.slot) > keys+1 {
				t.Errorf("a sample of %d keys follows %d with %d ids", keys, len(s.keys), len(s.order.slot))
			}
			if bad := s.order.check(); bad != "" {
				t.Error(bad)
			}
		}
	}
}

// TestShardsAll: with room for all keys the estimator is exact.
func TestShardsAll(t *testing.T) {
	tr := mustGenerate(t, "zipf:n=1500,s=.6,len=50000")
	exact, err := LRUCurve(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	s := NewShards(1500)
	for _, key := range tr.Keys {
		s.Add(key)
	}
	c := s.Curve()
	for size := range 1600 {
		if got, want := c.HitRatioAt(size), exact.HitRatioAt(size); math.Abs(got-want) > 1e-9 {
			t.Fatalf("size %d: got %v, want %v", size, got, want)
		}
	}
	if s.Rate() != 1 {
		t.Errorf("rate %v, want 1", s.Rate())
	}
}

func TestBucket(t *testing.T) {
	last := -1
	for d := 1.0; d < math.MaxInt32; d = math.Ceil(d * 1.0003) {
		b := bucket(d)
		end := bucketEnd(b)
		if b < last || end < d || end > d*(1+1./1024) || bucket(end) != b || bucket(end+1) != b+1 {
			t.Fatalf("distance %v: bucket %d up to %v, the one before is %d", d, b, end, last)
		}
		last = b
	}
}

func TestSizes(t *testing.T) {
	tr := &Trace{Keys: make([]uint64, 1000)}
	for i := range tr.Keys {
		tr.Keys[i] = uint64(i)
	}
	if got, want := Sizes(tr), []int{10, 25, 50, 100, 250, 500}; !slices.Equal(got, want) {
		t.Errorf("1000 keys: got %v, want %v", got, want)
	}
	if got, want := Sizes(&Trace{Keys: tr.Keys, Rate: .01}), []int{500, 1000, 2500, 5000, 10000, 25000, 50000}; !slices.Equal(got, want) {
		t.Errorf("a sample of 1000 keys: got %v, want %v", got, want)
	}
	if got := Sizes(&Trace{Keys: []uint64{1, 2, 3}}); !slices.Equal(got, []int{1}) {
		t.Errorf("3 keys: got %v", got)
	}
	if got := Sizes(&Trace{}); len(got) != 0 {
		t.Errorf("no keys: got %v", got)
	}
}

func BenchmarkCurve(b *testing.B) {
	tr := mustGenerate(b, "zipf:n=1e6,s=.9,len=2e6")
	tr.IDs()
	perRequest := func(b *testing.B) {
		b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(tr.Len()), "ns/req")
	}
	b.Run("exact", func(b *testing.B) {
		for b.Loop() {
			if _, err := LRUCurve(b.Context(), tr); err != nil {
				b.Fatal(err)
			}
		}
		perRequest(b)
	})
	b.Run("rate=0.01", func(b *testing.B) {
		for b.Loop() {
			if _, err := LRUCurve(b.Context(), tr.Sample(.01)); err != nil {
				b.Fatal(err)
			}
		}
		perRequest(b)
	})
	b.Run("keys=8192", func(b *testing.B) {
		for b.Loop() {
			s := NewShards(8192)
			for _, key := range tr.Keys {
				s.Add(key)
			}
		}
		perRequest(b)
	})
}
