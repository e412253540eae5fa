package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/sim"
)

// collected waits until cond holds, collecting garbage.
func collected(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for range 2000 {
		runtime.GC()
		if cond() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%s: not after two thousand collections", what)
}

// open opens a store, and stops it at the end of the test.
func open(t testing.TB, p store.Params, opts ...store.Option) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), p, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	return s
}

// venue returns a venue and the parameters of a store over it.
func venue(t testing.TB, c sim.Config) (*sim.Venue, store.Params) {
	v := sim.New(t.Name(), c)
	t.Cleanup(v.Close)
	return v, store.Params{Driver: "sim", Addr: t.Name(), Account: "DU1"}
}

func TestOpenIsOneStore(t *testing.T) {
	p := store.Params{Driver: "sim", Addr: t.Name()}
	const keys, each = 50, 40
	var got [keys][each]*store.Store
	var wg sync.WaitGroup
	for j := range each {
		wg.Go(func() {
			for i := range keys {
				p := p
				p.Client = i
				s, err := store.Open(t.Context(), p)
				if err != nil || s.Params() != p {
					t.Error(err)
				}
				got[i][j] = s
			}
		})
	}
	wg.Wait()
	for i := range got {
		for _, s := range got[i] {
			if s != got[i][0] {
				t.Fatalf("two stores of client %d", i)
			}
		}
		if i > 0 && got[i][0] == got[i-1][0] {
			t.Fatal("one store of two clients")
		}
	}
}

// TestEveryFieldIsIdentity opens stores whose Params differ in one field each.
func TestEveryFieldIsIdentity(t *testing.T) {
	seen := make(map[*store.Store]store.Params)
	for _, p := range []store.Params{
		{Driver: "sim", Addr: "id"},
		{Driver: "sim", Addr: "id", Account: "A"},
		{Driver: "sim", Addr: "idA"},
		{Driver: "sim", Addr: "id", Client: 1},
		{Driver: "sim", Addr: "id", Extra: "A=1"},
		{Driver: "sim", Addr: "id", Account: "A=1"},
	} {
		s := open(t, p)
		if other, was := seen[s]; was {
			t.Errorf("%v and %v are one store", p, other)
		}
		seen[s] = p
	}
}

func TestKey(t *testing.T) {
	p := store.Params{Driver: "sim", Addr: t.Name()}
	k := store.KeyOf(p)
	s, err := k.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), p)
	if again != s || err != nil {
		t.Errorf("the key's store is another: %v", err)
	}
	if _, err := k.Open(t.Context(), store.WithPing(time.Hour)); !errors.Is(err, store.ErrOptions) {
		t.Errorf("got %v, want ErrOptions", err)
	}
	runtime.KeepAlive(s)
}

func TestOptions(t *testing.T) {
	p := store.Params{Driver: "sim", Addr: t.Name()}
	pass := store.WithSecret("password", "hunter2")
	s := open(t, p, pass, store.WithPing(time.Minute))
	if again := open(t, p, store.WithPing(time.Minute), pass); again != s {
		t.Error("equal options in another order: another store")
	}
	if again := open(t, p); again != s {
		t.Error("no options: another store")
	}
	for name, opts := range map[string][]store.Option{
		"another secret": {store.WithSecret("password", "hunter3"), store.WithPing(time.Minute)},
		"another value":  {pass, store.WithPing(time.Hour)},
		"fewer":          {pass},
	} {
		got, err := store.Open(t.Context(), p, opts...)
		if got != nil || !errors.Is(err, store.ErrOptions) {
			t.Errorf("%s: got %v, want ErrOptions", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	var unknown *store.DriverError
	if _, err := store.Open(t.Context(), store.Params{Driver: "nope"}); !errors.As(err, &unknown) || unknown.Name != "nope" {
		t.Errorf("an unknown driver: %v", err)
	}
	var bad *store.ParamError
	if _, err := store.Open(t.Context(), store.Params{Driver: "sim", Extra: "b=1&a=2"}); !errors.As(err, &bad) {
		t.Errorf("parameters that are not sorted: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Open(ctx, store.Params{Driver: "sim", Addr: t.Name()}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}

// TestForgotten opens ten thousand stores, uses some, and forgets all.
func TestForgotten(t *testing.T) {
	_, p := venue(t, sim.Config{Generate: true})
	before, leaked := runtime.NumGoroutine(), store.Leaked()
	const n, used = 10_000, 20
	func() {
		keep := make([]*store.Store, n)
		for i := range keep {
			p := p
			p.Client = i + 1
			s, err := store.Open(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if keep[i] = s; i < used {
				if _, err := s.Feed(t.Context(), store.Sub{Symbol: "ES"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		runtime.KeepAlive(keep)
	}()
	collected(t, "all stores gone", func() bool { return clients(p.Addr) == 0 })
	collected(t, "no goroutine left", func() bool { return runtime.NumGoroutine() <= before })
	if got := store.Leaked() - leaked; got != used {
		t.Errorf("%d leaks are counted, want %d", got, used)
	}
}

// clients returns how many of the stores of the test are alive.
func clients(addr string) (n int) {
	for s := range store.All() {
		if s.Params().Addr == addr {
			n++
		}
	}
	return n
}

// TestFeedKeepsStore checks that a store lives as long as one of its feeds.
func TestFeedKeepsStore(t *testing.T) {
	v, p := venue(t, sim.Config{})
	v.Ticks("ES", store.Tick{Time: 1})
	f := func() *store.Feed {
		s, err := store.Open(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		f, err := s.Feed(t.Context(), store.Sub{Symbol: "ES"})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}()
	for range 5 {
		runtime.GC()
	}
	v.Ticks("ES", store.Tick{Time: 2})
	for {
		e, err := f.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind() == store.IsTick {
			break
		}
	}
	runtime.KeepAlive(f)
	f = nil
	collected(t, "the connection is gone", func() bool { return v.Connections() == 0 })
}

// TestForgottenFeed checks that a feed that is forgotten, while its store is not, ends its
// subscription.
func TestForgottenFeed(t *testing.T) {
	v, p := venue(t, sim.Config{})
	v.Ticks("ES", store.Tick{Time: 1})
	s := open(t, p)
	func() {
		if _, err := s.Feed(t.Context(), store.Sub{Symbol: "ES"}); err != nil {
			t.Fatal(err)
		}
	}()
	collected(t, "no subscription left", func() bool { return len(v.Subscriptions()) == 0 })
	runtime.KeepAlive(s)
}

// TestOneConnection checks that a store opened after one was forgotten does not dial before
// that one's connection has ended.
func TestOneConnection(t *testing.T) {
	v, p := venue(t, sim.Config{})
	for i := range 50 {
		s, err := store.Open(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(i, err)
		}
		if n := v.Connections(); n != 1 {
			t.Fatalf("%d connections", n)
		}
		runtime.KeepAlive(s)
		s = nil
		runtime.GC()
	}
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	v, p := venue(t, sim.Config{})
	v.Bars("ES", time.Minute, store.Bar{Time: 1})
	s, k := open(t, p, store.WithNotes(16)), store.KeyOf(p)
	q := store.Query{Symbol: "ES", Interval: time.Minute, From: 0, To: store.Time(time.Hour)}
	if _, err := s.Bars(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for name, f := range map[string]func(){
		"Open":     func() { store.Open(ctx, p) },
		"Key.Open": func() { k.Open(ctx) },
		"Bars":     func() { s.Bars(ctx, q) },
		"Put":      func() { s.Put(store.Note{Class: store.InfoNotes, Text: "x"}) },
		"State":    func() { s.State() },
	} {
		if n := testing.AllocsPerRun(1000, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
	runtime.KeepAlive(s)
}

// TestStoreIsSmall holds an idle store to the size that was aimed at.
func TestStoreIsSmall(t *testing.T) {
	const n, most = 20_000, 160
	keep := make([]*store.Store, n)
	p := store.Params{Driver: "sim", Addr: t.Name(), Account: "DU1"}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range keep {
		p.Client = i
		keep[i] = open1(t, p)
	}
	if each := float64(heap()-before) / n; each > most {
		t.Errorf("a store takes %.0f B, want at most %d", each, most)
	}
	runtime.KeepAlive(keep)
}

func open1(t *testing.T, p store.Params) *store.Store {
	s, err := store.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ExampleOpen() {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Params{Driver: "sim", Addr: "example", Account: "DU1", Extra: store.ExtraOf("seed", "7")})
	if err != nil {
		panic(err)
	}
	defer s.Stop(ctx)
	day := store.At(time.Date(2024, 3, 1, 14, 30, 0, 0, time.UTC))
	bars, err := s.Bars(ctx, store.Query{Symbol: "ES", Interval: time.Minute, From: day, To: day.Add(390 * time.Minute)})
	fmt.Println(bars.Len(), bars.At(0).Time, err)
	// Output: 390 2024-03-01T14:30:00Z <nil>
}
