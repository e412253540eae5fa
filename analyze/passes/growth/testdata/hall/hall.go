// Package hall is a concert hall's box office.
package hall

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A Show is one evening.
type Show struct {
	ID    int
	title string
	sold  []string
}

var (
	mu    sync.Mutex
	shows = map[int]*Show{}
)

// Open returns the show of the id.
func Open(id int) *Show {
	mu.Lock()
	defer mu.Unlock()
	if s, ok := shows[id]; ok {
		return s
	}
	s := newShow(id)
	shows[id] = s // want growth/retained
	return s
}

func newShow(id int) *Show { return &Show{ID: id, title: fmt.Sprintf("show %d", id)} }

// Sell sells a seat to a guest.
func (s *Show) Sell(guest string) {
	s.sold = append(s.sold, guest) // want growth/retained
}

// A Bell tells guests that a show begins.
type Bell struct {
	mu    sync.Mutex
	rings []*Ring
}

// A Ring is one tone.
type Ring struct {
	name string
	loud int
}

// Ring returns a ring of the name.
func (b *Bell) Ring(name string) *Ring {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := &Ring{name: name, loud: 3}
	b.rings = append(b.rings, r) // want growth/retained
	return r
}

// An Usher shows guests to their seats.
type Usher struct {
	guests chan string
	seated int
}

// NewUsher returns an usher at work.
func NewUsher() *Usher {
	u := &Usher{guests: make(chan string)}
	go func() { // want growth/goroutines
		for range u.guests {
			u.seated++
		}
	}()
	return u
}

// Seat seats a guest.
func (u *Usher) Seat(guest string) { u.guests <- guest }

// Price asks for the price of a seat, and does not wait for ever.
func Price(ctx context.Context, seat int) (int, error) {
	answer := make(chan int)
	go func() { // want growth/goroutines
		answer <- price(seat)
	}()
	select {
	case p := <-answer:
		return p, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func price(seat int) int {
	if seat < 0 {
		time.Sleep(time.Second)
	}
	return 20 + seat%7
}

// A Curtain falls when the evening ends.
type Curtain struct {
	raise chan struct{}
	fell  int
}

// Hang has the curtain fall at the end of ctx.
func (c *Curtain) Hang(ctx context.Context) {
	go func() { // want growth/goroutines
		select {
		case <-ctx.Done():
			c.fell++
			<-c.raise
		case <-c.raise:
		}
	}()
}

// Raise raises the curtain.
func (c *Curtain) Raise() { c.raise <- struct{}{} }
