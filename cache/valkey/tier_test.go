package valkey_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/valkey-io/valkey-go"
	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/cache/valkey"
)

type quote struct {
	Bid, Ask int
}

var ctx = context.Background()

func TestSetGetDelete(t *testing.T) {
	s := startServer(t)
	tier := newTier[string, quote](t, s.address, "quotes", nil)
	if _, err := tier.Get(ctx, "a"); !errors.Is(err, cache.ErrNotFound) {
		t.Fatalf("Get of nothing: %v", err)
	}
	want := quote{1, 2}
	if err := tier.Set(ctx, "a", want, 0); err != nil {
		t.Fatal(err)
	}
	if got, err := tier.Get(ctx, "a"); got != want || err != nil {
		t.Fatalf("Get: %v, %v", got, err)
	}
	if text, err := s.command(t, "GET", "quotes|a").ToString(); text != `{"Bid":1,"Ask":2}` || err != nil {
		t.Fatalf("the server has %q, %v", text, err)
	}
	if err := tier.Delete(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := tier.Get(ctx, "a"); !errors.Is(err, cache.ErrNotFound) {
		t.Fatalf("Get of what was deleted: %v", err)
	}
	got := tier.Stats()
	if got != (valkey.Stats{Hits: 1, Misses: 2, Stores: 1, Deletes: 1}) {
		t.Errorf("Stats: %+v", got)
	}
}

func TestTTL(t *testing.T) {
	s := startServer(t)
	tier := newTier(t, s.address, "p", &valkey.Options[string, string]{Settle: 50 * time.Second})
	for _, x := range []struct {
		ttl  time.Duration
		want func(pttl int64) bool
	}{
		{0, func(p int64) bool { return p == -1 }},
		{time.Minute, func(p int64) bool { return p > 50_000 && p <= 60_000 }},
		{time.Nanosecond, func(p int64) bool { return p == -2 || p == 0 || p == 1 }},
		{-1, func(p int64) bool { return p > 0 && p <= 50_000 }}, // what Delete leaves
	} {
		if err := tier.Set(ctx, "a", "x", x.ttl); err != nil {
			t.Fatal(err)
		}
		if p, err := s.command(t, "PTTL", "p|a").AsInt64(); err != nil || !x.want(p) {
			t.Errorf("ttl %v: PTTL %d, %v", x.ttl, p, err)
		}
	}
	if err := tier.Set(ctx, "a", "x", 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	eventually(t, "expired", func() bool { _, err := tier.Get(ctx, "a"); return err != nil })
}

// A process is a cache with a tier of its own.
type process[K comparable, V any] struct {
	tier  *valkey.Tier[K, V]
	cache *cache.Cache[K, V]
}

func newProcess[K comparable, V any](t testing.TB, address, prefix string, opts *valkey.Options[K, V]) process[K, V] {
	t.Helper()
	p := process[K, V]{tier: newTier(t, address, prefix, opts)}
	p.cache = cache.New(1000, &cache.Options[K, V]{TTL: time.Minute, NotFound: time.Minute, Tier: p.tier})
	p.tier.Attach(p.cache)
	return p
}

func (p process[K, V]) has(key K) bool {
	_, ok := p.cache.Peek(key)
	return ok
}

// always loads value.
func always[K comparable, V any](value V) cache.Loader[K, V] {
	return func(context.Context, K) (V, error) { return value, nil }
}

func load[K comparable, V any](t testing.TB, p process[K, V], key K, loader cache.Loader[K, V]) V {
	t.Helper()
	value, err := p.cache.GetOrLoad(ctx, key, loader)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestShared(t *testing.T) {
	s := startServer(t)
	a, b := newProcess[int, string](t, s.address, "p", nil), newProcess[int, string](t, s.address, "p", nil)
	load(t, a, 1, always[int]("loaded"))
	eventually(t, "b is told", func() bool { return b.tier.Stats().Invalidations == 1 })
	if got := load(t, b, 1, always[int]("again")); got != "loaded" {
		t.Errorf("b loaded for itself: %q", got)
	}
	time.Sleep(20 * time.Millisecond)
	if !a.has(1) || !b.has(1) {
		t.Error("a process was told of what it did itself, or of a read")
	}
}

// ready waits until no process rests.
func ready[K comparable, V any](t *testing.T, ps ...process[K, V]) {
	t.Helper()
	for _, p := range ps {
		eventually(t, "ready", func() bool { return !p.tier.Stats().Resting })
	}
}

func TestInvalidation(t *testing.T) {
	s := startServer(t)
	a, b := newProcess[int, string](t, s.address, "p", nil), newProcess[int, string](t, s.address, "p", nil)
	changes := map[string]func() error{
		"set":        func() error { return b.tier.Set(ctx, 1, "new", time.Minute) },
		"delete":     func() error { return b.tier.Delete(ctx, 1) },
		"invalidate": func() error { return b.cache.Invalidate(ctx, 1) },
		"flush":      func() error { return s.command(t, "FLUSHALL").Error() },
		"expire":     func() error { return s.command(t, "PEXPIRE", "p|1", "1").Error() },
		"not there": func() error { // in the server any more
			if err := s.command(t, "DEL", "p|1").Error(); err != nil {
				return err
			}
			time.Sleep(20 * time.Millisecond)
			a.cache.Set(1, "mine alone")
			return b.tier.Delete(ctx, 1)
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			ready(t, a, b)
			if err := a.tier.Set(ctx, 1, "old", time.Minute); err != nil {
				t.Fatal(err)
			}
			load(t, a, 1, always[int]("old"))
			if !a.has(1) {
				t.Fatal("not cached")
			}
			if err := change(); err != nil {
				t.Fatal(err)
			}
			t.Log(eventually(t, "gone", func() bool { return !a.has(1) }))
		})
	}
	t.Run("known to be absent", func(t *testing.T) {
		ready(t, a, b)
		none := func(context.Context, int) (string, error) { return "", cache.ErrNotFound }
		if _, err := a.cache.GetOrLoad(ctx, 2, none); !errors.Is(err, cache.ErrNotFound) {
			t.Fatal(err)
		}
		if err := b.tier.Set(ctx, 2, "now", time.Minute); err != nil {
			t.Fatal(err)
		}
		eventually(t, "found", func() bool {
			got, err := a.cache.GetOrLoad(ctx, 2, none)
			return err == nil && got == "now"
		})
	})
}

// What was read before a deletion must not come back.
func TestOldLoad(t *testing.T) {
	s := startServer(t)
	a, b := newProcess[int, string](t, s.address, "p", nil), newProcess[int, string](t, s.address, "p", nil)
	load(t, a, 1, func(context.Context, int) (string, error) {
		if err := b.cache.Invalidate(ctx, 1); err != nil {
			t.Error(err)
		}
		return "old", nil
	})
	if _, err := b.tier.Get(ctx, 1); !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("the old value is in the server: %v", err)
	}
	eventually(t, "gone", func() bool { return !a.has(1) })
	if got := a.tier.Stats().Overtaken; got != 1 {
		t.Errorf("overtaken: %d", got)
	}
}

func TestSettle(t *testing.T) {
	s := startServer(t)
	a := newProcess(t, s.address, "p", &valkey.Options[int, string]{Settle: time.Second})
	if err := a.cache.Invalidate(ctx, 1); err != nil {
		t.Fatal(err)
	}
	load(t, a, 1, always[int]("first"))
	if !a.has(1) {
		t.Error("not cached while a deletion settles")
	}
	eventually(t, "gone", func() bool { return !a.has(1) })
	load(t, a, 1, always[int]("second"))
	if got, err := a.tier.Get(ctx, 1); got != "second" || err != nil {
		t.Errorf("after it settled: %q, %v", got, err)
	}
	if _, err := a.tier.Get(ctx, 2); !errors.Is(err, cache.ErrNotFound) {
		t.Fatal(err)
	}
	if err := a.tier.Delete(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if err := a.tier.Set(ctx, 2, "written", 0); err != nil {
		t.Errorf("a writer after a deletion: %v", err)
	}
}

// Of many processes that load a key at once one stores it, and soon nobody loads any more.
func TestHerd(t *testing.T) {
	s := startServer(t)
	var herd []process[int, int]
	for range 6 {
		herd = append(herd, newProcess[int, int](t, s.address, "p", nil))
	}
	var mu sync.Mutex
	loads := 0
	var wg sync.WaitGroup
	for i, p := range herd {
		wg.Go(func() {
			for range 1000 {
				load(t, p, 1, func(context.Context, int) (int, error) {
					mu.Lock()
					loads++
					mu.Unlock()
					time.Sleep(time.Duration(10+i) * time.Millisecond)
					return 7, nil
				})
				time.Sleep(100 * time.Microsecond)
			}
		})
	}
	wg.Wait()
	if loads > len(herd) {
		t.Errorf("%d loads by %d processes", loads, len(herd))
	}
	for _, p := range herd {
		if !p.has(1) {
			t.Error("a process does not have it")
		}
	}
}

func TestGarbage(t *testing.T) {
	s := startServer(t)
	tier := newTier[int, quote](t, s.address, "p", nil)
	for _, garbage := range [][]string{
		{"SET", "p|1", "{"}, {"SET", "p|1", ""}, {"RPUSH", "p|1", "x"},
	} {
		if err := s.command(t, "DEL", "p|1").Error(); err != nil {
			t.Fatal(err)
		}
		if err := s.command(t, garbage...).Error(); err != nil {
			t.Fatal(err)
		}
		if _, err := tier.Get(ctx, 1); !errors.Is(err, cache.ErrNotFound) {
			t.Fatalf("%q: %v", garbage, err)
		}
		if err := tier.Set(ctx, 1, quote{1, 2}, 0); err != nil {
			t.Fatal(err)
		}
		if got, err := tier.Get(ctx, 1); err != nil || got != (quote{1, 2}) {
			t.Fatalf("%q: not overwritten: %v, %v", garbage, got, err)
		}
	}
	if got := tier.Stats(); got.Garbage != 3 || got.Recoveries != 0 {
		t.Errorf("%+v", got)
	}
}

func TestLarge(t *testing.T) {
	s := startServer(t)
	tier := newTier(t, s.address, "p", &valkey.Options[int, []byte]{Timeout: 10 * time.Second})
	want := bytes.Repeat([]byte("\x00\r\nx"), 4<<20)
	if err := tier.Set(ctx, 1, want, time.Minute); err != nil {
		t.Fatal(err)
	}
	got, err := tier.Get(ctx, 1)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes of %d, %v", len(got), len(want), err)
	}
	got[0] = 1 // it is the caller's own
	if again, err := tier.Get(ctx, 1); err != nil || !bytes.Equal(again, want) {
		t.Fatal("a value changed", err)
	}
	if err := tier.Set(ctx, 2, nil, 0); err != nil {
		t.Fatal(err)
	}
	if got, err := tier.Get(ctx, 2); err != nil || len(got) != 0 {
		t.Errorf("an empty value: %q, %v", got, err)
	}
}

// A tier whose prefix begins like another's, and keys that look like the other's.
func TestPrefixes(t *testing.T) {
	s := startServer(t)
	short, long := newProcess[string, string](t, s.address, "q", nil), newProcess[string, string](t, s.address, "qq", nil)
	load(t, short, "q|1", always[string]("short"))
	load(t, long, "1", always[string]("long"))
	load(t, short, "1", always[string]("short"))
	time.Sleep(20 * time.Millisecond)
	if !short.has("q|1") || !short.has("1") || !long.has("1") {
		t.Error("a write of one tier was taken for the other's")
	}
	if got, err := long.tier.Get(ctx, "1"); got != "long" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if n := short.tier.Stats().Invalidations + long.tier.Stats().Invalidations; n != 0 {
		t.Errorf("%d invalidations", n)
	}
	for _, prefix := range []string{"", "a|b"} {
		if _, err := valkey.New[string, string](s.options(), prefix, nil); err == nil {
			t.Errorf("prefix %q was accepted", prefix)
		}
	}
}

func TestConcurrent(t *testing.T) {
	s := startServer(t)
	a, b := newProcess[int, int](t, s.address, "p", nil), newProcess[int, int](t, s.address, "p", nil)
	var wg sync.WaitGroup
	for i, p := range []process[int, int]{a, b, a, b, a, b} {
		wg.Go(func() {
			for n := range 500 {
				key := (n + i) % 20
				switch n % 10 {
				case 0:
					if err := p.cache.Invalidate(ctx, key); err != nil {
						t.Error(err)
					}
				case 1:
					if err := p.tier.Set(ctx, key, key, time.Minute); err != nil && !errors.Is(err, valkey.ErrOvertaken) {
						t.Error(err)
					}
				default:
					if got := load(t, p, key, always[int](key)); got != key {
						t.Errorf("%d has the value %d", key, got)
					}
				}
			}
		})
	}
	wg.Wait()
	for _, p := range []process[int, int]{a, b} {
		if st := p.tier.Stats(); st.Failures != 0 || st.Hits == 0 || st.Invalidations == 0 {
			t.Errorf("%+v", st)
		}
	}
}

// A listener may use the tier: it does not hold up the connection.
func TestListener(t *testing.T) {
	s := startServer(t)
	tier, other := newTier[int, int](t, s.address, "p", nil), newTier[int, int](t, s.address, "p", nil)
	heard := make(chan error, 1)
	c := cache.New(10, &cache.Options[int, int]{Tier: tier, OnRemove: func(r cache.Removal[int, int]) {
		_, err := tier.Get(ctx, r.Key)
		heard <- err
	}})
	tier.Attach(c)
	c.Set(1, 1)
	if err := other.Set(ctx, 1, 2, 0); err != nil {
		t.Fatal(err)
	}
	if err := <-heard; err != nil {
		t.Error(err)
	}
}

func TestRefusedCredentials(t *testing.T) {
	s := startServer(t, "--requirepass", "secret")
	right, wrong := s.options(), s.options()
	right.Password, wrong.Password = "secret", "guess"
	for want, o := range map[string]client.ClientOption{"NOAUTH": s.options(), "WRONGPASS": wrong} {
		_, err := valkey.New[int, int](o, "p", nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), s.address) {
			t.Errorf("want %s: %v", want, err)
		}
	}
	tier, err := valkey.New[int, int](right, "p", nil)
	if err != nil {
		t.Fatal(err)
	}
	tier.Close()
}

// A command that the server refuses is an error, but no reason to rest.
func TestRefusedCommand(t *testing.T) {
	s := startServer(t)
	tier := newTier[int, int](t, s.address, "p", nil)
	if err := tier.Set(ctx, 1, 1, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.command(t, "CONFIG", "SET", "maxmemory", "1").Error(); err != nil {
		t.Fatal(err)
	}
	if err := tier.Set(ctx, 1, 2, 0); err == nil || !strings.Contains(err.Error(), "OOM") {
		t.Errorf("Set in a full server: %v", err)
	}
	if got, err := tier.Get(ctx, 1); got != 1 || err != nil {
		t.Errorf("Get: %d, %v", got, err)
	}
	if st := tier.Stats(); st.Failures != 1 || st.Resting || st.Recoveries != 0 {
		t.Errorf("%+v", st)
	}
}

func TestUnfitOptions(t *testing.T) {
	o := client.ClientOption{InitAddress: []string{"127.0.0.1:1"}}
	if _, err := valkey.New[quote, int](o, "p", nil); err == nil || !strings.Contains(err.Error(), "valkey_test.quote") {
		t.Errorf("keys without an encoding: %v", err)
	}
	half := &valkey.Options[quote, int]{Keys: valkey.Keys[quote]{Encode: func(q quote) string { return fmt.Sprint(q.Bid) }}}
	if _, err := valkey.New(o, "p", half); err == nil || !strings.Contains(err.Error(), "both") {
		t.Errorf("keys that can't be decoded: %v", err)
	}
	if _, err := valkey.New(o, "p", &valkey.Options[int, int]{Rest: -1}); err == nil || !strings.Contains(err.Error(), "negative") {
		t.Errorf("a negative duration: %v", err)
	}
	o.AlwaysRESP2 = true
	if _, err := valkey.New[int, int](o, "p", nil); err == nil || !strings.Contains(err.Error(), "tracking") {
		t.Errorf("RESP2: %v", err)
	}
}
