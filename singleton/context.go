package singleton

import (
	"context"
	"sync"
	"time"
)

// A buildContext is the context of a build: it has the values of that of the Get which began
// it, but is ended by the flight alone. What the standard library has for that is made when the
// build asks for it, which one that is over in no time does not. It does not refer to the flight,
// so that who keeps the context does not keep the instance.
type buildContext struct {
	waiter // in the name of which the build waits for others
	from   context.Context

	mu    sync.Mutex // guards all below
	ended bool
	made  context.Context
	end   context.CancelFunc
}

func (c *buildContext) Deadline() (deadline time.Time, ok bool) { return deadline, false }

func (c *buildContext) Done() <-chan struct{} { return c.make().Done() }

func (c *buildContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return context.Canceled
	}
	return nil
}

// Value leaves all keys but ours to the context that the standard library makes, since some
// have a meaning there.
func (c *buildContext) Value(key any) any {
	if key == (builderKey{}) {
		return &c.waiter
	}
	return c.make().Value(key)
}

func (c *buildContext) String() string { return "singleton: the context of a build" }

// make returns the context that does the work.
func (c *buildContext) make() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		c.made, c.end = context.WithCancel(context.WithoutCancel(c.from))
		if c.ended {
			c.end()
		}
	}
	return c.made
}

func (c *buildContext) cancel() {
	c.mu.Lock()
	c.ended = true
	end := c.end
	c.mu.Unlock()
	if end != nil {
		end()
	}
}
