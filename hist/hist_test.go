package hist_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/whetgo/whet/hist"
)

// exact is what a histogram approximates: all values, sorted.
type exact []int64

func (e exact) quantile(q float64) int64 {
	return e[max(0, int(math.Ceil(q*float64(len(e))))-1)]
}

func (e exact) sum() (sum float64) {
	for _, v := range e {
		sum += float64(v)
	}
	return sum
}

func (e exact) atMost(v int64) uint64 {
	n, _ := slices.BinarySearch(e, v+1)
	return uint64(n)
}

// shapes are distributions of all sorts.
var shapes = map[string]func(r *rand.Rand) int64{
	"uniform":     func(r *rand.Rand) int64 { return r.Int64N(1e6) },
	"exponential": func(r *rand.Rand) int64 { return int64(r.ExpFloat64() * 1e5) },
	"lognormal":   func(r *rand.Rand) int64 { return int64(math.Exp(10 + 2*r.NormFloat64())) },
	"pareto":      func(r *rand.Rand) int64 { return int64(1000 / math.Pow(1-r.Float64(), 2)) },
	"bimodal": func(r *rand.Rand) int64 {
		if r.IntN(10) == 0 {
			return 5e9 + r.Int64N(1e9)
		}
		return 100 + r.Int64N(20)
	},
	"constant":     func(*rand.Rand) int64 { return 123_457 },
	"small":        func(r *rand.Rand) int64 { return r.Int64N(128) },
	"zero":         func(*rand.Rand) int64 { return 0 },
	"any bits":     func(r *rand.Rand) int64 { return r.Int64() >> r.IntN(63) },
	"greatest":     func(*rand.Rand) int64 { return math.MaxInt64 },
	"bucket edges": func(r *rand.Rand) int64 { _, hi := hist.Limits(r.Int64() >> r.IntN(63)); return hi },
}

func fill(h *hist.Histogram, values []int64) {
	for _, v := range values {
		h.Record(v)
	}
}

func draw(r *rand.Rand, n int, shape func(*rand.Rand) int64) exact {
	values := make(exact, n)
	for i := range values {
		values[i] = shape(r)
	}
	slices.Sort(values)
	return values
}

// checkAgainst holds everything that a snapshot tells to the exact values.
func checkAgainst(t *testing.T, s hist.Snapshot, e exact) {
	t.Helper()
	if s.Count() != uint64(len(e)) {
		t.Fatalf("got %d values, want %d", s.Count(), len(e))
	}
	if got, want := s.Sum(), e.sum(); math.Abs(got-want) > want/32768+want*1e-9 {
		t.Errorf("got sum %v, want %v", got, want)
	}
	for _, q := range []float64{0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 1} {
		got, want := s.Quantile(q), e.quantile(q)
		if math.Abs(float64(got)-float64(want)) > float64(want)*hist.Width || want < 128 && got != want {
			t.Errorf("quantile %v: got %d, want %d", q, got, want)
		}
	}
	var n uint64
	last := int64(-1)
	for b := range s.Buckets() {
		if b.Min <= last || b.Max < b.Min || b.Count == 0 {
			t.Errorf("bucket %+v after %d", b, last)
		}
		n, last = n+b.Count, b.Max
		if got := s.AtMost(b.Max); b.Max < math.MaxInt64 && (got != e.atMost(b.Max) || got != n) {
			t.Errorf("got %d values ≤ %d, want %d", got, b.Max, e.atMost(b.Max))
		}
		if got := s.AtMost(b.Min); got < n-b.Count || got > n {
			t.Errorf("got %d values ≤ %d, want %d to %d", got, b.Min, n-b.Count, n)
		}
	}
}

// TestErrorBound: whatever the distribution, quantiles, sum and counts are within the bounds
// that are documented.
func TestErrorBound(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for _, n := range []int{1, 2, 3, 10, 1000, 100_000} {
				var h hist.Histogram
				e := draw(r, n, shape)
				fill(&h, e)
				checkAgainst(t, h.Snapshot(), e)
			}
		})
	}
}

// FuzzErrorBound draws the values from bytes, eight each.
func FuzzErrorBound(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x80"))
	f.Add([]byte("12345678abcdefgh\x00\x00\x00\x00\x00\x01\x00\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var h, a, b hist.Histogram
		var e exact
		for ; len(text) >= 8; text = text[8:] {
			v := int64(0)
			for _, c := range text[:8] {
				v = v<<8 | int64(c)
			}
			v &= math.MaxInt64
			e = append(e, v)
			h.Record(v)
			if len(text)%3 == 0 {
				a.Record(v)
			} else {
				b.Record(v)
			}
		}
		if len(e) == 0 {
			return
		}
		slices.Sort(e)
		s := h.Snapshot()
		checkAgainst(t, s, e)
		if m := a.Snapshot().Merge(b.Snapshot()); !m.Equal(s) {
			t.Errorf("merged %v, together %v", m, s)
		}
		checkJSON(t, s)
	})
}

// TestLayout: every value belongs to one bucket, which is as narrow as is said.
func TestLayout(t *testing.T) {
	next := int64(0) // the least value of the next bucket
	for buckets := 0; ; buckets++ {
		lo, hi := hist.Limits(next)
		if lo != next || hi < lo {
			t.Fatalf("the bucket of %d is from %d to %d", next, lo, hi)
		}
		if l, h := hist.Limits(hi); l != lo || h != hi {
			t.Fatalf("%d and %d are of one bucket, but that is from %d to %d", lo, hi, l, h)
		}
		if width := hi - lo; float64(width) > float64(lo)/64 || lo < 128 && width > 0 {
			t.Fatalf("the bucket from %d to %d is too wide", lo, hi)
		}
		if hi == math.MaxInt64 {
			if buckets+1 != 64*58 {
				t.Errorf("%d buckets", buckets+1)
			}
			return
		}
		next = hi + 1
	}
}

// TestEmpty: the zero Histogram and the zero Snapshot are ready.
func TestEmpty(t *testing.T) {
	var h hist.Histogram
	for _, s := range []hist.Snapshot{{}, h.Snapshot(), h.Snapshot().Merge(hist.Snapshot{}), h.Snapshot().Sub(hist.Snapshot{})} {
		if s.Count() != 0 || s.Sum() != 0 || s.Mean() != 0 || s.Quantile(0.5) != 0 || s.AtMost(1000) != 0 {
			t.Errorf("got %+v, want nothing", s)
		}
		for b := range s.Buckets() {
			t.Errorf("bucket %+v", b)
		}
		checkJSON(t, s)
	}
	if got := unsafe.Sizeof(h); got != 152 {
		t.Errorf("an empty histogram takes %d bytes, not the 152 that are documented", got)
	}
}

func TestNegative(t *testing.T) {
	var h hist.Histogram
	fill(&h, []int64{-1, math.MinInt64, 0})
	s := h.Snapshot()
	if s.Count() != 3 || s.AtMost(0) != 3 || s.AtMost(-1) != 0 || s.Quantile(1) != 0 || s.Sum() != 0 {
		t.Errorf("got %v", s)
	}
}

func TestQuantilePanics(t *testing.T) {
	for _, q := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Quantile(%v) does not panic", q)
				}
			}()
			hist.Snapshot{}.Quantile(q)
		}()
	}
}

// TestMerge: what was recorded apart and merged is what was recorded together.
func TestMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for a, shapeA := range shapes {
		for b, shapeB := range shapes {
			var ha, hb, both hist.Histogram
			x, y := draw(r, 1000, shapeA), draw(r, 300, shapeB)
			fill(&ha, x)
			fill(&hb, y)
			fill(&both, x)
			fill(&both, y)
			sa, sb, want := ha.Snapshot(), hb.Snapshot(), both.Snapshot()
			for _, got := range []hist.Snapshot{sa.Merge(sb), sb.Merge(sa)} {
				if !got.Equal(want) {
					t.Errorf("%s and %s: got %v, want %v", a, b, got, want)
				}
			}
			if !sa.Equal(ha.Snapshot()) {
				t.Errorf("%s: a snapshot was changed by its merging", a)
			}
		}
	}
}

// TestSub: the difference of two snapshots is what was recorded between them.
func TestSub(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for a, shapeA := range shapes {
		for b, shapeB := range shapes {
			var h, later hist.Histogram
			fill(&h, draw(r, 1000, shapeA))
			before := h.Snapshot()
			e := draw(r, 300, shapeB)
			fill(&h, e)
			fill(&later, e)
			got := h.Snapshot().Sub(before)
			checkCounts(t, got, later.Snapshot())
			if a == "greatest" || a == "pareto" || a == "any bits" || a == "bucket edges" {
				continue // sums so large that the difference is lost
			}
			if math.Abs(got.Sum()-e.sum()) > e.sum()/32768+1 {
				t.Errorf("%s then %s: got sum %v, want %v", a, b, got.Sum(), e.sum())
			}
		}
	}
}

func checkCounts(t *testing.T, got, want hist.Snapshot) {
	t.Helper()
	if !slices.Equal(slices.Collect(got.Buckets()), slices.Collect(want.Buckets())) || got.Count() != want.Count() {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestSubOfAnother: a process that began again counts from the beginning.
func TestSubOfAnother(t *testing.T) {
	var before, after hist.Histogram
	fill(&before, []int64{10, 10, 2000})
	fill(&after, []int64{10, 300})
	for _, earlier := range []hist.Snapshot{before.Snapshot(), before.Snapshot().Merge(after.Snapshot())} {
		if got := after.Snapshot().Sub(earlier); !got.Equal(after.Snapshot()) {
			t.Errorf("got %v", got)
		}
	}
}

// TestConcurrent: nothing is lost, and a snapshot has nothing in part.
func TestConcurrent(t *testing.T) {
	const goroutines, each = 50, 5000
	var h hist.Histogram
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range each {
				h.Record(int64(g * 1000))
				if i%1000 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		last := h.Snapshot()
		for last.Count() < goroutines*each {
			s := h.Snapshot()
			if s.Count() < last.Count() {
				t.Errorf("%d values, and before that %d", s.Count(), last.Count())
				return
			}
			for b := range s.Buckets() {
				if b.Min > (goroutines-1)*1000 {
					t.Errorf("bucket %+v was never recorded", b)
					return
				}
			}
			last = s
			runtime.Gosched()
		}
	}()
	wg.Wait()
	<-done
	want := float64(each) * goroutines * (goroutines - 1) / 2 * 1000
	if s := h.Snapshot(); s.Count() != goroutines*each || math.Abs(s.Sum()-want) > want/32768 {
		t.Errorf("got %d values of sum %v, want %d of %v", s.Count(), s.Sum(), goroutines*each, want)
	}
}

// TestMany: words that are full are emptied, and nothing is lost.
func TestMany(t *testing.T) {
	var h hist.Histogram
	v, _ := hist.Limits(1_000_000)
	h.Record(v)
	n := h.NearlyFull(v) + 1
	const goroutines, each = 8, 1000
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range each {
				h.Record(v + 1)
				if s := h.Snapshot(); s.Count() < n {
					t.Errorf("%d values, at least %d were recorded", s.Count(), n)
					return
				}
			}
		})
	}
	for range each { // of this goroutine's stripe, whose word is nearly full
		h.Record(v + 1)
	}
	wg.Wait()
	if !h.Spilled(v) {
		t.Error("no word was emptied")
	}
	n += (goroutines + 1) * each
	s := h.Snapshot()
	if want := float64(n)*float64(v) + (goroutines+1)*each; s.Count() != n || math.Abs(s.Sum()-want) > want/32768 {
		t.Errorf("got %d values of sum %v, want %d of %v", s.Count(), s.Sum(), n, want)
	}
}

func checkJSON(t *testing.T, s hist.Snapshot) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var got hist.Snapshot
	if err := json.Unmarshal(text, &got); err != nil || !got.Equal(s) {
		t.Errorf("got %v (%v) from %s", got, err, text)
	}
}

func TestJSON(t *testing.T) {
	var h hist.Histogram
	fill(&h, []int64{100, 100, 500})
	text, err := json.Marshal(h.Snapshot())
	if want := `{"count":3,"sum":700,"buckets":[[100,2],[503,1]]}`; string(text) != want || err != nil {
		t.Errorf("got %s (%v), want %s", text, err, want)
	}
	r := rand.New(rand.NewPCG(7, 8))
	for _, shape := range shapes {
		var h hist.Histogram
		fill(&h, draw(r, 3000, shape))
		checkJSON(t, h.Snapshot())
		checkJSON(t, h.Snapshot().Merge(h.Snapshot()))
	}
}

// TestJSONRefused: text that is not a distribution is refused, and changes nothing.
func TestJSONRefused(t *testing.T) {
	for text, want := range map[string]string{
		`[]`: "hist: json", `{"count":-1}`: "hist: json", `{`: "unexpected end",
		`{"count":1,"sum":501,"buckets":[[501,1]]}`:                                      "no bucket ends with 501",
		`{"count":1,"sum":501,"buckets":[[18446744073709551615,1]]}`:                     "no bucket ends with",
		`{"count":2,"sum":6,"buckets":[[4,1],[2,1]]}`:                                    "not above",
		`{"count":2,"sum":4,"buckets":[[2,1],[2,1]]}`:                                    "not above",
		`{"count":0,"sum":0,"buckets":[[2,0]]}`:                                          "empty bucket",
		`{"count":3,"sum":4,"buckets":[[2,2]]}`:                                          "2 values, not 3",
		`{"count":1,"sum":5,"buckets":[[2,1]]}`:                                          "cannot have the sum 5",
		`{"count":0,"sum":5}`:                                                            "cannot have the sum 5",
		`{"count":1,"sum":-3,"buckets":[[2,1]]}`:                                         "cannot have the sum -3",
		`{"count":1,"sum":9,"buckets":[[2,18446744073709551615],[7,2]]}`:                 "more values than can be counted",
		`{"count":1,"sum":2,"buckets":[[2,1]],"count":` + strings.Repeat("9", 100) + `}`: "hist: json",
		`{"count":1,"sum":2,"buckets":[[2,1,1]],"x":` + strings.Repeat("[", 20000) + `}`: "",
		`{"count":1,"sum":1e300,"buckets":[[9223372036854775807,1]]}`:                    "cannot have the sum",
	} {
		var h hist.Histogram
		h.Record(7)
		s := h.Snapshot()
		if err := json.Unmarshal([]byte(text), &s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got error %v, want %q", text, err, want)
		}
		if !s.Equal(h.Snapshot()) {
			t.Errorf("%.60s: the snapshot was changed to %v", text, s)
		}
	}
}

// TestAllocations: recording and asking allocate nothing.
func TestAllocations(t *testing.T) {
	var h hist.Histogram
	for shift := range 63 {
		h.Record(1 << shift)
	}
	s := h.Snapshot()
	i := int64(1)
	for what, do := range map[string]func(){
		"Record":   func() { i = i*3 + 1; h.Record(i & (1<<40 - 1)) },
		"Quantile": func() { s.Quantile(0.99) },
		"AtMost":   func() { s.AtMost(1000) },
		"Mean":     func() { s.Mean() },
	} {
		if n := testing.AllocsPerRun(1000, do); n != 0 {
			t.Errorf("%s: %v allocations", what, n)
		}
	}
}
