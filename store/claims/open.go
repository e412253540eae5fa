package claims

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/whetgo/whet/store"
	"github.com/whetgo/whet/store/compact"
	"github.com/whetgo/whet/store/naive"
	"github.com/whetgo/whet/store/plain"
	_ "github.com/whetgo/whet/store/sim"
)

var errAnother = errors.New("another store than before")

func creation(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	n := l.scaled(2000)
	p := l.params("creation")
	client := 0
	keep := make([]*store.Store, 0, n) // of a round
	figures, s, err := l.measured("ns", []subject{
		timed("naive", n, func() error {
			client++
			_, err := naive.Open(naive.FileParams(l.dir, "creation", client))
			return err
		}),
		timed("plain", n, func() error {
			client++
			p := p
			p.Client = client
			_, err := plain.Open(p)
			return err
		}),
		timed("store", n, func() error {
			client++
			p := p
			p.Client = client
			s, err := store.Open(ctx, p)
			if keep = append(keep, s); len(keep) == n {
				keep = keep[:0]
			}
			return err
		}),
	})
	if err != nil {
		return nil, nil, err
	}
	return figures, []Check{
		less("15–25 % less than before (naive)", s[0], s[2], 15),
		less("15 % less than plain", s[1], s[2], 15),
		atMost("at most 2 µs", figures[2], 2000),
	}, nil
}

// An opener opens one store n times, and checks that it is always the same.
type opener func(n int) error

// openers returns those of all subjects.
func (l *lab) openers(ctx context.Context) (a, b, c, d opener, err error) {
	p := l.params("access")
	np := naive.FileParams(l.dir, "access", int(serial.Add(1)))
	n1, err1 := naive.Open(np)
	p1, err2 := plain.Open(p)
	s1, err3 := store.Open(ctx, p)
	k := store.KeyOf(p)
	a = func(n int) error {
		for range n {
			if s, err := naive.Open(np); s != n1 || err != nil {
				return errors.Join(errAnother, err)
			}
		}
		return nil
	}
	b = func(n int) error {
		for range n {
			if s, err := plain.Open(p); s != p1 || err != nil {
				return errors.Join(errAnother, err)
			}
		}
		return nil
	}
	c = func(n int) error {
		for range n {
			if s, err := store.Open(ctx, p); s != s1 || err != nil {
				return errors.Join(errAnother, err)
			}
		}
		return nil
	}
	d = func(n int) error {
		for range n {
			if s, err := k.Open(ctx); s != s1 || err != nil {
				return errors.Join(errAnother, err)
			}
		}
		return nil
	}
	return a, b, c, d, errors.Join(err1, err2, err3)
}

func access(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	a, b, c, d, err := l.openers(ctx)
	if err != nil {
		return nil, nil, err
	}
	n := l.scaled(200_000)
	figures, s, err := l.measured("ns", []subject{looped("naive", n/10+1, a), looped("plain", n, b), looped("store", n, c), looped("store by key", n, d)})
	if err != nil {
		return nil, nil, err
	}
	return figures, []Check{
		less("40–60 % less than before (naive)", s[0], s[2], 40),
		less("40 % less than plain", s[1], s[2], 40),
		atMost("by params at most 60 ns", figures[2], 60),
		atMost("by key at most 12 ns", figures[3], 12),
	}, nil
}

// together times an opener in g goroutines at once, in nanoseconds a call of all.
func together(name string, g, n int, open opener) subject {
	return looped(name, n/g*g, func(int) error {
		var wg sync.WaitGroup
		errs := make([]error, g)
		for i := range g {
			wg.Go(func() { errs[i] = open(n / g) })
		}
		wg.Wait()
		return errors.Join(errs...)
	})
}

func contention(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	a, b, c, _, err := l.openers(ctx)
	if err != nil {
		return nil, nil, err
	}
	n := l.scaled(400_000)
	figures, s, err := l.measured("ns", []subject{
		together("naive, 20", 20, n/10+20, a), together("plain, 20", 20, n, b), together("store, 20", 20, n, c), together("store, 1", 1, n, c),
	})
	if err != nil {
		return nil, nil, err
	}
	return figures, []Check{
		less("30–50 % less than before (naive)", s[0], s[2], 30),
		less("30 % less than plain", s[1], s[2], 30),
		less("20 goroutines take at most 1.3 times as long as one", s[3], s[2], -30),
	}, nil
}

func memory(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	n := l.scaled(4000)
	base := 0
	p := l.params("memory")
	client := func(int) int { base++; return 1_000_000 + base }
	figures, s, err := l.measured("B", []subject{
		bytesEach("naive", n, func(i int) (any, error) { return naive.Open(naive.FileParams(l.dir, "memory", client(i))) }),
		bytesEach("plain", n, func(i int) (any, error) { p := p; p.Client = client(i); return plain.Open(p) }),
		bytesEach("store", n, func(i int) (any, error) { p := p; p.Client = client(i); return store.Open(ctx, p) }),
	})
	if err != nil {
		return nil, nil, err
	}
	return figures, []Check{
		less("10–20 % less than before (naive)", s[0], s[2], 10),
		less("60 % less than before (naive)", s[0], s[2], 60),
		atMost("at most 160 B before it is connected", figures[2], 160),
	}, nil
}

func slots(_ context.Context, l *lab) ([]Figure, []Check, error) {
	n := l.scaled(20_000)
	p := l.params("slots")
	figures, s, err := l.measured("B", []subject{
		bytesEach("fields in a map", n, func(int) (any, error) { return compact.NewMapped(p), nil }),
		bytesEach("fields in a struct", n, func(int) (any, error) { return compact.NewSlotted(p), nil }),
	})
	if err != nil {
		return nil, nil, err
	}
	return figures, []Check{less("20–40 % less", s[0], s[1], 20)}, nil
}

func weakly(ctx context.Context, l *lab) ([]Figure, []Check, error) {
	n := l.scaled(10_000)
	p := l.params("weak")
	before, plainBefore, goroutines := naive.Stores(), plain.Len(), runtime.NumGoroutine()
	strong, weak := compact.Strong{}, compact.NewWeak()
	for i := range n {
		p := p
		p.Client = i
		_, err1 := naive.Open(naive.FileParams(l.dir, p.Addr, i))
		_, err2 := plain.Open(p)
		_, err3 := weak.Get(ctx, p)
		_, err4 := store.Open(ctx, p)
		strong.Open(p)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			return nil, nil, err
		}
	}
	alive := func() (n int) {
		for s := range store.All() {
			if s.Params().Addr == p.Addr {
				n++
			}
		}
		return n
	}
	for range 200 {
		runtime.GC()
		if alive() == 0 && weak.Len() == 0 && runtime.NumGoroutine() <= goroutines {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	left := max(runtime.NumGoroutine()-goroutines, 0)
	return []Figure{
			counted("opened", float64(n), "stores"),
			counted("naive", float64(naive.Stores()-before), "alive"),
			counted("plain", float64(plain.Len()-plainBefore), "alive"),
			counted("strong registry", float64(len(strong)), "alive"),
			counted("weak registry", float64(weak.Len()), "alive"),
			counted("store", float64(alive()), "alive"),
			counted("store", float64(left), "goroutines"),
		}, []Check{
			exactly("leaks are prevented: none alive", float64(alive()), 0),
			exactly("no goroutine left", float64(left), 0),
		}, nil
}
