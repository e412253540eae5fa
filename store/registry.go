package store

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"weak"
)

// A registry finds stores by their Params, and holds none of them. Readers take no lock:
// they probe a table of which at most three quarters are taken, and whose slots are written once. What
// is dead or stopped stays until the table is full, and is then left behind; it takes two words.
//
// singleton.Weak would do the same, but keeps a copy of the key and a cleanup for each
// instance, which makes an idle store twice as large.
type registry struct {
	seed  maphash.Seed
	table atomic.Pointer[[]slot]

	mu   sync.Mutex // guards writing
	used int
}

// A slot is empty while hash is 0.
type slot struct {
	hash  atomic.Uint64
	store weak.Pointer[Store]
}

// live returns the store of the slot if it is alive and not stopped.
func (e *slot) live() *Store {
	if e.hash.Load() == 0 {
		return nil
	}
	if s := e.store.Value(); s != nil && !s.over.Load() {
		return s
	}
	return nil
}

const smallest = 8 // slots

var stores = newRegistry()

func newRegistry() *registry {
	r := &registry{seed: maphash.MakeSeed()}
	r.table.Store(new(make([]slot, smallest)))
	return r
}

// hash leaves out what rarely tells stores apart; get compares all.
func (r *registry) hash(p *Params) uint64 {
	h := maphash.String(r.seed, p.Addr)
	if p.Account != "" {
		h = h*0x9e3779b97f4a7c15 + maphash.String(r.seed, p.Account)
	}
	if p.Extra != "" {
		h = h*0x9e3779b97f4a7c15 + maphash.String(r.seed, p.Extra)
	}
	h += uint64(p.Client) * 0xbf58476d1ce4e5b9
	return h ^ h>>32 | 1
}

// get returns the store of p, or nil.
func (r *registry) get(p *Params) *Store {
	h := r.hash(p)
	table := *r.table.Load()
	mask := uint64(len(table) - 1)
	for i := h >> 1; ; i++ {
		e := &table[i&mask]
		switch e.hash.Load() {
		case h:
			if s := e.store.Value(); s != nil && s.params == *p && !s.over.Load() {
				return s
			}
		case 0:
			return nil
		}
	}
}

// has reports whether a slot is that of s.
func (r *registry) has(s *Store) bool {
	h, w := r.hash(&s.params), weak.Make(s)
	table := *r.table.Load()
	mask := uint64(len(table) - 1)
	for i := h >> 1; ; i++ {
		switch e := &table[i&mask]; e.hash.Load() {
		case h:
			if e.store == w {
				return true
			}
		case 0:
			return false
		}
	}
}

// add returns the store of p, and makes it if there is none.
func (r *registry) add(p *Params, build func() (*Store, error)) (s *Store, made bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.get(p); s != nil {
		return s, false, nil
	}
	if s, err = build(); err != nil {
		return nil, false, err
	}
	r.insert(s)
	return s, true, nil
}

// again calls start, which makes a store live that was stopped, unless there is another of
// its Params by now.
func (r *registry) again(s *Store, start func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.over.Load() {
		if r.get(&s.params) != nil {
			return because(ErrStopped, errReplaced)
		}
		if !r.has(s) {
			r.insert(s)
		}
	}
	start()
	return nil
}

// insert puts s into a slot. The caller holds r.mu.
func (r *registry) insert(s *Store) {
	if (r.used+1)*4 > len(*r.table.Load())*3 {
		r.rehash()
	}
	put(*r.table.Load(), r.hash(&s.params), weak.Make(s))
	r.used++
}

// put writes the first empty slot.
func put(table []slot, h uint64, s weak.Pointer[Store]) {
	mask := uint64(len(table) - 1)
	i := h >> 1
	for table[i&mask].hash.Load() != 0 {
		i++
	}
	e := &table[i&mask]
	e.store = s
	e.hash.Store(h) // which publishes it
}

// rehash replaces the table by one of which the living take half at most.
func (r *registry) rehash() {
	old, living := *r.table.Load(), 0
	for i := range old {
		if old[i].live() != nil {
			living++
		}
	}
	n := smallest
	for n < 2*(living+1) {
		n *= 2
	}
	table := make([]slot, n)
	r.used = 0
	for i := range old {
		if old[i].live() != nil {
			put(table, old[i].hash.Load(), old[i].store)
			r.used++
		}
	}
	r.table.Store(&table)
}

// all yields the stores that are alive.
func (r *registry) all(yield func(*Store) bool) {
	table := *r.table.Load()
	for i := range table {
		if s := table[i].live(); s != nil && !yield(s) {
			return
		}
	}
}
