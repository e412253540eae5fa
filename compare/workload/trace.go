package workload

import "math/rand/v2"

// A Trace is a sequence of requests to replay.
type Trace struct {
	Name  string
	Keys  []uint32 // numbered from 0 by first use
	Sizes []int    // the capacities to replay it with
}

// Generated returns the traces that need no file, of n requests each. Universe sizes
// grow with n.
func Generated(n int) []Trace {
	r := rand.New(rand.NewPCG(7, 0))
	u := n / 10 // keys
	trace := func(name string, next func(i int) uint32) Trace {
		ranks := make([]uint32, n)
		for i := range ranks {
			ranks[i] = next(i)
		}
		return numbered(name, ranks)
	}
	mild, steep := newZipf(u, 0.8, r), newZipf(u, 1.0, r)
	return []Trace{
		trace("zipf-0.8", func(int) uint32 { return mild.draw() }),
		trace("zipf-1.0", func(int) uint32 { return steep.draw() }),
		trace("loop", func(i int) uint32 { return uint32(i % u) }),
		// Every fifth tenth of u requests scans keys that are never seen again.
		trace("zipf-scan", func(i int) uint32 {
			if i/(u/10)%5 == 4 {
				return uint32(u + i)
			}
			return steep.draw()
		}),
		// Every u requests the most popular tenth of the ranks is seen for the last time.
		trace("shifting", func(i int) uint32 { return steep.draw() + uint32(i/u*(u/10)) }),
	}
}

// numbered renumbers a trace's keys and gives it sizes of 1, 5, 10 and 25 % of them.
func numbered[K comparable](name string, keys []K) Trace {
	ids := make(map[K]uint32)
	t := Trace{Name: name, Keys: make([]uint32, len(keys))}
	for i, k := range keys {
		id, ok := ids[k]
		if !ok {
			id = uint32(len(ids))
			ids[k] = id
		}
		t.Keys[i] = id
	}
	for _, percent := range []int{1, 5, 10, 25} {
		if size := (len(ids)*percent + 50) / 100; size >= 50 {
			t.Sizes = append(t.Sizes, size)
		}
	}
	return t
}
