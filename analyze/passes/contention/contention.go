package contention

import (
	"cmp"
	"context"
	"slices"

	"github.com/whetgo/whet/analyze"
)

// Pass is the pass contention.
var Pass = &analyze.Pass{
	Name: "contention",
	Doc:  "locks that goroutines wait for, work done under them, and loops that spin instead of waiting",
	Run:  run,
}

const (
	minWait = 0.1 // of the time of an operation, that it waits for a lock
	// minDelay is the least delay in the crowded run, in seconds, that confirms a wait
	// which the sweep shows: a single measurement of waiting is noisy.
	minDelay = 0.03

	minOps  = 0.1  // of the CPU time, that lock operations take
	minCopy = 0.2  // of the CPU time, that copying under a lock takes
	minHeld = 0.02 // of the CPU time with the lock held: below it the code is cold
	mostWon = 0.9  // is predicted of ending waits

	perWorkload = 2 // locks that are reported of a workload
	perRun      = 8 // findings of a run
)

func run(ctx context.Context, s *analyze.Session) ([]analyze.Finding, error) {
	var all analyze.Places
	b := newBook(s.Program)
	for _, w := range s.Workloads {
		if ctx.Err() != nil {
			break
		}
		all.Add(spins(s, w)...)
		c := count(s, w, b)
		n := 0
		for _, u := range c.ranked() {
			if n == perWorkload {
				break
			}
			if f, ok := c.judge(u); ok {
				all.Add(f)
				n++
			}
		}
	}
	fs := all.Findings()
	slices.SortStableFunc(fs, func(a, b analyze.Finding) int { return cmp.Compare(b.Gain.Saving(), a.Gain.Saving()) })
	return fs[:min(len(fs), perRun)], nil
}
