package cache_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/whetgo/whet/cache"
)

// A tree has pointers of every sort and tells whether it is whole. Its parts are made for
// it alone, so that they are freed if the cache does not hold them as the collector wants.
type tree struct {
	n     uint64
	text  string
	bytes []byte
	next  *tree
	any   any
	table map[uint64]string
	again func() uint64
	sum   uint64
}

func newTree(n uint64) tree {
	text := "value " + strconv.FormatUint(n, 10)
	return tree{
		n: n, text: text, bytes: []byte(text), next: &tree{n: n + 1}, any: text + "!",
		table: map[uint64]string{n: text}, again: func() uint64 { return n }, sum: n ^ 0x5555,
	}
}

func (v *tree) whole(n uint64) bool {
	text := "value " + strconv.FormatUint(n, 10)
	return v.n == n && v.text == text && string(v.bytes) == text && v.next.n == n+1 &&
		v.any == text+"!" && v.table[n] == text && v.again() == n && v.sum == n^0x5555
}

// TestCollector has values with pointers come and go on all processors while the collector
// runs all the time, and looks at each value that is read.
func TestCollector(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	long := 700 * time.Millisecond
	if testing.Short() {
		long = 200 * time.Millisecond
	}
	t.Run("trees", func(t *testing.T) {
		collect(t, long, func(n uint64) string { return "key " + strconv.FormatUint(n, 10) }, newTree,
			func(v tree, n uint64) bool { return v.whole(n) })
	})
	t.Run("pointers", func(t *testing.T) {
		collect(t, long, func(n uint64) any { return n }, func(n uint64) *tree { v := newTree(n); return &v },
			func(v *tree, n uint64) bool { return v.whole(n) })
	})
	t.Run("interfaces", func(t *testing.T) {
		collect(t, long, func(n uint64) [2]string { return [2]string{strconv.FormatUint(n, 10), "x"} }, func(n uint64) any { // of two dynamic types
			if n%2 == 0 {
				return newTree(n).text
			}
			return newTree(n).next
		}, func(v any, n uint64) bool {
			switch v := v.(type) {
			case string:
				return v == newTree(n).text
			case *tree:
				return v.n == n+1
			}
			return false
		})
	})
}

// collect tests one pair of types. Every value is made of the number of its key, so that
// one seen under another key is found out.
func collect[K comparable, V any](t *testing.T, long time.Duration, key func(uint64) K, value func(uint64) V, whole func(V, uint64) bool) {
	c := cache.New[K, V](500, nil)
	var stop atomic.Bool
	var collector, users sync.WaitGroup
	collector.Go(func() {
		for !stop.Load() {
			runtime.GC()
		}
	})
	for g := range 4 {
		users.Go(func() {
			random := rand.New(rand.NewPCG(uint64(g), 1))
			for !stop.Load() {
				n := random.Uint64N(700)
				switch random.IntN(10) {
				case 0:
					c.Delete(key(n))
				case 1, 2, 3:
					c.Set(key(n), value(n))
				case 4:
					c.SetTTL(key(n), value(n), time.Duration(random.IntN(3))*time.Millisecond)
				default:
					if v, ok := c.Get(key(n)); ok && !whole(v, n) {
						t.Errorf("the value of key %d is damaged", n)
						return
					}
				}
			}
		})
	}
	for end := time.Now().Add(long); time.Now().Before(end) && !t.Failed(); time.Sleep(long / 20) {
		c.Resize(100 + rand.IntN(500))
	}
	stop.Store(true)
	users.Wait()
	collector.Wait()
	for n := range uint64(700) {
		if v, ok := c.Get(key(n)); ok && !whole(v, n) {
			t.Errorf("the value of key %d is damaged", n)
		}
	}
}

// TestClobberFree runs TestCollector in a process whose collector overwrites what it frees.
func TestClobberFree(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the tests of the collector again")
	}
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(test, "-test.run=^TestCollector$", "-test.short", "-test.timeout=1m")
	run.Env = append(os.Environ(), "GODEBUG=clobberfree=1")
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestRemovedIsFree: the cache keeps nothing of what was removed from it.
func TestRemovedIsFree(t *testing.T) {
	c := cache.New[string, *tree](100, nil)
	var freed atomic.Int64
	for i := range 1000 {
		v := newTree(uint64(i))
		p := &v
		runtime.AddCleanup(p, func(int) { freed.Add(1) }, 0)
		name := strconv.Itoa(i) + " as a key"
		runtime.AddCleanup(unsafe.StringData(name), func(int) { freed.Add(1) }, 0)
		c.Set(name, p)
	}
	c.Clear()
	for range 100 {
		runtime.GC()
		if time.Sleep(time.Millisecond); freed.Load() == 2000 {
			break
		}
	}
	if n := freed.Load(); n != 2000 {
		t.Errorf("%d of 2000 removed keys and values were freed", n)
	}
	runtime.KeepAlive(c)
}
