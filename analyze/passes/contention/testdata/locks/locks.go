// Package locks has the forms in which locks are held; it is read, not run.
package locks

import (
	"encoding/json"
	"io"
	"os"
	"sync"
)

// Map has an embedded lock and type parameters.
type Map[K comparable, V int | float64] struct {
	sync.Mutex
	by map[K]V
}

// Add holds the lock to its end.
func (m *Map[K, V]) Add(k K, v V) {
	m.Lock()
	defer m.Unlock()
	m.by[k] += v
}

// Outer reaches the lock through a field.
type Outer struct{ *Map[string, int] }

// Reset uses the promoted methods.
func (o *Outer) Reset() {
	o.Lock()
	clear(o.by)
	o.Unlock()
}

// Hits counts.
type Hits struct {
	mu sync.RWMutex
	n  int64
}

// Hit changes a number.
func (h *Hits) Hit() {
	h.mu.Lock()
	h.n++
	h.mu.Unlock()
}

// Count only reads.
func (h *Hits) Count() int64 {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.n
}

var (
	mu    sync.Mutex
	cache = map[string][]byte{}
)

// Load returns early, and does I/O only at the first call.
func Load(name string) ([]byte, error) {
	mu.Lock()
	if data, ok := cache[name]; ok {
		mu.Unlock()
		return data, nil
	}
	data, err := os.ReadFile(name)
	if err == nil {
		cache[name] = data
	}
	mu.Unlock()
	after(data)
	return data, err
}

func after([]byte) {}

// Each has a lock for every index.
type Each struct{ locks [16]sync.Mutex }

// With holds one of them around a function literal.
func (e *Each) With(i int, f func()) {
	e.locks[i].Lock()
	defer e.locks[i].Unlock()
	f()
}

// A Log writes under its lock.
type Log struct {
	mu sync.Mutex
	w  io.Writer
}

// Write encodes and writes in one section.
func (l *Log) Write(v any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return l.put(data)
}

func (l *Log) put(data []byte) error {
	_, err := l.w.Write(data)
	return err
}

var seen = struct {
	sync.Mutex
	at map[string]int
}{at: make(map[string]int)}

// Seen uses a struct without a name.
func Seen(name string) {
	seen.Lock()
	seen.at[name]++
	seen.Unlock()
}

// A Table is divided into parts with a lock each.
type Table struct{ parts []*part }

type part struct {
	mu sync.RWMutex
	by map[string]int
}

// Get reads one part.
func (t *Table) Get(i int, key string) int {
	p := t.parts[i]
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.by[key]
}

// A Gauge is one word.
type Gauge struct {
	mu    sync.Mutex
	value float64
}

// Set sets it.
func (g *Gauge) Set(v float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.value = v
}

// Value returns it.
func (g *Gauge) Value() float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.value
}

// A Peak is one word too, but set by what it was.
type Peak struct {
	mu    sync.Mutex
	value int64
}

// See raises it.
func (p *Peak) See(v int64) {
	p.mu.Lock()
	if v > p.value {
		p.value = v
	}
	p.mu.Unlock()
}

// A Span is two words.
type Span struct {
	mu       sync.Mutex
	from, to int64
}

// Begin sets one of them.
func (s *Span) Begin(at int64) {
	s.mu.Lock()
	s.from = at
	s.mu.Unlock()
}

// Length needs both.
func (s *Span) Length() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to - s.from
}
