// Package calm keeps what it should, and no more.
package calm

import (
	"fmt"
	"sync"
)

var (
	colorMu sync.Mutex
	colors  = map[string]*Color{}
)

// A Color is a seat's.
type Color struct {
	name string
	rgb  [64]byte
}

// Paint returns the color of a row: there are few rows.
func Paint(row int) *Color {
	colorMu.Lock()
	defer colorMu.Unlock()
	name := fmt.Sprintf("row %d", row%4000)
	c, ok := colors[name]
	if !ok {
		c = &Color{name: name}
		colors[name] = c
	}
	return c
}

// A Cloakroom keeps coats until it is full, then gives the oldest away.
type Cloakroom struct {
	coats map[int]string
	first int
}

// Take keeps a coat.
func (c *Cloakroom) Take(n int) {
	c.coats[n] = fmt.Sprintf("coat %d", n)
	if len(c.coats) > 1<<30 {
		delete(c.coats, c.first)
		c.first++
	}
}

// A Plan finds seats by their number; it is meant to hold what it is given.
type Plan struct{ seats map[int]string }

// Insert enters a seat.
func (p *Plan) Insert(n int, name string) { p.seats[n] = name }

// Ticket returns a ticket, which the caller keeps or not.
func Ticket(n int) *Color { return &Color{name: "ticket", rgb: [64]byte{byte(n)}} }

// A Choir is a pool of singers.
type Choir struct{ songs chan int }

// NewChoir returns a choir of n.
func NewChoir(n int) *Choir {
	c := &Choir{songs: make(chan int)}
	for range n {
		go func() {
			for range c.songs {
			}
		}()
	}
	return c
}

// Sing sings.
func (c *Choir) Sing(n int) { c.songs <- n }

// Close ends the choir.
func (c *Choir) Close() { close(c.songs) }
