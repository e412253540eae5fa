package cache

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/policy"
)

// The policy whet is the cache itself: the same requests on a cache by hand give about the
// same hits (its hashes are seeded anew in each cache), and the bound holds.
func TestOwnPolicyIsTheCache(t *testing.T) {
	trace, err := keytrace.Generate("zipf:n=5000,s=0.9,len=100000")
	if err != nil {
		t.Fatal(err)
	}
	w := trace.Workload(false)
	p := own.New(w, 300)
	c := cache.New[uint32, struct{}](300, nil)
	var got, want int
	for _, id := range w.IDs {
		if p.Access(id) {
			got++
		}
		if _, ok := c.Get(id); ok {
			want++
		} else {
			c.Set(id, struct{}{})
		}
		if p.Len() > 300 {
			t.Fatalf("%d entries, capacity 300", p.Len())
		}
	}
	if diff := math.Abs(float64(got-want)) / float64(len(w.IDs)); want == 0 || diff > .02 {
		t.Errorf("got %d hits of %d, the cache has %d", got, len(w.IDs), want)
	}
}

func TestOwnPolicyWeighs(t *testing.T) {
	w := &policy.Workload{IDs: []uint32{0, 1, 0, 1}, Unique: 2, Sizes: []uint32{600, 600}}
	p := own.New(w, 1000)
	for _, id := range w.IDs {
		p.Access(id)
	}
	if p.Len() > 1 {
		t.Errorf("two entries of 600 bytes in 1000")
	}
}

func TestParseSizes(t *testing.T) {
	trace := &keytrace.Trace{}
	for i := range 1000 {
		trace.Keys = append(trace.Keys, uint64(i))
	}
	for _, tt := range []struct {
		text  string
		bytes bool
		want  []int
	}{
		{"10", false, []int{10}},
		{"1%, 5 ,0.5%,5", false, []int{5, 10}},
		{"0.0001%", false, []int{1}},
		{"1e2", false, []int{100}},
		{"2000", false, []int{1000}},
	} {
		sizes, bytes, err := parseSizes(tt.text)
		if err != nil || bytes != tt.bytes {
			t.Errorf("%q: bytes %v, %v", tt.text, bytes, err)
			continue
		}
		if got, _ := (question{sizes: sizes}).entries(trace); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %v, want %v", tt.text, got, tt.want)
		}
	}
	sizes, bytes, err := parseSizes("1KiB,2MB,3b")
	if err != nil || !bytes || sizes[0].n != 1024 || sizes[1].n != 2e6 || sizes[2].n != 3 {
		t.Errorf("got %v, %v, %v", sizes, bytes, err)
	}
}

// A key that is loaded at 0 and asked for at 9 and 12 hits once within 10.
func TestHitsWithin(t *testing.T) {
	trace := &keytrace.Trace{Keys: []uint64{1, 1, 1}, Times: []int64{0, 9, 12}, Tick: time.Second}
	for ttl, want := range map[int64]int{1: 0, 4: 1, 10: 1, 13: 2} {
		if got := hitsWithin(trace, ttl); got != want {
			t.Errorf("TTL %d: got %d hits, want %d", ttl, got, want)
		}
	}
	a, ok := ttlAdvice(trace, 13*time.Second)
	if !ok || a.Numbers[0].Value != 1 {
		t.Errorf("got %v, %v", a, ok)
	}
}
