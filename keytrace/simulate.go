package keytrace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whetgo/whet/keytrace/policy"
)

// Options say how to simulate. The zero value simulates all requests and counts entries.
type Options struct {
	// Rate simulates a part of the keys, in caches smaller by that part; 0 stands for 1.
	Rate float64
	// TTL is how long an entry is good after it was loaded; 0: forever. An entry that is
	// asked for later is a miss and is loaded again in its place. The trace must have
	// times; where their unit is not known, it is taken to be a second.
	TTL time.Duration
	// Bytes takes sizes to be bytes. The trace must have sizes and the policies must
	// heed them.
	Bytes bool
	// Progress, if not nil, is told now and then how many of all simulated requests are
	// done, by several goroutines, one at a time.
	Progress func(done, all int64)
}

// A Report is what came out of a simulation.
type Report struct {
	Trace Summary `json:"trace"`
	// Rows are by policy, then size, in the order that was asked for.
	Rows []Row `json:"rows"`
	// Warnings say where figures are weaker than they look.
	Warnings []string `json:"warnings,omitempty"`

	groups map[place]*residuals // of a sample
}

// A place is where a row stands.
type place struct {
	policy string
	size   int
}

// A Summary describes a trace. Of a sample, numbers are estimates for the whole.
type Summary struct {
	Requests int `json:"requests"`
	Unique   int `json:"unique"`
	// Rate is the part of keys that was simulated.
	Rate float64 `json:"rate"`
	// MeanSize is the mean size of distinct keys in bytes, 0 if not known.
	MeanSize float64       `json:"meanSize,omitempty"`
	Duration time.Duration `json:"duration,omitempty"` // in nanoseconds, of a trace with times
	TTL      time.Duration `json:"ttl,omitempty"`
	Bytes    bool          `json:"bytes,omitempty"` // sizes of rows are bytes
}

// A Row is one policy at one size.
type Row struct {
	Policy   string `json:"policy"`
	Title    string `json:"title"`
	Offline  bool   `json:"offline,omitempty"` // a bound
	Size     int    `json:"size"`              // entries, or bytes
	Capacity int    `json:"capacity"`          // as simulated: of a sample, smaller
	Requests int    `json:"requests"`          // simulated
	Hits     int    `json:"hits"`              // of these
	// HitRatio is adjusted for the keys that a sample lacks.
	HitRatio float64 `json:"hitRatio"`
	// ByteHitRatio is the part of all bytes asked for that were hits, of a trace with
	// sizes.
	ByteHitRatio float64 `json:"byteHitRatio,omitempty"`
}

// Simulate replays a trace against each policy at each size, on as many goroutines as
// there are processors. A replay takes 8 to 100 ns a request and 12 to 40 bytes a distinct
// key. It fails if the options ask for what the trace or a policy cannot give, or with the
// [context.Cause] of ctx.
func Simulate(ctx context.Context, t *Trace, policies []policy.Info, sizes []int, o Options) (*Report, error) {
	if err := o.check(t, policies, sizes); err != nil {
		return nil, err
	}
	if o.Rate != 0 && o.Rate != 1 {
		t = t.Sample(o.Rate)
	}
	s := &simulation{t: t, w: t.Workload(o.Bytes), ttl: ticks(o.TTL, t.Tick), progress: o.Progress}
	r := &Report{Trace: t.summary(o), Rows: make([]Row, 0, len(policies)*len(sizes))}
	for _, p := range policies {
		for _, size := range sizes {
			capacity := max(1, int(math.Round(float64(size)*t.rate())))
			r.Rows = append(r.Rows, Row{Policy: p.Name, Title: p.Title, Offline: p.Offline, Size: size, Capacity: capacity, Requests: t.Len()})
		}
	}
	if t.rate() < 1 {
		s.keys, r.groups = t.uses(), make(map[place]*residuals)
		for _, row := range r.Rows {
			r.groups[place{row.Policy, row.Size}] = new(residuals)
		}
	}
	s.all = int64(len(r.Rows)) * int64(t.Len())
	s.run(ctx, r, func(i int) policy.Info { return policies[i/len(sizes)] })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	r.warn(t)
	return r, nil
}

func (o Options) check(t *Trace, policies []policy.Info, sizes []int) error {
	if o.Rate < 0 || o.Rate > 1 || math.IsNaN(o.Rate) {
		return fmt.Errorf("sampling rate %v: want a number in (0,1]", o.Rate)
	}
	if o.TTL < 0 || o.TTL > 0 && t.Times == nil {
		return errors.New("a TTL wants a trace with times")
	}
	if o.Bytes && t.Sizes == nil {
		return errors.New("sizes in bytes want a trace with sizes")
	}
	for _, p := range policies {
		if o.Bytes && !p.Bytes {
			return fmt.Errorf("policy %s counts entries, not bytes", p.Name)
		}
	}
	for _, size := range sizes {
		if size < 1 {
			return fmt.Errorf("a cache of size %d", size)
		}
	}
	return nil
}

// ticks returns a TTL in units of a trace's times, at least 1 if there is one.
func ticks(ttl, tick time.Duration) int64 {
	if ttl == 0 {
		return 0
	}
	if tick == 0 {
		tick = time.Second
	}
	return max(1, int64(ttl/tick))
}

type simulation struct {
	t        *Trace
	w        *policy.Workload
	ttl      int64    // 0: none
	keys     []keyUse // by id, of a sample
	all      int64
	done     atomic.Int64
	mu       sync.Mutex // held during progress
	progress func(done, all int64)
}

// run fills in the rows, each by one of several goroutines.
func (s *simulation) run(ctx context.Context, r *Report, info func(i int) policy.Info) {
	rows := r.Rows
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rows)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(rows) {
					return
				}
				s.replay(ctx, &rows[i], info(i).New(s.w, rows[i].Capacity), r.groups[place{rows[i].Policy, rows[i].Size}])
			}
		})
	}
	wg.Wait()
}

// replay asks p for all requests, a stretch of them at a time.
func (s *simulation) replay(ctx context.Context, row *Row, p policy.Policy, left *residuals) {
	stretch := s.plain
	e := &entries{}
	if s.ttl > 0 || s.t.Sizes != nil || s.keys != nil {
		stretch = s.full
		if s.keys != nil {
			e.hits = make([]uint32, s.w.Unique)
		}
		if s.ttl > 0 {
			e.loaded = make([]int64, s.w.Unique)
		}
	}
	for from := 0; from < len(s.w.IDs) && ctx.Err() == nil; from += often {
		to := min(from+often, len(s.w.IDs))
		row.Hits += stretch(p, e, from, to)
		s.report(int64(to - from))
	}
	if all := s.t.all() * s.t.rate(); s.t.Len() > 0 && all > 0 {
		row.HitRatio = min(1, max(0, (float64(row.Hits)+left.fit(s.keys, e.hits)*s.t.missing())/all))
	}
	if e.bytes > 0 {
		row.ByteHitRatio = float64(e.hitBytes) / float64(e.bytes)
	}
}

func (s *simulation) plain(p policy.Policy, _ *entries, from, to int) (hits int) {
	for _, id := range s.w.IDs[from:to] {
		if p.Access(id) {
			hits++
		}
	}
	return hits
}

// entries is what a replay knows of entries besides whether they are held.
type entries struct {
	loaded          []int64 // by id, with a TTL
	bytes, hitBytes uint64
	hits            []uint32 // by id, of a sample
}

func (s *simulation) full(p policy.Policy, e *entries, from, to int) (hits int) {
	for i := from; i < to; i++ {
		id := s.w.IDs[i]
		hit := p.Access(id)
		if s.ttl > 0 {
			now := s.t.Times[i]
			if now-e.loaded[id] >= s.ttl {
				hit = false
			}
			if !hit {
				e.loaded[id] = now
			}
		}
		if hit {
			hits++
			if e.hits != nil {
				e.hits[id]++
			}
		}
		if s.t.Sizes != nil {
			n := uint64(s.t.Sizes[i])
			e.bytes += n
			if hit {
				e.hitBytes += n
			}
		}
	}
	return hits
}

func (s *simulation) report(n int64) {
	if s.progress == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress(s.done.Add(n), s.all)
}

func (t *Trace) summary(o Options) Summary {
	ids, unique := t.IDs()
	s := Summary{Requests: int(math.Round(t.all())), Unique: int(math.Round(float64(unique) / t.rate())), Rate: t.rate(), TTL: o.TTL, Bytes: o.Bytes}
	if n := len(t.Times); n > 0 {
		tick := t.Tick
		if tick == 0 {
			tick = time.Second
		}
		s.Duration = time.Duration(t.Times[n-1]-t.Times[0]) * tick
	}
	if t.Sizes != nil && unique > 0 {
		sum, seen := 0.0, make([]bool, unique)
		for i, id := range ids {
			if !seen[id] {
				seen[id] = true
				sum += float64(t.Sizes[i])
			}
		}
		s.MeanSize = sum / float64(unique)
	}
	return s
}

// few is the number of sampled keys, or entries, below which figures are coarse.
const (
	fewKeys    = 2000
	fewEntries = 50
)

func (r *Report) warn(t *Trace) {
	if r.Trace.Rate == 1 {
		return
	}
	if n := t.Unique(); n < fewKeys {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the sample has %d keys: with fewer than %d, hit ratios may be off by several points", n, fewKeys))
	}
	for _, row := range r.Rows {
		if row.Capacity < fewEntries {
			r.Warnings = append(r.Warnings, fmt.Sprintf("sizes below %.0f are simulated with fewer than %d entries: their hit ratios are coarse", math.Ceil(fewEntries/r.Trace.Rate), fewEntries))
			return
		}
	}
}
