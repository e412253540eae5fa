package memo_test

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/memo"
)

// checkCalls fails the test if the function was not called so many times.
func checkCalls(t *testing.T, m *memo.Memory, want uint64) {
	t.Helper()
	if got := m.Stats().Calls; got != want {
		t.Errorf("the function was called %d times, want %d", got, want)
	}
}

// TestArities calls every wrapper three times with each of two arguments that differ in one
// place, for each place, and forgets one of them.
func TestArities(t *testing.T) {
	type f4 = func(a, b, c, d int) int
	join := func(a, b, c, d int) int { return a*1000 + b*100 + c*10 + d }
	ctx := t.Context()
	fine := func(n int, err error) int {
		if err != nil {
			t.Errorf("error %v", err)
		}
		return n
	}
	type wrapped struct {
		name   string
		args   int
		f      f4
		m      *memo.Memory
		forget func(a, b, c, d int) bool
	}
	var all []wrapped
	add := func(name string, args int, f f4, m *memo.Memory, forget func(a, b, c, d int) bool) {
		all = append(all, wrapped{name, args, f, m, forget})
	}
	w1, m1 := memo.Wrap(func(a int) int { return join(a, 0, 0, 0) }, nil)
	add("Wrap", 1, func(a, _, _, _ int) int { return w1(a) }, m1.Memory, func(a, _, _, _ int) bool { return m1.Forget(a) })
	w2, m2 := memo.Wrap2(func(a, b int) int { return join(a, b, 0, 0) }, nil)
	add("Wrap2", 2, func(a, b, _, _ int) int { return w2(a, b) }, m2.Memory, func(a, b, _, _ int) bool { return m2.Forget(a, b) })
	w3, m3 := memo.Wrap3(func(a, b, c int) int { return join(a, b, c, 0) }, nil)
	add("Wrap3", 3, func(a, b, c, _ int) int { return w3(a, b, c) }, m3.Memory, func(a, b, c, _ int) bool { return m3.Forget(a, b, c) })
	w4, m4 := memo.Wrap4(join, nil)
	add("Wrap4", 4, w4, m4.Memory, m4.Forget)

	e1, n1 := memo.WrapErr(func(a int) (int, error) { return join(a, 0, 0, 0), nil }, nil)
	add("WrapErr", 1, func(a, _, _, _ int) int { return fine(e1(a)) }, n1.Memory, func(a, _, _, _ int) bool { return n1.Forget(a) })
	e2, n2 := memo.WrapErr2(func(a, b int) (int, error) { return join(a, b, 0, 0), nil }, nil)
	add("WrapErr2", 2, func(a, b, _, _ int) int { return fine(e2(a, b)) }, n2.Memory, func(a, b, _, _ int) bool { return n2.Forget(a, b) })
	e3, n3 := memo.WrapErr3(func(a, b, c int) (int, error) { return join(a, b, c, 0), nil }, nil)
	add("WrapErr3", 3, func(a, b, c, _ int) int { return fine(e3(a, b, c)) }, n3.Memory, func(a, b, c, _ int) bool { return n3.Forget(a, b, c) })
	e4, n4 := memo.WrapErr4(func(a, b, c, d int) (int, error) { return join(a, b, c, d), nil }, nil)
	add("WrapErr4", 4, func(a, b, c, d int) int { return fine(e4(a, b, c, d)) }, n4.Memory, n4.Forget)

	c1, o1 := memo.WrapCtx(func(_ context.Context, a int) (int, error) { return join(a, 0, 0, 0), nil }, nil)
	add("WrapCtx", 1, func(a, _, _, _ int) int { return fine(c1(ctx, a)) }, o1.Memory, func(a, _, _, _ int) bool { return o1.Forget(a) })
	c2, o2 := memo.WrapCtx2(func(_ context.Context, a, b int) (int, error) { return join(a, b, 0, 0), nil }, nil)
	add("WrapCtx2", 2, func(a, b, _, _ int) int { return fine(c2(ctx, a, b)) }, o2.Memory, func(a, b, _, _ int) bool { return o2.Forget(a, b) })
	c3, o3 := memo.WrapCtx3(func(_ context.Context, a, b, c int) (int, error) { return join(a, b, c, 0), nil }, nil)
	add("WrapCtx3", 3, func(a, b, c, _ int) int { return fine(c3(ctx, a, b, c)) }, o3.Memory, func(a, b, c, _ int) bool { return o3.Forget(a, b, c) })
	c4, o4 := memo.WrapCtx4(func(_ context.Context, a, b, c, d int) (int, error) { return join(a, b, c, d), nil }, nil)
	add("WrapCtx4", 4, func(a, b, c, d int) int { return fine(c4(ctx, a, b, c, d)) }, o4.Memory, o4.Forget)

	ints := memo.Slice[[]int]()
	k1, p1 := memo.WrapKey(func(s []int) int { return join(s[0], 0, 0, 0) }, ints, nil)
	add("WrapKey", 1, func(a, _, _, _ int) int { return k1([]int{a}) }, p1.Memory, func(a, _, _, _ int) bool { return p1.Forget([]int{a}) })
	k2, p2 := memo.WrapKeyErr(func(s []int) (int, error) { return join(s[0], 0, 0, 0), nil }, ints, nil)
	add("WrapKeyErr", 1, func(a, _, _, _ int) int { return fine(k2([]int{a})) }, p2.Memory, func(a, _, _, _ int) bool { return p2.Forget([]int{a}) })
	k3, p3 := memo.WrapKeyCtx(func(_ context.Context, s []int) (int, error) { return join(s[0], 0, 0, 0), nil }, ints, nil)
	add("WrapKeyCtx", 1, func(a, _, _, _ int) int { return fine(k3(ctx, []int{a})) }, p3.Memory, func(a, _, _, _ int) bool { return p3.Forget([]int{a}) })

	for _, w := range all {
		t.Run(w.name, func(t *testing.T) {
			for range 3 {
				for place := range w.args {
					args := [4]int{}
					args[place] = 7
					if got, want := w.f(args[0], args[1], args[2], args[3]), join(args[0], args[1], args[2], args[3]); got != want {
						t.Errorf("%v: got %d, want %d", args, got, want)
					}
				}
			}
			n := uint64(w.args)
			if st := w.m.Stats(); st.Calls != n || st.Misses != n || st.Hits != 2*n || st.Len != w.args || st.Capacity != memo.DefaultCapacity {
				t.Errorf("%+v", st)
			}
			if !w.forget(7, 0, 0, 0) || w.forget(7, 0, 0, 0) || w.forget(5, 5, 5, 5) {
				t.Error("Forget is wrong about what was there")
			}
			w.f(7, 0, 0, 0)
			if w.args > 1 {
				w.f(0, 7, 0, 0)
			}
			checkCalls(t, w.m, n+1)
			w.m.Clear()
			w.f(7, 0, 0, 0)
			checkCalls(t, w.m, n+2)
		})
	}
}

func TestNilAndZeroAreKept(t *testing.T) {
	zero, m := memo.Wrap(func(int) int { return 0 }, nil)
	none, mn := memo.WrapErr(func(int) (*int, error) { return nil, nil }, nil)
	for range 10 {
		if p, err := none(1); zero(1) != 0 || p != nil || err != nil {
			t.Fatal("wrong answer")
		}
	}
	checkCalls(t, m.Memory, 1)
	checkCalls(t, mn.Memory, 1)
}

func TestKeysAreNotText(t *testing.T) {
	kind, m := memo.Wrap(func(a any) string { return fmt.Sprintf("%T", a) }, nil)
	for range 2 {
		for _, a := range []any{1, "1", int8(1), 1.0, '1', [1]int{1}, struct{ n int }{1}} {
			if got, want := kind(a), fmt.Sprintf("%T", a); got != want {
				t.Errorf("%v: got %s, want %s", a, got, want)
			}
		}
	}
	checkCalls(t, m.Memory, 7)
	join, _ := memo.Wrap2(func(a, b string) string { return a + "|" + b }, nil)
	if a, b := join("x,y", "z"), join("x", "y,z"); a == b {
		t.Errorf("both %s", a)
	}
}

type account struct{ id, reads int }

func (a *account) number() int { a.reads++; return a.id }

// TestReceiverIsTheKey has addresses used again if nothing holds what was there.
func TestReceiverIsTheKey(t *testing.T) {
	number, m := memo.Wrap((*account).number, nil)
	for id := range 2000 {
		if got := number(&account{id: id}); got != id {
			t.Fatalf("account %d has number %d", id, got)
		}
		if id%500 == 0 {
			runtime.GC()
		}
	}
	checkCalls(t, m.Memory, 2000)

	a, b := &account{id: 1}, &account{id: 2}
	numberOfA, _ := memo.WrapErr2((*accounts).number, nil)
	book := &accounts{a, b}
	for range 2 {
		if n, err := numberOfA(book, 1); n != 2 || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
	}
	if b.reads != 1 {
		t.Errorf("read %d times", b.reads)
	}
}

type accounts []*account

func (a *accounts) number(i int) (int, error) { return (*a)[i].number(), nil }

func TestNaN(t *testing.T) {
	f, m := memo.Wrap(math.IsNaN, &memo.Options{Capacity: 10})
	s, ms := memo.WrapKey(func(s []float64) bool { return math.IsNaN(s[0]) }, memo.Slice[[]float64](), nil)
	for range 20 {
		if !f(math.NaN()) || !s([]float64{math.NaN()}) {
			t.Fatal("wrong answer")
		}
	}
	if m.Stats().Len+ms.Stats().Len != 0 {
		t.Error("remembered what can't be found again")
	}
	checkCalls(t, m.Memory, 20)
	checkCalls(t, ms.Memory, 20)
	if st := ms.Stats(); st.Misses != 20 || st.Hits != 0 {
		t.Errorf("%+v", st)
	}
}

func TestOptions(t *testing.T) {
	bad := map[string]memo.Options{
		"capacity":       {Capacity: -1},
		"ttl":            {TTL: -1},
		"errors":         {Errors: -1},
		"stale":          {Stale: -1},
		"refresh":        {Refresh: -1},
		"refresh no ttl": {Refresh: 1},
		"refresh ≥ ttl":  {Refresh: 2, TTL: 2},
	}
	for name, o := range bad {
		if p := panicked(func() { memo.Wrap(square, &o) }); p == nil {
			t.Errorf("%s: no panic", name)
		}
	}
	f, m := memo.Wrap(square, &memo.Options{Name: "square", Capacity: 2})
	for k := range uint64(10) {
		f(k)
	}
	if st := m.Stats(); st.Name != "square" || st.Len != 2 || st.Capacity != 2 || st.Evictions != 8 {
		t.Errorf("%+v", st)
	}
	if n := m.Resize(1); n != 1 || m.Stats().Len != 1 {
		t.Errorf("%d forgotten, %+v", n, m.Stats())
	}
	if panicked(func() { m.Resize(0) }) == nil {
		t.Error("Resize to 0: no panic")
	}
	if panicked(func() { memo.WrapKey(func([]int) int { return 0 }, memo.Key[[]int]{}, nil) }) == nil {
		t.Error("empty Key: no panic")
	}
}

// TestCapacityZero is what the default is for.
func TestCapacityZero(t *testing.T) {
	f, m := memo.Wrap(square, &memo.Options{Capacity: 0})
	f(3)
	if f(3) != 9 || m.Stats().Capacity != memo.DefaultCapacity {
		t.Errorf("%+v", m.Stats())
	}
	checkCalls(t, m.Memory, 1)
}

func panicked(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// TestTTL runs on the time of a bubble, which is monotonic time: nothing in memo or cache
// reads any other.
func TestTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, m := memo.Wrap(square, &memo.Options{TTL: 10 * time.Second})
		f(1)
		time.Sleep(9 * time.Second)
		f(1)
		checkCalls(t, m.Memory, 1)
		time.Sleep(time.Second + 2*time.Millisecond)
		f(1)
		checkCalls(t, m.Memory, 2)
		for k := range uint64(100) {
			f(k)
		}
		time.Sleep(2 * time.Minute)
		if n := m.Stats().Len; n != 0 {
			t.Errorf("%d answers past their time were not removed", n)
		}
	})
}

func TestTimeSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, m := memo.Wrap(func(k int) int { time.Sleep(time.Duration(k) * time.Second); return k }, nil)
		f(1)
		f(3)
		for range 5 {
			f(1)
		}
		if st := m.Stats(); st.Time != 4*time.Second || st.Saved() != 10*time.Second || math.Abs(st.HitRatio()-5./7) > 1e-9 {
			t.Errorf("%+v, saved %v", st, st.Saved())
		}
		var none memo.Stats
		if none.Saved() != 0 || none.HitRatio() != 0 {
			t.Error("something saved by no calls")
		}
	})
}

var errDown = errors.New("down")

func TestErrorsAreNotKept(t *testing.T) {
	down := true
	f, m := memo.WrapErr(func(k int) (int, error) {
		if down {
			return 5, errDown
		}
		return k, nil
	}, nil)
	for range 3 {
		if v, err := f(1); v != 5 || err != errDown {
			t.Errorf("got %d, %v", v, err)
		}
	}
	down = false
	if v, err := f(1); v != 1 || err != nil {
		t.Errorf("got %d, %v", v, err)
	}
	checkCalls(t, m.Memory, 4)
	if n := m.Stats().Failures; n != 3 {
		t.Errorf("%d failures", n)
	}
}

// TestErrorsAreKeptIfAsked looks at all kinds of wrappers, and at what ends the memory.
func TestErrorsAreKeptIfAsked(t *testing.T) {
	opts := &memo.Options{TTL: time.Hour, Errors: 10 * time.Second}
	fail := func(context.Context, int) (int, error) { return 5, errDown }
	wrappers := map[string]func(*testing.T) (func(int) (int, error), *memo.Memory1[int]){
		"WrapErr": func(*testing.T) (func(int) (int, error), *memo.Memory1[int]) {
			return memo.WrapErr(func(k int) (int, error) { return fail(nil, k) }, opts)
		},
		"WrapCtx": func(t *testing.T) (func(int) (int, error), *memo.Memory1[int]) {
			f, m := memo.WrapCtx(fail, opts)
			return func(k int) (int, error) { return f(t.Context(), k) }, m
		},
		"WrapKeyErr": func(*testing.T) (func(int) (int, error), *memo.Memory1[int]) {
			key := memo.Key[int]{
				Hash:  func(*maphash.Hash, int) {},
				Equal: func(a, b int) bool { return a == b },
				Clone: func(a int) int { return a },
			}
			return memo.WrapKeyErr(func(k int) (int, error) { return fail(nil, k) }, key, opts)
		},
	}
	for name, wrap := range wrappers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, m := wrap(t)
				check := func(k int, calls uint64) {
					t.Helper()
					if v, err := f(k); v != 5 || err != errDown {
						t.Errorf("got %d, %v", v, err)
					}
					checkCalls(t, m.Memory, calls)
				}
				check(1, 1)
				check(1, 1)
				check(2, 2)
				check(1, 2)
				check(2, 2)
				if st := m.Stats(); st.Hits != 3 || st.Misses != 2 || st.Failures != 2 || st.Len != 0 {
					t.Errorf("%+v", st)
				}
				if !m.Forget(1) || m.Forget(1) {
					t.Error("Forget is wrong about what was there")
				}
				check(1, 3)
				check(2, 3)
				m.Clear()
				check(1, 4)
				check(2, 5)
				time.Sleep(10*time.Second + 2*time.Millisecond)
				check(1, 6)
			})
		})
	}
}

// TestForgottenErrorStaysForgotten forgets during the call that fails.
func TestForgottenErrorStaysForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, m := memo.WrapErr(func(int) (int, error) { time.Sleep(time.Second); return 0, errDown }, &memo.Options{Errors: time.Hour})
		go f(1)
		synctest.Wait()
		m.Forget(1)
		time.Sleep(2 * time.Second)
		f(1)
		checkCalls(t, m.Memory, 2)
	})
}

func TestForgetDuringCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := 1
		read := func() int { n := now; time.Sleep(time.Second); return n }
		f, m := memo.Wrap(func(int) int { return read() }, nil)
		k, mk := memo.WrapKey(func([]int) int { return read() }, memo.Slice[[]int](), nil)
		for _, f := range []struct {
			call   func() int
			forget func() bool
		}{
			{func() int { return f(0) }, func() bool { return m.Forget(0) }},
			{func() int { return k([]int{0}) }, func() bool { return mk.Forget([]int{0}) }},
			{func() int { return f(1) }, func() bool { m.Clear(); return true }},
			{func() int { return k([]int{1}) }, func() bool { mk.Clear(); return true }},
		} {
			now = 1
			old := make(chan int, 1)
			go func() { old <- f.call() }()
			synctest.Wait()
			now = 2
			f.forget()
			if v := f.call(); v != 2 {
				t.Errorf("a call after Forget got %d, which was computed before", v)
			}
			if v := <-old; v != 1 {
				t.Errorf("the call before Forget got %d", v)
			}
			if v := f.call(); v != 2 {
				t.Errorf("the answer from before Forget was remembered")
			}
		}
	})
}

func TestRefreshAndStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts := &memo.Options{TTL: 10 * time.Second, Refresh: 5 * time.Second, Stale: time.Minute}
		version, fail := 1, false
		get := func() (int, error) {
			if fail {
				return 0, errDown
			}
			return version, nil
		}
		plain, m := memo.WrapErr(func(int) (int, error) { return get() }, opts)
		withCtx, mc := memo.WrapCtx(func(context.Context, int) (int, error) { return get() }, opts)
		keyed, mk := memo.WrapKeyErr(func([]int) (int, error) { return get() }, memo.Slice[[]int](), opts)
		for _, w := range []struct {
			f      func() (int, error)
			m      *memo.Memory
			forget func() bool
		}{
			{func() (int, error) { return plain(0) }, m.Memory, func() bool { return m.Forget(0) }},
			{func() (int, error) { return withCtx(t.Context(), 0) }, mc.Memory, func() bool { return mc.Forget(0) }},
			{func() (int, error) { return keyed([]int{1}) }, mk.Memory, func() bool { return mk.Forget([]int{1}) }},
		} {
			check := func(want int, wantErr error) {
				t.Helper()
				if v, err := w.f(); v != want || err != wantErr {
					t.Errorf("got %d, %v, want %d, %v", v, err, want, wantErr)
				}
				synctest.Wait()
			}
			version, fail = 1, false
			check(1, nil)
			version = 2
			time.Sleep(6 * time.Second)
			check(1, nil) // and is refreshed
			check(2, nil)
			checkCalls(t, w.m, 2)
			if st := w.m.Stats(); st.Hits != 2 || st.Misses != 1 {
				t.Errorf("%+v", st)
			}
			fail = true
			time.Sleep(11 * time.Second)
			check(2, nil) // stale
			w.forget()
			check(0, errDown)
		}
	})
}

func TestHitDoesNotAllocate(t *testing.T) {
	type user struct {
		name string
		age  int
	}
	ctx := t.Context()
	f, _ := memo.Wrap(square, nil)
	f4, _ := memo.Wrap4(func(a int, b string, c user, d *user) int { return a }, nil)
	e, _ := memo.WrapErr(func(s string) (string, error) { return s, nil }, nil)
	c, _ := memo.WrapCtx2(func(_ context.Context, a, b string) (string, error) { return a + b, nil }, nil)
	b, _ := memo.WrapKey(func(b []byte) int { return len(b) }, memo.Slice[[]byte](), nil)
	buf, d := []byte("some bytes"), new(user)
	for name, call := range map[string]func(){
		"Wrap":    func() { f(3) },
		"Wrap4":   func() { f4(1, "b", user{"c", 1}, d) },
		"WrapErr": func() { e("x") },
		"WrapCtx": func() { c(ctx, "x", "y") },
		"WrapKey": func() { b(buf) },
	} {
		if n := testing.AllocsPerRun(1000, call); n != 0 {
			t.Errorf("%s: %v allocations a hit", name, n)
		}
	}
	if raceEnabled {
		return // a sync.Pool then drops what it is given, now and then
	}
	names := []string{"a", "b"}
	s, _ := memo.WrapKey(func(s []string) int { return len(s) }, memo.Slice[[]string](), nil)
	if n := testing.AllocsPerRun(1000, func() { s(names) }); n != 0 {
		t.Errorf("WrapKey of strings: %v allocations a hit", n)
	}
}

// TestStress compares wrapped functions with the function, from many goroutines, with
// little room and much forgetting.
func TestStress(t *testing.T) {
	mix := func(a, b uint64) uint64 { return (a*31+b)*0x9e3779b97f4a7c15>>7 ^ b }
	opts := &memo.Options{Capacity: 200, TTL: 3 * time.Millisecond, Errors: time.Millisecond}
	f2, m2 := memo.Wrap2(mix, opts)
	fc, mc := memo.WrapCtx2(func(ctx context.Context, a, b uint64) (uint64, error) {
		if b%7 == 0 {
			return 0, errDown
		}
		runtime.Gosched()
		return mix(a, b), ctx.Err()
	}, opts)
	sum := func(s []uint64) (n uint64) {
		slices.Reverse(s) // it may: what it has is a copy
		for i, e := range s {
			n = mix(n, e+uint64(i))
		}
		return n
	}
	poor := memo.Slice[[]uint64]()
	poor = memo.Key[[]uint64]{
		Hash:  func(h *maphash.Hash, s []uint64) { h.WriteByte(byte(len(s) / 2)) },
		Equal: poor.Equal, Clone: poor.Clone,
	}
	fs, ms := memo.WrapKey(sum, memo.Slice[[]uint64](), opts)
	fp, mp := memo.WrapKey(sum, poor, opts)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(g)))
			for range 4000 {
				a, b := r.Uint64N(30), r.Uint64N(30)
				want := mix(a, b)
				if got := f2(a, b); got != want {
					t.Errorf("Wrap2(%d, %d): got %d, want %d", a, b, got, want)
				}
				ctx, cancel := context.WithCancel(context.Background())
				if r.IntN(3) == 0 {
					go cancel()
				}
				got, err := fc(ctx, a, b)
				switch {
				case errors.Is(err, context.Canceled) && ctx.Err() != nil:
				case b%7 == 0 && err != errDown, b%7 != 0 && (err != nil || got != want):
					t.Errorf("WrapCtx2(%d, %d): got %d, %v, want %d", a, b, got, err, want)
				}
				cancel()
				s := make([]uint64, a%6)
				for i := range s {
					s[i] = b % 4
				}
				want = sum(slices.Clone(s))
				if got, poor := fs(s), fp(s); got != want || poor != want {
					t.Errorf("WrapKey(%d): got %d and %d, want %d", s, got, poor, want)
				}
				switch r.IntN(100) {
				case 0:
					m2.Clear()
					mc.Clear()
					ms.Clear()
				case 1, 2, 3:
					m2.Forget(a, b)
					mc.Forget(a, b)
					ms.Forget(s)
					mp.Forget(s)
				case 4:
					m2.Resize(1 + r.IntN(300))
					mc.Resize(1 + r.IntN(300))
				}
			}
		})
	}
	wg.Wait()
	// Not mp's: where all arguments share one hash, so many slots are looked into that the
	// cache samples what it counts.
	for _, m := range []*memo.Memory{m2.Memory, mc.Memory, ms.Memory} {
		if st := m.Stats(); st.Hits == 0 || st.Misses == 0 || st.Hits+st.Misses != 32_000 {
			t.Errorf("not %d calls: %+v", 32_000, st)
		}
	}
}
