package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"runtime"
	"sync/atomic"
	"weak"
)

// A Store is one shared connection to a venue. Get one by Open. Any goroutine may use it.
type Store struct {
	params Params
	made   *made                // nil: with no options
	inner  atomic.Pointer[core] // nil until something is asked of the store
	over   atomic.Bool          // it is stopped, or about to be: Open makes another
}

// made is what options a store was made with.
type made struct {
	opts options
	sum  [sha256.Size]byte
}

// Open returns the store of p, making it if there is none. Nothing is connected yet. The store
// is held weakly: it is forgotten, and its connection closed, when nobody holds it, nor a feed,
// cursor or broker of it. One that was stopped, by Stop or by a fatal error, is not returned: another is
// made. Options must be equal to those the store was made with, if any are given,
// else the error wraps ErrOptions. Finding a store takes no lock and does not allocate.
func Open(ctx context.Context, p Params, opts ...Option) (*Store, error) {
	s := stores.get(&p)
	if s != nil && len(opts) == 0 {
		return s, nil
	}
	return open(ctx, p, opts)
}

// open is the part of Open for which there is time. It has its own copy of p, so that Open's
// stays on the stack.
func open(ctx context.Context, p Params, opts []Option) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, fresh, err := stores.add(&p, func() (*Store, error) { return newStore(p, opts) })
	if err != nil || fresh {
		return s, err
	}
	if err := s.same(opts); err != nil {
		return nil, err
	}
	return s, nil
}

// All yields the stores that Open returns: they are held by somebody, or not collected yet, and not
// stopped. It is for monitors; who wants one store opens it.
func All() iter.Seq[*Store] { return stores.all }

// A Key is the identity of a store for those who open it again and again.
type Key struct {
	params Params
	last   atomic.Pointer[weak.Pointer[Store]] // that was found
}

// KeyOf returns the key of p.
func KeyOf(p Params) *Key { return &Key{params: p} }

// Open is store.Open of the key's Params. It finds a store that is open in a few nanoseconds.
func (k *Key) Open(ctx context.Context, opts ...Option) (*Store, error) {
	if w := k.last.Load(); w != nil && len(opts) == 0 {
		if s := w.Value(); s != nil && !s.over.Load() {
			return s, nil
		}
	}
	return k.open(ctx, opts)
}

func (k *Key) open(ctx context.Context, opts []Option) (*Store, error) {
	s, err := Open(ctx, k.params, opts...)
	if err == nil {
		k.last.Store(new(weak.Make(s)))
	}
	return s, err
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
	return s.newCore()
}

func (s *Store) newCore() *core {
	o := defaults()
	if s.made != nil {
		o = s.made.opts
	}
	d, err := driver(s.params.Driver)
	if err != nil {
		panic(err) // it was there when the store was made, and drivers stay
	}
	c := newCore(s.params, o, d)
	c.handle = weak.Make(s)
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
