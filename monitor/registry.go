package monitor

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// A Registry names and holds instruments, and sources that are read beside them. The zero
// Registry is ready to use, by any goroutine. It must not be copied.
type Registry struct {
	mu      sync.RWMutex // guards what follows
	byName  map[string]instrument
	own     []named // sorted by name
	sources []*added
}

// An instrument is a Counter, Gauge or Timer.
type instrument interface{ read(name string) Metric }

type named struct {
	name string
	instrument
}

type added struct{ Source }

// Counter returns the counter of that name, the same for the same name, and makes it at the
// first call. It panics if the name is malformed or that of another kind of instrument.
//
// Keep what it returns: finding it again takes a lock and a look-up.
func (r *Registry) Counter(name string) *Counter {
	return find(r, name, func() *Counter { return new(Counter) })
}

// Gauge is as Counter, for a gauge.
func (r *Registry) Gauge(name string) *Gauge {
	return find(r, name, func() *Gauge { return new(Gauge) })
}

// Timer is as Counter, for a timer. The unit of the name must be seconds, in which what it
// measured is told.
func (r *Registry) Timer(name string) *Timer {
	if !strings.HasSuffix(name, ":seconds") {
		panic("monitor: the unit of timer " + quoted(name) + " is not seconds")
	}
	return find(r, name, newTimer)
}

// find returns the instrument of that name, made if there is none.
func find[I instrument](r *Registry, name string, make func() I) I {
	r.mu.RLock()
	have, ok := r.byName[name]
	r.mu.RUnlock()
	if !ok {
		checkName(name)
		have = r.add(name, make())
	}
	i, ok := have.(I)
	if !ok {
		panic("monitor: " + quoted(name) + " is an instrument of another kind")
	}
	return i
}

// add makes i the instrument of that name, unless somebody else has just made one.
func (r *Registry) add(name string, i instrument) instrument {
	r.mu.Lock()
	defer r.mu.Unlock()
	if have, ok := r.byName[name]; ok {
		return have
	}
	if r.byName == nil {
		r.byName = make(map[string]instrument)
	}
	r.byName[name] = i
	at, _ := slices.BinarySearchFunc(r.own, name, func(n named, name string) int { return strings.Compare(n.name, name) })
	r.own = slices.Insert(slices.Clip(r.own), at, named{name, i}) // a new array: a Snapshot may be reading the old
	return i
}

// Add makes s part of every snapshot, until remove is called. It panics if s says that it is
// a subject whose name another source has.
func (r *Registry) Add(s Source) (remove func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name := subjectName(s); name != "" && slices.ContainsFunc(r.sources, func(a *added) bool { return subjectName(a.Source) == name }) {
		panic("monitor: " + quoted(name) + " is watched already")
	}
	a := &added{s}
	r.sources = append(slices.Clip(r.sources), a)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.sources = slices.DeleteFunc(slices.Clone(r.sources), func(o *added) bool { return o == a })
	}
}

// parts returns what is to be read. Nothing changes it.
func (r *Registry) parts() ([]named, []*added) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.own, r.sources
}

// Snapshot reads all instruments and sources, one after the other: it takes O(metrics) and
// stops nobody who writes. No lock is held while sources are read.
func (r *Registry) Snapshot() Snapshot {
	own, sources := r.parts()
	s := Snapshot{At: time.Now(), Metrics: make([]Metric, 0, len(own)+32*len(sources))}
	for _, i := range own {
		s.Metrics = append(s.Metrics, i.read(i.name))
	}
	for _, src := range sources {
		src.Read(func(m Metric) { s.Metrics = append(s.Metrics, m) })
	}
	s.sort()
	return s
}

// Subjects describes the sources that are subjects, sorted by name.
func (r *Registry) Subjects() []Subject {
	_, sources := r.parts()
	var all []Subject
	for _, src := range sources {
		if d, ok := src.Source.(describer); ok {
			all = append(all, d.Subject())
		}
	}
	slices.SortFunc(all, func(a, b Subject) int { return strings.Compare(a.Name, b.Name) })
	return all
}
