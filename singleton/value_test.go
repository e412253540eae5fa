package singleton_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/singleton"
)

// TestValue: the first Get builds, all others get the same.
func TestValue(t *testing.T) {
	for name, makes := range contexts {
		t.Run(name, func(t *testing.T) {
			ctx := makes(t)
			f := &factory{t: t}
			v := singleton.New(f.build, nil)
			if x, ok := v.Peek(); ok || x != nil {
				t.Errorf("Peek before Get: %v %v", x, ok)
			}
			a, err := v.Get(ctx)
			b, err2 := v.Get(ctx)
			if a == nil || a != b || err != nil || err2 != nil || f.builds.Load() != 1 {
				t.Errorf("got %p (%v) and %p (%v) of %d builds", a, err, b, err2, f.builds.Load())
			}
			if x, ok := v.Peek(); !ok || x != a {
				t.Errorf("Peek after Get: %v %v", x, ok)
			}
		})
	}
}

// TestCreationTimeOfTheBuild: the original timed object.__new__ and said 0.0009 ms for 50 ms.
func TestCreationTimeOfTheBuild(t *testing.T) {
	inEachContext(t, func(t *testing.T, ctx context.Context) {
		f := &factory{t: t, slow: 50 * time.Millisecond}
		v := singleton.New(f.build, &singleton.Options[*thing]{Name: "clock"})
		_, _ = v.Get(ctx)
		_ = v.Reset()
		f.slow = 10 * time.Millisecond
		_, _ = v.Get(ctx)
		s := v.Stats()
		if s.BuildTime != 60*time.Millisecond || s.Slowest != 50*time.Millisecond || s.Last != 10*time.Millisecond || s.MeanBuild() != 30*time.Millisecond || s.Name != "clock" {
			t.Errorf("%+v", s)
		}
	})
}

// TestSwap: tests see what they put there, and what was there comes back.
func TestSwap(t *testing.T) {
	f := &factory{t: t}
	v := singleton.New(f.build, nil)
	get := func(want *thing) {
		t.Helper()
		if got, err := v.Get(t.Context()); got != want || err != nil {
			t.Errorf("got %p (%v), want %p", got, err, want)
		}
	}
	fake, other := &thing{}, &thing{}
	restore := v.Swap(fake)
	get(fake)
	if f.builds.Load() != 0 {
		t.Error("it was built")
	}
	restoreOther := v.Swap(other)
	get(other)
	restore()
	get(other)
	restoreOther()
	own, _ := v.Get(t.Context())
	if own == fake || own == other || f.builds.Load() != 1 {
		t.Errorf("got %p", own)
	}
	restore() // once more does nothing
	restore = v.Swap(fake)
	get(fake)
	restore()
	get(own)
	restore = v.Swap(fake)
	_ = v.Reset() // of what is behind it
	get(fake)
	restore()
	if again, _ := v.Get(t.Context()); again == own || own.closed.Load() != 1 || fake.closed.Load() != 0 {
		t.Errorf("got %p", again)
	}
	restore = v.Swap(fake)
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	restore()
	v.Swap(fake)
	if _, err := v.Get(t.Context()); err != singleton.ErrClosed || fake.closed.Load() != 0 {
		t.Errorf("got %v", err)
	}
}

// TestOptionsThatMakeNoSense panic.
func TestOptionsThatMakeNoSense(t *testing.T) {
	for name, make := range map[string]func(){
		"negative back-off":   func() { singleton.New[int](nil, &singleton.Options[int]{Backoff: -1}) },
		"most below first":    func() { singleton.New[int](nil, &singleton.Options[int]{Backoff: 2, MaxBackoff: 1}) },
		"negative capacity":   func() { singleton.NewKeyed[int, int](nil, &singleton.KeyedOptions[int]{Capacity: -1}) },
		"evict without bound": func() { singleton.NewKeyed[int, int](nil, &singleton.KeyedOptions[int]{Evict: true}) },
	} {
		if panicked(make) == nil {
			t.Errorf("%s: no panic", name)
		}
	}
}

// TestCount: accesses are counted exactly, and only if that was asked for.
func TestCount(t *testing.T) {
	v := singleton.New(func(context.Context) (int, error) { return 1, nil }, &singleton.Options[int]{Count: true})
	k := singleton.NewKeyed(func(context.Context, int) (int, error) { return 1, nil }, &singleton.KeyedOptions[int]{Count: true})
	w := singleton.NewWeak(func(context.Context, int) (*thing, func() error, error) { return &thing{}, nil, nil }, &singleton.WeakOptions{Count: true})
	hold, _ := w.Get(t.Context(), 1)
	_, _ = v.Get(t.Context())
	_, _ = k.Get(t.Context(), 1)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 1000 {
				_, _ = v.Get(t.Context())
				_, _ = k.Get(t.Context(), 1)
				_, _ = w.Get(t.Context(), 1)
				v.Peek()
				k.Peek(1)
				w.Peek(1)
			}
		})
	}
	wg.Wait()
	runtime.KeepAlive(hold)
	for _, s := range []singleton.Stats{v.Stats(), k.Stats(), w.Stats()} {
		if s.Accesses != 20_000 || !s.Counted {
			t.Errorf("%+v", s)
		}
	}
	u := singleton.New(func(context.Context) (int, error) { return 1, nil }, nil)
	_, _ = u.Get(t.Context())
	_, _ = u.Get(t.Context())
	if s := u.Stats(); s.Accesses != 0 || s.Counted {
		t.Errorf("%+v", s)
	}
}
