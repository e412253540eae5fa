package memprof

import (
	"runtime"
	"slices"
	"sync"
)

// Options say what a [Profiler] watches. Nil and the zero Options are the defaults.
type Options struct {
	Keep int // snapshots kept, the oldest are dropped; 0: 128, at least MinEpochs
	// Sites: also watch what is alive by the line that allocated it. It is sampled, an
	// object in some runtime.MemProfileRate bytes; what leaks slowly is seen soon only
	// where the program sets that to a few KB when it starts. An epoch takes some
	// milliseconds more for a thousand stacks.
	Sites bool
}

// A Profiler takes snapshots of the memory of this process at the end of epochs (rounds of
// a test, minutes of a service) and says what grew. It holds a fixed number of them, and
// what it holds itself is not in the heap that it reports. It is safe for concurrent use;
// what other goroutines have alive at a moment is in the snapshot.
type Profiler struct {
	mu      sync.Mutex
	base    Snapshot
	taken   []Snapshot // of capacity keep, which never changes
	dropped int
	sites   *sites // nil: not watched
}

// New returns a Profiler, and takes its baseline.
func New(opts *Options) *Profiler {
	if opts == nil {
		opts = new(Options)
	}
	keep := opts.Keep
	if keep == 0 {
		keep = 128
	}
	p := &Profiler{taken: make([]Snapshot, 0, max(MinEpochs, keep))}
	if opts.Sites {
		p.sites = newSites(cap(p.taken) + 1)
	}
	p.Baseline()
	return p
}

// Baseline collects garbage, forgets all snapshots, and takes what later ones are compared
// with.
func (p *Profiler) Baseline() Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken, p.dropped = p.taken[:0], 0
	p.base = p.take("baseline", true)
	return p.base
}

// Snapshot collects garbage (see [Collect]), so that what is counted is alive, and keeps
// what there is under the label. It is the end of an epoch.
func (p *Profiler) Snapshot(label string) Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.take(label, false)
	if len(p.taken) == cap(p.taken) {
		p.taken = slices.Delete(p.taken, 0, 1)
		p.dropped++
	}
	p.taken = append(p.taken, s)
	return s
}

// take is called with mu held.
func (p *Profiler) take(label string, first bool) Snapshot {
	Collect()
	own := Footprint(p.sites)
	if p.sites != nil {
		p.sites.epoch(first)
		own = Footprint(p.sites)
		runtime.GC() // what looking at itself took
	}
	s := Take(label)
	s.Heap -= min(s.Heap, own.Bytes)
	s.Objects -= min(s.Objects, own.Objects)
	return s
}

// Report says what grew since the baseline. The profiler goes on.
func (p *Profiler) Report() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := Report{Baseline: p.base, Snapshots: slices.Clone(p.taken), Dropped: p.dropped, SampleRate: runtime.MemProfileRate}
	epochs := r.Snapshots
	if p.dropped == 0 {
		epochs = append([]Snapshot{p.base}, epochs...)
	}
	heap, goroutines := make([]float64, len(epochs)), make([]float64, len(epochs))
	for i, s := range epochs {
		heap[i], goroutines[i] = float64(s.Heap), float64(s.Goroutines)
	}
	r.Heap = Judge(heap, LeastBytes)
	r.Goroutines = Judge(goroutines, MinEpochs)
	if p.sites != nil {
		r.Sites = p.sites.judge()
	}
	return r
}
