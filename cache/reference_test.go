package cache_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/cache"
)

// A reference knows what a cache must answer. What is evicted is the policy's choice, which
// the reference learns from the removals; from these and from the calls it knows exactly
// what is there, so that every hit and every miss is checked.
//
// It must run in a bubble of synctest, and time must pass by sleep: all deadlines are 5 ms
// from any moment that can be slept to.
type reference[K cmp.Ordered, V any] struct {
	t       *testing.T
	c       *cache.Cache[K, V]
	kind    kind[K, V]
	opts    cache.Options[K, V]
	live    map[K]held[V]
	absent  map[K]time.Time // until when a loader's ErrNotFound may be remembered
	last    uint64          // the number of the last value made
	history []string        // the last operations

	mu       sync.Mutex
	removals []cache.Removal[K, V]
}

// A kind makes keys and values of numbers.
type kind[K comparable, V any] struct {
	key   func(int) K
	value func(uint64) V
	id    func(V) uint64 // panics if the value is damaged
}

type held[V any] struct {
	id       uint64
	deadline time.Time // zero: never
	idle     bool      // reading puts the deadline off
	weight   int64
}

func (h held[V]) fresh() bool { return h.deadline.IsZero() || time.Now().Before(h.deadline) }

func newReference[K cmp.Ordered, V any](t *testing.T, capacity int, kind kind[K, V], opts cache.Options[K, V]) *reference[K, V] {
	r := &reference[K, V]{t: t, kind: kind, opts: opts, live: map[K]held[V]{}, absent: map[K]time.Time{}}
	opts.OnRemove = func(gone cache.Removal[K, V]) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.removals = append(r.removals, gone)
	}
	r.c = cache.New(capacity, &opts)
	return r
}

func (r *reference[K, V]) fail(format string, args ...any) {
	r.t.Helper()
	r.t.Fatalf("%s\nafter\n%s", fmt.Sprintf(format, args...), joined(r.history))
}

func joined(lines []string) (all string) {
	for _, line := range lines {
		all += "\t" + line + "\n"
	}
	return all
}

func (r *reference[K, V]) note(format string, args ...any) {
	r.history = append(r.history, fmt.Sprintf(format, args...))
	if len(r.history) > 20 {
		r.history = r.history[1:]
	}
}

func (r *reference[K, V]) make() (V, uint64) {
	r.last++
	return r.kind.value(r.last), r.last
}

func (r *reference[K, V]) hold(key K, value V, ttl time.Duration) held[V] {
	h := held[V]{id: r.kind.id(value), weight: 1}
	if ttl > 0 {
		h.deadline = time.Now().Add(ttl)
	}
	if r.opts.Weight != nil {
		h.weight = int64(r.opts.Weight(key, value))
	}
	return h
}

// usual is hold with the lifetime that the options give.
func (r *reference[K, V]) usual(key K, value V) held[V] {
	switch {
	case r.opts.Lifetime != nil:
		return r.hold(key, value, r.opts.Lifetime(key, value))
	case r.opts.Idle > 0:
		h := r.hold(key, value, r.opts.Idle)
		h.idle = true
		return h
	}
	return r.hold(key, value, r.opts.TTL)
}

// settle takes the removals since the last call out of live. cause says which removals of
// entries that have not expired are right beside evictions.
func (r *reference[K, V]) settle(allowed cache.Cause, of func(K, held[V]) bool) {
	r.t.Helper()
	r.mu.Lock()
	gone := r.removals
	r.removals = nil
	r.mu.Unlock()
	for _, x := range gone {
		h, ok := r.live[x.Key]
		if id := r.kind.id(x.Value); !ok || id != h.id {
			r.fail("removal of %v %d, %s: held is %v %d", x.Key, id, x.Cause, ok, h.id)
		}
		switch {
		case x.Cause == cache.Expired && !h.fresh():
		case x.Cause == cache.Evicted && h.fresh() && allowed != cache.Deleted:
		case x.Cause == allowed && h.fresh() && of(x.Key, h):
		default:
			r.fail("removal of %v %d: %s, which is not its cause (fresh: %v)", x.Key, h.id, x.Cause, h.fresh())
		}
		delete(r.live, x.Key)
	}
}

func (r *reference[K, V]) nothing() { r.settle(0, nil) }

// put checks the removals of an operation that gave key the value h.
func (r *reference[K, V]) put(key K, h held[V]) {
	r.t.Helper()
	r.mu.Lock()
	gone := r.removals
	r.removals = nil
	// The removal of the new value itself comes after that of the old one.
	own := slices.IndexFunc(gone, func(x cache.Removal[K, V]) bool { return x.Key == key && r.kind.id(x.Value) == h.id })
	if own < 0 {
		own = len(gone)
	}
	before, after := gone[:own], gone[own:]
	r.removals = before
	r.mu.Unlock()
	r.settle(cache.Replaced, func(k K, _ held[V]) bool { return k == key })
	if old, ok := r.live[key]; ok && own < len(gone) {
		r.fail("%v: value %d is gone before %d", key, h.id, old.id)
	}
	if own == len(gone) {
		if old, ok := r.live[key]; ok {
			r.fail("%v: nobody was told that %d was replaced", key, old.id)
		}
	}
	r.live[key] = h
	r.removals = after
	r.nothing()
	delete(r.absent, key)
}

// read checks an answer of the cache.
func (r *reference[K, V]) read(key K, value V, ok, uses bool) {
	r.t.Helper()
	h, there := r.live[key]
	there = there && h.fresh()
	if ok != there {
		r.fail("%v: found %v, is there %v", key, ok, there)
	}
	if !ok {
		return
	}
	if id := r.kind.id(value); id != h.id {
		r.fail("%v: value %d, want %d", key, id, h.id)
	}
	if left := time.Until(h.deadline); uses && h.idle && left < r.opts.Idle-r.opts.Idle/16 {
		h.deadline = time.Now().Add(r.opts.Idle)
		r.live[key] = h
	}
}

func (r *reference[K, V]) get(key K) {
	r.t.Helper()
	r.note("Get %v", key)
	value, ok := r.c.Get(key)
	r.nothing()
	r.read(key, value, ok, true)
}

func (r *reference[K, V]) peek(key K) {
	r.t.Helper()
	r.note("Peek %v", key)
	value, ok := r.c.Peek(key)
	r.nothing()
	r.read(key, value, ok, false)
}

func (r *reference[K, V]) set(key K) {
	r.t.Helper()
	value, id := r.make()
	r.note("Set %v %d", key, id)
	h := r.usual(key, value)
	r.c.Set(key, value)
	r.put(key, h)
}

func (r *reference[K, V]) setTTL(key K, ttl time.Duration) {
	r.t.Helper()
	value, id := r.make()
	r.note("SetTTL %v %d %v", key, id, ttl)
	r.c.SetTTL(key, value, ttl)
	if ttl >= 0 {
		r.put(key, r.hold(key, value, ttl))
		return
	}
	r.settle(cache.Deleted, func(k K, _ held[V]) bool { return k == key })
	if old, ok := r.live[key]; ok {
		r.fail("%v: nobody was told that %d was deleted", key, old.id)
	}
}

func (r *reference[K, V]) getOrSet(key K) {
	r.t.Helper()
	value, id := r.make()
	r.note("GetOrSet %v %d", key, id)
	h := r.usual(key, value)
	actual, loaded := r.c.GetOrSet(key, value)
	if loaded {
		r.nothing()
		r.read(key, actual, true, true)
		return
	}
	if old, ok := r.live[key]; ok && old.fresh() {
		r.fail("%v: set over %d", key, old.id)
	}
	if got := r.kind.id(actual); got != id {
		r.fail("%v: set to %d, returned %d", key, id, got)
	}
	r.put(key, h)
}

func (r *reference[K, V]) delete(key K) {
	r.t.Helper()
	r.note("Delete %v", key)
	h, there := r.live[key]
	there = there && h.fresh()
	if deleted := r.c.Delete(key); deleted != there {
		r.fail("%v: deleted %v, was there %v", key, deleted, there)
	}
	r.settle(cache.Deleted, func(k K, _ held[V]) bool { return k == key })
	if _, ok := r.live[key]; ok {
		r.fail("%v: nobody was told that it was deleted", key)
	}
	delete(r.absent, key)
}

// purge checks an operation that removes all for which of holds.
func (r *reference[K, V]) purge(do func() int, of func(K, held[V]) bool) {
	r.t.Helper()
	want := 0
	for key, h := range r.live {
		if h.fresh() && of(key, h) {
			want++
		}
	}
	if n := do(); n >= 0 && n != want {
		r.fail("%d deleted, want %d", n, want)
	}
	r.settle(cache.Deleted, of)
	for key, h := range r.live {
		if h.fresh() && of(key, h) {
			r.fail("%v %d: is still there", key, h.id)
		}
	}
}

func (r *reference[K, V]) deleteFunc(rest uint64) {
	r.t.Helper()
	r.note("DeleteFunc id%%7 == %d", rest)
	r.purge(func() int {
		return r.c.DeleteFunc(func(key K, value V) bool { return r.kind.id(value)%7 == rest })
	}, func(_ K, h held[V]) bool { return h.id%7 == rest })
}

func (r *reference[K, V]) deleteTag(tag string) {
	r.t.Helper()
	r.note("DeleteTag %s", tag)
	r.purge(func() int { return r.c.DeleteTag(tag) }, func(key K, h held[V]) bool {
		return r.opts.Tags != nil && slices.Contains(r.opts.Tags(key, r.kind.value(h.id)), tag)
	})
}

func (r *reference[K, V]) clear() {
	r.t.Helper()
	r.note("Clear")
	r.purge(func() int { r.c.Clear(); return -1 }, func(K, held[V]) bool { return true })
	clear(r.absent)
}

func (r *reference[K, V]) resize(capacity int) {
	r.t.Helper()
	r.note("Resize %d", capacity)
	before := len(r.live)
	evicted := r.c.Resize(capacity)
	r.nothing()
	if gone := before - len(r.live); gone != evicted {
		r.fail("Resize says %d evicted, %d are gone", evicted, gone)
	}
}

func (r *reference[K, V]) sleep(d time.Duration) {
	r.t.Helper()
	r.note("Sleep %v", d)
	time.Sleep(d)
	synctest.Wait()
	r.nothing()
}

// check compares everything that is there.
func (r *reference[K, V]) check() {
	r.t.Helper()
	seen, weight := 0, int64(0)
	for key, value := range r.c.All() {
		seen++
		r.read(key, value, true, false)
	}
	fresh := 0
	for _, h := range r.live {
		weight += h.weight
		if h.fresh() {
			fresh++
		}
	}
	st := r.c.Stats()
	if seen != fresh || r.c.Len() != len(r.live) || st.Len != len(r.live) || int64(st.Weight) != weight {
		r.fail("All yields %d of %d; Len %d and %d of %d; weight %d of %d", seen, fresh, r.c.Len(), st.Len, len(r.live), st.Weight, weight)
	}
	if weight > int64(r.c.Cap()) {
		r.fail("weight %d above capacity %d", weight, r.c.Cap())
	}
}

var errLoad = errors.New("load failed")

// load has GetOrLoad load key if it is not there: within tells the loader what to do with
// the cache before it ends in the given way.
func (r *reference[K, V]) load(key K, ending string, cancellable bool, within func()) {
	r.t.Helper()
	r.note("GetOrLoad %v %s (cancellable: %v)", key, ending, cancellable)
	ctx := context.Background()
	if cancellable {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
	}
	before, there := r.live[key]
	there = there && before.fresh()
	if there {
		within = nil
	}
	absentUntil, mayBeAbsent := r.absent[key]
	mayBeAbsent = mayBeAbsent && time.Now().Before(absentUntil)
	calls := 0
	var loaded V
	value, panicked, err := r.caught(ctx, key, func(_ context.Context, k K) (none V, _ error) {
		calls++
		if k != key {
			r.t.Errorf("asked to load %v, want %v", k, key)
		}
		if within != nil {
			within()
		}
		switch ending {
		case "fails":
			return none, errLoad
		case "finds nothing":
			return none, fmt.Errorf("wrapped: %w", cache.ErrNotFound)
		case "panics":
			panic(errLoad)
		}
		loaded, _ = r.make()
		return loaded, nil
	})
	if cancellable {
		synctest.Wait() // until the loader's goroutine has told of what it removed
	}
	switch {
	case there:
		if calls != 0 || err != nil || panicked != nil {
			r.fail("%v: is there, but loaded %d times: %v %v", key, calls, err, panicked)
		}
		r.nothing()
		r.read(key, value, true, true)
	case calls == 0:
		r.nothing()
		if !mayBeAbsent || !errors.Is(err, cache.ErrNotFound) {
			r.fail("%v: not loaded: %v", key, err)
		}
	case calls > 1:
		r.fail("%v: loaded %d times", key, calls)
	case ending == "loads":
		if err != nil || panicked != nil || r.kind.id(value) != r.kind.id(loaded) {
			r.fail("%v: loaded %d, got %d, %v %v", key, r.kind.id(loaded), r.kind.id(value), err, panicked)
		}
		if within == nil {
			r.put(key, r.usual(key, loaded))
		} else {
			r.nothing()
		}
	default:
		r.nothing()
		r.failed(key, before, ending, value, err, panicked, within != nil)
	}
}

// failed checks what GetOrLoad made of a loader that brought no value.
func (r *reference[K, V]) failed(key K, before held[V], ending string, value V, err error, panicked *cache.PanicError, meddled bool) {
	r.t.Helper()
	if h, ok := r.live[key]; ok && !meddled && r.opts.Stale > 0 && ending == "fails" && time.Now().Before(h.deadline.Add(r.opts.Stale)) {
		if err != nil || r.kind.id(value) != before.id {
			r.fail("%v: want the stale %d: %v", key, before.id, err)
		}
		return
	}
	switch ending {
	case "panics":
		if panicked == nil || !errors.Is(panicked, errLoad) || len(panicked.Stack) == 0 {
			r.fail("%v: want a PanicError: %v", key, panicked)
		}
	case "fails":
		if !meddled && !errors.Is(err, errLoad) {
			r.fail("%v: want the loader's error: %v", key, err)
		}
	default:
		if !errors.Is(err, cache.ErrNotFound) {
			r.fail("%v: want ErrNotFound: %v", key, err)
		}
		if r.opts.NotFound > 0 && !meddled {
			r.absent[key] = time.Now().Add(r.opts.NotFound)
		}
	}
}

func (r *reference[K, V]) caught(ctx context.Context, key K, load cache.Loader[K, V]) (value V, panicked *cache.PanicError, err error) {
	defer func() {
		if v := recover(); v != nil {
			panicked = v.(*cache.PanicError)
		}
	}()
	value, err = r.c.GetOrLoad(ctx, key, load)
	return value, nil, err
}

// loadAll loads keys, of which the loader leaves out those whose place is a multiple of 3.
func (r *reference[K, V]) loadAll(keys []K, fails bool) {
	r.t.Helper()
	r.note("LoadAll %v (fails: %v)", keys, fails)
	there, brought := map[K]uint64{}, map[K]V{}
	for _, key := range keys {
		if h, ok := r.live[key]; ok && h.fresh() {
			there[key] = h.id
		}
	}
	calls := 0
	var asked []K
	got, err := r.c.LoadAll(context.Background(), keys, func(_ context.Context, missing []K) (map[K]V, error) {
		calls++
		asked = append(asked, missing...)
		if fails {
			return nil, errLoad
		}
		for i, key := range missing {
			if i%3 != 0 {
				brought[key], _ = r.make()
			}
		}
		return brought, nil
	})
	again := r.opts.NotFound > 0 // what is remembered as not found may be forgotten, and is asked for after the others
	if calls > 1 && !again || fails && calls >= 1 && !errors.Is(err, errLoad) || !fails && err != nil {
		r.fail("%d calls, %v", calls, err)
	}
	want := len(there)
	for key := range there {
		if _, ok := got[key]; !ok {
			r.fail("%v was there and is left out", key)
		}
		r.seen(key)
	}
	for key, value := range brought {
		want++
		if g, ok := got[key]; !ok || r.kind.id(g) != r.kind.id(value) {
			r.fail("%v was loaded and is left out", key)
		}
	}
	if len(got) != want {
		r.fail("%d values, want %d", len(got), want)
	}
	r.landed(asked, brought, fails)
}

// seen notes a use of key whose answer is checked elsewhere.
func (r *reference[K, V]) seen(key K) {
	if h := r.live[key]; h.idle && time.Until(h.deadline) < r.opts.Idle-r.opts.Idle/16 {
		h.deadline = time.Now().Add(r.opts.Idle)
		r.live[key] = h
	}
}

// landed takes what LoadAll loaded into live: all of it in the order of keys, with the
// removals that each caused.
func (r *reference[K, V]) landed(asked []K, brought map[K]V, failed bool) {
	r.t.Helper()
	for _, key := range asked {
		value, ok := brought[key]
		switch {
		case ok:
			r.landOne(key, value)
		case r.opts.NotFound > 0 && !failed:
			r.absent[key] = time.Now().Add(r.opts.NotFound)
		}
	}
	r.nothing()
}

// landOne is put for the first of several values: only the removals up to the last that
// can be due to it are taken.
func (r *reference[K, V]) landOne(key K, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.usual(key, value)
	if old, ok := r.live[key]; ok { // it had expired: its removal must be among them
		i := slices.IndexFunc(r.removals, func(x cache.Removal[K, V]) bool { return x.Key == key && r.kind.id(x.Value) == old.id })
		if i < 0 || r.removals[i].Cause != cache.Expired {
			r.fail("%v: nobody was told that %d expired", key, old.id)
		}
		r.removals = slices.Delete(r.removals, i, i+1)
	}
	r.live[key] = h
	delete(r.absent, key)
}

// step performs one operation chosen by a and b, over some tens of keys.
func (r *reference[K, V]) step(a, b byte) {
	key := r.kind.key(int(b % 61))
	endings := [...]string{"loads", "loads", "fails", "finds nothing", "panics"}
	switch a % 32 {
	case 0, 1, 2, 3, 4, 5:
		r.get(key)
	case 6:
		r.peek(key)
	case 7, 8, 9, 10, 11, 12:
		r.set(key)
	case 13:
		r.setTTL(key, lifetimes[a/32])
	case 14, 15:
		r.getOrSet(key)
	case 16, 17:
		r.delete(key)
	case 18:
		r.deleteFunc(uint64(b % 7))
	case 19:
		r.deleteTag(fmt.Sprint("tag", b%5))
	case 20:
		if b < 32 {
			r.clear()
		}
	case 21, 22:
		r.resize(capacities[int(b)%len(capacities)])
	case 23, 24, 25:
		r.load(key, endings[int(a/32)%len(endings)], b&64 != 0, nil)
	case 26:
		r.load(key, endings[int(b/8)%len(endings)], b&1 != 0, r.meddle(key, a/32))
	case 27, 28:
		keys := make([]K, b%8)
		for i := range keys {
			keys[i] = r.kind.key((int(b) + i*i*7) % 61)
		}
		r.loadAll(keys, a/32 == 0)
	default:
		r.sleep(time.Duration(b) * 10 * time.Millisecond)
	}
}

// lifetimes are for ever, below 0, and such that no deadline is a moment that is slept to.
var lifetimes = [8]time.Duration{0, -1, 5e6, 305e6, 605e6 + 1, 905e6, 1805e6, 1e18}

// capacities reach beyond what one shard can hold, so that entries are dealt anew.
var capacities = [...]int{1, 2, 3, 10, 20, 30, 40, 50, 60, 100, 60_000, 200_000}

// meddle returns what a loader does that undoes its own load.
func (r *reference[K, V]) meddle(key K, how byte) func() {
	switch how % 4 {
	case 0:
		return func() { r.set(key) }
	case 1:
		return func() { r.delete(key) }
	case 2:
		return func() { r.clear() }
	default:
		return func() { r.deleteFunc(1) }
	}
}

type record struct {
	id   uint64
	text string
	self *uint64
	not  uint64
}

var numbers = kind[uint64, uint64]{
	key:   func(i int) uint64 { return uint64(i) },
	value: func(id uint64) uint64 { return id },
	id:    func(v uint64) uint64 { return v },
}

var records = kind[string, record]{
	key:   func(i int) string { return fmt.Sprint("key ", i) },
	value: func(id uint64) record { return record{id, fmt.Sprint(id), &id, ^id} },
	id: func(v record) uint64 {
		if v.self == nil || v.text != fmt.Sprint(v.id) || *v.self != v.id || v.not != ^v.id {
			panic(fmt.Sprintf("damaged value %+v", v))
		}
		return v.id
	},
}

// variants returns options that differ in what an entry is.
func variants[K cmp.Ordered, V any](kind kind[K, V]) map[string]cache.Options[K, V] {
	weight := func(_ K, v V) int {
		if id := kind.id(v); id%16 != 0 {
			return int(id % 4)
		}
		return 17
	}
	tags := func(_ K, v V) []string {
		id := kind.id(v)
		return []string{fmt.Sprint("tag", id%5), fmt.Sprint("tag", id%3), "all"}[:id%4]
	}
	lifetime := func(_ K, v V) time.Duration {
		if id := kind.id(v) % 4; id > 0 {
			return time.Duration(id)*500*time.Millisecond + 5*time.Millisecond
		}
		return 0
	}
	return map[string]cache.Options[K, V]{
		"plain":    {},
		"ttl":      {TTL: 1005 * time.Millisecond},
		"idle":     {Idle: 1685 * time.Millisecond},
		"lifetime": {Lifetime: lifetime},
		"weight":   {Weight: weight},
		"tags":     {Tags: tags},
		"notfound": {NotFound: 1005 * time.Millisecond},
		"stale":    {TTL: 505 * time.Millisecond, Stale: 1000 * time.Millisecond},
		"all":      {Weight: weight, Tags: tags, TTL: 1005 * time.Millisecond, NotFound: 2005 * time.Millisecond, Stale: 2000 * time.Millisecond},
	}
}

func TestReference(t *testing.T) {
	t.Run("numbers", func(t *testing.T) { testReference(t, numbers) })
	t.Run("records", func(t *testing.T) { testReference(t, records) })
}

func testReference[K cmp.Ordered, V any](t *testing.T, kind kind[K, V]) {
	steps := 1500
	if testing.Short() {
		steps = 500
	}
	for name, opts := range variants(kind) {
		t.Run(name, func(t *testing.T) {
			for i, capacity := range []int{1, 3, 40, 60_000} {
				seed := rand.Uint64()
				synctest.Test(t, func(t *testing.T) {
					random := rand.New(rand.NewPCG(seed, uint64(i)))
					r := newReference(t, capacity, kind, opts)
					r.note("capacity %d, seed %d", capacity, seed)
					for range steps {
						r.step(byte(random.Uint32()), byte(random.Uint32()))
						r.check()
					}
				})
			}
		})
	}
}

// TestReferenceManyKeys is the same with so many keys that shards fill, grow and are dealt
// anew.
func TestReferenceManyKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(rand.Uint64(), 0))
		r := newReference(t, 50_000, numbers, cache.Options[uint64, uint64]{Lifetime: func(_, v uint64) time.Duration {
			return time.Duration(v%3) * (time.Hour + 5*time.Millisecond)
		}})
		for round := range 8 {
			for range 20_000 {
				key := random.Uint64N(150_000)
				switch random.IntN(8) {
				case 0:
					r.delete(key)
				case 1, 2:
					r.get(key)
				default:
					r.set(key)
				}
			}
			r.check()
			r.resize([]int{120_000, 30_000, 200_000, 40_000}[round%4])
			r.check()
			if round%4 == 3 {
				r.sleep(30 * time.Minute)
			}
		}
	})
}

// FuzzReference takes two bytes for each operation, after two for the options.
func FuzzReference(f *testing.F) {
	f.Add([]byte{0, 0, 7, 1, 0, 1, 16, 1})
	f.Add([]byte("all of this is a sequence of operations on a cache"))
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) < 2 || len(ops) > 4000 {
			return
		}
		names := []string{"plain", "ttl", "idle", "lifetime", "weight", "tags", "notfound", "stale", "all"}
		opts := variants(records)[names[int(ops[0])%len(names)]]
		synctest.Test(t, func(t *testing.T) {
			r := newReference(t, capacities[int(ops[1])%len(capacities)], records, opts)
			for ops := ops[2:]; len(ops) > 1; ops = ops[2:] {
				r.step(ops[0], ops[1])
				r.check()
			}
		})
	})
}
