package claims

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/naive"
	"github.com/whetgo/whet/store/plain"
	"github.com/whetgo/whet/store/sim"
)

func noteCost(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	p := l.params("notes")
	n1, err1 := naive.Open(naive.FileParams(l.dir, "notes", 1))
	p1, err2 := plain.Open(p)
	s1, err3 := store.Open(ctx, p)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, nil, err
	}
	c := p1.Notes()
	n := l.scaled(100_000)
	note := store.Note{Class: store.InfoNotes, Symbol: symbol, Text: "hello"}
	figures, s, err := l.measured("ns", []subject{
		timed("naive, kept for ever", n/10+1, func() error { n1.Put(symbol, "hello"); return nil }),
		timed("plain, one reader", n, func() error {
			p1.Put(note)
			<-c
			return nil
		}),
		looped("store", n, func(n int) error {
			for range n {
				s1.Put(note)
			}
			return nil
		}),
	})
	if err != nil {
		return nil, nil, err
	}
	return figures, []Check{less("less than before (naive)", s[0], s[2], 0), atMost("at most 20 ns", figures[2], 20)}, nil
}

// accounting has readers of one feed, of which one is stalled, and counts what they got.
func accounting(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	p := l.params("drops")
	v := sim.New(p.Addr, sim.Config{})
	defer v.Close()
	const readers = 20
	n := l.scaled(100_000)
	v.Ticks(symbol, store.Tick{Time: 1}) // so that it is known
	s, err := store.Open(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	defer s.Stop(context.WithoutCancel(ctx))
	p1, err := plain.Open(p)
	if err != nil {
		return nil, nil, err
	}
	defer p1.Close()
	sub := store.Sub{Symbol: symbol}
	pc, err := p1.Feed(ctx, sub)
	if err != nil {
		return nil, nil, err
	}
	feeds := make([]*store.Feed, readers)
	for i := range feeds {
		if feeds[i], err = s.Feed(ctx, sub); err != nil {
			return nil, nil, err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	counts := make([]count, readers)
	var wg sync.WaitGroup
	for i, f := range feeds[1:] { // the first is stalled
		wg.Go(func() { counts[i+1].read(ctx, f, uint64(n)) })
	}
	for i := range n {
		v.Ticks(symbol, store.Tick{Time: store.Time(2 + i)})
		if i%512 == 511 {
			time.Sleep(time.Millisecond) // let the venue's outbox run empty
		}
	}
	wg.Wait()
	counts[0].read(ctx, feeds[0], uint64(n))
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	var unaccounted, dropped uint64
	for _, c := range counts {
		unaccounted += uint64(n) - min(c.got+c.missed, uint64(n))
		dropped += c.missed
	}
	silently := n
	for len(pc) > 0 {
		<-pc
		silently--
	}
	return []Figure{
			counted("published, to each reader", float64(n), "events"),
			counted("store, told to be dropped", float64(dropped), "events"),
			counted("store, unaccounted for", float64(unaccounted), "events"),
			counted("plain, of the stalled reader, unaccounted for", float64(silently), "events"),
		}, []Check{
			exactly("delivered + dropped = published, of all readers", float64(unaccounted), 0),
		}, nil
}

// A count is what a reader of ticks was given and told.
type count struct{ got, missed uint64 }

// read reads until the last tick, or all are accounted for.
func (c *count) read(ctx context.Context, f *store.Feed, n uint64) {
	for c.got+c.missed < n {
		e, err := f.Next(ctx)
		if err != nil {
			return
		}
		switch e.Kind() {
		case store.IsTick:
			c.got++
		case store.IsGap:
			c.missed += e.Gap().Missed
		}
	}
}

// orderEvents trades while the connection is cut again and again.
func orderEvents(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	p := l.params("orders")
	v := sim.New(p.Addr, sim.Config{})
	defer v.Close()
	v.Ticks(symbol, store.Tick{Time: 1, Bid: store.Points(99), Ask: store.Points(101)})
	s, err := store.Open(ctx, p, store.WithBackoff(time.Millisecond, 20*time.Millisecond, 1))
	if err != nil {
		return nil, nil, err
	}
	defer s.Stop(context.WithoutCancel(ctx))
	k, err := s.Broker(ctx, p.Account)
	if err != nil {
		return nil, nil, err
	}
	n := l.scaled(2000)
	for i := range n {
		if i%20 == 10 {
			v.Cut()
		}
		o := store.Order{ID: store.OrderID(fmt.Sprint("o", i)), Symbol: symbol, Side: store.Buy, Qty: store.Lots(1)}
		for {
			if _, err = k.Submit(ctx, o); err == nil {
				break
			}
			if ctx.Err() != nil {
				return nil, nil, ctx.Err()
			}
			time.Sleep(time.Millisecond)
		}
	}
	want := v.Executions(p.Account)
	var got []store.OrderEvent
	wait, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for e, err := range k.Orders(wait) {
		if err != nil {
			break
		}
		if e.Status != store.Unsent {
			got = append(got, e)
		}
		if len(got) == len(want) {
			break
		}
	}
	twice := len(got) - len(slices.CompactFunc(slices.Clone(got), func(a, b store.OrderEvent) bool { return a.Exec == b.Exec }))
	missing := len(want) - (len(got) - twice)
	return []Figure{
			counted("orders", float64(n), ""),
			counted("sessions lost", float64(s.Stats().Lost), ""),
			counted("events of the venue", float64(len(want)), ""),
			counted("missing", float64(missing), "events"),
			counted("told twice", float64(twice), "events"),
		}, []Check{
			exactly("none is missing", float64(missing), 0),
			exactly("none comes twice", float64(twice), 0),
			{"they are equal to the venue's, in its order", fmt.Sprint(slices.Equal(got, want)), verdict(slices.Equal(got, want), !slices.Equal(got, want))},
		}, nil
}

// reconnect restarts a venue, and times how long the store takes after it is up again.
func reconnect(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	p := l.params("reconnect")
	v := sim.New(p.Addr, sim.Config{})
	defer v.Close()
	begin := store.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	next := 0
	publish := func(n int) {
		for range n {
			c := store.Points(int64(100 + next%9))
			v.Bars(symbol, time.Minute, store.Bar{Time: begin.Add(time.Duration(next) * time.Minute), Open: c, High: c, Low: c, Close: c, Volume: 1})
			next++
		}
	}
	publish(1)
	s, err := store.Open(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	defer s.Stop(context.WithoutCancel(ctx))
	f, err := s.Feed(ctx, store.Sub{Symbol: symbol, Kind: store.Bars, Interval: time.Minute}, store.WithRing(1<<16, store.DropOldest))
	if err != nil {
		return nil, nil, err
	}
	publish(2)
	seen := 1
	read := func() error {
		for seen < next {
			e, err := f.Next(ctx)
			if err != nil {
				return err
			}
			if e.Kind() != store.IsBar {
				continue
			}
			if e.Time() != begin.Add(time.Duration(seen)*time.Minute) {
				return fmt.Errorf("%w: bar %v, want number %d", errWrong, e.Time(), seen)
			}
			seen++
		}
		return nil
	}
	if err := read(); err != nil {
		return nil, nil, err
	}
	times, err := l.interleave([]subject{{"store", func() (float64, error) {
		const down, apart = 100 * time.Millisecond, time.Second // restarts that follow at once are a storm, and are dialled less often
		time.Sleep(apart)
		v.Restart(down)
		up := time.Now().Add(down)
		publish(20)
		if err := read(); err != nil { // until the gap is filled
			return 0, err
		}
		return float64(time.Since(up)) / float64(time.Millisecond), nil
	}}})
	if err != nil {
		return nil, nil, err
	}
	t := times[0].figure("store, up and the gap filled", "ms")
	worst := slices.Max(times[0])
	return []Figure{t, counted("store, the longest", worst, "ms"), counted("rows of the gaps, missing", float64(next-seen), "bars")}, []Check{
		{"under 1 s after the venue is up again", number(worst) + " ms at most", verdict(worst < 1000, worst >= 1000)},
		exactly("no row of a gap is missing", float64(next-seen), 0),
	}, nil
}
