package cache

import (
	"math"
	"math/bits"
	"sort"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// A curve finds out, from a sample of the keys, what hit ratio an LRU cache of any capacity
// would have [1]. A key is sampled if some bits of its hash are below a threshold, so that
// of a sampled key all references are seen. The distance of a reference, the number of
// distinct keys used since the last one of its key, is that in the sample divided by the
// sampling rate; an LRU cache hits if its capacity is larger. The rate begins at 1 and is
// halved whenever the sample is full.
//
// The sample lies in a log in the order of last use, with a bit for each place that is
// still valid, so that a distance is a number of bits set. It takes about 190 KB.
//
// What it costs a Get is the comparison for a key that is not sampled, and some 50 ns for
// one that is. After every curveBurst sampled references the curve therefore rests, for as
// long as it takes until on average one reference in curveShare was sampled, but for
// curveRest at most. The traffic before and after is joined as if nothing had been between.
// At the same time all that was counted is halved, so that old traffic fades.
//
// [1] Waldspurger, Park, Garthwaite, Ahmad (2015). "Efficient MRC construction with
// SHARDS". FAST '15.
type curve struct {
	below atomic.Uint32 // the threshold; 0 while the curve rests
	_     [60]byte      // what follows is written often, what precedes seldom
	lost  atomic.Uint64 // sampled references that found the lock taken

	mu       sync.Mutex
	usage    func() usage // of the cache; no lock of it may be held
	burst    uint64       // sampled references until the curve rests
	halvings uint         // of the rate
	reach    int          // the largest distance that is of use

	log   [curveLog]uint64      // hashes, in the order of last use
	valid [curveLog / 64]uint64 // the places of log whose key was not used again
	block [curveBlocks]uint16   // how many are valid of blockWords words each
	index [curveLog]uint16      // the place in log plus one, by hash; 0: none
	uses  [curveLog]uint16      // of the key in log
	end   int                   // places of log in use
	keys  int                   // that are valid

	weight  [curveBuckets]float32          // of references by distance, each counting for 1/rate
	sum     float64                        // of the weights of all, those without a distance included
	square  [curveBuckets / coarse]float32 // as weight, of references each times those of its key
	squares float64                        // of all
	sampled uint64                         // references since the curve was made
	spent   uint64                         // sampled before the burst that goes on
	began   time.Time                      // that burst
	before  usage                          // of the cache when it began
	sumThen float64                        // sum when it began
	missed  float64                        // the weight of references lost in it
	past    traffic                        // before it, faded
}

// Traffic is what passed the cache while the curve looked.
type traffic struct{ references, hits, lookups float64 }

// Usage is what a curve must know of its cache.
type usage struct {
	hits, misses uint64
	entries      int // that fill the capacity
}

const (
	curveKeys    = 8192 // the most that are sampled
	curveLog     = 2 * curveKeys
	blockWords   = 16
	curveBlocks  = curveLog / 64 / blockWords
	curveReach   = 8 // times the capacity: distances beyond need not be known
	curveBurst   = 1 << 18
	curveShare   = 128
	curveRest    = 10 * time.Second
	maxHalvings  = 20
	fineBits     = 8 // there are 256 buckets of distances an octave
	coarse       = 4 // of them make one of squares
	curveBuckets = (13+maxHalvings-fineBits)<<fineBits + 2<<fineBits
)

// newCurve returns the curve of a cache that is empty and tells what it does by use.
func newCurve(capacity int, use func() usage) *curve {
	c := &curve{usage: use, burst: curveBurst, reach: reachOf(capacity), began: time.Now()}
	c.below.Store(c.threshold())
	return c
}

// observe is told of every reference.
func (c *curve) observe(h uint64) {
	if sampleBits(h) < c.below.Load() {
		c.sample(h)
	}
}

// sampleBits returns bits of a hash that choose neither the shard nor the tag.
func sampleBits(h uint64) uint32 { return uint32(h >> 24) }

// threshold returns what the sample bits must be below. At rate 1 that leaves out one key
// in 1<<32.
func (c *curve) threshold() uint32 { return uint32(min(uint64(1)<<(32-c.halvings), math.MaxUint32)) }

// sample counts a reference to a sampled key, unless another is just being counted.
func (c *curve) sample(h uint64) {
	if !c.mu.TryLock() {
		c.lost.Add(1)
		return
	}
	if sampleBits(h) < c.below.Load() {
		c.record(h)
	}
	c.mu.Unlock()
}

func (c *curve) record(h uint64) {
	if c.end == curveLog {
		c.compact(0)
	}
	i, uses := c.find(h), uint16(1)
	if p := int(c.index[i]) - 1; p >= 0 {
		uses = c.reuse(p)
		c.valid[p/64] &^= 1 << (p % 64)
		c.block[p/64/blockWords]--
	} else {
		if c.keys == curveKeys {
			if c.thin(); sampleBits(h) >= c.below.Load() {
				return
			}
			i = c.find(h)
		}
		c.keys++
	}
	c.append(i, h, uses)
	c.sum += c.each()
	c.squares += c.each() * float64(2*uses-1)
	if c.sampled++; c.sampled-c.spent >= c.burst {
		c.rest()
	}
}

// each returns how many references one in the sample stands for.
func (c *curve) each() float64 { return float64(uint64(1) << c.halvings) }

// reuse counts a reference to the key at place p and returns how many it has.
func (c *curve) reuse(p int) (uses uint16) {
	b := bucketOf(c.distance(p))
	uses = min(c.uses[p], math.MaxInt16-1) + 1
	c.weight[b] += float32(c.each())
	// The square of the key's uses grew by this one's, for which one is the first use's,
	// which has no distance, and by one for each other, whose distance is much like this.
	c.square[b/coarse] += float32(c.each() * float64(2*uses-2))
	return uses
}

// find returns where the index has hash h, or where it would.
func (c *curve) find(h uint64) int {
	for i := h * 0x9e3779b97f4a7c15 >> (64 - 14); ; i = (i + 1) % curveLog {
		if p := c.index[i]; p == 0 || c.log[p-1] == h {
			return int(i)
		}
	}
}

// append makes h the key used last, at place i of the index.
func (c *curve) append(i int, h uint64, uses uint16) {
	p := c.end
	c.log[p], c.uses[p] = h, uses
	c.valid[p/64] |= 1 << (p % 64)
	c.block[p/64/blockWords]++
	c.end++
	c.index[i] = uint16(c.end)
}

// distance returns the least capacity of an LRU cache that hits a reference to the key at
// place p. Between what two numbers of keys in the sample mean it takes any, evenly.
func (c *curve) distance(p int) uint64 {
	word := p / 64
	n := bits.OnesCount64(c.valid[word] >> (p % 64))
	last := word | (blockWords - 1)
	for _, w := range c.valid[word+1 : last+1] {
		n += bits.OnesCount64(w)
	}
	for _, k := range c.block[word/blockWords+1:] {
		n += int(k)
	}
	return uint64(n-1)<<c.halvings + c.sampled*0x9e3779b97f4a7c15>>(64-c.halvings) + 1
}

// thin makes room in the sample: by halving the rate, or, once the sample reaches as far as
// it need, by forgetting the keys that were not used for the longest time.
func (c *curve) thin() {
	for c.keys == curveKeys {
		if c.halvings == maxHalvings || curveKeys<<c.halvings >= c.reach {
			c.compact(curveKeys / 8)
			return
		}
		c.miss()
		c.halvings++
		c.below.Store(c.threshold())
		c.compact(0)
	}
}

// compact closes the gaps in the log, leaving out its oldest keys, as many as skip, and
// those that are not sampled any more.
func (c *curve) compact(skip int) {
	old, end := c.valid, c.end
	c.end, c.keys = 0, 0
	clear(c.valid[:])
	clear(c.block[:])
	clear(c.index[:])
	for p := range end {
		if old[p/64]>>(p%64)&1 == 0 {
			continue
		}
		if skip--; skip >= 0 {
			continue
		}
		if h := c.log[p]; sampleBits(h) < c.threshold() {
			c.append(c.find(h), h, c.uses[p])
			c.keys++
		}
	}
}

// reachOf returns how far the curve of a cache must reach.
func reachOf(capacity int) int { return int(min(uint(capacity)*curveReach, math.MaxInt)) }

// miss accounts for the references that were lost at this rate.
func (c *curve) miss() { c.missed += float64(c.lost.Swap(0) << c.halvings) }

// rest ends a burst: it fades what was counted, and looks away for a while if it must.
func (c *curve) rest() {
	now, length := c.usage(), time.Since(c.began)
	all := c.traffic(now)
	share := float64(c.sampled-c.spent) / max(1, all.lookups-c.past.lookups)
	c.past = traffic{all.references / 2, all.hits / 2, all.lookups / 2}
	c.sum /= 2
	c.squares /= 2
	for p, n := range c.uses {
		c.uses[p] = (n + 1) / 2
	}
	for i := range c.square {
		c.square[i] /= 2
	}
	for i := range c.weight {
		c.weight[i] /= 2
	}
	away := min(time.Duration(float64(length)*(share*curveShare-1)), curveRest)
	if away < length/16 {
		c.begin(now)
		return
	}
	c.below.Store(0)
	curve := weak.Make(c)
	time.AfterFunc(away, func() {
		if c := curve.Value(); c != nil {
			c.wake()
		}
	})
}

func (c *curve) wake() {
	c.mu.Lock()
	c.begin(c.usage())
	c.below.Store(c.threshold())
	c.mu.Unlock()
}

// begin begins a burst.
func (c *curve) begin(now usage) {
	c.lost.Store(0)
	c.before, c.began, c.spent, c.sumThen, c.missed = now, time.Now(), c.sampled, c.sum, 0
	if now.entries > 0 {
		c.reach = reachOf(now.entries)
	}
}

// traffic returns what passed up to now. While the rate is 1 the sample tells it exactly,
// else the cache's counters do.
func (c *curve) traffic(now usage) traffic {
	t := c.past
	if c.below.Load() == 0 {
		return t
	}
	c.miss()
	hits := float64(now.hits - min(now.hits, c.before.hits))
	lookups := hits + float64(now.misses-min(now.misses, c.before.misses))
	if c.halvings == 0 {
		t.references += c.sum - c.sumThen
	} else {
		t.references += max(0, lookups-c.missed)
	}
	t.hits += hits
	t.lookups += lookups
	return t
}

// bucketOf returns the bucket of a distance. Up to 2<<fineBits each has its own.
func bucketOf(distance uint64) int {
	shift := max(0, bits.Len64(distance)-fineBits-1)
	return shift<<fineBits + int(distance>>shift)
}

// bucketRange returns the distances of a bucket.
func bucketRange(b int) (first, last float64) {
	shift := max(0, b>>fineBits-1)
	n := uint64(b - shift<<fineBits)
	return float64(n << shift), float64((n+1)<<shift - 1)
}

// A Curve is an estimate of the hit ratio that an LRU cache of any capacity would have for
// the traffic that a cache has seen, the latest counting most. A cache of this package is
// rarely worse and sometimes much better: compare Measured, and the curve's shape.
//
// The error is mostly below half a point, for a sample of a few thousand keys. It is
// largest where a small difference of capacity makes a large one of the hit ratio.
type Curve struct {
	Keys       int     // in the sample
	References uint64  // sampled since the cache was made
	Rate       float64 // the part of the keys that is sampled
	// Reach is the largest capacity the curve is good for, about 7 times the cache's own;
	// beyond it the hit ratio is at least what the curve says.
	Reach int
	// Measured is the cache's own hit ratio for the same traffic.
	Measured float64

	capacities []float64 // rising
	ratios     []float64 // at these capacities; straight lines between
}

// A CurvePoint is the hit ratio at one capacity.
type CurvePoint struct {
	Capacity int
	HitRatio float64
}

// Curve returns what is known of the hit ratio at other capacities. It is empty if
// Options.Curve is not set.
func (c *Cache[K, V]) Curve() Curve {
	if c.curve == nil {
		return Curve{}
	}
	unit := 1.
	if n := c.Len(); c.opts.Weight != nil && n > 0 {
		unit = max(1e-9, float64(c.weight.Load())/float64(n))
	}
	return c.curve.read(unit)
}

// usage returns what the curve must know. It must not be called with a lock held.
func (c *Cache[K, V]) usage() (u usage) {
	st := c.Stats()
	u.hits, u.misses = st.Hits, st.Misses
	u.entries = c.Cap()
	if n, weight := c.Len(), c.weight.Load(); c.opts.Weight != nil && weight > 0 {
		u.entries = int(float64(u.entries) / float64(weight) * float64(n))
	}
	return u
}

// read returns the curve, for entries that weigh unit.
func (c *curve) read(unit float64) Curve {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.traffic(c.usage())
	v := Curve{Keys: c.keys, References: c.sampled, Rate: 1 / float64(uint64(1)<<c.halvings)}
	v.Reach = int(min(float64(c.reach)*unit, math.MaxInt/2))
	v.Measured = t.hits / max(1, t.lookups)
	v.add(0, 0)
	if t.references <= 0 {
		return v
	}
	hits, stretch := 0., c.stretch(t.references)
	for g := range c.square {
		group := c.weight[g*coarse:][:coarse]
		scale := c.scale(g, t.references)
		for i, w := range group {
			if w == 0 {
				continue
			}
			first, last := bucketRange(g*coarse + i)
			v.add((first-1)*stretch*unit, hits/t.references)
			hits += float64(w) * scale
			v.add(last*stretch*unit, hits/t.references)
		}
	}
	return v
}

// scale returns by how much the weights of a group of buckets must be multiplied, given
// the number of all references. The sample has more or fewer of them than it should,
// chiefly by chance of which hot keys are in it. The difference is dealt out to references
// according to how often their keys are used, as it is in the regression estimator: [1]
// gives all of it to the shortest distance, which is the same if it is due to the hottest
// keys, but not if, as in a loop, all keys are alike.
func (c *curve) scale(group int, references float64) float64 {
	sum := float32(0)
	for _, w := range c.weight[group*coarse:][:coarse] {
		sum += w
	}
	if sum == 0 || c.squares == 0 {
		return 1
	}
	return 1 + (references-c.sum)*float64(c.square[group]/sum)/c.squares
}

// stretch returns by how much distances must be multiplied: as scale, for the number of
// keys.
func (c *curve) stretch(references float64) float64 {
	keys := c.sum
	for _, w := range c.weight {
		keys -= float64(w)
	}
	if keys <= 0 || c.squares == 0 {
		return 1
	}
	return min(1.25, max(.8, 1+(references-c.sum)*c.sum/c.squares/keys))
}

// add appends a corner of the curve, which does not fall.
func (c *Curve) add(capacity, ratio float64) {
	if n := len(c.capacities); n > 0 {
		if capacity <= c.capacities[n-1] {
			return
		}
		ratio = max(ratio, c.ratios[n-1])
	}
	c.capacities = append(c.capacities, capacity)
	c.ratios = append(c.ratios, min(1, ratio))
}

// HitRatio returns the hit ratio of an LRU cache of that capacity, in [0,1]; 0 if nothing
// was seen yet.
func (c Curve) HitRatio(capacity int) float64 {
	i := sort.SearchFloat64s(c.capacities, float64(capacity))
	switch {
	case len(c.capacities) == 0 || capacity <= 0:
		return 0
	case i == len(c.capacities):
		return c.ratios[i-1]
	case i == 0:
		return c.ratios[0]
	}
	part := (float64(capacity) - c.capacities[i-1]) / (c.capacities[i] - c.capacities[i-1])
	return c.ratios[i-1] + part*(c.ratios[i]-c.ratios[i-1])
}

// Points returns n points of the curve for a plot, at capacities that are evenly spaced on a
// logarithmic scale up to where the curve ends.
func (c Curve) Points(n int) []CurvePoint {
	if len(c.capacities) < 2 {
		return nil
	}
	end := min(c.capacities[len(c.capacities)-1], float64(c.Reach))
	points := make([]CurvePoint, 0, n)
	for i := range n {
		capacity := int(math.Ceil(math.Pow(end, float64(i+1)/float64(n))))
		if k := len(points); k == 0 || points[k-1].Capacity != capacity {
			points = append(points, CurvePoint{capacity, c.HitRatio(capacity)})
		}
	}
	return points
}
