package store

import (
	"context"
	"runtime"
	"sync"
)

// A Drop says what a feed does with a market event for which it has no room.
type Drop uint8

// The policies of feeds.
const (
	DropOldest Drop = iota // the oldest pending event goes
	Conflate               // the newest event alone is pending
	Block                  // the venue's connection waits, and with it all feeds of the subscription
)

// A ring holds the pending events of one feed. Marks, which are gaps and phases, always have
// room; they are dropped only together with what is around them, and what they said was
// missing is then part of the next gap.
type ring struct {
	max  int
	drop Drop

	mu      sync.Mutex // guards what follows
	buf     []Event    // circular, a power of two
	head, n int
	market  int    // of the n, those that are of the market
	skipped uint64 // dropped or folded since the reader was last told
	since   Time   // of the first of them
	stats   FeedStats
	err     error         // why it is closed
	readers int           // that wait for wake
	writers int           // that wait for space
	wake    chan struct{} // capacity 1
	space   chan struct{} // capacity 1
	done    chan struct{} // closed with the ring
}

func newRing(max int, drop Drop) *ring {
	return &ring{max: max, drop: drop, wake: make(chan struct{}, 1), space: make(chan struct{}, 1), done: make(chan struct{})}
}

// put adds events, and waits for room if the policy is Block, until ctx ends.
func (r *ring) put(ctx context.Context, events []Event) {
	r.mu.Lock()
	for len(events) > 0 && r.err == nil {
		if n := r.bulk(events); n > 0 {
			events = events[n:]
			continue
		}
		e := events[0]
		events = events[1:]
		if !e.market() {
			r.mark(e)
			continue
		}
		r.stats.Published++
		if r.market < r.max || r.drop != Block || r.waitSpace(ctx) {
			r.add(e)
		} else {
			r.skip(e)
		}
	}
	r.signal()
	r.mu.Unlock()
}

// bulk adds those of the first events that are of the market and for which there is room, and returns how many:
// one copy of all is much cheaper than each by itself.
func (r *ring) bulk(events []Event) (n int) {
	if r.drop == Conflate {
		return 0
	}
	for most := min(len(events), r.max-r.market); n < most && events[n].market(); n++ {
	}
	if n == 0 {
		return 0
	}
	for len(r.buf) < r.n+n {
		r.grow()
	}
	end := (r.head + r.n) & (len(r.buf) - 1)
	copied := copy(r.buf[end:], events[:n])
	copy(r.buf, events[copied:n])
	r.n += n
	r.market += n
	r.stats.Published += uint64(n)
	return n
}

// add adds a market event for which there is room, or may be made.
func (r *ring) add(e Event) {
	switch {
	case r.drop == Conflate && r.n > 0 && r.last().market():
		r.skip(*r.last())
		*r.last() = e
		return
	case r.drop == Conflate && r.market > 0: // a mark came after it
		r.dropOldest()
	case r.drop == DropOldest && r.market == r.max:
		r.dropOldest()
	}
	r.push(e)
	r.market++
}

// dropOldest makes room for a market event, dropping the marks before it too.
func (r *ring) dropOldest() {
	for {
		e := r.pop()
		if e.market() {
			r.skip(e)
			return
		}
		r.fold(e)
	}
}

// skip counts a market event that no reader will see.
func (r *ring) skip(e Event) {
	r.stats.Dropped++
	if r.skipped == 0 {
		r.since = e.Time()
	}
	r.skipped++
}

// fold keeps what a dropped mark said was missing.
func (r *ring) fold(e Event) {
	if e.kind == IsGap && e.Gap().Cause != GapFilled {
		if r.skipped == 0 {
			r.since = e.Time()
		}
		r.skipped += e.Gap().Missed
	}
}

// mark adds a mark. A phase takes the place of a phase right before it.
func (r *ring) mark(e Event) {
	if e.kind == IsGap && e.Gap().Cause != GapFilled {
		r.stats.Missed += e.Gap().Missed
	}
	if r.n > 0 && e.kind == IsPhase && r.last().kind == IsPhase {
		*r.last() = e
		return
	}
	r.push(e)
}

// waitSpace waits until there is room for a market event; the lock is released meanwhile. It
// reports whether there is.
func (r *ring) waitSpace(ctx context.Context) bool {
	for r.market >= r.max && r.err == nil {
		r.signal()
		r.writers++
		r.mu.Unlock()
		var gone bool
		select {
		case <-r.space:
		case <-r.done:
		case <-ctx.Done():
			gone = true
		}
		r.mu.Lock()
		r.writers--
		if gone {
			return false
		}
	}
	return r.err == nil
}

// next takes the oldest event, waiting for one until ctx ends. What was dropped before it
// comes first, as a gap, unless the feed is conflated.
func (r *ring) next(ctx context.Context) (Event, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n == 0 && r.err == nil && ctx.Err() == nil { // let who has more bring it: to sleep and be woken costs more
		r.mu.Unlock()
		runtime.Gosched()
		r.mu.Lock()
	}
	for r.n == 0 && r.err == nil {
		r.readers++
		r.mu.Unlock()
		select {
		case <-r.wake:
		case <-r.done:
		case <-ctx.Done():
		}
		r.mu.Lock()
		r.readers--
		if ctx.Err() != nil && r.n == 0 {
			return Event{}, ctx.Err()
		}
	}
	if r.n == 0 {
		return Event{}, r.err
	}
	if r.skipped > 0 && r.drop != Conflate {
		return GapEvent(r.tell()), nil
	}
	e := r.take()
	r.freed()
	r.signal()
	return e, nil
}

// tell returns what was dropped before the oldest event, and forgets it.
func (r *ring) tell() Gap {
	g := Gap{From: r.since, Missed: r.skipped, Cause: GapSlow, To: r.buf[r.head].Time()}
	r.skipped = 0
	return g
}

// drain takes all pending events, and says how many are missing before the first.
func (r *ring) drain(dst []Event) ([]Event, uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := r.skipped
	r.skipped = 0
	first := r.buf[r.head:min(r.head+r.n, len(r.buf))]
	dst = append(append(dst, first...), r.buf[:r.n-len(first)]...)
	r.stats.Delivered += uint64(r.market)
	r.head, r.n, r.market = 0, 0, 0
	r.freed()
	return dst, missing
}

// take removes the oldest event for the reader.
func (r *ring) take() Event {
	e := r.pop()
	if e.market() {
		r.stats.Delivered++
	}
	return e
}

// close ends the feed. With err the reader may take what is pending before it gets that;
// what it leaves is counted by total.
func (r *ring) close(err error, discard bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
		close(r.done)
	}
	for discard && r.n > 0 {
		if r.pop().market() {
			r.stats.Dropped++
		}
	}
}

func (r *ring) total() FeedStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	s.Pending = uint64(r.market)
	return s
}

// signal wakes a reader if there is something to read.
func (r *ring) signal() {
	if r.readers > 0 && r.n > 0 {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// freed wakes a writer if there is room.
func (r *ring) freed() {
	if r.writers > 0 && r.market < r.max {
		select {
		case r.space <- struct{}{}:
		default:
		}
	}
}

func (r *ring) last() *Event { return &r.buf[(r.head+r.n-1)&(len(r.buf)-1)] }

func (r *ring) push(e Event) {
	if r.n == len(r.buf) {
		r.grow()
	}
	r.buf[(r.head+r.n)&(len(r.buf)-1)] = e
	r.n++
}

func (r *ring) pop() Event {
	e := r.buf[r.head]
	r.head = (r.head + 1) & (len(r.buf) - 1)
	r.n--
	if e.market() {
		r.market--
	}
	return e
}

func (r *ring) grow() {
	buf := make([]Event, max(16, 2*len(r.buf)))
	for i := range r.n {
		buf[i] = r.buf[(r.head+i)&(len(r.buf)-1)]
	}
	r.buf, r.head = buf, 0
}
