package keytrace

import (
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whetgo/whet/keytrace/format"
)

// RecordOptions say how much a Recorder keeps. The zero value is good.
type RecordOptions struct {
	// Rate is the part of keys that is recorded, in (0,1]; 0 stands for 1. Without a
	// stream the recorder lowers it by itself when it runs out of room.
	Rate float64
	// Max is the largest number of requests held in memory, at 24 bytes each; 0 stands
	// for 1 Mi. At the limit the rate is halved, and requests for keys that are no
	// longer sampled are dropped: the trace still covers the whole time.
	Max int
	// Stream, if not nil, takes the requests in the format "keytrace" in place of memory.
	// Every 4096th sampled request waits for it. Close ends it.
	Stream io.Writer
	// Sizes and Times say what is recorded of a request. Times are microseconds since
	// the recorder was made.
	Sizes, Times bool
}

// A Recorder records which keys a cache is asked for. It may be attached to any cache that
// can call Observe with the key of each Get, whether it hits or not. It is safe for
// concurrent use; a request that is not sampled costs a hash and a compare, one that is
// takes a mutex.
//
// Recorded keys are hashes under a random seed: equal keys have equal ones within one
// recorder, and the keys themselves cannot be found from them.
type Recorder[K comparable] struct {
	limit atomic.Uint64 // the largest hash that is sampled
	seed  maphash.Seed
	opts  RecordOptions
	start time.Time

	mu     sync.Mutex // guards what follows
	held   []format.Request
	stream *format.Writer
	err    error
	total  uint64
}

// NewRecorder returns a Recorder that is ready. The error is the stream's. It panics if
// the rate is not in [0,1] or Max is negative.
func NewRecorder[K comparable](o RecordOptions) (*Recorder[K], error) {
	if o.Rate == 0 {
		o.Rate = 1
	}
	if o.Max == 0 {
		o.Max = 1 << 20
	}
	if o.Max < 0 {
		panic(fmt.Sprintf("keytrace: a recorder of %d requests", o.Max))
	}
	r := &Recorder[K]{seed: maphash.MakeSeed(), opts: o, start: time.Now()}
	r.limit.Store(threshold(o.Rate))
	if o.Stream == nil {
		return r, nil
	}
	var err error
	r.stream, err = format.NewWriter(o.Stream, r.meta())
	return r, err
}

func (r *Recorder[K]) meta() format.Meta {
	m := format.Meta{Rate: r.opts.Rate, Sizes: r.opts.Sizes, Times: r.opts.Times}
	if m.Times {
		m.Tick = time.Microsecond
	}
	return m
}

// Observe notes a request.
func (r *Recorder[K]) Observe(key K) { r.ObserveSize(key, 0) }

// ObserveSize notes a request for an entry of that many bytes.
func (r *Recorder[K]) ObserveSize(key K, size uint32) {
	if h := maphash.Comparable(r.seed, key); h <= r.limit.Load() {
		r.add(h, size)
	}
}

// ObserveHash notes a request by a 64-bit hash of its key, which a cache has at hand: then
// only the compare is paid. All bits of the hash must be well mixed. A recorder may be
// given hashes or keys, not both.
func (r *Recorder[K]) ObserveHash(hash uint64, size uint32) {
	if hash <= r.limit.Load() {
		r.add(hash, size)
	}
}

func (r *Recorder[K]) add(h uint64, size uint32) {
	q := format.Request{Key: h, Size: size}
	r.mu.Lock()
	defer r.mu.Unlock()
	if h > r.limit.Load() { // lowered meanwhile
		return
	}
	if r.opts.Times { // taken here, so that times never fall
		q.Time = time.Since(r.start).Microseconds()
	}
	if r.stream != nil {
		if r.err == nil {
			r.err = r.stream.Write(q)
		}
		return
	}
	if len(r.held) == r.opts.Max {
		r.thin()
		if h > r.limit.Load() {
			return
		}
	}
	r.held = append(r.held, q)
}

// thin halves the rate until a quarter of the memory is free. A single key that makes up
// most requests goes sooner or later; Total then tells that it is missing.
func (r *Recorder[K]) thin() {
	limit := r.limit.Load()
	for len(r.held) > r.opts.Max*3/4 {
		limit /= 2
		r.held = slices.DeleteFunc(r.held, func(q format.Request) bool { return q.Key > limit || limit == 0 })
	}
	r.limit.Store(limit)
}

// SetTotal says how many requests there were since the recorder was attached, sampled or
// not: a cache's hits and misses. It need not be said, but makes the figures better.
func (r *Recorder[K]) SetTotal(n uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total = n
}

// Trace returns a copy of what was recorded up to now. Of a recorder with a stream it is
// empty.
func (r *Recorder[K]) Trace() *Trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.meta()
	t := &Trace{Tick: m.Tick, Rate: (float64(r.limit.Load()) + 1) / (1 << 64), Total: r.total}
	t.Keys = make([]uint64, len(r.held))
	if m.Sizes {
		t.Sizes = make([]uint32, len(r.held))
	}
	if m.Times {
		t.Times = make([]int64, len(r.held))
	}
	for i, q := range r.held {
		t.Keys[i] = q.Key
		if m.Sizes {
			t.Sizes[i] = q.Size
		}
		if m.Times {
			t.Times[i] = q.Time
		}
	}
	return t
}

// Close ends the stream and returns its first error. What is observed later is lost. A
// recorder without a stream has nothing to close.
func (r *Recorder[K]) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stream == nil || r.err != nil {
		return r.err
	}
	return r.stream.Close(r.total)
}
