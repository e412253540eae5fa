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

func Parse(s string) (int, error) { // effects: pure
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

// 24: what is made where it is missing. The answer does not tell whether it was there.

type Zoo struct {
	names  map[int]string
	byName map[string]int
	sums   map[string]int
	hash   uint64
	text   string
	next   int
	list   []int
	mu     sync.Mutex
	inner  struct{ index map[string]int }
	deep   *Zoo
	seen   bool
}

func (z *Zoo) build() { // effects: ReadsArgs WritesArgs MapOrder
	z.byName = make(map[string]int)
	for n, name := range z.names {
		z.byName[name] = n
	}
}

func (z *Zoo) Number(name string) (int, bool) { // effects: ReadsArgs Fills MapOrder
	if z.byName == nil {
		z.build()
	}
	n, ok := z.byName[name]
	return n, ok
}

func (z *Zoo) Numbers(names ...string) int { // effects: ReadsArgs Fills MapOrder
	sum := 0
	for _, name := range names {
		n, _ := z.Number(name)
		sum += n
	}
	return sum
}

func (z *Zoo) Deeper(name string) int { // effects: ReadsArgs Fills MapOrder
	n, _ := z.deep.Number(name)
	return n
}

func (z *Zoo) Sum(s string) int { // effects: ReadsArgs Fills
	if n, ok := z.sums[s]; ok {
		return n
	}
	n := len(strings.Fields(s)) * 7
	if z.sums == nil {
		z.sums = make(map[string]int)
	}
	z.sums[s] = n
	return n
}

func (z *Zoo) Locked(s string) int { // effects: ReadsArgs Fills
	z.mu.Lock()
	defer z.mu.Unlock()
	n, ok := z.sums[s]
	if !ok {
		n = len(s) * 7
		z.sums[s] = n
	}
	return n
}

func (z *Zoo) Hash() uint64 { // effects: ReadsArgs Fills
	if z.hash == 0 {
		for _, c := range z.text {
			z.hash = z.hash*31 + uint64(c)
		}
	}
	return z.hash
}

func (z *Zoo) Indexed(name string) int { // effects: ReadsArgs Fills
	if len(z.inner.index) == 0 {
		z.inner.index = map[string]int{z.text: 1}
	}
	return z.inner.index[name]
}

func Warm(name string) int { // effects: MapOrder
	z := &Zoo{names: map[int]string{1: "a"}}
	n, _ := z.Number(name)
	return n
}

func (z *Zoo) Parsed(s string) (int, error) { // effects: ReadsArgs Fills
	if n, ok := z.sums[s]; ok {
		return n, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, err
	}
	z.sums[s] = n
	return n, nil
}

// 25: what looks as if it filled, and changes.

func (z *Zoo) First(n int) int { // effects: ReadsArgs WritesArgs
	if z.next == 0 {
		z.next = n // the first caller's
	}
	return z.next
}

func (z *Zoo) Stale(k string, factor int) int { // effects: ReadsArgs WritesArgs
	if n, ok := z.sums[k]; ok {
		return n
	}
	n := len(k) * factor // not of the key alone
	z.sums[k] = n
	return n
}

func (z *Zoo) Chosen(k string, long bool) int { // effects: ReadsArgs WritesArgs
	n := 1
	if long {
		n = len(k)
	}
	if v, ok := z.sums[k]; ok {
		return v
	}
	z.sums[k] = n
	return n
}

func (z *Zoo) Numbered(name string) int { // effects: ReadsArgs WritesArgs
	if n, ok := z.byName[name]; ok {
		return n
	}
	z.next++ // a counter
	z.byName[name] = z.next
	return z.next
}

func (z *Zoo) Counts(k string) int { // effects: ReadsArgs WritesArgs
	if z.sums[k] == 0 {
		z.sums[k] = 1
	} else {
		z.sums[k]++
	}
	return z.sums[k]
}

func (z *Zoo) Fresh(k string) bool { // effects: ReadsArgs WritesArgs
	if _, ok := z.sums[k]; !ok {
		z.sums[k] = 1
		return true // only the first time
	}
	return false
}

func (z *Zoo) Made(k string) bool { // effects: ReadsArgs WritesArgs
	made := false
	if z.byName == nil {
		z.byName = map[string]int{}
		made = true
	}
	return made
}

func (z *Zoo) Was() bool { // effects: ReadsArgs WritesArgs
	old := z.byName
	if old == nil {
		z.byName = map[string]int{}
	}
	return old != nil
}

func (z *Zoo) Overwritten(name string) int { // effects: ReadsArgs WritesArgs
	if z.byName == nil {
		z.byName = map[string]int{z.text: 1}
	}
	n := z.byName[name]
	z.byName = nil
	return n
}

func (z *Zoo) Grown(n int) int { // effects: ReadsArgs WritesArgs
	if z.list == nil {
		z.list = []int{1}
	}
	z.list = append(z.list, n)
	return len(z.list)
}

func (z *Zoo) Appended() int { // effects: ReadsArgs WritesArgs Fills?
	if len(z.list) == 0 {
		z.list = append(z.list, 1)
	}
	return z.list[0]
}

func (z *Zoo) Another(k, other string) int { // effects: ReadsArgs WritesArgs
	if n, ok := z.sums[k]; ok {
		return n
	}
	z.sums[other] = len(k)
	return len(k)
}

func (z *Zoo) Begun() bool { // effects: ReadsArgs WritesArgs
	if !z.seen {
		z.seen = true
		return false
	}
	return true
}

func (z *Zoo) Size(k string) int { // effects: ReadsArgs WritesArgs
	if _, ok := z.sums[k]; !ok {
		z.sums[k] = 1
	}
	return len(z.sums) // tells what others have asked for
}

func (z *Zoo) Peeks(name string) int { // effects: ReadsArgs WritesArgs MapOrder
	if z.warm() {
		return 0
	}
	n, _ := z.Number(name)
	return n
}

func (z *Zoo) warm() bool { return z.byName != nil } // effects: ReadsArgs

func (z *Zoo) Printed(name string) string { // effects: ReadsArgs WritesArgs MapOrder
	z.Number(name)
	return fmt.Sprint(z)
}

func (z *Zoo) Copied(name string) int { // effects: ReadsArgs WritesArgs MapOrder
	z.Number(name)
	w := *z
	return len(w.byName)
}

func (z *Zoo) Stamped() uint64 { // effects: ReadsArgs Fills Time
	if z.hash == 0 {
		z.hash = uint64(time.Now().UnixNano())
	}
	return z.hash
}

func (z *Zoo) Shared(k string) int { // effects: ReadsArgs WritesArgs ReadsState WritesState
	if z.next == 0 {
		z.next = len(k)
		counter++
	}
	return z.next
}

var zoo = &Zoo{}

func Global(name string) int { // effects: ReadsState WritesState MapOrder
	n, _ := zoo.Number(name)
	return n
}
