package store

import (
	"context"
	"sync"
)

// claims are the runs of cores, by what they are connected to. There is one at most: that
// of a store that was stopped, or whose handle is gone, must have ended before the next one dials.
var claims struct {
	sync.Mutex
	running map[Params]claim
}

type claim struct {
	core *core
	run  *run
}

// claim waits until no other core is connected to the same, ending one that is left over. It
// returns false if the run ends first.
func (c *core) claim(r *run) bool {
	for {
		claims.Lock()
		old, taken := claims.running[c.params]
		if !taken {
			if claims.running == nil {
				claims.running = make(map[Params]claim)
			}
			claims.running[c.params] = claim{c, r}
			claims.Unlock()
			return true
		}
		claims.Unlock()
		if old.core.halt(r.ctx, old.run) != nil {
			return false
		}
		select {
		case <-old.run.done:
		case <-r.ctx.Done():
			return false
		}
	}
}

func (r *run) unclaim(p Params) {
	claims.Lock()
	defer claims.Unlock()
	if claims.running[p].run == r {
		delete(claims.running, p)
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
