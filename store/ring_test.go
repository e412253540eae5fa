package store

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// check demands what must hold of a ring at every moment.
func (r *ring) check(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	market := 0
	for i := range r.n {
		if r.buf[(r.head+i)&(len(r.buf)-1)].market() {
			market++
		}
	}
	s := r.stats
	if market != r.market || market > r.max || s.Published != s.Delivered+s.Dropped+uint64(market) {
		t.Fatalf("%d market events of %d pending, counted as %d; %+v", market, r.n, r.market, s)
	}
}

// FuzzRing puts numbered ticks and marks, and reads some. What a reader gets must be in order, and
// what it is told to be missing must be what is not there.
func FuzzRing(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, uint8(seed), seed%2 == 0)
	}
	f.Fuzz(func(t *testing.T, seed uint64, size uint8, conflate bool) {
		rng := rand.New(rand.NewPCG(seed, 0))
		r := newRing(1+int(size), DropOldest)
		if conflate {
			r.drop = Conflate
		}
		var put, upstream, got, missed, last uint64
		take := func(e Event) {
			switch e.kind {
			case IsTick:
				if e.Tick().Seq <= last {
					t.Fatalf("tick %d after %d", e.Tick().Seq, last)
				}
				last = e.Tick().Seq
				got++
			case IsGap:
				missed += e.Gap().Missed
			}
		}
		for range 200 {
			switch rng.IntN(4) {
			case 0, 1:
				var batch []Event
				for range rng.IntN(20) {
					put++
					batch = append(batch, TickEvent(Tick{Seq: put, Time: Time(put)}))
				}
				r.put(context.Background(), batch)
			case 2:
				n := uint64(rng.IntN(3))
				upstream += n
				r.put(context.Background(), []Event{GapEvent(Gap{Missed: n}), PhaseEvent(Live, 1), PhaseEvent(Backoff, 1)})
			default:
				if rng.IntN(3) == 0 {
					events, before := r.drain(nil)
					missed += before
					for _, e := range events {
						take(e)
					}
				} else if e, ok := poll(r); ok {
					take(e)
				}
			}
			r.check(t)
		}
		events, before := r.drain(nil)
		missed += before
		for _, e := range events {
			take(e)
		}
		if got+missed != put+upstream {
			t.Errorf("%d given and %d told to be missing, of %d put and %d missing upstream", got, missed, put, upstream)
		}
		if s := r.total(); s.Published != put || s.Missed != upstream || s.Delivered != got {
			t.Errorf("%+v, want %d published, %d missed, %d delivered", s, put, upstream, got)
		}
	})
}

// poll is next without waiting.
func poll(r *ring) (Event, bool) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e, err := r.next(ctx)
	return e, err == nil
}

func TestBlockWaitsForTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRing(2, Block)
		ctx, cancel := context.WithCancel(t.Context())
		put := func(n int) {
			for range n {
				r.put(ctx, []Event{TickEvent(Tick{Time: 1})})
			}
		}
		done := make(chan struct{})
		go func() { put(5); close(done) }()
		synctest.Wait()
		for want := uint64(3); want <= 5; want++ { // two wait in the ring, one at its door
			if s := r.total(); s.Published != want || s.Dropped != 0 {
				t.Errorf("%+v, want %d published and none dropped", s, want)
			}
			if _, err := r.next(t.Context()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		<-done
		go put(1)
		synctest.Wait()
		cancel() // the session is over
		synctest.Wait()
		if s := r.total(); s.Published != 6 || s.Dropped != 1 || s.Pending != 2 {
			t.Errorf("%+v, want one dropped of 6", s)
		}
		ctx = t.Context()
		go put(1)
		synctest.Wait()
		r.close(ErrClosed, true)
		synctest.Wait() // nobody is left waiting
		r.check(t)
	})
}

func TestConflateKeepsTheNewest(t *testing.T) {
	r := newRing(8, Conflate)
	for i := range 5 {
		r.put(t.Context(), []Event{TickEvent(Tick{Time: Time(i + 1), Seq: uint64(i + 1)})})
	}
	events, before := r.drain(nil)
	if len(events) != 1 || events[0].Tick().Seq != 5 || before != 4 {
		t.Errorf("got %v and %d before, want the fifth and 4", events, before)
	}
}

func TestReadersOfOneRingAreAllWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRing(8, DropOldest)
		got := make(chan Event, 3)
		for range 3 {
			go func() {
				if e, err := r.next(t.Context()); err == nil {
					got <- e
				}
			}()
		}
		synctest.Wait()
		r.put(t.Context(), []Event{TickEvent(Tick{Time: 1}), TickEvent(Tick{Time: 2}), TickEvent(Tick{Time: 3})})
		time.Sleep(time.Second)
		if len(got) != 3 {
			t.Errorf("%d of 3 readers got something", len(got))
		}
		r.close(ErrClosed, true)
	})
}
