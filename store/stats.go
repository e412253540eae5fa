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
