package singleton

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/whetgo/whet/internal/keyhash"
)

// A table finds instances by key. Readers take no lock: they read the slots, an array that
// is never near full, from the one that the hash says to the first that is empty. Who
// changes the table holds the engine's lock. Nodes do not change once they are in it, but
// for their mark; a larger table takes over the nodes of a smaller one.
type table[K comparable, T any] struct {
	slots  atomic.Pointer[slots[K, T]]
	hasher keyhash.Hasher[K]
	sparse int    // slots for each that is taken, at least
	len    int    // of the nodes that are there
	used   int    // of the slots that are not empty
	made   uint64 // nodes so far
	hand   int    // where evict goes on
}

type slots[K comparable, T any] struct {
	mask uint64
	at   []atomic.Pointer[node[K, T]]
	gone *node[K, T] // stands where a node was removed
}

// A node is an instance. Its mark has the number of its creation and, in the lowest bit,
// whether it was asked for since the hand of the clock passed.
type node[K comparable, T any] struct {
	key   K
	value T
	mark  atomic.Uint64
}

const smallest = 8

func newSlots[K comparable, T any](n int) *slots[K, T] {
	return &slots[K, T]{uint64(n - 1), make([]atomic.Pointer[node[K, T]], n), new(node[K, T])}
}

// init makes a table of which at most one slot in sparse is taken: of more than two, fewer
// searches go on to another node, and the table takes more memory.
func (t *table[K, T]) init(sparse int) {
	t.sparse = sparse
	t.hasher = keyhash.New[K]()
	t.slots.Store(newSlots[K, T](smallest))
}

// get returns the node of key, nil if there is none.
func (t *table[K, T]) get(key K) *node[K, T] {
	h := t.hasher.Hash(key)
	s := t.slots.Load()
	for i := h & s.mask; ; i = (i + 1) & s.mask {
		n := s.at[i].Load()
		if n == nil {
			return nil
		}
		if n.key == key && n != s.gone {
			return n
		}
	}
}

// put adds a node, whose key must not be there.
func (t *table[K, T]) put(key K, value T) *node[K, T] {
	n := &node[K, T]{key: key, value: value}
	n.mark.Store(t.made << 1)
	t.made++
	t.len++
	s := t.slots.Load()
	if (t.used+1)*t.sparse > len(s.at) {
		s = t.rehash()
	}
	if s.put(t.hasher.Hash(key), n) {
		t.used++
	}
	return n
}

// put puts a node into the first free slot and reports whether that was empty.
func (s *slots[K, T]) put(h uint64, n *node[K, T]) bool {
	for i := h & s.mask; ; i = (i + 1) & s.mask {
		if old := s.at[i].Load(); old == nil || old == s.gone {
			s.at[i].Store(n)
			return old == nil
		}
	}
}

// rehash replaces the slots by others, of which at most one in sparse+1 is taken.
func (t *table[K, T]) rehash() *slots[K, T] {
	n := smallest
	for n < t.len*(t.sparse+1) {
		n *= 2
	}
	s := newSlots[K, T](n)
	for n := range t.nodes {
		s.put(t.hasher.Hash(n.key), n)
	}
	t.used = t.len - 1 // the one that is about to be put is counted by put
	t.slots.Store(s)
	return s
}

// nodes goes through all nodes, in no order.
func (t *table[K, T]) nodes(yield func(*node[K, T]) bool) {
	s := t.slots.Load()
	for i := range s.at {
		if n := s.at[i].Load(); n != nil && n != s.gone && !yield(n) {
			return
		}
	}
}

// remove removes a node and reports whether it was there.
func (t *table[K, T]) remove(n *node[K, T]) bool {
	s := t.slots.Load()
	for i := t.hasher.Hash(n.key) & s.mask; ; i = (i + 1) & s.mask {
		switch s.at[i].Load() {
		case nil:
			return false
		case n:
			s.at[i].Store(s.gone)
			t.len--
			return true
		}
	}
}

// victim returns a node that was not asked for lately: the next one whose mark has not been
// set since the hand passed it last; after two rounds, in which readers may set marks faster
// than the hand takes them away, any.
func (t *table[K, T]) victim() *node[K, T] {
	s := t.slots.Load()
	for passed := 0; ; passed++ {
		t.hand = (t.hand + 1) & int(s.mask)
		n := s.at[t.hand].Load()
		if n == nil || n == s.gone {
			continue
		}
		if n.mark.Load()&1 == 0 || passed > 2*len(s.at) {
			return n
		}
		n.mark.And(^uint64(1))
	}
}

// touch sets the mark of a node that was asked for.
func (n *node[K, T]) touch() {
	if n.mark.Load()&1 == 0 {
		n.mark.Or(1)
	}
}

// inOrder returns all nodes in the order of their creation.
func (t *table[K, T]) inOrder() []*node[K, T] {
	list := make([]*node[K, T], 0, t.len)
	for n := range t.nodes {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b *node[K, T]) int { return cmp.Compare(a.mark.Load()>>1, b.mark.Load()>>1) })
	return list
}

// clear removes all nodes.
func (t *table[K, T]) clear() {
	t.len, t.used, t.hand = 0, 0, 0
	t.slots.Store(newSlots[K, T](smallest))
}
