package memo_test

import (
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/memo"
)

// collide is the key of slices of integers with the worst of hashes.
func collide() memo.Key[[]int] {
	good := memo.Slice[[]int]()
	return memo.Key[[]int]{Hash: func(*maphash.Hash, []int) {}, Equal: good.Equal, Clone: good.Clone}
}

func sumOf(s []int) (n int) {
	for _, e := range s {
		n += e
	}
	return n
}

// TestChangedArgument changes the argument after the call, during it by the function, and
// through the answer, which is a part of it.
func TestChangedArgument(t *testing.T) {
	for name, key := range map[string]memo.Key[[]int]{"good hash": memo.Slice[[]int](), "bad hash": collide()} {
		t.Run(name, func(t *testing.T) {
			sum, m := memo.WrapKey(sumOf, key, nil)
			buf := make([]int, 3)
			for round := range 2 {
				for i := range 7 {
					buf[1] = i
					if got := sum(buf); got != i {
						t.Errorf("round %d: sum of %v is %d", round, buf, got)
					}
				}
			}
			checkCalls(t, m.Memory, 7)

			median, m := memo.WrapKey(func(s []int) int { slices.Sort(s); return s[len(s)/2] }, key, nil)
			arg := []int{9, 1, 5}
			for range 3 {
				if got := median(arg); got != 5 || arg[0] != 9 {
					t.Errorf("median %d, argument now %v", got, arg)
				}
			}
			checkCalls(t, m.Memory, 1)

			tail, m := memo.WrapKey(func(s []int) []int { return s[1:] }, key, nil)
			arg = []int{1, 2, 3}
			got := tail(arg)
			arg[1] = 7
			if !slices.Equal(got, []int{2, 3}) || !slices.Equal(tail(arg), []int{7, 3}) {
				t.Errorf("got %v and %v", got, tail(arg))
			}
			got[0] = 7 // which nobody should: but the memory still knows what it was asked
			tail([]int{1, 2, 3})
			tail([]int{1, 7, 3})
			checkCalls(t, m.Memory, 2)
		})
	}
}

// TestChangedDuringCall has one who no longer waits change the argument.
func TestChangedDuringCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sum, _ := memo.WrapKey(func(s []int) int { time.Sleep(time.Second); return sumOf(s) }, memo.Slice[[]int](), nil)
		arg := []int{1, 2}
		go sum(arg)
		synctest.Wait()
		arg[0] = 100
		if got := sum([]int{1, 2}); got != 3 {
			t.Errorf("got %d", got)
		}
		if got := sum(arg); got != 102 {
			t.Errorf("got %d", got)
		}
	})
}

func TestNilIsNotEmpty(t *testing.T) {
	isNil, m := memo.WrapKey(func(s []byte) bool { return s == nil }, memo.Slice[[]byte](), nil)
	for range 2 {
		if !isNil(nil) || isNil([]byte{}) {
			t.Error("nil and empty are one")
		}
	}
	checkCalls(t, m.Memory, 2)
}

// TestZeros has == decide, whose two zeros are not the same bytes.
func TestZeros(t *testing.T) {
	f, m := memo.WrapKey(func(s []float64) int { return len(s) }, memo.Slice[[]float64](), nil)
	f([]float64{0})
	f([]float64{math.Copysign(0, -1)})
	checkCalls(t, m.Memory, 1)
}

// TestSlices covers the elements that are hashed as bytes and those that are not.
func TestSlices(t *testing.T) {
	type pair struct {
		a int8
		b string
	}
	testSlice(t, []byte("abc"), []byte("abd"))
	testSlice(t, []bool{true}, []bool{false})
	testSlice(t, []int16{1, 2}, []int16{1, 2, 0})
	testSlice(t, []string{"a", "b"}, []string{"ab", ""})
	testSlice(t, []float64{1}, []float64{-1})
	testSlice(t, []pair{{1, "x"}}, []pair{{1, "y"}})
	testSlice(t, []any{1}, []any{"1"})
	testSlice(t, []struct{}{{}}, []struct{}{{}, {}})
}

func testSlice[E comparable](t *testing.T, a, b []E) {
	t.Helper()
	f, m := memo.WrapKey(func(s []E) string { return fmt.Sprintf("%#v", s) }, memo.Slice[[]E](), nil)
	for range 3 {
		for _, s := range [][]E{a, b, a[:0]} {
			if got, want := f(slices.Clone(s)), fmt.Sprintf("%#v", s); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
	checkCalls(t, m.Memory, 3)
}

// TestCollisions has more arguments of one hash than there are slots for them.
func TestCollisions(t *testing.T) {
	sum, m := memo.WrapKey(sumOf, collide(), nil)
	for range 3 {
		for i := range 12 {
			if got := sum([]int{i}); got != i {
				t.Errorf("sum of %d is %d", i, got)
			}
		}
	}
	if st := m.Stats(); st.Calls != 8+3*4 || st.Len != 8 || st.Hits != 2*8 || st.Misses != 8+3*4 {
		t.Errorf("%+v", st)
	}
	if m.Forget([]int{11}) || !m.Forget([]int{5}) {
		t.Error("Forget is wrong about what was there")
	}
	if n := m.Stats().Len; n != 7 {
		t.Errorf("%d answers left", n)
	}
}

// TestCollisionWithCallUnderWay would wait for itself if calls were told apart by hash.
func TestCollisionWithCallUnderWay(t *testing.T) {
	var depth func([]int) int
	depth, m := memo.WrapKey(func(s []int) int {
		if len(s) == 0 {
			return 0
		}
		return 1 + depth(s[1:])
	}, collide(), nil)
	within(t, func() {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if n := depth(make([]int, 20)); n != 20 {
					t.Errorf("got %d", n)
				}
			})
		}
		wg.Wait()
	})
	if n := memo.Claims(m.Memory); n != 0 {
		t.Errorf("%d slots are claimed by nobody", n)
	}
}

// TestStaleOfAnother has what is past its time lie in the slot of another argument, whose
// call fails.
func TestStaleOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts := &memo.Options{TTL: time.Second, Stale: time.Hour, Errors: time.Minute}
		f, _ := memo.WrapKeyErr(func(s []int) (int, error) {
			if s[0] == 2 {
				return 0, errDown
			}
			return s[0], nil
		}, collide(), opts)
		f([]int{1})
		time.Sleep(2 * time.Second)
		for range 2 {
			if v, err := f([]int{2}); v != 0 || err != errDown {
				t.Errorf("got %d, %v", v, err)
			}
		}
		if v, err := f([]int{3}); v != 3 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
	})
}
