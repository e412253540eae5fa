package whetprobe

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"unsafe"
)

// A reference is a naive record of calls: the whole stream.
type reference struct {
	recency  []int // most recent last
	distance map[int]int
	first    int
}

func (r *reference) call(v int) {
	i := slices.Index(r.recency, v)
	if i < 0 {
		r.first++
	} else {
		r.distance[len(r.recency)-1-i]++
		r.recency = slices.Delete(r.recency, i, i+1)
	}
	r.recency = append(r.recency, v)
}

// TestDistances holds the recency order to a naive one, over many renumberings.
func TestDistances(t *testing.T) {
	s := record(t, 1, "")
	ref := &reference{distance: make(map[int]int)}
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.2, 1, 500)
	for range 40_000 {
		v := int(zipf.Uint64())
		if k := Enter(0, Int(Seed, v)); k.On() {
			Exit0(k)
		}
		ref.call(v)
	}
	if s[0].Shift != 0 || s[0].GaveUp != 0 {
		t.Fatalf("got shift %d, gave up %d", s[0].Shift, s[0].GaveUp)
	}
	want := make([]uint64, Doubling)
	for d, n := range ref.distance {
		b := 0
		for d>>b != 0 {
			b++
		}
		want[b] += uint64(n)
	}
	if !slices.Equal(s[0].Dist[:], want) {
		t.Errorf("got %v\nwant %v", s[0].Dist, want)
	}
	if int(s[0].Used) != ref.first {
		t.Errorf("got %d inputs, want %d", s[0].Used, ref.first)
	}
}

// TestSampling holds what is estimated from a sample to the whole.
func TestSampling(t *testing.T) {
	s := record(t, 1, "")
	r := rand.New(rand.NewPCG(3, 4))
	const n, inputs = 400_000, 20_000
	far := 0
	last := make(map[int]int)
	for i := range n {
		v := r.IntN(inputs)
		if at, ok := last[v]; ok && i-at > 4*inputs {
			far++
		}
		last[v] = i
		if k := Enter(0, Int(Seed, v)); k.On() {
			Exit0(k)
		}
	}
	if s[0].Shift < 4 {
		t.Fatalf("got shift %d of %d inputs", s[0].Shift, inputs)
	}
	if got := float64(s[0].CallsW) / n; math.Abs(got-1) > 0.25 {
		t.Errorf("the sample stands for %.2f of the calls", got)
	}
	// Distances of uniform inputs are spread evenly up to the number of inputs: about half
	// are beyond half of it.
	var beyond, all uint64
	for b, c := range s[0].Dist {
		all += c
		if b >= 14 { // 8192 and more
			beyond += c
		}
	}
	if got := float64(beyond) / float64(all); got < 0.35 || got > 0.85 {
		t.Errorf("%.2f of the repeats are more than 8192 inputs away", got)
	}
	if s[0].Used > Slots*3/4 {
		t.Errorf("%d entries are in use", s[0].Used)
	}
}

// TestConcurrent has 10,000 goroutines ask at once, or as many as the race detector bears:
// every call is counted, and none is in flight at the end.
func TestConcurrent(t *testing.T) {
	s := record(t, 1, "t")
	var wg sync.WaitGroup
	const each = 20
	begin := make(chan struct{})
	for g := range goroutines {
		wg.Go(func() {
			<-begin
			for i := range each {
				func() {
					if k := Enter(0, Int(Seed, (g+i)%50)); k.On() {
						r := i
						defer Exit1(k, &r)
						if k.Wants() {
							Put(k, "i", &i)
						}
					}
				}()
			}
		})
	}
	close(begin)
	wg.Wait()
	var calls uint64
	for _, l := range s[0].Lines {
		calls += l.Calls
	}
	if calls != each*goroutines || s[0].CallsW != each*goroutines || s[0].RepeatsW != each*goroutines-50 {
		t.Errorf("got %d calls, %d looked at, %d repeats", calls, s[0].CallsW, s[0].RepeatsW)
	}
	for _, e := range s[0].Table {
		if e.InFlight != 0 {
			t.Errorf("%d calls are in flight", e.InFlight)
		}
	}
}

// TestBudget has a hot function cost too much: the probe must look at less of it.
func TestBudget(t *testing.T) {
	s := record(t, 1, "")
	share = 0.01
	for i := range 3_000_000 {
		if k := Enter(0, Int(Seed, i%512)); k.On() {
			Exit0(k)
		}
	}
	if s[0].Shift == 0 && !s[0].Stopped() {
		t.Errorf("every call was looked at, for %d ns", head.Spent)
	}
}

func TestOutside(t *testing.T) {
	s := record(t, 1, "o")
	call := func(v int) {
		if k := Enter(0, Int(Seed, v)); k.On() {
			Exit0(k)
		}
	}
	call(1)
	for range 3 {
		Op()
		call(1)
		call(1)
	}
	End()
	call(1)
	got := [...]uint64{s[0].CallsW, s[0].RepeatsW, s[0].FirstInOpW, s[0].DistIn[0]}
	if want := [...]uint64{6, 5, 3, 3}; got != want {
		t.Errorf("got calls, repeats, firsts in an operation, repeats in one: %v, want %v", got, want)
	}
}

// TestOutputs tells apart results that differ, those that are shared, and panics.
func TestOutputs(t *testing.T) {
	s := record(t, 4, "")
	shared := new(int)
	f := func(site uint32, n int, p *int, fail bool) {
		if k := Enter(site, Seed); k.On() {
			defer Exit2(k, &n, &p)
		}
		if fail {
			panic("fail")
		}
	}
	f(0, 1, shared, false)
	f(0, 1, shared, false)
	f(1, 1, new(int), false)
	f(1, 1, new(int), false)
	f(2, 1, nil, false)
	f(2, 2, nil, false)
	func() {
		defer func() { recover() }()
		f(3, 1, nil, true)
	}()
	for i, want := range [][4]uint64{{1, 0, 1, 0}, {1, 0, 0, 0}, {1, 1, 0, 0}, {0, 0, 0, 1}} {
		got := [4]uint64{s[i].ComparedW, s[i].DifferW, s[i].SharedW, s[i].Panics}
		if got != want {
			t.Errorf("site %d: got compared, differing, shared, panics %v, want %v", i, got, want)
		}
	}
}

type opaque struct {
	c  chan int
	f  func()
	m  map[float64]*opaque
	p  unsafe.Pointer
	me *opaque
	s  []string
	e  error
	a  any
}

// TestHostile hashes what should not be walked, and what has no end.
func TestHostile(t *testing.T) {
	record(t, 1, "t")
	nan, other := math.Float64frombits(0x7ff8000000000001), math.Float64frombits(0x7ff8000000000002)
	o := &opaque{c: make(chan int), f: func() {}, m: map[float64]*opaque{nan: nil, other: nil}, s: []string{"a"}}
	o.me, o.p, o.a, o.m[1] = o, unsafe.Pointer(o), o, o
	var cycle []any
	cycle = append(cycle, nil)
	cycle[0] = cycle
	huge := make([]byte, 64<<20)
	if a, b := Val(Seed, o), Val(Seed, o); a != b {
		t.Error("a value does not hash as itself")
	}
	if a, b := deep(Seed, typeAt(typeOf[*opaque]()), unsafe.Pointer(&o)), deep(Seed, typeAt(typeOf[*opaque]()), unsafe.Pointer(&o)); a != b {
		t.Error("a cyclic result does not hash as itself")
	}
	before := Flat(Seed, huge)
	huge[0] = 1
	if Flat(Seed, huge) == before {
		t.Error("the first byte is not looked at")
	}
	huge[0], huge[len(huge)-1] = 0, 1
	if Flat(Seed, huge) == before {
		t.Error("the last byte is not looked at")
	}
	for range 10 {
		k := Enter(0, Val(Val(Seed, &cycle), o))
		Put(k, "cycle", &cycle)
		Put(k, "o", o)
		Put(k, "huge", &huge)
		Exit3(k, &cycle, o, &huge)
	}
	k := Enter(0|Fresh, 5<<20)
	Exit2(k, &cycle, &o)
}

func TestHashes(t *testing.T) {
	type inner struct {
		n int8
		s string
	}
	type value struct {
		a   any
		i   inner
		arr [2]inner
		f   float64
	}
	v := value{a: inner{1, "x"}, i: inner{2, "y"}, f: 1}
	same := value{a: inner{1, string([]byte{'x'})}, i: inner{2, string([]byte{'y'})}, f: 1}
	if Val(Seed, &v) != Val(Seed, &same) {
		t.Error("equal values hash differently")
	}
	for name, other := range map[string]value{
		"in an interface": {a: inner{1, "z"}, i: inner{2, "y"}, f: 1},
		"its type":        {a: 1, i: inner{2, "y"}, f: 1},
		"in a struct":     {a: inner{1, "x"}, i: inner{3, "y"}, f: 1},
		"in an array":     {a: inner{1, "x"}, i: inner{2, "y"}, arr: [2]inner{1: {1, ""}}, f: 1},
		"a float":         {a: inner{1, "x"}, i: inner{2, "y"}, f: 2},
	} {
		if Val(Seed, &v) == Val(Seed, &other) {
			t.Errorf("a difference %s is not seen", name)
		}
	}
	if Strs(Seed, []string{"ab", "c"}) == Strs(Seed, []string{"a", "bc"}) {
		t.Error("the ends of strings are not seen")
	}
	x, y := new(int), new(int)
	if Val(Seed, &x) == Val(Seed, &y) {
		t.Error("two addresses hash to the same")
	}
}

func TestAllocs(t *testing.T) {
	record(t, 2, "")
	words := []string{"a", "b", "c"}
	i := 0
	if n := testing.AllocsPerRun(5000, func() {
		i++
		sink = probedInts(i%100, 7)
		sink, _ = probedString(words[i%3])
	}); n != 0 {
		t.Errorf("a probed call allocates %v times", n)
	}
}
