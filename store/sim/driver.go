package sim

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/whetgo/whet/store"
)

func init() { store.Register("sim", driver{}) }

type driver struct{}

// ErrRefused is what a dial gets while the venue refuses.
var ErrRefused = errors.New("sim: connection refused")

// Dial implements store.Driver.
func (driver) Dial(ctx context.Context, p store.Params, _ store.Secrets, ev store.Sink) (store.Session, error) {
	v, err := venueOf(p)
	if err != nil {
		return nil, err
	}
	return v.dial(ctx, p, ev)
}

// Limits implements store.Driver.
func (driver) Limits(p store.Params) []store.Limit {
	v, err := venueOf(p)
	if err != nil {
		return nil
	}
	return v.config.Limits
}

var venues struct {
	sync.Mutex
	byAddr map[string]*Venue
}

// venueOf returns the venue of an address, making it if there is none.
func venueOf(p store.Params) (*Venue, error) {
	venues.Lock()
	defer venues.Unlock()
	if v := venues.byAddr[p.Addr]; v != nil {
		return v, nil
	}
	c := Config{Generate: true}
	if s, ok := p.Get("seed"); ok {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return nil, store.Fatal(&store.ParamError{Name: "seed", Problem: "not a whole number"})
		}
		c.Seed = seed
	}
	return add(p.Addr, c), nil
}

// New makes a venue and gives it an address. It panics if the address is taken.
func New(addr string, c Config) *Venue {
	venues.Lock()
	defer venues.Unlock()
	if venues.byAddr[addr] != nil {
		panic(fmt.Sprintf("sim: there is a venue %q already", addr))
	}
	return add(addr, c)
}

func add(addr string, c Config) *Venue {
	v := newVenue(addr, c)
	if venues.byAddr == nil {
		venues.byAddr = make(map[string]*Venue)
	}
	venues.byAddr[addr] = v
	return v
}

// Close cuts all connections and frees the address.
func (v *Venue) Close() {
	v.Refuse(true)
	v.Cut()
	v.sessions.Wait()
	venues.Lock()
	defer venues.Unlock()
	if venues.byAddr[v.addr] == v {
		delete(venues.byAddr, v.addr)
	}
}
