package lru_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/lru"
)

type item struct {
	key           float64
	value, weight int
	at            time.Duration
	write         int // its place among all writes
}

type removal struct {
	key   float64
	value int
	cause lru.Cause
}

// ref is what a Cache promises, said in the simplest way.
type ref struct {
	capacity int
	ttl, now time.Duration
	weighs   bool
	items    []item // most recent first
	writes   int
	stats    lru.Stats
	removals []removal
}

func (r *ref) weight(value int) int {
	if !r.weighs {
		return 1
	}
	return max(1, weigh(0, value))
}

func weigh(_ float64, value int) int { return value % 6 }

func (r *ref) used() (sum int) {
	for _, it := range r.items {
		sum += it.weight
	}
	return sum
}

func (r *ref) remove(i int, cause lru.Cause) {
	it := r.items[i]
	r.items = slices.Delete(r.items, i, i+1)
	r.removals = append(r.removals, removal{it.key, it.value, cause})
}

// expire removes what is too old, in the order of writing.
func (r *ref) expire() {
	for r.ttl > 0 && len(r.items) > 0 {
		oldest := 0
		for i, it := range r.items {
			if it.write < r.items[oldest].write {
				oldest = i
			}
		}
		if r.now-r.items[oldest].at < r.ttl {
			return
		}
		r.remove(oldest, lru.Expired)
		r.stats.Expirations++
	}
}

func (r *ref) find(key float64) int {
	r.expire()
	return slices.IndexFunc(r.items, func(it item) bool { return it.key == key })
}

func (r *ref) peek(key float64) (int, bool) {
	if i := r.find(key); i >= 0 {
		return r.items[i].value, true
	}
	return 0, false
}

func (r *ref) get(key float64) (int, bool) {
	i := r.find(key)
	if i < 0 {
		r.stats.Misses++
		return 0, false
	}
	r.stats.Hits++
	it := r.items[i]
	r.items = slices.Insert(slices.Delete(r.items, i, i+1), 0, it)
	return it.value, true
}

func (r *ref) evict(room int) (n int) {
	for r.used() > room {
		r.remove(len(r.items)-1, lru.Evicted)
		r.stats.Evictions++
		n++
	}
	return n
}

func (r *ref) set(key float64, value int) bool {
	if i := r.find(key); i >= 0 {
		r.remove(i, lru.Replaced)
	}
	w := r.weight(value)
	if w > r.capacity || math.IsNaN(key) {
		r.removals = append(r.removals, removal{key, value, lru.Rejected})
		r.stats.Rejections++
		return false
	}
	evicted := r.evict(r.capacity - w)
	r.writes++
	r.items = slices.Insert(r.items, 0, item{key, value, w, r.now, r.writes})
	return evicted > 0
}

func (r *ref) getOrSet(key float64, value int) (int, bool) {
	if v, ok := r.get(key); ok {
		return v, true
	}
	r.set(key, value)
	return value, false
}

func (r *ref) delete(key float64) bool {
	i := r.find(key)
	if i >= 0 {
		r.remove(i, lru.Deleted)
	}
	return i >= 0
}

func (r *ref) resize(capacity int) int {
	r.expire()
	r.capacity = capacity
	return r.evict(capacity)
}

func (r *ref) clear() {
	r.expire()
	for len(r.items) > 0 {
		r.remove(len(r.items)-1, lru.Cleared)
	}
}

// play does what program says with a cache and with ref, and compares after each step.
// The first byte sets the options; then each step takes three. It sleeps, so it belongs
// into a synctest bubble.
func play(t *testing.T, program []byte) {
	if len(program) == 0 {
		return
	}
	first := program[0]
	r := &ref{capacity: 1 + int(first&15), weighs: first&16 != 0}
	var got []removal
	opts := &lru.Options[float64, int]{OnEvict: func(key float64, value int, cause lru.Cause) {
		got = append(got, removal{key, value, cause})
	}}
	if r.weighs {
		opts.Weight = weigh
	}
	if first&32 != 0 {
		r.ttl = 10 * time.Second
		opts.TTL = r.ttl
	}
	c := lru.New(r.capacity, opts)
	for step := program[1:]; len(step) >= 3; step = step[3:] {
		did := apply(t, c, r, step[0], step[1], step[2])
		compare(t, did, c, r)
		if !slices.EqualFunc(got, r.removals, sameRemoval) {
			t.Fatalf("%s removed %v, want %v", did, got, r.removals)
		}
		got, r.removals = nil, nil
	}
}

func apply(t *testing.T, c *lru.Cache[float64, int], r *ref, op, k, arg byte) (did string) {
	key, value := float64(k%24), int(arg)
	if k%24 == 23 {
		key = math.NaN()
	}
	var got, want any
	switch op % 16 {
	case 0, 1, 2:
		did = fmt.Sprintf("Get(%v)", key)
		got, want = pair(c.Get(key)), pair(r.get(key))
	case 3:
		did = fmt.Sprintf("Peek(%v)", key)
		got, want = pair(c.Peek(key)), pair(r.peek(key))
	case 4, 5, 6, 7, 8:
		did = fmt.Sprintf("Set(%v, %v)", key, value)
		got, want = c.Set(key, value), r.set(key, value)
	case 9, 10:
		did = fmt.Sprintf("GetOrSet(%v, %v)", key, value)
		got, want = pair(c.GetOrSet(key, value)), pair(r.getOrSet(key, value))
	case 11:
		did = fmt.Sprintf("Delete(%v)", key)
		got, want = c.Delete(key), r.delete(key)
	case 12:
		capacity := 1 + value%32
		did = fmt.Sprintf("Resize(%v)", capacity)
		got, want = c.Resize(capacity), r.resize(capacity)
	case 13:
		if arg < 64 { // seldom, or there is never much to see
			did = "Clear()"
			c.Clear()
			r.clear()
		}
	default:
		d := time.Duration(arg%8) * time.Second
		did = fmt.Sprintf("sleep %v", d)
		time.Sleep(d)
		r.now += d
	}
	if got != want {
		t.Fatalf("%s = %v, want %v", did, got, want)
	}
	return did
}

// sameRemoval is == that takes NaN for equal to itself.
func sameRemoval(a, b removal) bool {
	sameKey := a.key == b.key || math.IsNaN(a.key) && math.IsNaN(b.key)
	return sameKey && a.value == b.value && a.cause == b.cause
}

func pair(v int, ok bool) [2]any { return [2]any{v, ok} }

func compare(t *testing.T, did string, c *lru.Cache[float64, int], r *ref) {
	t.Helper()
	n := c.Len()
	r.expire()
	if n != len(r.items) || c.Weight() != r.used() || c.Cap() != r.capacity {
		t.Fatalf("after %s: len %d, weight %d, cap %d, want %d, %d, %d",
			did, n, c.Weight(), c.Cap(), len(r.items), r.used(), r.capacity)
	}
	if s := c.Stats(); s != r.stats {
		t.Fatalf("after %s: stats %+v, want %+v", did, s, r.stats)
	}
	i := 0
	for k, v := range c.All() {
		if i >= len(r.items) || k != r.items[i].key || v != r.items[i].value {
			t.Fatalf("after %s: entry %d is %v: %v, want %v", did, i, k, v, r.items)
		}
		i++
	}
	if err := c.Check(); err != nil {
		t.Fatalf("after %s: %v", did, err)
	}
}

func TestModel(t *testing.T) {
	for seed := range uint64(128) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		program := make([]byte, 1+3*400)
		for i := range program {
			program[i] = byte(rnd.Uint32())
		}
		program[0] = byte(seed) // all options
		synctest.Test(t, func(t *testing.T) { play(t, program) })
	}
}

func FuzzModel(f *testing.F) {
	f.Add([]byte{0x31, 4, 1, 1, 4, 2, 2, 0, 1, 0, 14, 0, 6, 12, 0, 0})
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 1000 {
			return // longer ones only take longer
		}
		synctest.Test(t, func(t *testing.T) { play(t, program) })
	})
}
