package store

import (
	"context"
	"sync"
)

// claims are the cores that run, by what they are connected to. There is one at most: that
// of a store whose handle is gone must have ended before the next one dials.
var claims struct {
	sync.Mutex
	running map[Params]*core
}

// claim waits until no other core is connected to the same, ending one that is left over. It
// returns false if ctx ends first.
func (c *core) claim(ctx context.Context) bool {
	for {
		claims.Lock()
		old := claims.running[c.params]
		if old == nil {
			if claims.running == nil {
				claims.running = make(map[Params]*core)
			}
			claims.running[c.params] = c
			claims.Unlock()
			return true
		}
		claims.Unlock()
		if old.stop(ctx) != nil {
			return false
		}
	}
}

func (c *core) unclaim() {
	claims.Lock()
	defer claims.Unlock()
	if claims.running[c.params] == c {
		delete(claims.running, c.params)
	}
}

// abandon stops a core whose handle is gone.
func (c *core) abandon() {
	c.mu.Lock()
	running := c.run != nil
	c.mu.Unlock()
	if running {
		leaked.Add(1)
		go c.stop(context.Background())
	}
}
