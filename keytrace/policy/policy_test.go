package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, info := range Table {
		if seen[info.Name] || info.Name == "" || info.Title == "" || info.Source == "" {
			t.Errorf("policy %q: a name twice, or something is not said", info.Name)
		}
		seen[info.Name] = true
		if got, ok := Lookup(info.Name); !ok || got.Title != info.Title {
			t.Errorf("Lookup(%q): got %q, %v", info.Name, got.Title, ok)
		}
	}
	if _, ok := Lookup("mru"); ok {
		t.Error("a policy that is not in the table was found")
	}
}

// bounded replays w and fails when a policy holds more than its capacity, answers a hit
// for what it never saw, or holds nothing.
func bounded(t *testing.T, info Info, w *Workload, capacity int) (hits int) {
	t.Helper()
	p := info.New(w, capacity)
	seen := make([]bool, w.Unique)
	for i, id := range w.IDs {
		if p.Access(id) {
			hits++
			if !seen[id] {
				t.Fatalf("%s of %d, request %d: a hit on first use", info.Name, capacity, i)
			}
		}
		seen[id] = true
		if p.Len() > capacity {
			t.Fatalf("%s of %d, request %d: holds %d", info.Name, capacity, i, p.Len())
		}
	}
	return hits
}

// TestBounds checks that no policy holds more than it may, that none beats OPT, and that
// with room for everything each request but the first of an id is a hit.
func TestBounds(t *testing.T) {
	for seed := range uint64(6) {
		w := &Workload{IDs: mixture(seed, 8000, 300), Unique: 300}
		distinct := slices.Clone(w.IDs)
		slices.Sort(distinct)
		all := len(w.IDs) - len(slices.Compact(distinct))
		for _, c := range []int{1, 2, 3, 7, 30, 99, 250} {
			best := bounded(t, Table[0], w, c)
			for _, info := range Table[1:] {
				if hits := bounded(t, info, w, c); hits > best {
					t.Errorf("%s of %d: %d hits, OPT %d", info.Name, c, hits, best)
				}
			}
		}
		for _, info := range Table {
			// 30000: small shares (1 % windows, 20 % probation) have room for all as well.
			if hits := bounded(t, info, w, 30000); hits != all {
				t.Errorf("%s with room for all: got %d hits, want %d", info.Name, hits, all)
			}
		}
	}
}

// TestOPTExhaustive compares OPT with a search over all choices: whom to evict, and
// whether to take the id in at all.
func TestOPTExhaustive(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		n, unique, c := 14, 5, 1+rng.IntN(3)
		ids := make([]uint32, n)
		for i := range ids {
			ids[i] = uint32(rng.IntN(unique))
		}
		var search func(i int, held uint32, size int) int
		search = func(i int, held uint32, size int) int {
			if i == n {
				return 0
			}
			bit := uint32(1) << ids[i]
			if held&bit != 0 {
				return 1 + search(i+1, held, size)
			}
			best := search(i+1, held, size)
			if size < c {
				return max(best, search(i+1, held|bit, size+1))
			}
			for k := range unique {
				if v := uint32(1) << k; held&v != 0 {
					best = max(best, search(i+1, held&^v|bit, size))
				}
			}
			return best
		}
		want := search(0, 0, 0)
		if got := bounded(t, Table[0], &Workload{IDs: ids, Unique: unique}, c); got != want {
			t.Fatalf("%v, capacity %d: got %d, want %d", ids, c, got, want)
		}
	}
}

// TestOPTMemory: hits alone must not make the heap grow.
func TestOPTMemory(t *testing.T) {
	w := &Workload{IDs: make([]uint32, 100000), Unique: 10}
	for i := range w.IDs {
		w.IDs[i] = uint32(i % 10)
	}
	p := newOPT(w, 10).(*opt)
	for _, id := range w.IDs {
		p.Access(id)
	}
	if cap(p.uses) > 1000 {
		t.Errorf("%d positions for a capacity of 10", cap(p.uses))
	}
}

// TestLoop: on a loop longer than the cache the policies without history get nothing,
// those that protect what they hold get nearly their share.
func TestLoop(t *testing.T) {
	const unique, c, rounds = 1000, 500, 100
	w := &Workload{Unique: unique}
	for range rounds {
		for id := range uint32(unique) {
			w.IDs = append(w.IDs, id)
		}
	}
	for name, want := range map[string][2]float64{
		"lru": {0, 0}, "fifo": {0, 0}, "clock": {0, 0}, "sieve": {0, 0}, "slru": {0, 0}, "arc": {0, .01},
		"lirs": {.48, .5}, "w-tinylfu": {.45, .5}, "opt": {.49, .5}, "static": {.49, .5}, "random": {.15, .35},
	} {
		info, _ := Lookup(name)
		got := float64(bounded(t, info, w, c)) / float64(len(w.IDs))
		if got < want[0] || got > want[1] {
			t.Errorf("%s: hit ratio %.3f, want %v", name, got, want)
		}
	}
}

// TestScan: between scans of ids that are used once, the resistant policies keep the
// popular ones.
func TestScan(t *testing.T) {
	const hot, rounds = 100, 200
	w := &Workload{Unique: hot}
	rng := rand.New(rand.NewPCG(5, 6))
	for range rounds {
		for range 400 {
			w.IDs = append(w.IDs, uint32(rng.IntN(hot)))
		}
		for range 300 {
			w.IDs = append(w.IDs, uint32(w.Unique))
			w.Unique++
		}
	}
	lru, _ := Lookup("lru")
	base := bounded(t, lru, w, 2*hot)
	for _, name := range []string{"2q", "arc", "arc-golang-lru", "slru", "lirs", "w-tinylfu", "w-tinylfu-adaptive", "s3-fifo", "sieve"} {
		info, _ := Lookup(name)
		// Of each round's 400 popular requests LRU has to load the 98 first ones again.
		if hits := bounded(t, info, w, 2*hot); hits < base+rounds*60 {
			t.Errorf("%s: %d hits, LRU %d", name, hits, base)
		}
	}
}

// TestClimber: of keys that are used three times and never again, half of them within a
// few requests, the others within some more, a window of 1 % sees the first half alone;
// the adaptive one grows until all fit.
func TestClimber(t *testing.T) {
	const c = 1000
	w := &Workload{Unique: 100000}
	for id := range uint32(w.Unique) {
		w.IDs = append(w.IDs, id)
		ago := uint32(2)
		if id%2 == 1 {
			ago = 60
		}
		if id >= 2*ago {
			w.IDs = append(w.IDs, id-ago, id-2*ago)
		}
	}
	hits := func(name string) float64 {
		info, _ := Lookup(name)
		return float64(bounded(t, info, w, c)) / float64(len(w.IDs))
	}
	if fixed, adaptive := hits("w-tinylfu"), hits("w-tinylfu-adaptive"); fixed > .4 || adaptive < .5 {
		t.Errorf("hit ratios: fixed window %.3f, adaptive %.3f, want below .4 and above .5", fixed, adaptive)
	}
	p := newTinyLFUAdaptive(w, c).(*tinyLFU)
	for _, id := range w.IDs {
		p.Access(id)
		if p.size[tinyWindow] > p.window || p.size[tinyProbation]+p.size[tinyProtected] > p.main || p.window+p.main != c {
			t.Fatalf("window %d of %d, main %d of %d", p.size[tinyWindow], p.window, p.size[tinyProbation]+p.size[tinyProtected], p.main)
		}
	}
}

// TestBytes checks the policies that heed sizes: never more bytes than the capacity, the
// same as counting entries when all sizes are equal, and nothing that cannot fit.
func TestBytes(t *testing.T) {
	const unique = 200
	ids := mixture(9, 8000, unique)
	sizes, equal := make([]uint32, unique), make([]uint32, unique)
	for i := range sizes {
		sizes[i], equal[i] = uint32(i*7%100), 50
	}
	sizes[5] = 1 << 31
	used := func(p Policy) int64 {
		switch p := p.(type) {
		case *lru:
			return p.used
		case *fifo:
			return p.used
		case *clock:
			return p.used
		case *sieve:
			return p.used
		}
		t.Fatalf("%T says Bytes and has no budget", p)
		return 0
	}
	for _, info := range Table {
		if !info.Bytes {
			continue
		}
		const c = 2000
		p := info.New(&Workload{IDs: ids, Unique: unique, Sizes: sizes}, c)
		held := 0
		for _, id := range ids {
			hit := p.Access(id)
			if used(p) > c || hit && id == 5 {
				t.Fatalf("%s: %d bytes of %d, id %d, hit %v", info.Name, used(p), c, id, hit)
			}
			held = max(held, p.Len())
		}
		if held < 30 {
			t.Errorf("%s: held at most %d entries", info.Name, held)
		}
		got := bounded(t, info, &Workload{IDs: ids, Unique: unique, Sizes: equal}, c)
		if want := bounded(t, info, &Workload{IDs: ids, Unique: unique}, c/50); got != want {
			t.Errorf("%s with equal sizes: got %d hits, want %d", info.Name, got, want)
		}
	}
}

func TestCapacity(t *testing.T) {
	for _, info := range Table {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s of 0: no panic", info.Name)
				}
			}()
			info.New(&Workload{IDs: []uint32{0}, Unique: 1}, 0)
		}()
	}
}

func TestSketch(t *testing.T) {
	s := newSketch(1000)
	for range 12 {
		s.add(7)
	}
	if got := s.count(7); got != 12 {
		t.Errorf("12 additions: got %d", got)
	}
	for range 30 {
		s.add(7)
	}
	if got := s.count(7); got != 15 {
		t.Errorf("42 additions: got %d, want the most there is, 15", got)
	}
	if got := s.count(8); got != 0 {
		t.Errorf("never added: got %d", got)
	}
	wrong := 0
	for id := range uint32(1000) {
		s.add(1000 + id)
	}
	for id := range uint32(1000) {
		if s.count(1000+id) != 1 {
			wrong++
		}
	}
	if wrong > 20 {
		t.Errorf("%d of 1000 ids counted wrongly", wrong)
	}
	for id := range uint32(9000) {
		s.add(3000 + id)
	}
	if got := s.count(7); got > 8 {
		t.Errorf("after ten times the capacity of additions: got %d, want it halved", got)
	}
}

func BenchmarkAccess(b *testing.B) {
	const unique = 1 << 18
	z := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.05, 1, unique-1)
	w := &Workload{IDs: make([]uint32, 1<<21), Unique: unique}
	for i := range w.IDs {
		w.IDs[i] = uint32(z.Uint64())
	}
	w.uses()
	for _, info := range Table {
		b.Run(fmt.Sprintf("policy=%s", info.Name), func(b *testing.B) {
			for b.Loop() {
				p := info.New(w, unique/20)
				for _, id := range w.IDs {
					p.Access(id)
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(w.IDs))/b.Elapsed().Seconds()/1e6, "Mreq/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
