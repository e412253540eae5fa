package store

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/whetgo/whet/cache"
)

// newBarCache returns a cache of series, whose weight is in bars. A series that reaches to
// where bars are still to come lives until the next one closes.
func newBarCache(o options) *cache.Cache[Query, Series] {
	return cache.New(o.cacheBars, &cache.Options[Query, Series]{
		Weight:   func(_ Query, s Series) int { return 1 + s.Len() },
		Lifetime: func(q Query, s Series) time.Duration { return lifetime(q, s, At(time.Now()), o.empty) },
	})
}

// lifetime returns how long an answer is good for; 0 is for ever.
func lifetime(q Query, s Series, now Time, empty time.Duration) time.Duration {
	opened := now.Floor(q.Interval) // of the bar that is not closed yet
	untilClose := opened.Add(q.Interval).Sub(now)
	last, some := s.Last()
	lacks := !some || last.Time.Add(q.Interval) < min(opened, q.To)
	late := now.Sub(min(opened, q.To)) < q.Interval/10 // a bar that has just closed may come yet
	switch {
	case !some, lacks && late:
		return min(untilClose, empty)
	case q.To > opened:
		return untilClose
	}
	return 0
}

// aligned returns the smallest query on whole intervals that has all the bars of q. Equal for
// all who ask at any time of one bar, it is what is cached.
func (q Query) aligned() Query {
	a := q
	a.From = q.From.Floor(q.Interval)
	if a.To = q.To.Floor(q.Interval); a.To < q.To {
		if a.To = a.To.Add(q.Interval); a.To < q.To { // beyond the end of time
			a.To = q.To
		}
	}
	return a
}

// within returns the bars that begin in [from, to).
func (s Series) within(from, to Time) Series {
	lo := sort.Search(len(s.bars), func(i int) bool { return s.bars[i].Time >= from })
	hi := sort.Search(len(s.bars), func(i int) bool { return s.bars[i].Time >= to })
	return Series{s.bars[lo:max(lo, hi):max(lo, hi)]}
}

// load asks the venue for bars.
func (c *core) load(ctx context.Context, q Query) (Series, error) {
	u, err := c.use(ctx)
	if err != nil {
		return Series{}, err
	}
	defer u.done()
	bars, err := c.history(ctx, u.link, q)
	if err != nil && u.run.ctx.Err() != nil { // Stop did not wait for it
		err = because(ErrStopped, err)
	}
	return Series{bars}, err
}

// history asks a session for bars, and checks what it says.
func (c *core) history(ctx context.Context, l *link, q Query) ([]Bar, error) {
	if err := c.pace(ctx, l, request{work: HistoryWork, symbol: q.Symbol, query: q}); err != nil {
		return nil, err
	}
	c.counts.loads.Add(1)
	var bars []Bar
	err := l.session.History(ctx, q, func(batch []Bar) error {
		last := Time(0)
		if len(bars) > 0 {
			last = bars[len(bars)-1].Time
		}
		if err := CheckAfter(last, q.Interval, batch); err != nil {
			return err
		}
		bars = append(bars, batch...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("store: history of %s: %w", q.Symbol, c.opts.secrets.hide(err))
	}
	if n := len(bars); n > 0 && (bars[0].Time < q.From || bars[n-1].Time >= q.To) {
		return nil, fmt.Errorf("store: history of %s: %w", q.Symbol, &DataError{Problem: NotAsked, Time: bars[n-1].Time})
	}
	return bars, nil
}
