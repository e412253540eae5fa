// Package calm makes what it needs when it needs it.
package calm

import (
	"regexp"
	"sync"
)

var nameRE = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]{1,60}$`) })

// Valid reports whether a name is well formed.
func Valid(name string) bool { return nameRE().MatchString(name) }

type key struct {
	symbol, venue string
	lot           int
}

// A Hub knows the markets.
type Hub struct {
	mu      sync.Mutex
	markets map[key]*int
}

// Market returns the market of a symbol on a venue: the look-up costs what it must.
func (h *Hub) Market(symbol, venue string, lot int) *int {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := key{symbol, venue, lot}
	m, ok := h.markets[k]
	if !ok {
		m = new(int)
		h.markets[k] = m
	}
	return m
}

// A Board shows a number.
type Board struct {
	words []string
}

// Show makes the board's words when it is first asked, once for all that follows.
func (b *Board) Show(n int) int {
	if b.words == nil {
		b.words = spell(n)
	}
	return len(b.words)
}

func spell(n int) []string { return make([]string, n) }

// A Line serves clients, each of which it notes when it comes.
type Line struct {
	mu   sync.Mutex
	seen map[int]*int

	book  sync.Mutex
	total int
}

// Serve takes a client's orders: where it waits, it is for the book, not to be noted.
func (l *Line) Serve(client, orders int) {
	l.mu.Lock()
	n, ok := l.seen[client]
	if !ok {
		n = new(int)
		l.seen[client] = n
	}
	*n++
	l.mu.Unlock()
	for range orders {
		l.book.Lock()
		for i := range 2000 {
			l.total ^= i
		}
		l.book.Unlock()
	}
}
