// Package compact shows two claims of the document alone, so that each can be measured
// without the rest of a store: that a store of fixed fields is smaller than one whose fields are
// looked up by name ("__slots__"), and that a registry which holds its stores weakly lets them go.
package compact

import (
	"context"

	"github.com/whetgo/whet/singleton"
	"github.com/whetgo/whet/store"
)

// A Mapped is a store with its fields in a map, as an object of a scripting language has them.
type Mapped map[string]any

// NewMapped returns a Mapped with the five fields of the document.
func NewMapped(p store.Params) Mapped {
	return Mapped{"connection": nil, "broker": nil, "data": nil, "notifications": []store.Note(nil), "params": p}
}

// A Slotted is a store with the same fields in a struct.
type Slotted struct {
	Connection    store.Session
	Broker        store.Broker
	Data          *store.Feed
	Notifications []store.Note
	Params        store.Params
}

// NewSlotted returns a Slotted with the same fields as NewMapped.
func NewSlotted(p store.Params) *Slotted { return &Slotted{Params: p} }

// A Strong is a registry that holds its stores for ever. It belongs to one goroutine.
type Strong map[store.Params]*Slotted

// Open returns the store of p, making it at the first call.
func (r Strong) Open(p store.Params) *Slotted {
	s, ok := r[p]
	if !ok {
		s = NewSlotted(p)
		r[p] = s
	}
	return s
}

// NewWeak returns a registry that holds its stores for as long as somebody else does.
func NewWeak() *singleton.Weak[store.Params, Slotted] {
	return singleton.NewWeak(func(_ context.Context, p store.Params) (*Slotted, func() error, error) {
		return NewSlotted(p), nil, nil
	}, nil)
}
