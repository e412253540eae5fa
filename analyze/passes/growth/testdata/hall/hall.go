// Package hall is a concert hall's box office.
package hall

import (
	"fmt"
	"sync"
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
