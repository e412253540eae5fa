package memo

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"

	"github.com/whetgo/whet/cache"
)

// A keyed is the memory of a function whose argument has no ==.
//
// The cache beneath is of slots, which are numbers. The answer to an argument of hash h is
// in slot h, or, where another argument of that hash is there already, in one of the few
// that follow. With an answer is kept the argument that it is the answer to, and nothing is
// given out before that was compared.
//
// To wait for the call in a slot is right only if it is for the same argument: another one
// may be waiting for us. So who wants a slot that is not filled claims it first, for its
// argument, and slots claimed for another are passed by.
//
// A slot that is emptied makes those behind it hard to find. Then an answer is computed
// once more than it had to be, which is cheaper than to prevent it: with a good hash of 64
// bits no two of a billion arguments are likely to share one.
type keyed[A, R any] struct {
	*core[uint64, *held[A, R]]
	f      func(context.Context, A) (R, error)
	key    Key[A]
	seed   maphash.Seed
	hashes sync.Pool // of *maphash.Hash

	mu     sync.Mutex // guards claims and what they hold; never held during a call
	claims map[uint64]*claim[A]
}

// ways is how many slots an argument may be in. What finds all of them taken by others is
// not remembered.
const ways = 8

// A held is an answer and its argument, which nobody else can change.
type held[A, R any] struct {
	arg    A
	answer R
}

// A claim keeps a slot for an argument.
type claim[A any] struct {
	arg     A
	holders int
}

// errGone is how a refresh ends whose answer was forgotten before it began.
var errGone = errors.New("memo: forgotten")

func newKeyed[A, R any](f func(context.Context, A) (R, error), key Key[A], opts *Options) *keyed[A, R] {
	if key.Hash == nil || key.Equal == nil || key.Clone == nil {
		panic("memo: a Key wants Hash, Equal and Clone")
	}
	m := &keyed[A, R]{f: f, key: key, seed: maphash.MakeSeed(), claims: map[uint64]*claim[A]{}}
	m.hashes.New = func() any { return new(maphash.Hash) }
	m.core = newCore[uint64, *held[A, R]](nil, opts)
	m.load = m.refresh
	return m
}

func (m *keyed[A, R]) hash(a A) uint64 {
	if m.key.sum != nil {
		return m.key.sum(m.seed, a)
	}
	h := m.hashes.Get().(*maphash.Hash)
	h.SetSeed(m.seed)
	m.key.Hash(h, a)
	sum := h.Sum64()
	m.hashes.Put(h)
	return sum
}

// do returns the answer to a.
func (m *keyed[A, R]) do(ctx context.Context, a A) (R, error) {
	h := m.hash(a)
	for i := range uint64(ways) {
		x, ok := m.look(h + i)
		if !ok {
			break
		}
		switch equal := m.key.Equal(x.arg, a); {
		case !equal && !m.refreshes:
			m.counters.hits.Add(-1)
			continue
		case !equal:
			continue
		case !m.refreshes:
			return x.answer, nil
		}
		x, err := m.cache.GetOrLoad(ctx, h+i, m.load) // counts the hit, and sees its age
		if err == nil && m.key.Equal(x.arg, a) {
			return x.answer, nil
		}
		m.counters.misses.Add(-1)
		break
	}
	return m.compute(ctx, h, a)
}

// look returns what is in a slot. Where answers are refreshed, it is not counted.
func (m *keyed[A, R]) look(slot uint64) (*held[A, R], bool) {
	if m.refreshes {
		return m.cache.Peek(slot)
	}
	x, ok := m.cache.Get(slot)
	if !ok {
		m.counters.misses.Add(-1)
	}
	return x, ok
}

// compute returns the answer to a, which was not found.
func (m *keyed[A, R]) compute(ctx context.Context, h uint64, a A) (answer R, err error) {
	slot, c := m.claim(h, a)
	if c == nil {
		m.counters.misses.Add(1)
		return m.alone(ctx, h, a)
	}
	defer m.release(slot, c)
	x, err := m.miss(ctx, slot, m.loader(c.arg))
	switch {
	case x == nil:
		return answer, err
	case !m.key.Equal(x.arg, a): // a refresh or a stale answer was in between
		return m.alone(ctx, h, a)
	}
	return x.answer, err
}

// alone calls the function without remembering.
func (m *keyed[A, R]) alone(ctx context.Context, h uint64, a A) (answer R, err error) {
	x, err := m.timed(ctx, h, m.caller(m.key.Clone(a)))
	return x.answer, err
}

// caller returns what calls the function for arg. The function gets a copy, because it may
// change its argument, or return a part of it.
func (m *keyed[A, R]) caller(arg A) func(context.Context, uint64) (*held[A, R], error) {
	return func(ctx context.Context, slot uint64) (*held[A, R], error) {
		answer, err := m.f(m.within(ctx, slot), m.key.Clone(arg))
		return &held[A, R]{arg, answer}, err
	}
}

func (m *keyed[A, R]) loader(arg A) cache.Loader[uint64, *held[A, R]] {
	f := m.caller(arg)
	return func(ctx context.Context, slot uint64) (*held[A, R], error) { return m.call(ctx, slot, f) }
}

// refresh loads again what is in a slot.
func (m *keyed[A, R]) refresh(ctx context.Context, slot uint64) (*held[A, R], error) {
	x, ok := m.cache.Peek(slot)
	if !ok {
		return nil, errGone
	}
	return m.call(ctx, slot, m.caller(x.arg))
}

// claim returns a slot for a and the claim to it, or no claim if there is none, or if a does
// not equal itself.
func (m *keyed[A, R]) claim(h uint64, a A) (slot uint64, c *claim[A]) {
	if !m.key.Equal(a, a) {
		return 0, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range uint64(ways) {
		slot = h + i
		if c = m.claims[slot]; c != nil && m.key.Equal(c.arg, a) {
			c.holders++
			return slot, c
		}
		if c == nil && !m.taken(slot, a) {
			c = &claim[A]{arg: m.key.Clone(a), holders: 1}
			m.claims[slot] = c
			return slot, c
		}
	}
	return 0, nil
}

func (m *keyed[A, R]) release(slot uint64, c *claim[A]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.holders--; c.holders == 0 {
		delete(m.claims, slot)
	}
}

// taken reports whether what is remembered in a slot is about another argument than a.
func (m *keyed[A, R]) taken(slot uint64, a A) bool {
	if x, ok := m.cache.Peek(slot); ok {
		return !m.key.Equal(x.arg, a)
	}
	past, ok := m.failures.recall(slot)
	return ok && !m.key.Equal(past.value.arg, a)
}

// forget forgets what is, or is about to be, in the slots of a. Others that have an answer
// keep it; one that is past its time may be a's, so it goes.
func (m *keyed[A, R]) forget(a A) (forgotten bool) {
	h := m.hash(a)
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range uint64(ways) {
		c := m.claims[h+i]
		if c != nil && m.key.Equal(c.arg, a) || !m.taken(h+i, a) {
			forgotten = m.core.forget(h+i) || forgotten
		}
	}
	return forgotten
}
