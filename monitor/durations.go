package monitor

import (
	"math"
	"reflect"
	"runtime/metrics"
	"slices"
	"time"

	"github.com/whetgo/whet/hist"
)

// Durations are a distribution of durations. They never change, so any goroutine may ask
// them; nil is of none at all.
type Durations struct {
	hist    hist.Snapshot // of nanoseconds
	runtime *buckets      // if it is one of package runtime/metrics, else nil
}

// Count returns how many durations there are.
func (d *Durations) Count() uint64 {
	switch {
	case d == nil:
		return 0
	case d.runtime != nil:
		return d.runtime.count
	}
	return d.hist.Count()
}

func (d *Durations) count() float64 { return float64(d.Count()) }

// Sum returns the sum of all, within 1/32,768; of the runtime's it is that of the middles
// of its buckets.
func (d *Durations) Sum() time.Duration {
	switch {
	case d == nil:
		return 0
	case d.runtime != nil:
		return seconds(d.runtime.sum())
	}
	return time.Duration(d.hist.Sum())
}

// Mean returns the mean, 0 if there are none.
func (d *Durations) Mean() time.Duration {
	if d.Count() == 0 {
		return 0
	}
	return time.Duration(float64(d.Sum()) / d.count())
}

// Quantile returns the smallest duration such that at least the part q of all are not
// longer, within 1/128; of the runtime's it is the middle of its bucket. Of none it is 0.
// It panics if q is not in [0,1].
func (d *Durations) Quantile(q float64) time.Duration {
	switch {
	case d == nil:
		return 0
	case d.runtime != nil:
		return seconds(d.runtime.quantile(q))
	}
	return time.Duration(d.hist.Quantile(q))
}

// AtMost returns how many are not longer than limit. It is exact if limit is one nanosecond
// less than a power of two of them, and may else leave out those that are longer than
// 63/64 of it.
func (d *Durations) AtMost(limit time.Duration) uint64 {
	switch {
	case d == nil:
		return 0
	case d.runtime != nil:
		return d.runtime.atMost(limit.Seconds())
	}
	return d.hist.AtMost(int64(limit))
}

// sub returns the durations that d has and earlier does not.
func (d *Durations) sub(earlier *Durations) *Durations {
	switch {
	case d == nil || earlier == nil:
		return d
	case d.runtime != nil && earlier.runtime != nil:
		return &Durations{runtime: d.runtime.sub(earlier.runtime)}
	}
	return &Durations{hist: d.hist.Sub(earlier.hist)}
}

var (
	snapshotType  = reflect.TypeFor[hist.Snapshot]()
	histogramType = reflect.TypeFor[*hist.Histogram]()
)

// isDurations reports whether a field of type t is a distribution.
func isDurations(t reflect.Type) bool { return t == snapshotType || t == histogramType }

// durationsIn returns the distribution in a field.
func durationsIn(v reflect.Value) *Durations {
	switch d := v.Interface().(type) {
	case hist.Snapshot:
		return &Durations{hist: d}
	case *hist.Histogram:
		if d != nil {
			return &Durations{hist: d.Snapshot()}
		}
	}
	return &Durations{}
}

// Buckets are a histogram of package runtime/metrics: counts[i] seconds lie from limits[i]
// to limits[i+1].
type buckets struct {
	limits []float64 // may begin with -Inf and end with +Inf; shared
	counts []uint64
	count  uint64
}

// ofRuntime returns the distribution of a histogram that the runtime may write to again.
func ofRuntime(h *metrics.Float64Histogram) *Durations {
	b := &buckets{limits: h.Buckets, counts: slices.Clone(h.Counts)}
	for _, n := range b.counts {
		b.count += n
	}
	return &Durations{runtime: b}
}

// middle returns what stands for the values of bucket i.
func (b *buckets) middle(i int) float64 {
	lo, hi := b.limits[i], b.limits[i+1]
	switch {
	case math.IsInf(lo, -1):
		return max(0, min(hi, 0))
	case math.IsInf(hi, 1):
		return lo
	}
	return lo + (hi-lo)/2
}

func (b *buckets) sum() (sum float64) {
	for i, n := range b.counts {
		if n > 0 {
			sum += float64(n) * b.middle(i)
		}
	}
	return sum
}

func (b *buckets) quantile(q float64) float64 {
	if !(q >= 0 && q <= 1) {
		panic("monitor: quantile is not in [0,1]")
	}
	if b.count == 0 {
		return 0
	}
	rank := uint64(max(1, math.Ceil(q*float64(b.count))))
	last := 0.
	for i, n := range b.counts {
		if n == 0 {
			continue
		}
		if last = b.middle(i); n >= rank {
			break
		}
		rank -= n
	}
	return last
}

func (b *buckets) atMost(limit float64) (n uint64) {
	for i, k := range b.counts {
		if b.limits[i+1] > limit {
			break
		}
		n += k
	}
	return n
}

// sub returns what b counts and earlier does not, or b if earlier is not an earlier one.
func (b *buckets) sub(earlier *buckets) *buckets {
	if len(b.counts) != len(earlier.counts) || b.count < earlier.count {
		return b
	}
	d := &buckets{limits: b.limits, counts: slices.Clone(b.counts)}
	for i := range d.counts {
		d.counts[i] -= min(d.counts[i], earlier.counts[i])
		d.count += d.counts[i]
	}
	return d
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
