package measure

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whetgo/whet/compare/peers"
	"github.com/whetgo/whet/compare/workload"
)

// A Row is an operation whose throughput is compared.
type Row struct {
	Name, Title string
	Bases       []string // the peers that others are compared with

	op         op
	keys       int // different ones
	cap        int
	ttl, stats bool
}

type op int

const (
	get op = iota
	mixed
	load
)

var (
	bases    = []string{"otter", "golang-lru"}
	ttlBases = []string{"otter", "golang-lru-expirable"}
)

// Rows are the rows of throughput.
var Rows = []Row{
	{"get", "Get, every key present (Zipf 0.99 over 100,000 keys, capacity 131,072)", bases, get, 100_000, 1 << 17, false, false},
	{"get-ttl", "Get, every key present, every entry with a TTL of 1 h", ttlBases, get, 100_000, 1 << 17, true, false},
	{"get-stats", "Get, every key present, with the cache's own statistics on", bases[:1], get, 100_000, 1 << 17, false, true},
	{"mixed", "Three Gets to a Set (Zipf 0.99 over 1,000,000 keys, capacity 100,000)", bases, mixed, 1_000_000, 100_000, false, false},
	{"load-hit", "Get or load, every key present (Zipf 0.99 over 100,000 keys, capacity 131,072)", bases, load, 100_000, 1 << 17, false, false},
	{"load-miss", "Get or load with misses (Zipf 0.99 over 1,000,000 keys, capacity 100,000)", bases, load, 1_000_000, 100_000, false, false},
}

// A Speed is the throughput of a peer in a row.
type Speed struct {
	Row   string    `json:"row"`
	Key   string    `json:"key"` // "u64" or "str"
	Procs int       `json:"procs"`
	Peer  string    `json:"peer"`
	Ns    []float64 `json:"ns_per_op"` // a round each: wall time over the operations of all goroutines
	Bytes float64   `json:"bytes_per_op"`
	Hit   float64   `json:"hit_percent"`   // of all Gets or Loads
	Fill  float64   `json:"fill_percent"`  // the largest Len after a sample, of the capacity
	Delay float64   `json:"delay_percent"` // of the time, that threads of this process waited for a core; the mean
}

// Measure returns the row's figures for keys of the two kinds.
func (row Row) Measure(ctx context.Context, p Plan) ([]Speed, error) {
	u, err := measureRow(ctx, p, row, u64())
	if err != nil {
		return nil, err
	}
	s, err := measureRow(ctx, p, row, str())
	return append(u, s...), err
}

func measureRow[K comparable, V any](ctx context.Context, p Plan, row Row, k kind[K, V]) ([]Speed, error) {
	ps := selected(p, k, func(peer peers.Peer[K, V]) bool {
		return (!row.ttl || peer.TTL != peers.Never || peer.Name == "none") && (row.ttl || !peer.OnlyTTL) &&
			(!row.stats || peer.Stats != peers.Never || peer.Name == "none")
	})
	if len(ps) == 0 {
		return nil, nil
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	t := newTrial(p, row, k)
	figures := make(map[int][]Speed) // by GOMAXPROCS, in the order of ps
	for _, procs := range p.Procs {
		for _, peer := range ps {
			figures[procs] = append(figures[procs], Speed{Row: row.Name, Key: k.name, Procs: procs, Peer: peer.Name})
		}
	}
	for round := range p.Rounds {
		p.progress("%s %s: round %d of %d", row.Name, k.name, round+1, p.Rounds)
		for _, i := range shuffled(len(ps), round) {
			t.fill(ps[i])
			for _, procs := range p.Procs {
				if err := ctx.Err(); err != nil {
					t.cache.Close()
					return nil, err
				}
				if procs > 1 && ps[i].Unlocked && row.op != get {
					continue
				}
				figures[procs][i].add(t.sample(procs), round)
			}
			t.cache.Close()
		}
	}
	var all []Speed
	for _, procs := range p.Procs {
		all = append(all, figures[procs]...)
	}
	return slices.DeleteFunc(all, func(s Speed) bool { return len(s.Ns) == 0 }), nil
}

// add takes in a sample of a round, which starts at 0.
func (s *Speed) add(x sample, round int) {
	s.Ns = append(s.Ns, x.ns)
	n := float64(round + 1)
	s.Bytes += (x.bytes - s.Bytes) / n
	s.Hit += (x.hit - s.Hit) / n
	s.Delay += (x.delay - s.Delay) / n
	s.Fill = max(s.Fill, x.fill)
}

// A trial is one cache after the other, in one row.
type trial[K comparable, V any] struct {
	kind[K, V]
	row      Row
	duration time.Duration
	keys     []K // to ask for
	filling  []K // other copies, to fill with
	offset   int // in keys, of the next sample
	cache    peers.Cache[K, V]
	loaded   counter
}

func newTrial[K comparable, V any](p Plan, row Row, k kind[K, V]) *trial[K, V] {
	row.keys, row.cap = row.keys/p.Scale, row.cap/p.Scale
	ranks := workload.Zipf(row.keys, max(chunk*4, 1<<20/p.Scale), 0.99, 1)
	t := &trial[K, V]{kind: k, row: row, duration: p.Sample, keys: workload.Keys(ranks, k.key)}
	if row.keys <= row.cap {
		ranks = make([]uint32, row.keys)
		for i := range ranks {
			ranks[i] = uint32(row.keys - 1 - i) // the popular ones last
		}
	}
	t.filling = workload.Keys(ranks[:min(len(ranks), 4*row.cap)], k.key)
	return t
}

// fill makes the peer's cache and fills it.
func (t *trial[K, V]) fill(p peers.Peer[K, V]) {
	cfg := peers.Config[K, V]{Cap: t.row.cap, Stats: t.row.stats}
	if t.row.ttl {
		cfg.TTL = peers.TTL
	}
	value := t.value()
	if t.row.op == load {
		cfg.Load = func(key K) V { t.loaded.add(key); return value }
	}
	t.cache = p.New(cfg)
	for i, key := range t.filling {
		t.cache.Set(key, value)
		if i%1024 == 0 {
			t.cache.Settle()
		}
	}
	t.cache.Settle()
	if t.row.keys <= t.row.cap {
		for _, key := range t.filling {
			t.cache.Get(key) // no later Get is the first of its key
		}
		t.cache.Settle()
	}
	t.offset = len(t.filling) % len(t.keys) // every peer goes on with the same keys
}

// A sample is one timing.
type sample struct{ ns, bytes, hit, fill, delay float64 }

const (
	maxDelay = 3 // per cent of the time without a core, above which a sample is repeated
	attempts = 4
)

// sample times the cache, again if the machine had no core for it, and returns the least
// disturbed of the attempts.
func (t *trial[K, V]) sample(procs int) sample {
	runtime.GOMAXPROCS(procs)
	runtime.GC()
	t.run(procs, t.duration)
	best := t.run(procs, t.duration)
	for range attempts - 1 {
		if best.delay <= maxDelay {
			break
		}
		if again := t.run(procs, t.duration); again.delay < best.delay {
			best = again
		}
	}
	t.cache.Settle()
	return best
}

// run uses the cache from so many goroutines for some time.
func (t *trial[K, V]) run(procs int, duration time.Duration) sample {
	loop := t.loop()
	var wg sync.WaitGroup
	shares := make([]share, procs)
	t.loaded.reset()
	delay := waited()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for g := range shares {
		from := (t.offset + g*len(t.keys)/procs) % len(t.keys)
		wg.Go(func() { shares[g] = runShare(loop, t.keys, from, duration) })
	}
	wg.Wait()
	wall, fill := time.Since(start), t.cache.Len()
	runtime.ReadMemStats(&after)
	s := sample{delay: 100 * float64(waited()-delay) / float64(wall) / float64(procs)}
	var ops, gets, hits int
	rate := 0.0
	for _, sh := range shares {
		ops, gets, hits, rate = ops+sh.ops, gets+sh.gets, hits+sh.hits, rate+float64(sh.ops)/float64(sh.took)
	}
	if t.row.op == load {
		hits = gets - t.loaded.sum()
	}
	t.offset = (t.offset + ops/procs) % len(t.keys)
	s.ns, s.bytes = 1/rate, float64(after.TotalAlloc-before.TotalAlloc)/float64(ops)
	s.hit, s.fill = 100*float64(hits)/float64(gets), 100*float64(fill)/float64(t.row.cap)
	return s
}

// loop returns the row's loop over keys, which returns the number of Gets or Loads and,
// but for Loads, of hits.
func (t *trial[K, V]) loop() func(keys []K) (gets, hits int) {
	l, value := t.loops(t.cache), t.value()
	switch t.row.op {
	case mixed:
		return func(keys []K) (int, int) { return len(keys) / 4 * 3, l.Mixed(keys, value) }
	case load:
		return func(keys []K) (int, int) { l.Load(keys); return len(keys), 0 }
	}
	return func(keys []K) (int, int) { return len(keys), l.Get(keys) }
}

// A share is what one goroutine did.
type share struct {
	ops, gets, hits int
	took            time.Duration
}

// chunk is how many keys are used between two looks at the clock; a multiple of 4.
const chunk = 1024

func runShare[K any](loop func([]K) (gets, hits int), keys []K, from int, duration time.Duration) (s share) {
	from = from / chunk * chunk
	for start := time.Now(); s.took < duration; s.took = time.Since(start) {
		if from+chunk > len(keys) {
			from = 0
		}
		gets, hits := loop(keys[from : from+chunk])
		s.ops, s.gets, s.hits = s.ops+chunk, s.gets+gets, s.hits+hits
		from += chunk
	}
	return s
}

// A counter counts loads in cells that are far apart, so that counting costs little when
// two goroutines load.
type counter [64]struct {
	n atomic.Int64
	_ [120]byte
}

func (c *counter) add(key any) {
	var cell uint64
	switch k := key.(type) {
	case uint64:
		cell = k
	case string:
		cell = uint64(k[12])<<2 ^ uint64(k[13]) // hexadecimal digits
	}
	c[cell%64].n.Add(1)
}

func (c *counter) reset() {
	for i := range c {
		c[i].n.Store(0)
	}
}

func (c *counter) sum() (n int) {
	for i := range c {
		n += int(c[i].n.Load())
	}
	return n
}
