package store

import "time"

// Stats is what a store has done since it was made. The figures of Feeds, Notes and Orders are each
// exact; the whole is not read at one instant.
type Stats struct {
	Phase    Phase
	Since    time.Time
	Dials    uint64        // sessions tried
	Lost     uint64        // sessions that were up and lost
	Downtime time.Duration // in Connecting and Backoff after the first time Live

	BarHits, BarMisses uint64 // of Bars
	BarLoads           uint64 // requests for history sent to the venue
	CachedBars         int
	Waited             time.Duration // for limits
	WaitCount          uint64        // requests that waited for limits

	Subs       int // subscriptions at the venue
	Feeds      FeedStats
	Gaps       uint64 // marked
	Filled     uint64 // bars that were fetched to fill gaps
	Duplicates uint64 // market events that came twice or late

	Notes, NotesDropped     uint64
	Orders, OrderDuplicates uint64 // order events; those that came twice
	Replays                 uint64 // reconciliations
}

// FeedStats is the account of a feed, or of all feeds of a store, closed ones included:
// Published = Delivered + Dropped + Pending at every moment. Only ticks and bars count.
type FeedStats struct {
	Published uint64 // put to the feed
	Delivered uint64 // taken by the reader
	Dropped   uint64 // by the feed's policy, or pending when it was closed
	Pending   uint64
	Missed    uint64 // not published: lost upstream, as far as the venue numbers tell
}

func (c *core) stats() Stats {
	bars := c.bars.Stats()
	s := Stats{
		Dials: c.counts.dials.Load(), Lost: c.counts.lost.Load(),
		BarHits: bars.Hits, BarMisses: bars.Misses - c.counts.slowBars.Load(), BarLoads: c.counts.loads.Load(),
		Waited: time.Duration(c.counts.waited.Load()), WaitCount: c.counts.waits.Load(),
		Gaps: c.counts.gaps.Load(), Filled: c.counts.filled.Load(), Duplicates: c.counts.duplicates.Load(),
		Orders: c.counts.orders.Load(), OrderDuplicates: c.counts.orderDuplicates.Load(), Replays: c.counts.replays.Load(),
	}
	s.CachedBars = int(bars.Weight) - bars.Len // each series weighs one more
	s.Notes, s.NotesDropped = c.board.counts()
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Phase, s.Since, s.Downtime, s.Feeds = c.state.Phase, c.state.Since, c.downFor, c.closed
	if !c.down.IsZero() {
		s.Downtime += time.Since(c.down)
	}
	s.Subs = len(c.topics)
	for _, t := range c.topics {
		for _, r := range *t.feeds.Load() {
			s.Feeds.add(r.total())
		}
	}
	return s
}
