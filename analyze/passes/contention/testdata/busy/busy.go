// Package busy works hard without ever waiting in vain: nothing is to be found in it.
package busy

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// Subscribers get what they have room for.
type Subscribers struct {
	list    []chan int
	dropped int
}

// NewSubscribers returns n subscribers with room for one value each.
func NewSubscribers(n int) *Subscribers {
	s := new(Subscribers)
	for range n {
		s.list = append(s.list, make(chan int, 1))
	}
	return s
}

// Publish offers v to each subscriber once.
func (s *Subscribers) Publish(v int) {
	for _, c := range s.list {
		select {
		case c <- v:
		default:
			s.dropped++
		}
	}
}

// Count adds to total until ctx ends.
func Count(ctx context.Context, total *Total) int {
	n := 0
	for {
		select {
		case <-ctx.Done():
			return n
		default:
		}
		total.Add(1)
		n++
	}
}

// A Total is added to under a lock.
type Total struct {
	mu sync.Mutex
	n  int
}

// Add adds.
func (t *Total) Add(n int) {
	t.mu.Lock()
	t.n += n
	t.mu.Unlock()
}

// Sum adds up values, round and round, until done.
func Sum(values []int, done *atomic.Bool) int {
	sum, i := 0, 0
	for !done.Load() {
		sum += values[i]
		if i++; i == len(values) {
			i = 0
		}
	}
	return sum
}

// A Journal notes that it was changed.
type Journal struct {
	dirty atomic.Bool
	sum   uint64
}

// Replay applies entries until there are no more.
func (j *Journal) Replay(next func() (uint64, bool)) {
	for {
		e, ok := next()
		if !ok {
			return
		}
		j.apply(e)
	}
}

func (j *Journal) apply(e uint64) {
	if j.dirty.CompareAndSwap(false, true) {
		j.sum = 0
	}
	for range 8 {
		j.sum = j.sum*31 + e
	}
}

// Tallies have a lock for each goroutine.
type Tallies struct {
	each [64]struct {
		mu sync.Mutex
		n  int
		_  [48]byte
	}
}

// Add adds to the i-th tally.
func (t *Tallies) Add(i int) {
	c := &t.each[i%len(t.each)]
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
}

// A Table is divided by key; each part is read under its own lock.
type Table struct {
	seed  maphash.Seed
	parts []*part
}

type part struct {
	mu sync.RWMutex
	by map[string]int
}

// NewTable returns a table with the given keys.
func NewTable(keys []string) *Table {
	t := &Table{seed: maphash.MakeSeed()}
	for range 64 {
		t.parts = append(t.parts, &part{by: make(map[string]int)})
	}
	for i, k := range keys {
		p := t.part(k)
		p.mu.Lock()
		p.by[k] = i
		p.mu.Unlock()
	}
	return t
}

func (t *Table) part(key string) *part {
	return t.parts[maphash.String(t.seed, key)%uint64(len(t.parts))]
}

// Get looks a key up.
func (t *Table) Get(key string) int {
	p := t.part(key)
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.by[key]
}
