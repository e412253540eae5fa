// Package staff is who works at a concert hall.
package staff

import (
	"context"
	"time"
)

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
