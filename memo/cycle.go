package memo

import (
	"context"
	"errors"
	"sync"
)

// ErrRecursion is what a function gets that calls a wrapped one whose answer depends on the
// caller's own; see the package's documentation. It tells of an error in the program.
var ErrRecursion = errors.New("memo: the answer depends on itself")

// A call is a memory and a key of it.
type call struct{ memory, key any }

func (c call) equalsItself() bool {
	other := c
	return c == other
}

// callerKey is where the context of a call names the call.
type callerKey struct{}

// within returns the context in which the function is called for key.
func (m *core[K, V]) within(ctx context.Context, key K) context.Context {
	return context.WithValue(ctx, callerKey{}, &call{m, key})
}

// callerIn returns the call whose function was given ctx or what ctx was made from.
func callerIn(ctx context.Context) *call {
	c, _ := ctx.Value(callerKey{}).(*call)
	return c
}

// A graph says which calls wait for which: an edge is there while a function that was
// called for one key is waiting for the answer to another. Since it is there before the
// waiting begins, whoever closes a circle sees the rest of it.
type graph struct {
	mu    sync.Mutex
	edges map[call][]call // a call is there twice if it is waited for twice
}

// Waits is about all memories, because a circle can lead through several. Only calls
// within calls that are not answered from memory touch it.
var waits = graph{edges: map[call][]call{}}

// add notes that from waits for to. If that would never end it does not, and returns false.
func (g *graph) add(from, to call) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.leads(to, from, map[call]bool{}) {
		return false
	}
	if !from.equalsItself() || !to.equalsItself() { // NaN: nobody can wait for it, nor find it here
		return true
	}
	g.edges[from] = append(g.edges[from], to)
	return true
}

// leads reports whether from is to or waits for it, over however many others.
func (g *graph) leads(from, to call, seen map[call]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, next := range g.edges[from] {
		if g.leads(next, to, seen) {
			return true
		}
	}
	return false
}

func (g *graph) remove(from, to call) {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := g.edges[from]
	for i, c := range list {
		if c == to {
			last := len(list) - 1
			list[i], list[last] = list[last], call{}
			list = list[:last]
			break
		}
	}
	if len(list) == 0 {
		delete(g.edges, from)
	} else {
		g.edges[from] = list
	}
}
