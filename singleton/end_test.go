package singleton_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/singleton"
)

// TestReset closes what is there, and the next Get builds another once that is closed.
func TestReset(t *testing.T) {
	inEachContext(t, func(t *testing.T, ctx context.Context) {
		closing := false
		f := &factory{t: t}
		v := singleton.New(func(ctx context.Context) (*thing, error) {
			if closing {
				t.Error("a build while the instance before is being closed")
			}
			return f.build(ctx)
		}, &singleton.Options[*thing]{Close: func(x *thing) error {
			closing = true
			time.Sleep(time.Second)
			closing = false
			_ = x.Close()
			return errBuild
		}})
		if err := v.Reset(); err != nil {
			t.Errorf("Reset of nothing: %v", err)
		}
		a, _ := v.Get(ctx)
		go func() {
			if err := v.Reset(); err != errBuild {
				t.Errorf("got %v", err)
			}
		}()
		synctest.Wait()
		if _, ok := v.Peek(); ok {
			t.Error("Peek sees what is being closed")
		}
		b, err := v.Get(ctx)
		if b == a || err != nil || a.closed.Load() != 1 || b.closed.Load() != 0 {
			t.Errorf("got %v (%v) after %v", b, err, a)
		}
		if s := v.Stats(); s.Builds != 2 || s.Closed != 1 || s.CloseFailures != 1 || s.Instances != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// TestResetOvertakesBuild: what the build still brings is closed, and who waited gets the
// next one.
func TestResetOvertakesBuild(t *testing.T) {
	for name, makes := range contexts {
		for _, heeds := range []bool{true, false} {
			t.Run(fmt.Sprint(name, " heeds=", heeds), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx := makes(t)
					var built []*thing
					f := &factory{t: t, slow: time.Second}
					v := singleton.New(func(ctx context.Context) (*thing, error) {
						if !heeds {
							ctx = context.Background()
						}
						x, err := f.build(ctx)
						built = append(built, x)
						return x, err
					}, nil)
					var wg sync.WaitGroup
					for range 3 {
						wg.Go(func() {
							if x, err := v.Get(ctx); err != nil || x.n != 2 || x.closed.Load() != 0 {
								t.Errorf("got %+v (%v)", x, err)
							}
						})
					}
					synctest.Wait()
					if err := v.Reset(); err != nil {
						t.Error(err)
					}
					wg.Wait()
					if !heeds && built[0].closed.Load() != 1 || heeds && built[0] != nil {
						t.Errorf("the first was %+v", built[0])
					}
					if s := v.Stats(); s.Cancels != 1 || s.Builds != 1 || s.Instances != 1 {
						t.Errorf("%+v", s)
					}
				})
			})
		}
	}
}

// TestClose: nothing that was built is open when it returns.
func TestClose(t *testing.T) {
	inEachContext(t, func(t *testing.T, ctx context.Context) {
		var built *thing
		v := singleton.New(func(context.Context) (*thing, error) {
			time.Sleep(time.Second)
			built = &thing{}
			return built, nil
		}, nil)
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := v.Get(ctx); err != singleton.ErrClosed {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		for range 2 {
			wg.Go(func() {
				if err := v.Close(); err != nil || built == nil || built.closed.Load() != 1 {
					t.Errorf("Close: %v, built %+v", err, built)
				}
			})
		}
		wg.Wait()
		if _, err := v.Get(ctx); err != singleton.ErrClosed {
			t.Errorf("got %v", err)
		}
	})
}

// TestCloseInReverseOrder of the building, whatever fails.
func TestCloseInReverseOrder(t *testing.T) {
	var closed []int
	k := singleton.NewKeyed(func(_ context.Context, n int) (int, error) { return n, nil },
		&singleton.KeyedOptions[int]{Close: func(n int) error {
			closed = append(closed, n)
			switch n {
			case 3:
				panic("three")
			case 5:
				return errBuild
			}
			return nil
		}})
	var want []int
	for i := range 100 {
		key := i * 7 % 100
		_, _ = k.Get(t.Context(), key)
		want = append(want, key)
	}
	var all []int
	for key, n := range k.All() {
		if all = append(all, key); n != key {
			t.Errorf("%d has %d", key, n)
		}
	}
	if !slices.Equal(all, want) {
		t.Errorf("All: got %v, want %v", all, want)
	}
	slices.Reverse(want)
	err := k.Close()
	if !slices.Equal(closed, want) {
		t.Errorf("closed %v, want %v", closed, want)
	}
	var p *singleton.PanicError
	if !errors.Is(err, errBuild) || !errors.As(err, &p) || p.Value != "three" {
		t.Errorf("got error %v", err)
	}
	if again := k.Close(); again == nil || len(closed) != 100 {
		t.Errorf("closed again: %v", again)
	}
	if s := k.Stats(); s.Instances != 0 || s.Closed != 100 || s.CloseFailures != 2 {
		t.Errorf("%+v", s)
	}
	for range k.All() {
		t.Error("an instance is left")
	}
}
