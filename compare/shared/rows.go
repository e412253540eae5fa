package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/puzpuzpuz/xsync/v4"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/monitor"
	"github.com/whetgo/whet/singleton"
)

var one = []int{1, 2, 20}

var rows = []row{
	{"value", "the instance, once it is there", one, valuePeers},
	{"value-counted", "the same, and accesses are counted", one, countedPeers},
	{"keyed", "the instance of one of 1,000 uint64 keys", one, keyedPeers},
	{"keyed-string", "the instance of one of 1,000 string keys", one, keyedStringPeers},
	{"weak", "a weakly held instance of one of 1,000 uint64 keys", one, weakPeers},
	{"watched", "a Get of a cache that a monitor reads ten times a second", one, watchedPeers},
	{"first", "making the singleton and its first Get, whose build does next to nothing", []int{1}, firstPeers},
	{"record", "a latency, mostly some microseconds", []int{1, 2, 20}, recordPeers},
}

// An instance is what is shared. The loops add up its numbers, to use it.
type instance struct{ n int }

func build(context.Context) (*instance, error) { return &instance{1}, nil }

func valuePeers() []peer {
	ctx := context.Background()
	v := singleton.New(build, nil)
	once := sync.OnceValue(func() *instance { return &instance{1} })
	onces := sync.OnceValues(func() (*instance, error) { return &instance{1}, nil })
	var p atomic.Pointer[instance]
	p.Store(&instance{1})
	return []peer{
		{"singleton.Value", func(n, _ int) (sum int) {
			for range n {
				x, _ := v.Get(ctx)
				sum += x.n
			}
			return sum
		}},
		{"sync.OnceValue", func(n, _ int) (sum int) {
			for range n {
				sum += once().n
			}
			return sum
		}},
		{"sync.OnceValues", func(n, _ int) (sum int) {
			for range n {
				x, _ := onces()
				sum += x.n
			}
			return sum
		}},
		{"atomic.Pointer (the floor)", func(n, _ int) (sum int) {
			for range n {
				sum += p.Load().n
			}
			return sum
		}},
	}
}

func countedPeers() []peer {
	ctx := context.Background()
	v := singleton.New(build, &singleton.Options[*instance]{Count: true})
	ps := valuePeers()
	ps[0] = peer{"singleton.Value, Count", func(n, _ int) (sum int) {
		for range n {
			x, _ := v.Get(ctx)
			sum += x.n
		}
		return sum
	}}
	var once atomic.Pointer[instance]
	once.Store(&instance{1})
	var count atomic.Uint64
	return append(ps, peer{"atomic.Pointer and one atomic counter", func(n, _ int) (sum int) {
		for range n {
			count.Add(1)
			sum += once.Load().n
		}
		return sum
	}})
}

const keys = 1000

// order returns the numbers of the keys in the order in which they are asked for.
func order() (list [4096]uint16) {
	x := uint64(1)
	for i := range list {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		list[i] = uint16(x % keys)
	}
	return list
}

func keyedPeers() []peer {
	var list [4096]uint64
	for i, n := range order() {
		list[i] = uint64(n) * 0x9e3779b97f4a7c15
	}
	return keyed(&list, func(n int) uint64 { return uint64(n) * 0x9e3779b97f4a7c15 })
}

func keyedStringPeers() []peer {
	name := func(n int) string { return "account-" + string(rune('a'+n%26)) + "-" + string(rune(0x100+n)) }
	var list [4096]string
	for i, n := range order() {
		list[i] = name(int(n))
	}
	return keyedStrings(&list, name)
}

func weakPeers() []peer {
	ctx := context.Background()
	var list [4096]uint64
	for i, n := range order() {
		list[i] = uint64(n) * 0x9e3779b97f4a7c15
	}
	var hold []*instance
	w := singleton.NewWeak(func(context.Context, uint64) (*instance, func() error, error) { return &instance{1}, nil, nil }, nil)
	m := xsync.NewMap[uint64, weak.Pointer[instance]]()
	for n := range keys {
		x, _ := w.Get(ctx, uint64(n)*0x9e3779b97f4a7c15)
		y := &instance{1}
		m.Store(uint64(n)*0x9e3779b97f4a7c15, weak.Make(y))
		hold = append(hold, x, y)
	}
	return []peer{
		{"singleton.Weak", func(n, who int) (sum int) {
			for i := range n {
				x, _ := w.Get(ctx, list[(i+who*99)&4095])
				sum += x.n
			}
			runtime.KeepAlive(hold)
			return sum
		}},
		{"xsync.Map of weak.Pointer", func(n, who int) (sum int) {
			for i := range n {
				p, _ := m.Load(list[(i+who*99)&4095])
				if x := p.Value(); x != nil {
					sum += x.n
				}
			}
			runtime.KeepAlive(hold)
			return sum
		}},
	}
}

// watchedPeers are two caches, the first of which a history reads ten times as often as by
// default, for as long as the program runs.
func watchedPeers() []peer {
	var r monitor.Registry
	r.Add(monitor.Runtime())
	history := monitor.NewHistory(&r, &monitor.HistoryOptions{Period: 100 * time.Millisecond})
	list := order()
	gets := func(c *cache.Cache[int, *instance]) func(n, who int) int {
		for n := range keys {
			c.Set(n, &instance{1})
		}
		return func(n, who int) (sum int) {
			for i := range n {
				x, _ := c.Get(int(list[(i+who*99)&4095]))
				sum += x.n
			}
			return sum
		}
	}
	watched := cache.New[int, *instance](4*keys, nil)
	monitor.Watch(&r, "/cache", watched)
	go history.Run(endless)
	return []peer{
		{"cache.Cache, watched", gets(watched)},
		{"cache.Cache", gets(cache.New[int, *instance](4*keys, nil))},
	}
}

func firstPeers() []peer {
	ctx := context.Background()
	cancellable := endless
	k := singleton.NewKeyed(func(context.Context, int) (*instance, error) { return &instance{1}, nil }, nil)
	next := 0
	return []peer{
		{"singleton.Value", func(n, _ int) (sum int) {
			for range n {
				x, _ := singleton.New(build, nil).Get(ctx)
				sum += x.n
			}
			return sum
		}},
		{"singleton.Value, a context that can be cancelled", func(n, _ int) (sum int) {
			for range n {
				x, _ := singleton.New(build, nil).Get(cancellable)
				sum += x.n
			}
			return sum
		}},
		{"singleton.Keyed, another key, a context that can be cancelled", func(n, _ int) (sum int) {
			for range n {
				next++
				x, _ := k.Get(cancellable, next)
				_ = k.Reset(next)
				sum += x.n
			}
			return sum
		}},
		{"singleton.Keyed, another key", func(n, _ int) (sum int) {
			for range n {
				next++
				x, _ := k.Get(ctx, next)
				_ = k.Reset(next)
				sum += x.n
			}
			return sum
		}},
		{"sync.OnceValues", func(n, _ int) (sum int) {
			for range n {
				x, _ := sync.OnceValues(func() (*instance, error) { return build(ctx) })()
				sum += x.n
			}
			return sum
		}},
		{"the build alone", func(n, _ int) (sum int) {
			for range n {
				x, _ := build(ctx)
				escape = x
				sum += escape.n
			}
			return sum
		}},
	}
}

var (
	escape     *instance
	endless, _ = context.WithCancel(context.Background()) // as long as the program runs
)
