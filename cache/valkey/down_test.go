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
	eventually(t, "cleared", func() bool { return !a.has(1) })
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
	t.Log("back after", eventually(t, "a asks again", rested(a)))
	eventually(t, "b asks again", rested(b))
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
	eventually(t, "told again", func() bool { return !a.has(1) })

	a.tier.Close()
	b.tier.Close()
	eventually(t, "goroutines end", func() bool { return goroutines() <= before })
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
		eventually(t, "connected again", func() bool {
			st := p.tier.Stats()
			return st.Recoveries > 0 && !st.Resting
		})
	}
	a.cache.Set(1, "old")
	if err := b.tier.Set(ctx, 1, "new", 0); err != nil {
		t.Fatal(err)
	}
	eventually(t, "gone", func() bool { return !a.has(1) })
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
	eventually(t, "cleared", func() bool { return !a.has(1) })
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

// A proxy passes bytes on to a server, and holds up what comes back while it is told to.
type proxy struct {
	net.Listener
	to string

	mu   sync.Mutex
	held chan struct{} // closed to let go; nil: nothing is held up
}

func startProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, to: to}
	t.Cleanup(func() { _ = l.Close(); p.release() })
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

func (p *proxy) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = make(chan struct{})
}

func (p *proxy) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		close(p.held)
		p.held = nil
	}
}

// pass returns when nothing is held up.
func (p *proxy) pass() {
	p.mu.Lock()
	held := p.held
	p.mu.Unlock()
	if held != nil {
		<-held
	}
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
		p.pass()
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
	p.hold()

	short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	if _, err := tier.Get(short, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a deadline of 30 ms: %v", err)
	}
	if st := tier.Stats(); st.Resting || st.Failures != 0 {
		t.Errorf("a caller in haste made the tier rest: %+v", st)
	}
	if _, err := tier.Get(ctx, 1); err == nil {
		t.Error("a server that does not answer has answered")
	}
	for range 1000 {
		if _, err := tier.Get(ctx, 1); !errors.Is(err, valkey.ErrResting) {
			t.Fatalf("a slow server was asked again: %v", err)
		}
	}
	if st := tier.Stats(); st.Failures != 1 || st.Skipped != 1000 {
		t.Errorf("%+v", st)
	}
	p.release()
	eventually(t, "answers again", func() bool { _, err := tier.Get(ctx, 1); return err == nil })
}

// A server that answers the probe and then fails again is given longer rests: 10, 20, 40, 80
// and 160 ms or down to half of that.
func TestRestGrows(t *testing.T) {
	s := startServer(t)
	p := startProxy(t, s.address)
	tier := newTier(t, p.Addr().String(), "p", &valkey.Options[int, int]{Timeout: 100 * time.Millisecond, Rest: patience})
	rests := time.Duration(0)
	for range 5 {
		p.hold()
		if _, err := tier.Get(ctx, 1); err == nil {
			t.Fatal("a server that does not answer has answered")
		}
		start := time.Now()
		p.release()
		eventually(t, "answers again", func() bool { return !tier.Stats().Resting })
		rests += time.Since(start)
	}
	if rests < 155*time.Millisecond {
		t.Errorf("5 rests took %v", rests)
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
	var over atomic.Bool
	for range 8 {
		wg.Go(func() {
			for key := 0; !over.Load(); key++ {
				own, cancel := context.WithTimeout(ctx, patience)
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
	defer wg.Wait()
	defer over.Store(true)
	eventually(t, "in use", func() bool { return a.tier.Stats().Stores > 100 })
	s.kill()
	eventually(t, "in use without a server", func() bool { return a.tier.Stats().Skipped > 1000 })
	if st := a.tier.Stats(); !st.Resting {
		t.Errorf("%+v", st)
	}
}
