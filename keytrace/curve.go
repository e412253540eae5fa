package keytrace

import (
	"context"
	"math"
	"slices"
	"sort"
)

// A Curve says what hit ratio an LRU cache of any size has. It never changes.
type Curve struct {
	sizes []float64 // rising
	hits  []float64 // of a cache of that size, and of all up to the next
	total float64
	// Unique is the number of distinct keys, estimated in a sample: a larger cache has
	// no more hits.
	Unique int
	// Keys is how many distinct keys the curve was computed from.
	Keys int
}

// A Point is one size of a curve.
type Point struct {
	Size     int     `json:"size"`
	HitRatio float64 `json:"hitRatio"`
}

// HitRatioAt returns the fraction of requests that hit in an LRU cache of that many
// entries, in [0,1]; 0 of an empty trace. It takes O(log n) time.
func (c *Curve) HitRatioAt(size int) float64 {
	at := sort.Search(len(c.sizes), func(i int) bool { return c.sizes[i] > float64(size)+1e-9 })
	if at == 0 || c.total <= 0 {
		return 0
	}
	return min(1, max(0, c.hits[at-1]/c.total))
}

// MissRatioAt is 1 - HitRatioAt.
func (c *Curve) MissRatioAt(size int) float64 { return 1 - c.HitRatioAt(size) }

// Points returns the curve at given sizes.
func (c *Curve) Points(sizes []int) []Point {
	ps := make([]Point, len(sizes))
	for i, size := range sizes {
		ps[i] = Point{size, c.HitRatioAt(size)}
	}
	return ps
}

// SizeFor returns the smallest number of entries with at least that hit ratio, and false
// if no LRU cache has it.
func (c *Curve) SizeFor(hitRatio float64) (int, bool) {
	at := sort.Search(len(c.hits), func(i int) bool { return c.hits[i] >= hitRatio*c.total })
	if at == len(c.hits) {
		return 0, false
	}
	return int(math.Ceil(c.sizes[at])), true
}

// LRUCurve returns the LRU curve of a trace: exact if it is whole, else, as SHARDS with a
// fixed rate, scaled by the rate and adjusted by Total. It takes O(n log u) time for n
// requests and u keys (30 to 100 ns a request) and memory for u.
//
// LRUCurve(ctx, t.Sample(0.01)) takes 2 ns a request of t. The error comes from
// [context.Cause].
//
// [1] Mattson, Gecsei, Slutz, Traiger (1970). "Evaluation techniques for storage
// hierarchies". IBM Systems Journal 9 (2).
func LRUCurve(ctx context.Context, t *Trace) (*Curve, error) {
	ids, unique := t.IDs()
	var r recency
	count := make([]uint32, unique+1) // by distance
	for i, id := range ids {
		if i%often == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		count[r.touch(id)]++
	}
	rate, missing := t.rate(), t.missing()
	c := &Curve{total: float64(len(ids)) + missing, Unique: int(math.Round(float64(unique) / rate)), Keys: unique}
	hits := missing
	for d, n := range count {
		if n == 0 || d == 0 {
			continue
		}
		hits += float64(n)
		c.add(float64(d)/rate, hits)
	}
	return c, nil
}

// add appends a step of the curve.
func (c *Curve) add(size, hits float64) {
	c.sizes = append(c.sizes, size)
	c.hits = append(c.hits, hits)
}

// Sizes returns sizes to look at: 0.5, 1, 2.5, 5, 10, 25 and 50 % of the trace's distinct
// keys, estimated if it is a sample, without those below 10.
func Sizes(t *Trace) []int {
	unique := float64(t.Unique()) / t.rate()
	var sizes []int
	for _, percent := range []float64{.5, 1, 2.5, 5, 10, 25, 50} {
		if n := int(math.Round(unique * percent / 100)); n >= 10 {
			sizes = append(sizes, n)
		}
	}
	if len(sizes) == 0 && unique > 0 {
		sizes = append(sizes, max(1, int(unique/2)))
	}
	return slices.Compact(sizes)
}
