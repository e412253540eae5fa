package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
)

func TestBackoffGrowsAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, p := venue(t, sim.Config{})
		v.Refuse(true)
		s := open(t, p, store.WithBackoff(time.Second, 8*time.Second, 0))
		if err := s.Start(t.Context()); !errors.Is(err, store.ErrOffline) || !errors.Is(err, sim.ErrRefused) {
			t.Errorf("starting: %v, want ErrOffline and why", err)
		}
		start := time.Now()
		for attempt, want := range []time.Duration{1, 2, 4, 8, 8, 8} {
			got := s.State()
			if got.Phase != store.Backoff || got.Wait != want*time.Second || got.Attempt != attempt+1 || got.Since != start {
				t.Errorf("attempt %d: %+v, want a wait of %v s since %v", attempt+1, got, int(want), start)
			}
			start = start.Add(got.Wait)
			time.Sleep(got.Wait)
			synctest.Wait()
		}
		if _, err := s.Bars(t.Context(), store.Query{Symbol: "ES", Interval: 1, To: 1}); !errors.Is(err, store.ErrOffline) {
			t.Errorf("bars while offline: %v, want ErrOffline", err)
		}
		v.Refuse(false)
		time.Sleep(8 * time.Second)
		synctest.Wait()
		if got := s.State(); got.Phase != store.Live || got.Cause != nil || got.Attempt != 0 {
			t.Errorf("%+v, want Live", got)
		}
		s.Stop(t.Context())
	})
}

// TestFullJitter checks that waits are spread over all of what they may be.
func TestFullJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, p := venue(t, sim.Config{})
		v.Refuse(true)
		s := open(t, p, store.WithBackoff(time.Second, time.Second, 1))
		s.Start(t.Context())
		var early, late int
		for range 300 {
			w := s.State().Wait
			if w < 0 || w > time.Second {
				t.Fatalf("a wait of %v", w)
			}
			if w < time.Second/4 {
				early++
			}
			if w > 3*time.Second/4 {
				late++
			}
			time.Sleep(w)
			synctest.Wait()
		}
		if early < 40 || late < 40 {
			t.Errorf("of 300 waits %d are in the first quarter and %d in the last", early, late)
		}
		s.Stop(t.Context())
	})
}

// TestNoStorm checks that a venue that cuts every connection at once is not dialled without
// end.
func TestNoStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, p := venue(t, sim.Config{})
		s := open(t, p)
		s.Start(t.Context())
		for range 600 {
			v.Cut()
			time.Sleep(100 * time.Millisecond)
		}
		if n := v.Dials(); n > 60 {
			t.Errorf("%d dials in a minute", n)
		}
		s.Stop(t.Context())
	})
}

func TestStopAndStart(t *testing.T) {
	bubble(t, sim.Config{Generate: true}, func(t *testing.T, v *sim.Venue, s *store.Store) {
		f, err := s.Feed(t.Context(), store.Sub{Symbol: "ES"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		notes := s.Notes(store.AllNotes)
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v.Connections() != 0 || s.State().Phase != store.Stopped || s.State().Cause != nil {
			t.Errorf("%d connections, %+v", v.Connections(), s.State())
		}
		pending := 0
		for e, err := range f.All(t.Context()) {
			if err != nil {
				if !errors.Is(err, store.ErrStopped) {
					t.Errorf("the feed ended by %v", err)
				}
				break
			}
			if e.Kind() == store.IsTick {
				pending++
			}
		}
		if pending == 0 {
			t.Error("what was pending was lost")
		}
		var last error
		for _, err := range notes.All(t.Context()) {
			last = err
		}
		if !errors.Is(last, store.ErrStopped) {
			t.Errorf("the notes ended by %v", last)
		}
		for name, err := range map[string]error{
			"Bars":   second(s.Bars(t.Context(), store.Query{Symbol: "ES", Interval: time.Minute, To: 1})),
			"Feed":   second(s.Feed(t.Context(), store.Sub{Symbol: "ES"})),
			"Broker": second(s.Broker(t.Context(), "")),
		} {
			if !errors.Is(err, store.ErrStopped) {
				t.Errorf("%s of a stopped store: %v", name, err)
			}
		}
		if err := s.Start(t.Context()); err != nil || s.State().Phase != store.Live {
			t.Errorf("starting again: %v, %v", err, s.State())
		}
		if n := s.Stats().Subs; n != 0 {
			t.Errorf("%d subscriptions after a new start", n)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestWatchdog has a subscription fall silent while the connection stands.
func TestWatchdog(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, v *sim.Venue, s *store.Store) {
		v.Ticks("ES", store.Tick{Time: 1})
		v.Ticks("SPARSE", store.Tick{Time: 1})
		f, err := s.Feed(t.Context(), store.Sub{Symbol: "ES"}, store.Expect(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		g, err := s.Feed(t.Context(), store.Sub{Symbol: "SPARSE"})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		phase := func(want store.Phase, dials int) {
			t.Helper()
			synctest.Wait()
			if st := s.State(); st.Phase != want || v.Dials() != dials {
				t.Errorf("%v with %d dials, want %v with %d", st, v.Dials(), want, dials)
			}
		}
		for range 10 {
			time.Sleep(900 * time.Millisecond)
			v.Ticks("ES", store.Tick{Time: store.At(time.Now())})
		}
		phase(store.Live, 1)
		time.Sleep(2 * time.Second)
		phase(store.Degraded, 1)
		if err := s.State().Cause; !errors.Is(err, store.ErrStale) || !strings.Contains(err.Error(), "ES ticks") {
			t.Errorf("degraded by %v", err)
		}
		v.Ticks("ES", store.Tick{Time: store.At(time.Now())})
		time.Sleep(time.Second)
		phase(store.Live, 1)
		time.Sleep(4 * time.Second)
		if v.Dials() < 2 {
			t.Error("a connection that says nothing was not given up")
		}
	}, store.WithPing(0), store.WithBackoff(time.Millisecond, time.Millisecond, 0))
}

// leaky is a driver whose errors show what they should not.
type leaky struct{ fatal bool }

func (d leaky) Dial(_ context.Context, _ store.Params, secrets store.Secrets, ev store.Sink) (store.Session, error) {
	password, _ := secrets.Get("password")
	ev.Note(store.Note{Text: "tried " + password})
	err := fmt.Errorf("the password %s is wrong: %w", password, errWrong)
	if d.fatal {
		return nil, store.Fatal(err)
	}
	return nil, err
}

func (leaky) Limits(store.Params) []store.Limit { return nil }

var errWrong = errors.New("wrong password")

func init() {
	store.Register("leaky", leaky{})
	store.Register("fatal", leaky{fatal: true})
}

func TestSecretsAreNotShown(t *testing.T) {
	const secret = "correct-horse-battery"
	for _, d := range []string{"leaky", "fatal"} {
		s := open(t, store.Params{Driver: d, Addr: t.Name()}, store.WithSecret("password", secret))
		err := s.Start(t.Context())
		if !errors.Is(err, errWrong) {
			t.Errorf("%s: %v, want what it is", d, err)
		}
		if phase := s.State().Phase; (phase == store.Stopped) != (d == "fatal") {
			t.Errorf("%s: %v", d, phase)
		}
		all := []any{err, s.State().Cause, s.Params(), s.Stats()}
		notes, _ := s.Notes(store.AllNotes).Drain(nil)
		for _, n := range notes {
			all = append(all, n)
		}
		for _, x := range all {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				if text := fmt.Sprintf(verb, x); strings.Contains(text, secret) {
					t.Errorf("%s of %T shows the secret: %s", verb, x, text)
				}
			}
		}
	}
}

// TestOrdersOfASlowReader checks that a reader that is overtaken is told, and that meanwhile
// the store is degraded.
func TestOrdersOfASlowReader(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, v *sim.Venue, s *store.Store) {
		v.Ticks("ES", store.Tick{Time: 1, Bid: store.Points(99), Ask: store.Points(101)})
		k, err := s.Broker(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		go8 := make(chan struct{})
		done := make(chan error)
		go func() {
			for e, err := range k.Orders(t.Context()) {
				if err != nil {
					done <- err
					return
				}
				if e.Seq == 1 {
					<-go8
				}
			}
		}()
		synctest.Wait()
		for i := range 20 {
			o := store.Order{ID: store.OrderID(fmt.Sprint(i)), Symbol: "ES", Side: store.Buy, Qty: store.Lots(1), Type: store.AtLimit, Limit: store.Points(1)}
			if _, err := k.Submit(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		if s.State().Phase != store.Degraded {
			t.Errorf("%v, want Degraded", s.State())
		}
		close(go8)
		var over *store.OverrunError
		if err := <-done; !errors.As(err, &over) || over.Missed != 20-8-1 {
			t.Errorf("the reader got %v, want an overrun of 11", err)
		}
		synctest.Wait()
		if s.State().Phase != store.Live {
			t.Errorf("%v after it was told, want Live", s.State())
		}
	}, store.WithJournal(8))
}

func TestNotes(t *testing.T) {
	s := open(t, store.Params{Driver: "sim", Addr: t.Name()}, store.WithNotes(4))
	all, orders := s.Notes(store.AllNotes), s.Notes(store.OrderNotes)
	put := func(c store.Class, text string) { s.Put(store.Note{Class: c, Text: text}) }
	put(store.InfoNotes, "a")
	put(store.OrderNotes, "b")
	put(store.MarketNotes, "c")
	var got []string
	notes, err := all.Drain(nil)
	for _, n := range notes {
		got = append(got, n.Text)
	}
	if strings.Join(got, "") != "abc" || err != nil {
		t.Errorf("got %q, %v, want a, b, c", got, err)
	}
	for range 10 {
		put(store.InfoNotes, "flood")
	}
	if n, err := orders.Next(t.Context()); n.Text != "b" || err != nil {
		t.Errorf("a flood of words pushed out an order: %v, %v", n, err)
	}
	if n, err := all.Next(t.Context()); n.Missed != 6 || err != nil {
		t.Errorf("%d notes are told to be missing, %v, want 6", n.Missed, err)
	}
	for i := range 6 {
		put(store.OrderNotes, fmt.Sprint("o", i))
	}
	var over *store.OverrunError
	if _, err := orders.Next(t.Context()); !errors.As(err, &over) || over.Missed != 2 {
		t.Errorf("got %v, want an overrun of 2", err)
	}
	if n, err := orders.Next(t.Context()); n.Text != "o2" || err != nil {
		t.Errorf("then %v, %v, want o2", n, err)
	}
	orders.Close()
	if _, err := orders.Next(t.Context()); err != store.ErrClosed {
		t.Errorf("of a closed cursor: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	all.Drain(nil)
	if _, err := all.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting with a cancelled context: %v", err)
	}
}
