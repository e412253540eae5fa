// Package quotes serves quotes to many goroutines, with its locks in the wrong places.
package quotes

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A Book reads quotes from files.
type Book struct {
	dir string

	mu   sync.Mutex
	last map[string]string
}

// NewBook returns the book in a folder.
func NewBook(dir string) *Book { return &Book{dir: dir, last: make(map[string]string)} }

// Last reads the last quote of a symbol.
func (b *Book) Last(symbol string) (string, error) {
	b.mu.Lock() // want contention/io-under-lock
	defer b.mu.Unlock()
	text, err := b.read(symbol)
	if err != nil {
		return "", err
	}
	quote := text[strings.LastIndexByte(text, '\n')+1:]
	b.last[symbol] = quote
	return quote, nil
}

func (b *Book) read(symbol string) (string, error) {
	data, err := os.ReadFile(filepath.Join(b.dir, symbol))
	return string(data), err
}

// Counters count by name.
type Counters struct {
	mu sync.Mutex
	by map[string]int64
}

// NewCounters returns counters at zero.
func NewCounters() *Counters { return &Counters{by: make(map[string]int64)} }

// Add adds to a counter.
func (c *Counters) Add(name string, n int64) {
	c.lock() // want contention/hot-lock
	c.by[name] += n
	c.unlock()
}

// Get returns a counter.
func (c *Counters) Get(name string) int64 {
	c.lock()
	defer c.unlock()
	return c.by[name]
}

func (c *Counters) lock() { c.mu.Lock() }

func (c *Counters) unlock() { c.mu.Unlock() }

// Limits say who may trade what.
type Limits struct {
	Symbols []string
	Most    int
}

var (
	limitsMu sync.RWMutex
	limits   = Limits{Symbols: []string{"AAA", "BBB", "CCC", "DDD"}, Most: 100}
)

// SetLimits replaces the limits.
func SetLimits(l Limits) {
	limitsMu.Lock()
	defer limitsMu.Unlock()
	limits = l
}

// CurrentLimits returns a copy of the limits.
func CurrentLimits() Limits {
	limitsMu.RLock() // want contention/read-mostly
	defer limitsMu.RUnlock()
	return cloned(limits)
}

func cloned(l Limits) Limits {
	l.Symbols = append([]string(nil), l.Symbols...)
	return l
}
