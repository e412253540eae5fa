package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// A Step is one fault of a script.
type Step struct {
	After time.Duration // the step before
	Name  string
	Do    func(*Venue)
}

// Run does the steps of a script, one after the other, until all are done or ctx ends.
func (v *Venue) Run(ctx context.Context, script []Step) error {
	for _, s := range script {
		if err := sleep(ctx, s.After); err != nil {
			return err
		}
		s.Do(v)
	}
	return nil
}

// Random returns a script of n faults that lasts about as long as d, always the same for a seed.
// Each fault that lasts is ended by a later step; the last step ends all.
func Random(seed uint64, n int, d time.Duration) []Step {
	rng := rand.New(rand.NewPCG(seed, 0x666175))
	within := func(lo, hi time.Duration) time.Duration { return lo + time.Duration(rng.Int64N(int64(hi-lo))) }
	var script []Step
	pause := max(d/time.Duration(max(n, 1)), 2)
	for range n {
		script = append(script, random(rng, within(pause/2, pause), within)...)
	}
	return append(script, Step{pause, "heal", (*Venue).Heal})
}

// random returns one fault by chance, and its end.
func random(rng *rand.Rand, after time.Duration, within func(lo, hi time.Duration) time.Duration) []Step {
	p := 0.05 + 0.4*rng.Float64()
	switch rng.IntN(8) {
	case 0:
		return []Step{{after, "cut", (*Venue).Cut}}
	case 1:
		return []Step{{after, "mute", func(v *Venue) { v.Mute(true) }},
			{within(time.Second, 5*time.Second), "speak", func(v *Venue) { v.Mute(false) }}}
	case 2:
		return []Step{{after, "refuse and cut", func(v *Venue) { v.Refuse(true); v.Cut() }},
			{within(time.Millisecond, 3*time.Second), "let in", func(v *Venue) { v.Refuse(false) }}}
	case 3:
		delay := within(time.Millisecond, 400*time.Millisecond)
		return []Step{{after, fmt.Sprint("slow by ", delay), func(v *Venue) { v.Slow(delay) }},
			{within(time.Second, 4*time.Second), "fast", func(v *Venue) { v.Slow(0) }}}
	case 4:
		return []Step{{after, fmt.Sprint("duplicate ", p), func(v *Venue) { v.Duplicate(p) }},
			{within(time.Second, 4*time.Second), "once", func(v *Venue) { v.Duplicate(0) }}}
	case 5:
		return []Step{{after, fmt.Sprint("reorder ", p), func(v *Venue) { v.Reorder(p) }},
			{within(time.Second, 4*time.Second), "in order", func(v *Venue) { v.Reorder(0) }}}
	case 6:
		down := within(time.Millisecond, 3*time.Second)
		return []Step{{after, fmt.Sprint("restart in ", down), func(v *Venue) { v.Restart(down) }}}
	default:
		n := 1 + rng.IntN(3)
		return []Step{{after, fmt.Sprint("reject ", n), func(v *Venue) { v.Reject(n) }}}
	}
}
