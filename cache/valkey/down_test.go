package valkey_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whetgo/whet/cache"
	"github.com/whetgo/whet/cache/valkey"
)

// goroutines counts those that run code of this module's or its client's.
func goroutines() (n int) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "/valkey-go.") || strings.Contains(stack, "cache/valkey.(") {
			n++
		}
	}
	return n
}

func TestKilledAndRestarted(t *testing.T) {
	s := startServer(t)
	before := goroutines()
	a := newProcess(t, s.address, "p", &valkey.Options[int, string]{Rest: 100 * time.Millisecond})
	b := newProcess(t, s.address, "p", &valkey.Options[int, string]{Rest: 100 * time.Millisecond})
	load(t, a, 1, always[int]("before"))
	s.kill()
	eventually(t, time.Second, "cleared", func() bool { return !a.has(1) })
	for key := range 1000 {
		if got := load(t, a, key, always[int]("during")); got != "during" {
			t.Fatalf("%d: %q", key, got)
		}
	}
	if err := a.cache.Invalidate(ctx, 1); !errors.Is(err, valkey.ErrResting) {
		t.Errorf("Invalidate without a server: %v", err)
	}
	st := a.tier.Stats()
	if !st.Resting || st.Skipped < 990 || st.Failures > 10 {
		t.Errorf("a server that is down is asked: %+v", st)
	}

	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	rested := func(p process[int, string]) func() bool {
		return func() bool { return !p.tier.Stats().Resting }
	}
	t.Log("back after", eventually(t, 2*time.Second, "a asks again", rested(a)))
	eventually(t, 2*time.Second, "b asks again", rested(b))
	if a.cache.Len() != 0 {
		t.Errorf("%d entries were loaded while nobody listened, and kept", a.cache.Len())
	}
	load(t, a, 1, always[int]("after"))
	if got := load(t, b, 1, always[int]("b's own")); got != "after" {
		t.Errorf("not shared again: %q", got)
	}
	if err := b.tier.Delete(ctx, 1); err != nil {
		t.Fatal(err)
	}
	eventually(t, 200*time.Millisecond, "told again", func() bool { return !a.has(1) })

	a.tier.Close()
	b.tier.Close()
	eventually(t, 2*time.Second, "goroutines end", func() bool { return goroutines() <= before })
}

// A process whose every read is a hit must listen again too: nothing but the tier itself
// would make a connection.
func TestListensAgainUnasked(t *testing.T) {
	s := startServer(t)
	a, b := newProcess[int, string](t, s.address, "p", nil), newProcess[int, string](t, s.address, "p", nil)
	if err := s.command(t, "CLIENT", "KILL", "TYPE", "normal").Error(); err != nil {
		t.Fatal(err)
	}
	for _, p := range []process[int, string]{a, b} {
		eventually(t, 2*time.Second, "connected again", func() bool {
			st := p.tier.Stats()
			return st.Recoveries > 0 && !st.Resting
		})
	}
	a.cache.Set(1, "old")
	if err := b.tier.Set(ctx, 1, "new", 0); err != nil {
		t.Fatal(err)
	}
	eventually(t, 200*time.Millisecond, "gone", func() bool { return !a.has(1) })
}

func TestClose(t *testing.T) {
	s := startServer(t)
	a := newProcess[int, int](t, s.address, "p", nil)
	load(t, a, 1, always[int](1))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(a.tier.Close)
	}
	wg.Wait()
	eventually(t, time.Second, "cleared", func() bool { return !a.has(1) })
	if _, err := a.tier.Get(ctx, 1); !errors.Is(err, valkey.ErrClosed) {
		t.Errorf("Get after Close: %v", err)
	}
	if got := load(t, a, 1, always[int](2)); got != 2 {
		t.Errorf("the cache gives %d", got)
	}
}

func TestUnreachable(t *testing.T) {
	_, err := valkey.New[int, int](optionsOf(freeAddress(t)), "p", nil)
	if err == nil || !strings.Contains(err.Error(), "connecting to 127.0.0.1:") {
		t.Errorf("New without a server: %v", err)
	}
}

// A proxy passes bytes on to a server, and holds up what comes back.
type proxy struct {
	net.Listener
	to    string
	delay atomic.Int64
}

func startProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, to: to}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

func (p *proxy) serve(c net.Conn) {
	defer c.Close()
	s, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer s.Close()
	go func() {
		_, _ = io.Copy(s, c)
		_ = s.Close()
	}()
	for buffer := make([]byte, 1<<16); ; {
		n, err := s.Read(buffer)
		if err != nil {
			return
		}
		time.Sleep(time.Duration(p.delay.Load()))
		if _, err := c.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func TestSlow(t *testing.T) {
	s := startServer(t)
	p := startProxy(t, s.address)
	tier := newTier(t, p.Addr().String(), "p", &valkey.Options[int, int]{Timeout: 200 * time.Millisecond})
	if err := tier.Set(ctx, 1, 1, 0); err != nil {
		t.Fatal(err)
	}
	p.delay.Store(int64(time.Second))

	short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := tier.Get(short, 1)
	if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > 150*time.Millisecond {
		t.Errorf("a deadline of 30 ms: %v after %v", err, took)
	}
	if st := tier.Stats(); st.Resting || st.Failures != 0 {
		t.Errorf("a caller in haste made the tier rest: %+v", st)
	}

	start = time.Now()
	_, err = tier.Get(ctx, 1)
	if took := time.Since(start); err == nil || took > 500*time.Millisecond {
		t.Errorf("a timeout of 200 ms: %v after %v", err, took)
	}
	start = time.Now()
	for range 1000 {
		_, err = tier.Get(ctx, 1)
	}
	if took := time.Since(start); !errors.Is(err, valkey.ErrResting) || took > 100*time.Millisecond {
		t.Errorf("a slow server was asked again: %v after %v", err, took)
	}

	p.delay.Store(0)
	eventually(t, 8*time.Second, "answers again", func() bool { _, err := tier.Get(ctx, 1); return err == nil })
}

// A server that answers the probe and then fails again is given longer rests.
func TestRestGrows(t *testing.T) {
	s := startServer(t)
	p := startProxy(t, s.address)
	tier := newTier(t, p.Addr().String(), "p", &valkey.Options[int, int]{Timeout: 20 * time.Millisecond, Rest: time.Second})
	end := time.Now().Add(1500 * time.Millisecond)
	for time.Now().Before(end) {
		if !tier.Stats().Resting {
			p.delay.Store(int64(40 * time.Millisecond))
			_, _ = tier.Get(ctx, 1)
			p.delay.Store(0)
		}
		time.Sleep(time.Millisecond)
	}
	if st := tier.Stats(); st.Recoveries < 2 || st.Recoveries > 14 {
		t.Errorf("%d rests in 1.5 s", st.Recoveries)
	}
}

// Who gives up is no failure of the server's.
func TestCancelled(t *testing.T) {
	s := startServer(t)
	tier := newTier[int, int](t, s.address, "p", nil)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := tier.Set(gone, 1, 1, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("Set: %v", err)
	}
	if _, err := tier.Get(ctx, 1); !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
	if st := tier.Stats(); st.Failures != 0 {
		t.Errorf("%+v", st)
	}
}

// The server dies under many who load.
func TestKilledUnderLoad(t *testing.T) {
	s := startServer(t)
	a := newProcess[int, string](t, s.address, "p", nil)
	var wg sync.WaitGroup
	end := time.Now().Add(300 * time.Millisecond)
	for range 8 {
		wg.Go(func() {
			for key := 0; time.Now().Before(end); key++ {
				own, cancel := context.WithTimeout(ctx, 5*time.Second)
				got, err := a.cache.GetOrLoad(own, key, func(_ context.Context, key int) (string, error) {
					return fmt.Sprint(key), nil
				})
				cancel()
				if err != nil || got != fmt.Sprint(key) {
					t.Errorf("%d: %q, %v", key, got, err)
					return
				}
			}
		})
	}
	time.Sleep(100 * time.Millisecond)
	s.kill()
	wg.Wait()
	if st := a.tier.Stats(); !st.Resting || st.Skipped == 0 || st.Stores == 0 {
		t.Errorf("%+v", st)
	}
}
