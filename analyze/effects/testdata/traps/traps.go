// Package traps holds functions that look as if their answers could be kept, and those
// whose answers can. Each says in a comment what is to be found of it.
package traps

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"runtime/pprof"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
	_ "unsafe"
)

// What can be kept.

func Double(x int) int { return 2 * x } // effects: pure

func Area(r float64) float64 { return math.Pi * math.Pow(r, 2) } // effects: pure

func Words(s string) string { // effects: pure
	var b strings.Builder
	for _, w := range strings.Fields(s) {
		b.WriteString(strings.ToUpper(w))
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

var symbolRE = regexp.MustCompile(`^[A-Z]+$`)

func IsSymbol(s string) bool { return symbolRE.MatchString(s) } // effects: pure

var months = map[string]int{"jan": 1, "feb": 2}

func Month(s string) (int, bool) { // effects: pure
	m, ok := months[strings.ToLower(s)]
	return m, ok
}

func Fib(n int) int { // effects: pure
	if n < 2 {
		return n
	}
	return Fib(n-1) + Fib(n-2)
}

func Sorted(s string) string { // effects: pure
	parts := strings.Split(s, ",")
	sort.Strings(parts)
	slices.Reverse(parts)
	return strings.Join(parts, ",")
}

func Described(k, v string) string { return fmt.Sprintf("%s=%s", k, v) } // effects: pure

type pair struct{ a, b int }

func (p pair) Sum() int { return p.a + p.b } // effects: pure

type node struct {
	next *node
	v    int
}

func Chain(n int) int { // effects: pure
	var head *node
	for i := range n {
		head = &node{head, i}
	}
	sum := 0
	for p := head; p != nil; p = p.next {
		sum += p.v
	}
	return sum
}

func Counted(s string) int { // effects: pure
	n := 0
	each(s, func(r rune) { n++ })
	return n
}

func each(s string, f func(rune)) { // effects: Unknown
	for _, r := range s {
		f(r)
	}
}

// 1: the clock.

func Greeting(name string) string { return time.Now().Weekday().String() + name } // effects: Time

func Age(born time.Time) time.Duration { return elapsed(born) } // effects: Time

func elapsed(t time.Time) time.Duration { return time.Since(t) } // effects: Time

// 2: chance.

func Token(n int) string { // effects: Random Unknown?
	b := make([]byte, n)
	rand.Read(b)
	return string(b)
}

func Jitter(d time.Duration) time.Duration { return d + time.Duration(mathrand.IntN(10)) } // effects: Random

// 3: the order of a map.

func Keys(a, b string) string { // effects: MapOrder
	set := map[string]bool{a: true, b: true}
	out := ""
	for k := range set {
		out += k
	}
	return out
}

// 4: a global counter.

var counter int

func Next(prefix string) string { // effects: ReadsState WritesState
	counter++
	return prefix + strconv.Itoa(counter)
}

func Serial(prefix string) string { return Next(prefix) } // effects: ReadsState WritesState

var calls atomic.Int64

func Tallied(x int) int { // effects: ReadsState WritesState
	calls.Add(1)
	return x * x
}

// 5: the state of a receiver.

type Rates struct{ rate float64 }

func (r *Rates) Set(x float64) { r.rate = x } // effects: WritesArgs

func (r *Rates) Price(q float64) float64 { return q * r.rate } // effects: ReadsArgs

func (r *Rates) Bump(q float64) float64 { // effects: ReadsArgs WritesArgs
	r.rate += q
	return r.rate
}

// 6: an argument that is a pointer, and what it leads to changes between calls.

func Total(xs []int) int { // effects: ReadsArgs
	sum := 0
	for _, x := range xs {
		sum += x
	}
	return sum
}

func Deep(n *node) int { return n.next.v } // effects: ReadsArgs

func Clobber(xs []int) []int { // effects: WritesArgs
	xs[0] = 0
	return xs
}

// 7: values of a context.

type key struct{}

func Tenant(ctx context.Context, id string) string { // effects: ReadsState ReadsArgs
	t, _ := ctx.Value(key{}).(string)
	return t + "/" + id
}

// 8: closures with variables of their own.

func Counter() func() int { // effects: pure
	n := 0
	return func() int { n++; return n }
}

func Through(f func() int) int { return f() } // effects: Unknown

func Accumulate(xs string) string { // effects: pure
	acc := ""
	add := func(s string) { acc += s }
	add(xs)
	return acc
}

// 9: what belongs to a goroutine.

func Labelled(ctx context.Context, s string) string { // effects: ReadsArgs? Reads Writes
	pprof.SetGoroutineLabels(ctx)
	return s
}

// 10: errors.

var ErrEmpty = errors.New("empty")

func Parse(s string) (int, error) { // effects: ReadsState?
	if s == "" {
		return 0, ErrEmpty
	}
	return strconv.Atoi(s)
}

// 11: files.

func Load(name string) (string, error) { // effects: Reads
	b, err := os.ReadFile(name)
	return string(b), err
}

func Save(name string) error { return os.WriteFile(name, nil, 0o600) } // effects: Reads Writes

func Shout(s string) int { fmt.Println(s); return len(s) } // effects: Reads Writes

func Printed(a, b int) string { // effects: pure
	var out strings.Builder
	fmt.Fprintf(&out, "%d-%d", a, b)
	return out.String()
}

func Dump(n *node) string { return fmt.Sprintf("%+v", n) } // effects: ReadsArgs

// 12: the environment.

func Home(user string) string { return os.Getenv("HOME") + user } // effects: Environment

// 13: goroutines and channels.

func Async(x int) int { // effects: Goroutines
	c := make(chan int, 1)
	go func() { c <- x }()
	return <-c
}

func Recv(c chan int) int { return <-c } // effects: Goroutines

// 14: unsafe.

func Bytes(s string) []byte { return *(*[]byte)(unsafe.Pointer(&s)) } // effects: Unknown ReadsState?

// 15: reflection that sets.

func Zero(p any) { reflect.ValueOf(p).Elem().SetInt(0) } // effects: WritesArgs ReadsArgs

// 16: names that are linked.

//go:linkname nanotime runtime.nanotime
func nanotime() int64

func Stamp(x int64) int64 { return x + nanotime() } // effects: Unknown

// 17: an interface whose methods are not seen.

type Source interface{ Next() int }

func Draw(s Source) int { return s.Next() } // effects: Unknown ReadsArgs? WritesArgs?

// 18: a value that prints itself by a method with state.

type Loud struct{ n *int }

func (l Loud) String() string { *l.n++; return strconv.Itoa(*l.n) } // effects: ReadsArgs WritesArgs

func Format(l Loud) string { return fmt.Sprintf("<%v>", l) } // effects: ReadsArgs? WritesArgs

// 19: pools.

var buffers = sync.Pool{New: func() any { return new(strings.Builder) }}

func Pooled(s string) string { // effects: ReadsState Unknown?  WritesState?
	b := buffers.Get().(*strings.Builder)
	defer buffers.Put(b)
	b.Reset()
	b.WriteString(s)
	return b.String()
}

// 20: a variable that is set once, later.

var config map[string]string

func Configure(m map[string]string) { config = m } // effects: WritesState

func Setting(name string) string { return config[name] } // effects: ReadsState

// 21: a cache of its own.

var memo = map[int]int{}

func Remembered(n int) int { // effects: ReadsState WritesState
	if v, ok := memo[n]; ok {
		return v
	}
	memo[n] = n * n
	return n * n
}

// 22: what is behind another name for the same memory.

func Alias(xs []int, v int) int { // effects: WritesArgs
	ys := xs[1:]
	zs := append(ys[:0], v)
	return len(zs)
}

type box struct{ p *node }

func Boxed(n *node) int { // effects: ReadsArgs WritesArgs
	b := &box{p: n}
	fill(b)
	return b.p.v
}

func fill(b *box) { b.p.v = 7 } // effects: ReadsArgs WritesArgs

// 23: deferred, and in a method that an interface made on the spot leads to.

type ticker struct{}

func (ticker) Next() int { counter++; return 1 } // effects: ReadsState WritesState

func Spot() int { return Draw(ticker{}) } // effects: Unknown

func Direct() int { // effects: ReadsState WritesState
	var s Source = ticker{}
	return s.Next()
}

func Late(x int) int { // effects: ReadsState WritesState
	defer func() { counter = x }()
	return x + counter
}

// generic functions

func Max[T int | string](a, b T) T { // effects: pure
	if a > b {
		return a
	}
	return b
}

func Larger(a, b int) int { return Max(a, b) } // effects: pure

// Results that share memory.

func Fresh(n int) []int { return make([]int, n) } // effects: pure shares SharesResult

func Same(xs []int) []int { return xs[:1] } // effects: ReadsArgs? shares SharesArgs

var table = []int{1, 2, 3}

func Table(n int) []int { return table[:n] } // effects: ReadsState shares SharesState

func Wrapped(n *node) *box { return &box{p: n} } // effects: pure shares SharesArgs SharesResult

func Text(b []byte) string { return string(b) } // effects: ReadsArgs
