package singleton

import (
	"context"
	"sync"
)

// A waiter is a flight in the graph that says which flights wait for which: an edge is
// there while a build wants the instance that another one makes. Since it is there before
// the waiting begins, whoever closes a circle sees the rest of it.
type waiter struct {
	awaits []*waiter // a waiter is there twice if it is waited for twice
}

// graph guards the edges of all waiters, because a circle can lead through several
// singletons. Only a Get within a build touches it, and only if it does not find its
// instance there.
var graph sync.Mutex

// builderKey is where the context of a build names it.
type builderKey struct{}

// builderIn returns the build that was given ctx or what ctx was made from, nil if none was.
func builderIn(ctx context.Context) *waiter {
	w, _ := ctx.Value(builderKey{}).(*waiter)
	return w
}

// await notes that w waits for to. If that would never end it does not, and returns false.
// A nil w is nobody's build.
func (w *waiter) await(to *waiter) bool {
	if w == nil {
		return true
	}
	graph.Lock()
	defer graph.Unlock()
	if to.leads(w, map[*waiter]bool{}) {
		return false
	}
	w.awaits = append(w.awaits, to)
	return true
}

// leads reports whether w is to or waits for it, over however many others.
func (w *waiter) leads(to *waiter, seen map[*waiter]bool) bool {
	if w == to {
		return true
	}
	if seen[w] {
		return false
	}
	seen[w] = true
	for _, next := range w.awaits {
		if next.leads(to, seen) {
			return true
		}
	}
	return false
}

// done takes back an await.
func (w *waiter) done(to *waiter) {
	if w == nil {
		return
	}
	graph.Lock()
	defer graph.Unlock()
	for i, x := range w.awaits {
		if x == to {
			last := len(w.awaits) - 1
			w.awaits[i], w.awaits[last] = w.awaits[last], nil
			w.awaits = w.awaits[:last]
			return
		}
	}
}
