package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"weak"
)

// A Store is one shared connection to a venue. Get one by Open. Any goroutine may use it.
type Store struct {
	params Params
	made   *made                // nil: with no options
	inner  atomic.Pointer[core] // nil until something is asked of the store
}

// made is what options a store was made with.
type made struct {
	opts options
	sum  [sha256.Size]byte
}

var stores struct {
	sync.Mutex
	byParams map[Params]weak.Pointer[Store]
}

// Open returns the store of p, making it if there is none. Nothing is connected yet. The store
// is held weakly: it is forgotten, and its connection closed, when nobody holds it. Options must be
// equal to those it was made with, if any are given.
func Open(ctx context.Context, p Params, opts ...Option) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	stores.Lock()
	defer stores.Unlock()
	if s := stores.byParams[p].Value(); s != nil {
		return s, s.same(opts)
	}
	s, err := newStore(p, opts)
	if err != nil {
		return nil, err
	}
	if stores.byParams == nil {
		stores.byParams = make(map[Params]weak.Pointer[Store])
	}
	stores.byParams[p] = weak.Make(s)
	return s, nil
}

func newStore(p Params, opts []Option) (*Store, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if _, err := driver(p.Driver); err != nil {
		return nil, err
	}
	s := &Store{params: p}
	if len(opts) > 0 {
		o := apply(opts)
		s.made = &made{o, o.sum()}
	}
	return s, nil
}

func apply(opts []Option) options {
	o := defaults()
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// same returns an error if options are given that are not those of the store.
func (s *Store) same(opts []Option) error {
	if len(opts) == 0 {
		return nil
	}
	sum := defaults().sum()
	if s.made != nil {
		sum = s.made.sum
	}
	if apply(opts).sum() != sum {
		return fmt.Errorf("%w: %s", ErrOptions, s.params.Driver)
	}
	return nil
}

// core returns the inner part of the store, which is made by the first who needs it.
func (s *Store) core() *core {
	if c := s.inner.Load(); c != nil {
		return c
	}
	o := defaults()
	if s.made != nil {
		o = s.made.opts
	}
	d, err := driver(s.params.Driver)
	if err != nil {
		panic(err) // it was there when the store was made, and drivers stay
	}
	c := newCore(s.params, o, d)
	if !s.inner.CompareAndSwap(nil, c) {
		return s.inner.Load()
	}
	runtime.AddCleanup(s, (*core).abandon, c)
	return c
}

var leaked atomic.Uint64

// Leaked returns how many stores were forgotten while they were connected, and then stopped.
// It is a program's fault: Stop them.
func Leaked() uint64 { return leaked.Load() }

// abandon stops a core whose handle is gone.
func (c *core) abandon() {
	c.mu.Lock()
	running := c.run != nil
	c.mu.Unlock()
	if running {
		leaked.Add(1)
		go c.stop(context.Background())
	}
}
