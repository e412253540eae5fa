package claims

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/keytrace"
	"github.com/whetgo/whet/keytrace/policy"
	"github.com/whetgo/whet/store"
	_ "github.com/whetgo/whet/store/file"
	"github.com/whetgo/whet/store/naive"
	"github.com/whetgo/whet/store/plain"
	"github.com/whetgo/whet/store/sim"
)

var errWrong = errors.New("the answer is not what the source has")

const (
	symbol = "EURUSD.FX" // which naive knows too
	window = 500         // bars of a request
)

// market writes a file of minute bars and returns a query of the last window of it.
func (l *lab) market() (store.Query, []store.Bar, error) {
	const n = 2000
	begin := store.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	bars := make([]store.Bar, n)
	var text strings.Builder
	fmt.Fprintln(&text, "date,open,high,low,close,volume")
	for i := range bars {
		p := store.Points(int64(100 + i%7))
		bars[i] = store.Bar{Time: begin.Add(time.Duration(i) * time.Minute), Open: p, High: p + store.Unit, Low: p - store.Unit, Close: p + store.Unit/2, Volume: store.Volume(i)}
		b := bars[i]
		fmt.Fprintf(&text, "%s,%v,%v,%v,%v,%v\n", b.Time.Std().Format("2006-01-02 15:04"), b.Open, b.High, b.Low, b.Close, float64(b.Volume))
	}
	q := store.Query{Symbol: symbol, Interval: time.Minute, From: bars[n-window].Time, To: begin.Add(n * time.Minute)}
	return q, bars[n-window:], os.WriteFile(filepath.Join(l.dir, symbol+".csv"), []byte(text.String()), 0o600)
}

func calls(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	q, want, err := l.market()
	if err != nil {
		return nil, nil, err
	}
	p := store.Params{Driver: "file", Addr: l.dir, Account: "calls"}
	session, err := store.Dial(ctx, p, nil)
	if err != nil {
		return nil, nil, err
	}
	defer session.Close()
	n1, err1 := naive.Open(naive.FileParams(l.dir, "calls", 1))
	p1, err2 := plain.Open(p)
	s1, err3 := store.Open(ctx, p)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, nil, err
	}
	defer s1.Stop(ctx)
	defer p1.Close()
	got, err1 := s1.Bars(ctx, q)
	other, err2 := p1.Bars(ctx, q)
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	if !slices.Equal(got.Append(nil), want) || !slices.Equal(other, want) {
		return nil, nil, errWrong
	}
	from, to := q.From.Std(), q.To.Std()
	n := l.scaled(100_000)
	figures, s, err := l.measured("ns", []subject{
		timed("naive", max(n/10_000, 1), func() error { b, err := n1.Bars(symbol, from, to); return right(len(b), err) }),
		timed("driver, not cached", max(n/1000, 1), func() error {
			sum := 0
			err := session.History(ctx, q, func(b []store.Bar) error { sum += len(b); return nil })
			return right(sum, err)
		}),
		looped("plain, cached", n, func(n int) error {
			for range n {
				if b, err := p1.Bars(ctx, q); err != nil || len(b) != window {
					return errors.Join(errWrong, err)
				}
			}
			return nil
		}),
		looped("store, cached", n, func(n int) error {
			for range n {
				if b, err := s1.Bars(ctx, q); err != nil || b.Len() != window {
					return errors.Join(errWrong, err)
				}
			}
			return nil
		}),
	})
	if err != nil {
		return nil, nil, err
	}
	return figures, []Check{
		less("50–80 % less than before (naive)", s[0], s[3], 50),
		less("50 % less than plain", s[2], s[3], 50),
		{"what a call must cost at least for the cache to pay (nothing was claimed)", text(figures[3]), Held},
	}, nil
}

func right(n int, err error) error {
	if err == nil && n != window {
		return errWrong
	}
	return err
}

func hitRate(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	n := l.scaled(400_000)
	var figures []Figure
	var lead, gained, possible float64
	specs := []string{"zipf:s=0.8", "zipf:s=1", "zipf:s=1.2", "loop:", "zipf:s=1,weight=3%s+scan:weight=1"}
	names := []string{"Zipf 0.8", "Zipf 1.0", "Zipf 1.2", "a loop", "Zipf 1.0 with scans"}
	var policies []policy.Info
	for _, name := range []string{"lru", "opt"} {
		p, _ := policy.Lookup(name)
		policies = append(policies, p)
	}
	policies = append(policies, keytrace.Whet)
	allowed := 0
	for i, spec := range specs {
		first := fmt.Sprintf(",n=2000,len=%d", n)
		if strings.Contains(spec, "%s") {
			spec = fmt.Sprintf(spec, first)
		} else {
			spec = strings.Replace(spec+first, ":,", ":", 1)
		}
		trace, err := keytrace.Generate(spec)
		if err != nil {
			return nil, nil, err
		}
		r, err := keytrace.Simulate(ctx, trace, policies, []int{200}, keytrace.Options{})
		if err != nil {
			return nil, nil, err
		}
		ratio := make(map[string]float64)
		for _, row := range r.Rows {
			ratio[row.Policy] = 100 * row.HitRatio
		}
		figures = append(figures, counted(names[i]+", LRU", ratio["lru"], "%"), counted(names[i]+", store", ratio["whet"], "%"), counted(names[i]+", best possible", ratio["opt"], "%"))
		lead += (ratio["whet"] - ratio["lru"]) / float64(len(specs))
		if ratio["opt"] > 80 {
			allowed++
			possible++
			if ratio["whet"] > 80 {
				gained++
			}
		}
	}
	return figures, []Check{
		{"above 80 % wherever the best possible is", fmt.Sprintf("%g of %g", gained, possible), verdict(gained == possible, gained < possible)},
		{"3 points above LRU on average", fmt.Sprintf("%.1f points", lead), verdict(lead >= 3, lead < 3)},
	}, nil
}

func overhead(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	const capacity = 64
	grown, err := l.interleave([]subject{{"store", func() (float64, error) {
		before := heap()
		c := cache.New[int, [64]byte](capacity, nil)
		for i := range 4 * capacity {
			c.Set(i, [64]byte{})
		}
		full := heap() - before
		for i := range 100_000 {
			c.Set(1000+i, [64]byte{})
		}
		after := heap() - before
		if c.Len() > capacity {
			return 0, errWrong
		}
		return 100 * (after/full - 1), nil
	}}})
	if err != nil {
		return nil, nil, err
	}
	f := grown[0].figure("store", "% more")
	return []Figure{f}, []Check{atMost("less than 5 % more", f, 5)}, nil
}

// expiry checks, on a real clock, that a series lives until its next bar closes, and is swept.
func expiry(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	const life = 100 * time.Millisecond
	c := cache.New[int, int](1000, &cache.Options[int, int]{TTL: life})
	for i := range 500 {
		c.Set(i, i)
	}
	if _, ok := c.Get(1); !ok {
		return nil, nil, errors.New("an entry is gone before its time")
	}
	select {
	case <-time.After(life + 50*time.Millisecond):
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	stale := 0
	for i := range 500 {
		if _, ok := c.Get(i); ok {
			stale++
		}
	}
	for deadline := time.Now().Add(10 * time.Second); c.Len() > 0 && time.Now().Before(deadline) && ctx.Err() == nil; {
		time.Sleep(10 * time.Millisecond)
	}
	return []Figure{
			counted("answers after their time", float64(stale), "of 500"),
			counted("entries that stay, unasked", float64(c.Len()), "of 500"),
		}, []Check{
			exactly("expires by itself", float64(stale), 0),
			exactly("is cleaned by itself", float64(c.Len()), 0),
		}, nil
}

// slowVenue returns a venue that takes 50 ms to answer, and a query that it can answer.
func (l *lab) slowVenue(row string) (*sim.Venue, store.Params, store.Query) {
	p := l.params(row)
	v := sim.New(p.Addr, sim.Config{Generate: true, Every: time.Hour})
	begin := store.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	return v, p, store.Query{Interval: time.Minute, From: begin, To: begin.Add(10 * time.Minute)}
}

// asked is a store that can be asked for bars.
type asked func(ctx context.Context, q store.Query) (int, error)

func (l *lab) both(ctx context.Context, p store.Params) (a, b asked, stop func(), err error) {
	p1, err1 := plain.Open(p)
	s1, err2 := store.Open(ctx, p)
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, nil, err
	}
	if err := s1.Start(ctx); err != nil {
		return nil, nil, nil, err
	}
	return func(ctx context.Context, q store.Query) (int, error) { b, err := p1.Bars(ctx, q); return len(b), err },
		func(ctx context.Context, q store.Query) (int, error) { b, err := s1.Bars(ctx, q); return b.Len(), err },
		func() { p1.Close(); s1.Stop(context.WithoutCancel(ctx)) }, nil
}

func misses(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	v, p, q := l.slowVenue("misses")
	defer v.Close()
	a, b, stop, err := l.both(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	defer stop()
	if _, err := a(ctx, store.Query{Symbol: "FIRST", Interval: time.Minute, From: q.From, To: q.To}); err != nil {
		return nil, nil, err
	}
	v.Slow(50 * time.Millisecond)
	number := 0
	eight := func(ask asked) func() (float64, error) {
		return func() (float64, error) {
			var wg sync.WaitGroup
			errs := make([]error, 8)
			start := time.Now()
			for i := range 8 {
				number++
				q := q
				q.Symbol = fmt.Sprint("S", number)
				wg.Go(func() {
					n, err := ask(ctx, q)
					if err == nil && n != 10 {
						err = errWrong
					}
					errs[i] = err
				})
			}
			wg.Wait()
			return float64(time.Since(start)) / float64(time.Millisecond), errors.Join(errs...)
		}
	}
	figures, _, err := l.measured("ms", []subject{{"plain", eight(a)}, {"store", eight(b)}})
	if err != nil {
		return nil, nil, err
	}
	return figures, []Check{atMost("at most 55 ms (one after the other they take 400)", figures[1], 55)}, nil
}

func busyHit(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	v, p, q := l.slowVenue("busy")
	defer v.Close()
	a, b, stop, err := l.both(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	defer stop()
	q.Symbol = "HIT"
	for _, ask := range []asked{a, b} {
		if _, err := ask(ctx, q); err != nil {
			return nil, nil, err
		}
	}
	v.Slow(50 * time.Millisecond)
	number := 0
	during := func(ask asked) func() (float64, error) {
		return func() (float64, error) {
			number++
			other := q
			other.Symbol = fmt.Sprint("MISS", number)
			done := make(chan error)
			go func() { _, err := ask(ctx, other); done <- err }()
			time.Sleep(10 * time.Millisecond)
			best := time.Hour
			for range 20 { // the least: others may run in between
				start := time.Now()
				if n, err := ask(ctx, q); err != nil || n != 10 {
					return 0, errors.Join(err, errWrong)
				}
				best = min(best, time.Since(start))
			}
			return float64(best) / float64(time.Microsecond), <-done
		}
	}
	figures, _, err := l.measured("µs", []subject{{"plain", during(a)}, {"store", during(b)}})
	if err != nil {
		return nil, nil, err
	}
	return figures, []Check{atMost("at most 3 µs", figures[1], 3)}, nil
}
