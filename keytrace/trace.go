package keytrace

import (
	"fmt"
	"io"
	"iter"
	"math"
	"sync"
	"time"

	"github.com/whetgo/whet/keytrace/format"
	"github.com/whetgo/whet/keytrace/policy"
)

// A Trace is a sequence of requests, in columns. Once its columns are set, several
// goroutines may use it; after the first call of a method they must not change.
type Trace struct {
	Keys  []uint64
	Sizes []uint32 // bytes of each request; nil: not known
	Times []int64  // in units of Tick; nil: not known
	Tick  time.Duration
	// Rate is the part of all keys that the trace is restricted to, in (0,1]; 0 stands
	// for 1, a whole trace.
	Rate float64
	// Total is how many requests there were in all, those for other keys included; 0:
	// not known. It makes the figures of samples better: a very popular key that is in
	// the sample, or is not, no longer shifts them.
	Total uint64

	once   sync.Once
	ids    []uint32
	unique int
}

// Len returns the number of requests in the trace.
func (t *Trace) Len() int { return len(t.Keys) }

// Unique returns the number of distinct keys in the trace. The first call takes 10 to 100 ns
// a request, with the number of keys.
func (t *Trace) Unique() int {
	_, n := t.IDs()
	return n
}

// IDs returns for each request the number of its key, counted from 0 in order of first
// use, and how many keys there are. The slice is the trace's own.
func (t *Trace) IDs() (ids []uint32, unique int) {
	t.once.Do(func() { t.ids, t.unique = number(t.Keys) })
	return t.ids, t.unique
}

// rate returns the sampling rate as a number in (0,1].
func (t *Trace) rate() float64 {
	if t.Rate == 0 {
		return 1
	}
	return t.Rate
}

// all returns how many requests the trace stands for.
func (t *Trace) all() float64 {
	if t.Total > 0 {
		return float64(t.Total)
	}
	return float64(t.Len()) / t.rate()
}

// missing returns how many requests more the sample should have had for its rate. They went
// to a few very popular keys that are not in it (or, if negative, that are): in a cache of
// any size these are hits (SHARDS-adj, FAST '15, section 3.4).
func (t *Trace) missing() float64 { return t.all()*t.rate() - float64(t.Len()) }

// Sample returns the requests for a part of the keys, chosen by hash: the same keys in
// every trace. A sample of a sample is possible. It panics unless 0 < rate ≤ 1.
func (t *Trace) Sample(rate float64) *Trace {
	limit := threshold(rate)
	s := &Trace{Tick: t.Tick, Rate: t.rate() * rate, Total: uint64(math.Round(t.all()))}
	for i, key := range t.Keys {
		if mix(key) > limit {
			continue
		}
		s.Keys = append(s.Keys, key)
		if t.Sizes != nil {
			s.Sizes = append(s.Sizes, t.Sizes[i])
		}
		if t.Times != nil {
			s.Times = append(s.Times, t.Times[i])
		}
	}
	return s
}

// threshold returns the largest hash of a sampled key.
func threshold(rate float64) uint64 {
	if !(rate > 0 && rate <= 1) {
		panic(fmt.Sprintf("keytrace: sampling rate %v", rate))
	}
	if rate == 1 {
		return math.MaxUint64
	}
	return uint64(rate * (1 << 64))
}

// mix is the finalizer of SplitMix64: every bit of the key decides about every bit.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Requests returns the requests one by one.
func (t *Trace) Requests() iter.Seq[format.Request] {
	return func(yield func(format.Request) bool) {
		for i, key := range t.Keys {
			q := format.Request{Key: key}
			if t.Sizes != nil {
				q.Size = t.Sizes[i]
			}
			if t.Times != nil {
				q.Time = t.Times[i]
			}
			if !yield(q) {
				return
			}
		}
	}
}

// Write writes the trace in a format: "keytrace", "plain", "csv" or "oraclegeneral". Only
// the first keeps everything.
func (t *Trace) Write(w io.Writer, name string) error {
	m := format.Meta{Sizes: t.Sizes != nil, Times: t.Times != nil, Tick: t.Tick, Rate: t.rate(), Total: t.Total}
	return format.Write(w, name, m, t.Requests())
}

// Workload returns the trace as policies want it. With bytes, each key has the largest of
// its sizes.
func (t *Trace) Workload(bytes bool) *policy.Workload {
	ids, unique := t.IDs()
	w := &policy.Workload{IDs: ids, Unique: unique}
	if bytes && t.Sizes != nil {
		w.Sizes = make([]uint32, unique)
		for i, id := range ids {
			w.Sizes[id] = max(w.Sizes[id], t.Sizes[i])
		}
	}
	return w
}
