package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
)

// TestOpenAfterStop opens a store that was stopped and is still held: it is another, and live.
func TestOpenAfterStop(t *testing.T) {
	v, p := venue(t, sim.Config{Generate: true})
	k := store.KeyOf(p)
	old := open(t, p, store.WithSecret("password", "old"))
	if s, err := k.Open(t.Context()); s != old || err != nil {
		t.Errorf("the key's store is another: %v", err)
	}
	feed, err := old.Feed(t.Context(), store.Sub{Symbol: "ES"})
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := open(t, p, store.WithSecret("password", "new"))
	if s == old {
		t.Fatal("it is the stopped one")
	}
	if again, err := k.Open(t.Context()); again != s || err != nil {
		t.Errorf("the key's store is another: %v", err)
	}
	if _, err := s.Feed(t.Context(), store.Sub{Symbol: "ES"}); err != nil || v.Connections() != 1 {
		t.Errorf("%v, %d connections", err, v.Connections())
	}
	for err == nil { // what was pending may be read
		_, err = feed.Next(t.Context())
	}
	if !errors.Is(err, store.ErrStopped) {
		t.Errorf("the stopped one's feed ended by %v", err)
	}
	if err := old.Start(t.Context()); !errors.Is(err, store.ErrStopped) || old.State().Phase != store.Stopped {
		t.Errorf("starting the old one: %v, %v, want ErrStopped", err, old.State().Phase)
	}
	if n := clients(p.Addr); n != 1 {
		t.Errorf("%d stores are alive", n)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := old.Start(t.Context()); err != nil {
		t.Errorf("starting the old one when the other is stopped: %v", err)
	}
	if again := open(t, p); again != old {
		t.Error("it is not the one that was started")
	}
}

// TestOpenAfterStopUnused does it with a store that nothing was asked of.
func TestOpenAfterStopUnused(t *testing.T) {
	_, p := venue(t, sim.Config{})
	old := open(t, p)
	if err := old.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := open(t, p); s == old {
		t.Error("it is the stopped one")
	} else if err := s.Start(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestOpenAfterFatal opens a store again after an error that ended it.
func TestOpenAfterFatal(t *testing.T) {
	p := store.Params{Driver: "fatal", Addr: t.Name()}
	old := open(t, p, store.WithSecret("password", "wrong-one"))
	for range 20 { // a new dial must not meet what is left of the old one
		if err := old.Start(t.Context()); !errors.Is(err, errWrong) {
			t.Fatalf("got %v, want the driver's error", err)
		}
		s := open(t, p, store.WithSecret("password", "wrong-two"))
		if s == old || s.State().Phase != store.Idle {
			t.Fatal("it is the one that has failed")
		}
		old = s
	}
}

// TestLifeModel has handles of one store opened, stopped and started by chance, and compares with the rule: Open
// returns the live one, or makes one; Start of a stopped one makes it live if there is no other.
func TestLifeModel(t *testing.T) {
	for seed := range uint64(30) {
		v, p := venue(t, sim.Config{})
		p.Client = int(seed)
		random := rand.New(rand.NewPCG(seed, 1))
		var handles []*store.Store
		var live *store.Store
		for step := range 60 {
			one := func() *store.Store { return handles[random.IntN(len(handles))] }
			switch op := random.IntN(4); {
			case op == 0 || len(handles) == 0:
				s, err := store.Open(t.Context(), p)
				if err != nil || live != nil && s != live || live == nil && slices.Contains(handles, s) {
					t.Fatalf("seed %d, step %d: not the live store, or a stopped one: %v", seed, step, err)
				}
				if live == nil {
					live = s
					handles = append(handles, s)
				}
			case op == 1:
				s := one()
				if err := s.Stop(t.Context()); err != nil {
					t.Fatal(err)
				}
				if live == s {
					live = nil
				}
			case op == 2:
				s := one()
				err := s.Start(t.Context())
				if ok := live == nil || live == s; ok != (err == nil) || !ok && !errors.Is(err, store.ErrStopped) {
					t.Fatalf("seed %d, step %d: starting: %v, with another live: %v", seed, step, err, !ok)
				}
				if err == nil {
					live = s
				}
			default:
				s := one()
				_, err := s.Broker(t.Context(), "")
				if (s == live) != (err == nil) {
					t.Fatalf("seed %d, step %d: using: %v, live: %v", seed, step, err, s == live)
				}
			}
			want := 0
			if live != nil && live.State().Phase == store.Live {
				want = 1
			}
			if got := v.Connections(); got != want {
				t.Fatalf("seed %d, step %d: %d connections, want %d", seed, step, got, want)
			}
		}
		for _, s := range handles {
			_ = s.Stop(t.Context())
		}
		v.Close()
	}
}

// TestOpenRacesStop has goroutines open, use, start and stop one store: there are never two
// connections, who opens after all have stopped gets a live one, and no goroutine is left.
func TestOpenRacesStop(t *testing.T) {
	v, p := venue(t, sim.Config{Generate: true})
	before := runtime.NumGoroutine()
	k := store.KeyOf(p)
	used := make([]int, 8)
	var wg sync.WaitGroup
	for g := range used {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(g), 2))
			for range 150 {
				s, err := k.Open(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				switch random.IntN(3) {
				case 0:
					err = second(s.Feed(t.Context(), store.Sub{Symbol: "ES"}))
				case 1:
					err = second(s.Bars(t.Context(), store.Query{Symbol: "ES", Interval: time.Minute, From: 0, To: store.Time(time.Hour)}))
				default:
					err = s.Start(t.Context())
				}
				if err == nil {
					used[g]++
				} else if !errors.Is(err, store.ErrStopped) {
					t.Error(err)
				}
				if n := v.Connections(); n > 1 {
					t.Errorf("%d connections", n)
				}
				if random.IntN(2) > 0 {
					ctx, cancel := context.WithCancel(t.Context())
					if random.IntN(2) > 0 {
						cancel() // it ends all the same
					}
					_ = s.Stop(ctx)
					cancel()
				}
			}
		})
	}
	wg.Wait()
	for g, n := range used {
		if n == 0 {
			t.Errorf("goroutine %d has never got a live store", g)
		}
	}
	s := open(t, p)
	if err := s.Start(t.Context()); err != nil || v.Connections() != 1 {
		t.Errorf("after the race: %v, %d connections", err, v.Connections())
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if n := clients(p.Addr); n != 0 {
		t.Errorf("%d stores are alive, all are stopped", n)
	}
	collected(t, "no goroutine left", func() bool { return runtime.NumGoroutine() <= before })
}
