package keytrace

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestZipf compares frequencies with probabilities, for exponents on both sides of 1 and
// for 0 and 1 themselves, by a chi-squared test of the first ranks.
func TestZipf(t *testing.T) {
	const n, draws, ranks = 1000, 400000, 200
	for _, s := range []float64{0, .5, .99, 1, 1.01, 1.5, 3} {
		z := newZipf(rand.New(rand.NewPCG(1, 2)), n, s)
		count := make([]float64, n+1)
		for range draws {
			count[z.draw()]++
		}
		sum := 0.0
		for k := 1; k <= n; k++ {
			sum += math.Pow(float64(k), -s)
		}
		chi, cells := 0.0, 0.0
		for k := 1; k <= ranks; k++ {
			want := draws * math.Pow(float64(k), -s) / sum
			if want < 10 {
				break
			}
			chi += (count[k] - want) * (count[k] - want) / want
			cells++
		}
		// Its mean is the number of cells, its deviation the root of twice that.
		if chi > cells+5*math.Sqrt(2*cells) || cells < 20 {
			t.Errorf("s=%v: chi squared %.0f of %.0f ranks", s, chi, cells)
		}
		if count[0] != 0 {
			t.Errorf("s=%v: rank 0 was drawn", s)
		}
	}
	if z := newZipf(rand.New(rand.NewPCG(1, 2)), 1, 1); z.draw() != 1 {
		t.Error("one key: another was drawn")
	}
}

func TestGenerate(t *testing.T) {
	for _, tt := range []struct {
		spec string
		want []uint64
	}{
		{"scan:len=4", []uint64{1, 2, 3, 4}},
		{"loop:n=3,len=7", []uint64{1, 2, 3, 1, 2, 3, 1}},
		{"loop:n=2,len=0", []uint64{}},
		{"shifting:n=1,every=2,by=3,len=6", []uint64{1, 1, 4, 4, 7, 7}},
	} {
		if got := mustGenerate(t, tt.spec).Keys; !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.spec, got, tt.want)
		}
	}
}

// TestShifting: the popular keys of a stretch are not those of one far from it.
func TestShifting(t *testing.T) {
	tr := mustGenerate(t, "shifting:n=1000,s=1,every=100,by=10,len=40000")
	top := func(keys []uint64) uint64 {
		count := map[uint64]int{}
		best := keys[0]
		for _, key := range keys {
			if count[key]++; count[key] > count[best] {
				best = key
			}
		}
		return best
	}
	first, last := top(tr.Keys[:100]), top(tr.Keys[39900:])
	if first != 1000 || last != 1000+399*10 {
		t.Errorf("the most popular keys are %d and %d, want 1000 and 4990", first, last)
	}
}

// TestMixed: parts keep their share and have keys of their own.
func TestMixed(t *testing.T) {
	tr := mustGenerate(t, "zipf:n=100,weight=3,len=40000+scan:weight=1")
	count := map[uint64]int{}
	for _, key := range tr.Keys {
		count[key>>partBits]++
	}
	if got := float64(count[0]) / 40000; math.Abs(got-.75) > .01 || len(count) != 2 {
		t.Errorf("the first of %d parts has %.3f of the requests, want .75", len(count), got)
	}
	if got, want := tr.Unique(), 100+count[1]; got != want {
		t.Errorf("got %d keys, want %d", got, want)
	}
}

// TestSeed: the same description is the same trace in every version of this package.
func TestSeed(t *testing.T) {
	const spec = "zipf:n=1e5,s=.99,len=1e5,seed=7+shifting:n=1000,s=1"
	sum := func(tr *Trace) (h uint64) {
		for _, key := range tr.Keys {
			h = mix(h ^ key)
		}
		return h
	}
	got := sum(mustGenerate(t, spec))
	if want := uint64(0x3a2ef262f7c893f0); got != want {
		t.Errorf("got hash %#x, want %#x", got, want)
	}
	if sum(mustGenerate(t, strings.Replace(spec, "seed=7", "seed=8", 1))) == got {
		t.Error("another seed gives the same trace")
	}
}

func TestParseSpec(t *testing.T) {
	s, err := ParseSpec("zipf: + scan:weight=2")
	want := Spec{Len: 1e6, Seed: 1, Parts: []Part{{Kind: "zipf", N: 100000, S: 1, Weight: 1}, {Kind: "scan", Weight: 2}}}
	if err != nil || fmt.Sprint(s) != fmt.Sprint(want) {
		t.Errorf("got %v, %v, want %v", s, err, want)
	}
	for _, tt := range []struct{ spec, want string }{
		{"", "no generator"},
		{"zip:n=1", `no generator "zip"`},
		{"zipf:m=1", `zipf has no setting "m"`},
		{"scan:n=1", `scan has no setting "n"`},
		{"zipf:n=1+scan:len=5", "len belongs to the first part"},
		{"zipf:n=0", "n=0: want a number from 1"},
		{"zipf:n=1.5", "n=1.5: not a whole number"},
		{"zipf:n", "n=: not a number"},
		{"zipf:s=NaN", "s=NaN: want a number from 0 to 10"},
		{"zipf:len=1e12", "len=1e12: want a number from 0"},
		{"zipf:seed=-1", "seed=-1"},
		{"zipf:weight=0", "weight=0"},
	} {
		if _, err := Generate(tt.spec); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %q", tt.spec, err, tt.want)
		}
	}
}

// FuzzParseSpec: what is accepted can be written down, read back and drawn from.
func FuzzParseSpec(f *testing.F) {
	for _, s := range append(sampleSpecs, "loop:n=1", "shifting:by=1,every=1", "zipf:s=0+zipf:s=10,n=1e9", "zipf:s=00,weight=2") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSpec(text)
		if err != nil {
			return
		}
		again, err := ParseSpec(s.String())
		if err != nil || again.String() != s.String() || again.Len != s.Len || !slices.Equal(again.Parts, s.Parts) {
			t.Fatalf("%q reads as %q, that as %q, %v", text, s, again, err)
		}
		s.Len = min(s.Len, 100)
		for i, part := range s.Parts {
			if part.N < 0 || i > 1000 {
				t.Fatalf("%q: %+v", text, part)
			}
		}
		n := 0
		for range s.Keys() {
			n++
		}
		if n != s.Len {
			t.Fatalf("%q: %d keys of %d", text, n, s.Len)
		}
	})
}

func BenchmarkZipf(b *testing.B) {
	z := newZipf(rand.New(rand.NewPCG(1, 2)), 1e6, .99)
	for b.Loop() {
		z.draw()
	}
}
