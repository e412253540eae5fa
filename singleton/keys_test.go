package singleton_test

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/singleton"
)

// TestTextKeys: for the original 1 and "1", and "a=1" and a=1, were one store, and two equal
// configurations were two.
func TestTextKeys(t *testing.T) {
	k := singleton.NewKeyed(func(_ context.Context, key any) (*thing, error) { return &thing{}, nil }, nil)
	type config struct {
		host string
		port int
	}
	type other config
	keys := []any{1, "1", int64(1), 1.0, true, "a=1", [1]string{"a=1"}, config{"a", 1}, other{"a", 1}, config{"a=1", 0}, nil, "", 0}
	seen := map[*thing]any{}
	for _, key := range keys {
		x, err := k.Get(t.Context(), key)
		if again, ok := seen[x]; ok || err != nil {
			t.Errorf("%#v and %#v are one (%v)", key, again, err)
		}
		seen[x] = key
	}
	for _, key := range []any{config{strings.Clone("a"), 1}, "a" + strings.Clone("=1")} {
		if x, _ := k.Get(t.Context(), key); seen[x] != key {
			t.Errorf("%#v is another than an equal key", key)
		}
	}
}

// TestZeroKey: the original treated key 0 and "" as none.
func TestZeroKey(t *testing.T) {
	for _, opts := range []*singleton.KeyedOptions[*thing]{nil, {Capacity: 3, Evict: true}} {
		k := singleton.NewKeyed(func(_ context.Context, key int) (*thing, error) { return &thing{n: key}, nil }, opts)
		for range 3 { // also once a node was removed
			if _, ok := k.Peek(0); ok {
				t.Error("key 0 is there before it was built")
			}
			a, _ := k.Get(t.Context(), 0)
			b, _ := k.Get(t.Context(), 1)
			if x, _ := k.Get(t.Context(), 0); x != a || a == b {
				t.Error("key 0 is none of its own")
			}
			_ = k.Reset(0)
		}
	}
	k := singleton.NewKeyed(func(_ context.Context, key string) (int, error) { return len(key), nil }, nil)
	if _, err := k.Get(t.Context(), ""); err != nil || k.Len() != 1 {
		t.Errorf("got %v", err)
	}
}

// TestFloatKeys: the zeros are one key. NaN cannot be one: each Get would build another.
func TestFloatKeys(t *testing.T) {
	var f factory
	k := singleton.NewKeyed(func(ctx context.Context, _ float64) (*thing, error) { return f.build(ctx) }, nil)
	a, _ := k.Get(t.Context(), 0)
	b, _ := k.Get(t.Context(), math.Copysign(0, -1))
	if a != b {
		t.Error("0.0 and -0.0 are two keys")
	}
	for range 3 {
		if _, err := k.Get(t.Context(), math.NaN()); err != singleton.ErrKey {
			t.Errorf("NaN: got error %v", err)
		}
	}
	if _, ok := k.Peek(math.NaN()); ok || k.Reset(math.NaN()) != nil || f.builds.Load() != 1 {
		t.Errorf("NaN was built")
	}
}

// TestUncomparableKey panics, as a map does, and leaves nothing locked.
func TestUncomparableKey(t *testing.T) {
	k := singleton.NewKeyed(func(context.Context, any) (int, error) { return 1, nil }, nil)
	for name, do := range map[string]func(){
		"Get":   func() { _, _ = k.Get(t.Context(), []int{1}) },
		"Reset": func() { _ = k.Reset([]int{1}) },
		"Peek":  func() { k.Peek([]int{1}) },
	} {
		if panicked(do) == nil {
			t.Errorf("%s does not panic", name)
		}
	}
	if n, err := k.Get(t.Context(), 1); n != 1 || err != nil {
		t.Errorf("got %d (%v)", n, err)
	}
}

// TestKeyedByTypeName: the original's weak mixin took two classes of one name for one.
func TestKeyedByTypeName(t *testing.T) {
	k := singleton.NewKeyed(func(context.Context, any) (*thing, error) { return &thing{}, nil }, nil)
	first := func() any { type config struct{}; return config{} }()
	second := func() any { type config struct{}; return config{} }()
	a, _ := k.Get(t.Context(), first)
	b, _ := k.Get(t.Context(), second)
	if a == b {
		t.Errorf("%T and %T are one", first, second)
	}
}

// TestExactlyOneBuildAKey: 1,000 goroutines, 100 keys, builds of 20 ms: 100 builds in the
// time of one.
func TestExactlyOneBuildAKey(t *testing.T) {
	inEachContext(t, func(t *testing.T, ctx context.Context) {
		fs := make([]factory, 100)
		for i := range fs {
			fs[i].t, fs[i].slow = t, 20*time.Millisecond
		}
		k := singleton.NewKeyed(func(ctx context.Context, n int) (*thing, error) { return fs[n].build(ctx) }, nil)
		began := time.Now()
		var wg sync.WaitGroup
		for g := range 1000 {
			wg.Go(func() {
				for i := range 100 {
					key := (i + g) % 100
					if x, err := k.Get(ctx, key); x == nil || err != nil {
						t.Errorf("got %v (%v)", x, err)
					}
					if i == 0 && time.Since(began) != 20*time.Millisecond {
						t.Errorf("the first build took %v", time.Since(began))
					}
				}
			})
		}
		wg.Wait()
		if s := k.Stats(); s.Builds != 100 || s.Instances != 100 || s.Failures+s.Cancels != 0 || s.BuildTime != 2*time.Second {
			t.Errorf("%+v", s)
		}
		if took := time.Since(began); took != 20*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}
