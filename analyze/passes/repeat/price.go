package repeat

import (
	"fmt"
	"math/bits"
	"strings"
	"sync"
	"time"

	"github.com/whetgo/whet/analyze/probe"
	"github.com/whetgo/whet/memo"
)

// mostMeasured is how many entries the memory has at most whose look-ups are measured: it
// takes some 30 MB, more than a core's own cache holds, and a tenth of a second to fill.
const mostMeasured = 1 << 17

// price sets what a look-up in the advised memory takes. One that must be so large that it
// outgrows the processor's cache is dear: each look-up waits for main memory, and what was
// not found takes room, that the collector has to look at. Where one of the largest
// capacity below saves more all the same, it is advised.
func (c *instance) price() {
	c.look = lookUp(c.r)
	if c.size > 0 || c.remedy.kind < bounded {
		return
	}
	small := *c
	small.size = probe.Capacities[len(probe.Capacities)-1]
	small.within, small.across = hits(&c.r.Within, small.size), hits(&c.r.All, small.size)
	c.look, c.keep = largeLookUp(textLength(c.r), int(min(c.r.Distinct, mostMeasured)))
	if small.net(small.across) > c.net(c.across) {
		*c = small
	}
}

// lookUp returns what a look-up of such an input takes in package memo on this machine,
// in seconds, where the memory is small.
func lookUp(r *probe.Record) float64 {
	short, perByte := lookUps()
	return short + perByte*float64(textLength(r))
}

// textLength returns how long an input is at most, in bytes of its text.
func textLength(r *probe.Record) int {
	longest := 0
	for _, s := range r.Samples {
		n := 0
		for _, v := range s.Values {
			n += len(v.Text)
		}
		longest = max(longest, n)
	}
	return longest
}

// lookUps measures what a hit in a small memo takes, of a short key and for each byte more.
// It takes some milliseconds, once.
var lookUps = sync.OnceValues(func() (short, perByte float64) {
	const few, many, rounds = 8, 512, 64
	short, _ = hitCost(few, 64, rounds)
	long, _ := hitCost(many, 64, rounds)
	return short, max(0, (long-short)/(many-few))
})

// largeLookUp measures what a hit takes in a memo of so many entries, in seconds, and what
// it takes more to keep an answer. It takes up to half a second.
var largeLookUp = func(length, entries int) (hit, keep float64) {
	hit, miss := hitCost(length, entries, 1)
	return hit, max(0, miss-hit)
}

// hitCost returns the least time of a hit, over some passes of so many rounds, among keys of
// the given length, and that of a call that was not found. Keys that are asked for one after
// the other lie far apart. Of entries, a power of two is taken.
func hitCost(length, entries, rounds int) (hit, miss float64) {
	n := 1 << (bits.Len(uint(max(1, entries))) - 1)
	pad := strings.Repeat("x", max(0, length-8))
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("%s%08d", pad, i)
	}
	fast, _ := memo.Wrap(func(s string) int { return len(s) }, &memo.Options{Capacity: 2 * n})
	pass := func(rounds int) float64 {
		start := time.Now()
		for i := range rounds * n {
			fast(keys[uint32(i)*2654435761&uint32(n-1)])
		}
		return time.Since(start).Seconds() / float64(rounds*n)
	}
	miss = pass(1)
	hit = pass(rounds)
	for range 4 {
		hit = min(hit, pass(rounds))
	}
	return hit, miss
}
