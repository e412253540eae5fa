package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
)

// minutes returns the bars of n minutes that end at the last full one.
func minutes(n int) (store.Query, []store.Bar) {
	to := store.At(time.Now()).Floor(time.Minute)
	q := store.Query{Symbol: "ES", Interval: time.Minute, From: to.Add(-time.Duration(n) * time.Minute), To: to}
	bars := make([]store.Bar, n)
	for i := range bars {
		p := store.Points(int64(100 + i))
		bars[i] = store.Bar{Time: q.From.Add(time.Duration(i) * time.Minute), Open: p, High: p + 2, Low: p - 2, Close: p + 1, Volume: 5}
	}
	return q, bars
}

// bubble runs a test in a bubble of false time, over a started store.
func bubble(t *testing.T, c sim.Config, f func(t *testing.T, v *sim.Venue, s *store.Store), opts ...store.Option) {
	synctest.Test(t, func(t *testing.T) {
		v, p := venue(t, c)
		s := open(t, p, opts...)
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		f(t, v, s)
		if err := s.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMissesDoNotWaitForEachOther(t *testing.T) {
	bubble(t, sim.Config{Generate: true}, func(t *testing.T, v *sim.Venue, s *store.Store) {
		v.Slow(50 * time.Millisecond)
		q, _ := minutes(10)
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 8 {
			for range 3 { // who wants the same shares the request
				wg.Go(func() {
					q := q
					q.Symbol = fmt.Sprint("S", i)
					if got, err := s.Bars(t.Context(), q); err != nil || got.Len() != 10 {
						t.Errorf("%d bars, %v", got.Len(), err)
					}
				})
			}
		}
		wg.Wait()
		if d := time.Since(start); d > 55*time.Millisecond {
			t.Errorf("8 requests of 50 ms at once took %v", d)
		}
		if n := s.Stats().BarLoads; n != 8 {
			t.Errorf("%d requests, want 8", n)
		}
		// A hit while another key is missed:
		go s.Bars(t.Context(), store.Query{Symbol: "OTHER", Interval: time.Minute, From: q.From, To: q.To})
		time.Sleep(time.Millisecond)
		q.Symbol = "S1"
		start = time.Now()
		if _, err := s.Bars(t.Context(), q); err != nil || time.Since(start) != 0 {
			t.Errorf("a hit during a miss took %v, %v", time.Since(start), err)
		}
		time.Sleep(time.Second)
	})
}

func TestBarsLiveUntilTheNextCloses(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, v *sim.Venue, s *store.Store) {
		time.Sleep(30*time.Second + time.Nanosecond) // into a minute
		q, bars := minutes(10)
		v.Bars("ES", time.Minute, bars...)
		q.To = q.To.Add(time.Hour)
		ask := func(want int, loads uint64) {
			t.Helper()
			if got, err := s.Bars(t.Context(), q); err != nil || got.Len() != want {
				t.Errorf("%d bars, %v, want %d", got.Len(), err, want)
			}
			if n := s.Stats().BarLoads; n != loads {
				t.Errorf("%d requests, want %d", n, loads)
			}
		}
		ask(10, 1)
		time.Sleep(29 * time.Second)
		ask(10, 1) // the next bar is not closed yet
		time.Sleep(1100 * time.Millisecond)
		ask(10, 2) // it has closed, but is late
		next := bars[9]
		next.Time = next.Time.Add(time.Minute)
		v.Bars("ES", time.Minute, next)
		time.Sleep(1100 * time.Millisecond)
		ask(11, 3) // it has come
		time.Sleep(30 * time.Second)
		ask(11, 3)
		closed := q
		closed.To = bars[9].Time.Add(time.Minute)
		for range 3 {
			if got, err := s.Bars(t.Context(), closed); err != nil || got.Len() != 10 {
				t.Errorf("%d bars, %v", got.Len(), err)
			}
			time.Sleep(1000 * time.Hour)
		}
		if n := s.Stats().BarLoads; n != 4 {
			t.Errorf("bars that are all closed were asked for %d times", n-3)
		}
	}, store.WithPing(0))
}

func TestEmptyAnswersAreKeptForShort(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, v *sim.Venue, s *store.Store) {
		_, bars := minutes(1)
		v.Bars("ES", time.Minute, bars...)
		q := store.Query{Symbol: "ES", Interval: time.Minute, From: 0, To: store.Time(time.Hour)}
		for range 100 {
			if got, err := s.Bars(t.Context(), q); err != nil || got.Len() != 0 {
				t.Fatalf("%d bars, %v", got.Len(), err)
			}
		}
		if n := s.Stats().BarLoads; n != 1 {
			t.Errorf("an empty answer was asked for %d times", n)
		}
		time.Sleep(2 * time.Second)
		s.Bars(t.Context(), q)
		if n := s.Stats().BarLoads; n != 2 {
			t.Errorf("after its time it was asked for %d times, want 2", n)
		}
	})
}

func TestErrorsAreNotKept(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, v *sim.Venue, s *store.Store) {
		q, bars := minutes(3)
		if _, err := s.Bars(t.Context(), q); !errors.Is(err, store.ErrNoSymbol) {
			t.Errorf("got %v, want ErrNoSymbol", err)
		}
		v.Bars("ES", time.Minute, bars...)
		if got, err := s.Bars(t.Context(), q); err != nil || got.Len() != 3 {
			t.Errorf("%d bars, %v", got.Len(), err)
		}
		var bad *store.QueryError
		for _, q := range []store.Query{{Interval: 1, To: 1}, {Symbol: "ES", To: 1}, {Symbol: "ES", Interval: 1, From: 2, To: 1}, {Symbol: "ES", Interval: -1, To: 1}} {
			if _, err := s.Bars(t.Context(), q); !errors.As(err, &bad) {
				t.Errorf("%v: got %v, want a QueryError", q, err)
			}
		}
	})
}

// TestCacheIsBounded asks for more than may be kept.
func TestCacheIsBounded(t *testing.T) {
	bubble(t, sim.Config{Generate: true}, func(t *testing.T, v *sim.Venue, s *store.Store) {
		q, _ := minutes(20)
		for i := range 500 {
			q.Symbol = fmt.Sprint("S", i)
			if _, err := s.Bars(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		if n := s.Stats().CachedBars; n > 1000 || n < 500 {
			t.Errorf("%d bars are cached, want at most 1000 and many of them", n)
		}
	}, store.WithCache(1000))
}

func TestPacing(t *testing.T) {
	limits := []store.Limit{
		{Scope: store.PerAddress, Work: store.HistoryWork | store.OrderWork, N: 6, Per: 10 * time.Second},
		{Scope: store.PerSymbol, Work: store.HistoryWork, N: 2, Per: 2 * time.Second},
	}
	synctest.Test(t, func(t *testing.T) {
		v, p := venue(t, sim.Config{Generate: true, Limits: limits, Every: time.Hour})
		other := p
		other.Client = 2
		a, b := open(t, p), open(t, other)
		if a == b {
			t.Fatal("one store")
		}
		start := time.Now()
		q, _ := minutes(5)
		ask := func(s *store.Store, symbol string, n int) (took time.Duration) {
			q := q
			q.Symbol, q.From = symbol, q.From.Add(-time.Duration(n)*time.Minute)
			if _, err := s.Bars(t.Context(), q); err != nil {
				t.Error(err)
			}
			return time.Since(start)
		}
		for i, want := range []time.Duration{0, 0, 2 * time.Second, 2 * time.Second} { // two stores, one limit
			if got := ask([]*store.Store{a, b}[i%2], "ES", i); got != want {
				t.Errorf("request %d came through after %v, want %v", i, got, want)
			}
		}
		k, err := a.Broker(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		ask(a, "NQ", 0)
		ask(a, "YM", 0) // six in ten seconds
		var wg sync.WaitGroup
		var mu sync.Mutex // guards the times of the last
		var history, order time.Duration
		for i := range 5 {
			wg.Go(func() {
				took := ask(a, fmt.Sprint("H", i), 0)
				mu.Lock()
				defer mu.Unlock()
				history = max(history, took)
			})
		}
		synctest.Wait()
		for range 3 {
			wg.Go(func() {
				if _, err := k.Submit(t.Context(), store.Order{Symbol: "ES", Side: store.Buy, Qty: store.Lots(1), Type: store.AtLimit, Limit: 1}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = max(order, time.Since(start))
			})
		}
		wg.Wait()
		if order > 12*time.Second || history < order {
			t.Errorf("orders came through after %v, the history that was asked for before them after %v", order, history)
		}
		if s := a.Stats(); s.WaitCount == 0 || s.Waited == 0 {
			t.Errorf("waits are not counted: %+v", s)
		}
		a.Stop(t.Context())
		b.Stop(t.Context())
		v.Close()
		time.Sleep(time.Minute) // what the pacer remembers
	})
}

func TestWaitingForALimitCanBeCancelled(t *testing.T) {
	c := sim.Config{Generate: true, Limits: []store.Limit{{Scope: store.PerRequest, Work: store.HistoryWork, N: 1, Per: time.Hour}}}
	bubble(t, c, func(t *testing.T, v *sim.Venue, s *store.Store) {
		q := store.Query{Symbol: "ES", Interval: time.Hour, From: 0, To: store.At(time.Now().Add(time.Hour))} // open end
		if _, err := s.Bars(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		time.Sleep(59*time.Minute + 59*time.Second + 500*time.Millisecond)
		other := q
		other.From = 1
		s.Stop(t.Context())
		s.Start(t.Context()) // the cache is empty, but the limit remembers
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := s.Bars(ctx, q); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}
		time.Sleep(2 * time.Hour)
	})
}
