// Package calm shares state as it should be shared: nothing is to be found in it.
package calm

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// Counters count by name without a lock once a name is known.
type Counters struct {
	seed   maphash.Seed
	shards [64]struct {
		n atomic.Int64
		_ [56]byte
	}
}

// NewCounters returns counters at zero.
func NewCounters() *Counters { return &Counters{seed: maphash.MakeSeed()} }

// Add adds to the counter of a name's shard.
func (c *Counters) Add(name string, n int64) {
	c.shards[maphash.String(c.seed, name)%64].n.Add(n)
}

// A Cache remembers squares; its lock is always free in a program of one goroutine.
type Cache struct {
	mu sync.Mutex
	by map[int]int
}

// NewCache returns an empty cache.
func NewCache() *Cache { return &Cache{by: make(map[int]int)} }

// Square returns n × n.
func (c *Cache) Square(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.by[n]
	if !ok {
		v = n * n
		c.by[n] = v
	}
	return v
}

// Routes are read under a lock by whoever comes; a look-up copies nothing.
type Routes struct {
	mu sync.RWMutex
	to map[string]string
}

// NewRoutes returns routes.
func NewRoutes(to map[string]string) *Routes { return &Routes{to: to} }

// To returns where a path leads.
func (r *Routes) To(path string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.to[path]
}

// Add adds a route.
func (r *Routes) Add(path, to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to[path] = to
}

// Serve answers each request until there are no more: it waits in select.
func Serve(requests <-chan int, replies chan<- int, stop <-chan struct{}) {
	for {
		select {
		case n := <-requests:
			replies <- 2 * n
		case <-stop:
			return
		}
	}
}

// A Bell rings at most once for any number of pulls: its send may find the bell rung.
type Bell struct {
	rung  chan struct{}
	Pulls atomic.Int64
}

// NewBell returns a bell.
func NewBell() *Bell { return &Bell{rung: make(chan struct{}, 1)} }

// Pull rings.
func (b *Bell) Pull() {
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

// Listen counts the rings until stop.
func (b *Bell) Listen(heard chan<- struct{}, stop <-chan struct{}) {
	for {
		select {
		case <-b.rung:
			b.Pulls.Add(1)
			heard <- struct{}{}
		case <-stop:
			return
		}
	}
}
