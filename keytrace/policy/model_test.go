package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// models are the textbook forms of policies: slices of ids, the newest first, searched
// from end to end.
var models = map[string]func(capacity int) func(id uint32) bool{
	"lru": func(c int) func(uint32) bool {
		var l list
		return func(id uint32) bool {
			hit := l.take(id)
			if !hit && len(l) == c {
				l.pop()
			}
			l.put(id)
			return hit
		}
	},
	"fifo": func(c int) func(uint32) bool {
		var l list
		return func(id uint32) bool {
			if slices.Contains(l, id) {
				return true
			}
			if len(l) == c {
				l.pop()
			}
			l.put(id)
			return false
		}
	},
	// A ring of frames and a hand, as a page table has them.
	"clock": func(c int) func(uint32) bool {
		var frames []uint32
		var used []bool
		hand := 0
		return func(id uint32) bool {
			if at := slices.Index(frames, id); at >= 0 {
				used[at] = true
				return true
			}
			if len(frames) < c {
				frames, used = append(frames, id), append(used, false)
				return false
			}
			for used[hand] {
				used[hand] = false
				hand = (hand + 1) % c
			}
			frames[hand] = id
			hand = (hand + 1) % c
			return false
		}
	},
	// Algorithm 1 of the paper; the hand is an index, -1 when it fell off the head.
	"sieve": func(c int) func(uint32) bool {
		var l list
		visited := map[uint32]bool{}
		hand := -1
		return func(id uint32) bool {
			if slices.Contains(l, id) {
				visited[id] = true
				return true
			}
			if len(l) == c {
				o := hand
				if o < 0 {
					o = len(l) - 1
				}
				for visited[l[o]] {
					visited[l[o]] = false
					if o--; o < 0 {
						o = len(l) - 1
					}
				}
				l = slices.Delete(l, o, o+1)
				hand = o - 1
			}
			l.put(id)
			visited[id] = false
			if hand >= 0 {
				hand++ // everything moved one place from the head
			}
			return false
		}
	},
	"arc": func(c int) func(uint32) bool { m := &arcModel{c: c}; return m.access },
	"2q":  func(c int) func(uint32) bool { m := &twoQModel{c: c}; return m.access },
	"s3-fifo": func(c int) func(uint32) bool {
		m := &s3Model{c: c, freq: map[uint32]int{}}
		return m.access
	},
	// The protected and probation parts as one list each.
	"slru": func(c int) func(uint32) bool {
		var probation, protected list
		return func(id uint32) bool {
			hit := probation.take(id) || protected.take(id)
			if !hit {
				if len(probation)+len(protected) == c {
					probation.pop()
				}
				probation.put(id)
				return false
			}
			protected.put(id)
			if len(protected) > c*4/5 {
				probation.put(protected.pop())
			}
			return true
		}
	},
}

// A list has the newest id first.
type list []uint32

func (l *list) put(id uint32) { *l = slices.Insert(*l, 0, id) }

func (l *list) take(id uint32) bool {
	at := slices.Index(*l, id)
	if at >= 0 {
		*l = slices.Delete(*l, at, at+1)
	}
	return at >= 0
}

func (l *list) pop() uint32 {
	id := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return id
}

// arcModel is the paper's ARC(c), word for word.
type arcModel struct {
	c              int
	p              float64
	t1, t2, b1, b2 list
}

func (m *arcModel) access(x uint32) bool {
	if m.t1.take(x) || m.t2.take(x) { // Case I
		m.t2.put(x)
		return true
	}
	if slices.Contains(m.b1, x) { // Case II
		delta := 1.0
		if len(m.b1) < len(m.b2) {
			delta = float64(len(m.b2)) / float64(len(m.b1))
		}
		m.p = min(m.p+delta, float64(m.c))
		m.replace(x)
		m.b1.take(x)
		m.t2.put(x)
		return false
	}
	if slices.Contains(m.b2, x) { // Case III
		delta := 1.0
		if len(m.b2) < len(m.b1) {
			delta = float64(len(m.b1)) / float64(len(m.b2))
		}
		m.p = max(m.p-delta, 0)
		m.replace(x)
		m.b2.take(x)
		m.t2.put(x)
		return false
	}
	l1, l2 := len(m.t1)+len(m.b1), len(m.t2)+len(m.b2)
	if l1 == m.c { // Case IV A
		if len(m.t1) < m.c {
			m.b1.pop()
			m.replace(x)
		} else {
			m.t1.pop()
		}
	} else if l1+l2 >= m.c { // Case IV B
		if l1+l2 == 2*m.c {
			m.b2.pop()
		}
		m.replace(x)
	}
	m.t1.put(x)
	return false
}

func (m *arcModel) replace(x uint32) {
	n := float64(len(m.t1))
	if n > 0 && (n > m.p || slices.Contains(m.b2, x) && n == m.p) {
		m.b1.put(m.t1.pop())
	} else {
		m.b2.put(m.t2.pop())
	}
}

// twoQModel follows golang-lru's TwoQueueCache, Get then Add on a miss.
type twoQModel struct {
	c                       int
	recent, frequent, ghost list
}

func (m *twoQModel) access(x uint32) bool {
	if m.frequent.take(x) || m.recent.take(x) {
		m.frequent.put(x)
		return true
	}
	if slices.Contains(m.ghost, x) {
		m.ensureSpace(true)
		m.ghost.take(x)
		m.frequent.put(x)
		return false
	}
	m.ensureSpace(false)
	m.recent.put(x)
	return false
}

func (m *twoQModel) ensureSpace(ghost bool) {
	target := int(float64(m.c) * 0.25)
	if len(m.recent)+len(m.frequent) < m.c {
		return
	}
	if len(m.recent) > 0 && (len(m.recent) > target || len(m.recent) == target && !ghost) {
		m.ghost.put(m.recent.pop())
		if len(m.ghost) > max(1, int(float64(m.c)*0.5)) {
			m.ghost.pop()
		}
		return
	}
	m.frequent.pop()
}

// s3Model is algorithm 1 of the paper; bits are cleared on the way to main.
type s3Model struct {
	c       int
	s, m, g list
	freq    map[uint32]int
}

func (m *s3Model) access(x uint32) bool {
	if slices.Contains(m.s, x) || slices.Contains(m.m, x) {
		m.freq[x] = min(m.freq[x]+1, 3)
		return true
	}
	small := max(1, m.c/10)
	for len(m.s)+len(m.m) >= m.c {
		if len(m.s) >= small || len(m.m) == 0 {
			m.evictS(m.c - small)
		} else {
			m.evictM()
		}
	}
	if m.g.take(x) {
		m.m.put(x)
	} else {
		m.s.put(x)
	}
	m.freq[x] = 0
	return false
}

func (m *s3Model) evictS(main int) {
	for len(m.s) > 0 {
		t := m.s.pop()
		if m.freq[t] <= 1 {
			m.g.put(t)
			if len(m.g) > main {
				m.g.pop()
			}
			return
		}
		m.freq[t] = 0
		m.m.put(t)
		if len(m.m) > main {
			m.evictM()
		}
	}
}

func (m *s3Model) evictM() {
	for {
		t := m.m.pop()
		if m.freq[t] == 0 {
			return
		}
		m.freq[t]--
		m.m.put(t)
	}
}

func TestModel(t *testing.T) {
	for name := range models {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(12) {
				ids := mixture(seed, 6000, 200)
				for _, c := range []int{1, 2, 3, 4, 10, 37, 100, 199, 200, 1000} {
					sameAsModel(t, name, &Workload{IDs: ids, Unique: 200}, c)
				}
			}
		})
	}
}

// FuzzModel feeds bytes as ids to every policy that has a model, and checks the bounds of
// all.
func FuzzModel(f *testing.F) {
	f.Add(uint8(3), []byte("abcabcdabeabcde"))
	f.Add(uint8(10), []byte("the quick brown fox jumps over the lazy dog and comes back"))
	f.Fuzz(func(t *testing.T, capacity uint8, data []byte) {
		c := int(capacity)%64 + 1
		w := &Workload{IDs: make([]uint32, min(len(data), 2000)), Unique: 256}
		for i := range w.IDs {
			w.IDs[i] = uint32(data[i])
		}
		for name := range models {
			sameAsModel(t, name, w, c)
		}
		for _, info := range Table {
			bounded(t, info, w, c)
		}
	})
}

func sameAsModel(t *testing.T, name string, w *Workload, capacity int) {
	t.Helper()
	info, _ := Lookup(name)
	p, ref := info.New(w, capacity), models[name](capacity)
	for i, id := range w.IDs {
		if got, want := p.Access(id), ref(id); got != want {
			t.Fatalf("%s of %d, request %d (id %d): got hit %v, want %v", name, capacity, i, id, got, want)
		}
	}
}

// mixture returns requests with favourites, runs and returns, all below unique.
func mixture(seed uint64, n, unique int) []uint32 {
	rng := rand.New(rand.NewPCG(seed, 7))
	ids := make([]uint32, 0, n)
	for len(ids) < n {
		switch rng.IntN(3) {
		case 0: // a run
			at := rng.IntN(unique)
			for i := range rng.IntN(unique) {
				ids = append(ids, uint32((at+i)%unique))
			}
		case 1: // favourites
			for range rng.IntN(100) {
				ids = append(ids, uint32(min(unique-1, int(rng.ExpFloat64()*float64(unique)/12))))
			}
		default: // a return
			if len(ids) > 0 {
				at := rng.IntN(len(ids))
				ids = append(ids, ids[at:min(len(ids), at+rng.IntN(50))]...)
			}
		}
	}
	return ids[:n]
}

func ExampleLookup() {
	ids := []uint32{0, 1, 2, 0, 1, 2, 0, 1, 2} // a loop over three
	for _, name := range []string{"lru", "opt"} {
		info, _ := Lookup(name)
		p, hits := info.New(&Workload{IDs: ids, Unique: 3}, 2), 0
		for _, id := range ids {
			if p.Access(id) {
				hits++
			}
		}
		fmt.Printf("%s: %d of %d\n", info.Title, hits, len(ids))
	}
	// Output:
	// LRU: 0 of 9
	// OPT: 4 of 9
}
