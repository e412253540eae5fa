package policy

import "math"

// A climber looks for the window with most hits: as long as the hit ratio rises it goes on
// in steps that get smaller, when it falls it turns round, and when it changes much it
// starts again with large steps.
type climber struct {
	capacity    int
	step        float64 // entries; below 0 the window shrinks
	asked, hits int     // since the last step
	last        float64 // hit ratio before it
}

const (
	climbStep    = .0625 // of the capacity
	climbDecay   = .98
	climbRestart = .05 // of hit ratio
)

func newClimber(capacity int) *climber {
	return &climber{capacity: capacity, step: -climbStep * float64(capacity)}
}

// observe counts a request and returns how large the window should be. It moves every ten
// times as many requests as there are entries.
func (c *climber) observe(hit bool, window int) int {
	c.asked++
	if hit {
		c.hits++
	}
	if c.asked < 10*c.capacity {
		return window
	}
	ratio := float64(c.hits) / float64(c.asked)
	change := ratio - c.last
	c.asked, c.hits, c.last = 0, 0, ratio
	if change < 0 {
		c.step = -c.step
	}
	window = min(max(1, c.capacity*4/5), max(1, window+int(math.Round(c.step))))
	if math.Abs(change) >= climbRestart {
		c.step = math.Copysign(climbStep*float64(c.capacity), c.step)
	} else {
		c.step *= climbDecay
	}
	return window
}
