package memo_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/memo"
)

func TestOneCallForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(k int) int { time.Sleep(time.Second); return k * k }
		f, m := memo.Wrap(slow, nil)
		k, mk := memo.WrapKey(func(s []int) int { return slow(s[0]) }, memo.Slice[[]int](), nil)
		c, mc := memo.WrapCtx(func(_ context.Context, k int) (int, error) { return slow(k), nil }, nil)
		for range 10 {
			go func() {
				viaCtx, err := c(t.Context(), 3)
				if f(3) != 9 || k([]int{3}) != 9 || viaCtx != 9 || err != nil {
					t.Error("wrong answer")
				}
			}()
		}
		time.Sleep(5 * time.Second)
		for _, m := range []*memo.Memory{m.Memory, mk.Memory, mc.Memory} {
			if st := m.Stats(); st.Calls != 1 || st.Misses != 10 || st.Hits != 0 || m != mc.Memory && st.Shared != 9 {
				t.Errorf("%+v", st)
			}
		}
	})
}

// TestPanicReachesAll wants it in all who wait, and no memory of it.
func TestPanicReachesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := func() { time.Sleep(time.Second); panic("boom") }
		f, m := memo.Wrap(func(int) int { boom(); return 0 }, &memo.Options{Errors: time.Hour})
		c, mc := memo.WrapCtx(func(context.Context, int) (int, error) { boom(); return 0, nil }, nil)
		k, mk := memo.WrapKey(func([]int) int { boom(); return 0 }, memo.Slice[[]int](), nil)
		for m, call := range map[*memo.Memory]func(){
			m.Memory:  func() { f(1) },
			mc.Memory: func() { c(t.Context(), 1) },
			mk.Memory: func() { k([]int{1}) },
		} {
			for round := range uint64(2) {
				for range 5 {
					go func() {
						p, ok := panicked(call).(*cache.PanicError)
						if !ok || p.Value != "boom" || len(p.Stack) == 0 {
							t.Errorf("panicked with %v", p)
						}
					}()
				}
				time.Sleep(2 * time.Second)
				checkCalls(t, m, round+1)
			}
			if st := m.Stats(); st.Failures != 2 || st.Len != 0 {
				t.Errorf("%+v", st)
			}
		}
	})
}

func TestGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leave := func() { time.Sleep(time.Second); runtime.Goexit() }
		f, m := memo.Wrap(func(int) int { leave(); return 1 }, nil)
		k, _ := memo.WrapKey(func([]int) int { leave(); return 1 }, memo.Slice[[]int](), nil)
		c, _ := memo.WrapCtx(func(context.Context, int) (int, error) { leave(); return 1, nil }, nil)
		ended := make(chan bool, 20)
		for range 3 {
			for _, call := range []func(){func() { f(1) }, func() { k([]int{1}) }} {
				go func() {
					returned := false
					defer func() { ended <- !returned }()
					call()
					returned = true
				}()
			}
			go func() {
				if _, err := c(t.Context(), 1); err != cache.ErrGoexit {
					t.Errorf("error %v", err)
				}
			}()
		}
		for range 6 {
			if !<-ended {
				t.Error("a call returned that has no answer")
			}
		}
		checkCalls(t, m.Memory, 1)
	})
}

type contextKey struct{}

func TestCancelOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, m := memo.WrapCtx(func(ctx context.Context, k int) (int, error) {
			if ctx.Value(contextKey{}) != "value" {
				t.Error("the context has lost its values")
			}
			if _, ok := ctx.Deadline(); ok {
				t.Error("the call has the deadline of one who waits")
			}
			time.Sleep(time.Second)
			return k, ctx.Err()
		}, nil)
		ctx := context.WithValue(t.Context(), contextKey{}, "value")
		impatient, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		go func() {
			if _, err := f(impatient, 1); err != context.DeadlineExceeded {
				t.Errorf("error %v", err)
			}
			if d := impatient.Err(); d == nil {
				t.Error("left before its time")
			}
		}()
		synctest.Wait()
		if v, err := f(ctx, 1); v != 1 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
		checkCalls(t, m.Memory, 1)
	})
}

// TestCancelOfLast has the function see that nobody waits, a newcomer call it anew, and
// nothing remembered of the call that was cancelled.
func TestCancelOfLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var seen []error
		saw := func() []error {
			mu.Lock()
			defer mu.Unlock()
			return seen
		}
		wait := func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, ctx.Err())
				return ctx.Err()
			case <-time.After(time.Second):
				return nil
			}
		}
		opts := &memo.Options{Errors: time.Hour}
		f, _ := memo.WrapCtx(func(ctx context.Context, k int) (int, error) { return k, wait(ctx) }, opts)
		g, _ := memo.WrapKeyCtx(func(ctx context.Context, s []int) (int, error) { return s[0], wait(ctx) }, memo.Slice[[]int](), opts)
		for _, call := range []func(context.Context) (int, error){
			func(ctx context.Context) (int, error) { return f(ctx, 1) },
			func(ctx context.Context) (int, error) { return g(ctx, []int{1}) },
		} {
			seen = nil
			for i := range 3 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Millisecond)
				defer cancel()
				go call(ctx)
			}
			time.Sleep(2500 * time.Microsecond)
			if len(saw()) != 0 {
				t.Fatal("cancelled while one was waiting")
			}
			time.Sleep(time.Millisecond)
			synctest.Wait()
			if got := saw(); len(got) != 1 || got[0] != context.Canceled {
				t.Fatalf("the function saw %v", got)
			}
			if v, err := call(t.Context()); v != 1 || err != nil {
				t.Errorf("got %d, %v", v, err)
			}
		}
	})
}

// TestNothingIsHeld uses the memory and other keys of it during a call.
func TestNothingIsHeld(t *testing.T) {
	var f func(int) int
	var m *memo.Memory1[int]
	f, m = memo.Wrap(func(k int) int {
		if k == 0 {
			return 0
		}
		m.Stats()
		m.Forget(k)
		m.Resize(100)
		return 1 + f(k-1)
	}, nil)
	var g func([]int) int
	var mg *memo.Memory1[[]int]
	g, mg = memo.WrapKey(func(s []int) int {
		if len(s) == 0 {
			return 0
		}
		mg.Stats()
		mg.Forget(s)
		return 1 + g(s[1:])
	}, memo.Slice[[]int](), nil)
	within(t, func() {
		if n := f(500); n != 500 {
			t.Errorf("got %d", n)
		}
		if n := g(make([]int, 500)); n != 500 {
			t.Errorf("got %d", n)
		}
	})
}

// within fails the test if f takes seconds, which is to say for ever.
func within(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("deadlock")
	}
}

// TestMutualRecursion is what locked two threads against each other for ever when a lock was
// held during a call.
func TestMutualRecursion(t *testing.T) {
	for range 20 {
		var even, odd func(int) bool
		even, _ = memo.Wrap(func(n int) bool { runtime.Gosched(); return n == 0 || odd(n-1) }, nil)
		odd, _ = memo.Wrap(func(n int) bool { runtime.Gosched(); return n != 0 && even(n-1) }, nil)
		within(t, func() {
			var wg sync.WaitGroup
			for i := range 4 {
				wg.Go(func() {
					if n := 500 + i; even(n) != (n%2 == 0) || odd(n) != (n%2 == 1) {
						t.Errorf("%d is neither even nor odd", n)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestRecursionIntoItself(t *testing.T) {
	for name, ctx := range map[string]func() (context.Context, context.CancelFunc){
		"never cancelled": func() (context.Context, context.CancelFunc) { return context.Background(), func() {} },
		"cancellable":     func() (context.Context, context.CancelFunc) { return context.WithCancel(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := ctx()
				defer cancel()
				var f, a, b func(context.Context, int) (int, error)
				var s func(context.Context, []int) (int, error)
				opts := &memo.Options{Errors: time.Hour}
				f, _ = memo.WrapCtx(func(ctx context.Context, k int) (int, error) { return f(ctx, k) }, opts)
				a, ma := memo.WrapCtx(func(ctx context.Context, k int) (int, error) { return b(ctx, k) }, opts)
				b, _ = memo.WrapCtx(func(ctx context.Context, k int) (int, error) { return a(ctx, k) }, opts)
				s, _ = memo.WrapKeyCtx(func(ctx context.Context, k []int) (int, error) { return s(ctx, k) }, memo.Slice[[]int](), opts)
				for _, f := range []func() (int, error){
					func() (int, error) { return f(ctx, 1) },
					func() (int, error) { return a(ctx, 1) },
					func() (int, error) { return b(ctx, 1) },
					func() (int, error) { return s(ctx, []int{1}) },
				} {
					if _, err := f(); err != memo.ErrRecursion {
						t.Errorf("error %v", err)
					}
				}
				if n := ma.Stats().Calls; n != 2 {
					t.Errorf("%d calls: ErrRecursion was remembered", n)
				}
				if n := memo.Edges(); n != 0 {
					t.Errorf("%d edges are left", n)
				}
			})
		})
	}
}

// TestRecursionOverGoroutines has a circle closed by two goroutines, neither of which
// goes round it alone.
func TestRecursionOverGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b func(context.Context, int) (int, error)
		a, _ = memo.WrapCtx(func(ctx context.Context, k int) (int, error) { time.Sleep(time.Second); return b(ctx, k) }, nil)
		b, _ = memo.WrapCtx(func(ctx context.Context, k int) (int, error) { time.Sleep(time.Second); return a(ctx, k) }, nil)
		for _, f := range []func(context.Context, int) (int, error){a, b} {
			go func() {
				if _, err := f(t.Context(), 1); err != memo.ErrRecursion {
					t.Errorf("error %v", err)
				}
			}()
		}
		time.Sleep(10 * time.Second)
	})
}

// TestNoFalseRecursion computes what is a diamond, not a circle, from many goroutines.
func TestNoFalseRecursion(t *testing.T) {
	var fib func(context.Context, int) (uint64, error)
	fib, m := memo.WrapCtx(func(ctx context.Context, n int) (uint64, error) {
		if n < 2 {
			return uint64(n), nil
		}
		a, errA := fib(ctx, n-1)
		b, errB := fib(ctx, n-2)
		return a + b, errors.Join(errA, errB)
	}, nil)
	within(t, func() {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if v, err := fib(t.Context(), 80+i%4); err != nil || v < 23416728348467685 {
					t.Errorf("got %d, %v", v, err)
				}
			})
		}
		wg.Wait()
	})
	checkCalls(t, m.Memory, 84)
	if n := memo.Edges(); n != 0 {
		t.Errorf("%d edges are left", n)
	}
}

// TestNoGoroutinesLeft looks after calls of every end.
func TestNoGoroutinesLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	f, _ := memo.WrapCtx(func(ctx context.Context, k int) (int, error) {
		switch k % 4 {
		case 0:
			panic("boom")
		case 1:
			return 0, errDown
		case 2:
			<-ctx.Done()
		}
		return k, ctx.Err()
	}, &memo.Options{TTL: time.Minute, Errors: time.Minute})
	for k := range 400 {
		ctx, cancel := context.WithCancel(t.Context())
		if k%4 == 2 {
			time.AfterFunc(time.Millisecond, cancel)
		}
		panicked(func() { f(ctx, k) })
		cancel()
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}
