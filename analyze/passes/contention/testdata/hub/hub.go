// Package hub passes quotes on to many goroutines, and lets them look things up.
package hub

import "sync"

// Venues are known by symbol to all goroutines.
type Venues struct {
	mu sync.RWMutex
	of map[string]string
}

// NewVenues returns no venues.
func NewVenues() *Venues { return &Venues{of: make(map[string]string)} }

// Set says where a symbol is traded.
func (v *Venues) Set(symbol, venue string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.of[symbol] = venue
}

// Of returns where a symbol is traded.
func (v *Venues) Of(symbol string) string {
	v.mu.RLock() // want contention/read-mostly
	venue := v.of[symbol]
	v.mu.RUnlock()
	return venue
}

// A Hub passes quotes on.
type Hub struct {
	mu sync.Mutex
	to []chan string
}

// Subscribe returns a channel of what is published from now on.
func (h *Hub) Subscribe() <-chan string {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := make(chan string)
	h.to = append(h.to, c)
	return c
}

// Publish passes a quote to all who subscribed.
func (h *Hub) Publish(quote string) {
	h.mu.Lock() // want contention/wait-under-lock
	defer h.mu.Unlock()
	for _, c := range h.to {
		c <- quote
	}
}
