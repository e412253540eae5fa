package keytrace

import "math"

// groups is into how many random parts the keys of a sample are dealt: from how hits differ
// between them follows how they would between samples (the method of random groups [1]).
//
// [1] Wolter (2007). "Introduction to Variance Estimation", chapter 2.
const groups = 64

// A keyUse is what is known of a sampled key before any simulation.
type keyUse struct {
	requests uint32
	group    uint8
}

// uses returns how the keys are used, by id. The group is chosen by bits of the hash that
// did not choose the sample.
func (t *Trace) uses() []keyUse {
	ids, unique := t.IDs()
	keys := make([]keyUse, unique)
	for i, id := range ids {
		keys[id].requests++
		keys[id].group = uint8(mix(t.Keys[i]) % groups)
	}
	return keys
}

// Residuals are, by group, the hits that the number of requests for a key does not explain.
type residuals [groups]float64

// fit returns how many hits a request more or fewer for the sampled keys stands for, and
// keeps what it leaves unexplained. It is the slope of a line through 0 (regression
// estimator), so that keys count by the square of their requests, as they do in the chance
// that makes a sample too large or too small: where that is due to a few very popular keys
// nearly all are hits. Of a whole trace there is nothing to fit.
func (left *residuals) fit(keys []keyUse, hits []uint32) (slope float64) {
	if left == nil {
		return 0
	}
	products, squares := 0.0, 0.0
	for id, key := range keys {
		products += float64(key.requests) * float64(hits[id])
		squares += float64(key.requests) * float64(key.requests)
	}
	if squares == 0 {
		return 0
	}
	slope = products / squares
	for id, key := range keys {
		left[key.group] += float64(hits[id]) - slope*float64(key.requests)
	}
	return slope
}

// spread returns the standard error of the difference between the hit ratios of two rows of
// a sample: what it owes to the choice of keys. It is 0 of a whole trace.
func (r *Report) spread(a, b Row) float64 {
	as, bs := r.groups[place{a.Policy, a.Size}], r.groups[place{b.Policy, b.Size}]
	if as == nil || bs == nil || r.Trace.Requests == 0 {
		return 0
	}
	sum, squares := 0.0, 0.0
	for g := range groups {
		d := as[g] - bs[g]
		sum += d
		squares += d * d
	}
	squares = (squares - sum*sum/groups) * groups / (groups - 1)
	return math.Sqrt(squares*(1-r.Trace.Rate)) / (float64(r.Trace.Requests) * r.Trace.Rate)
}

// sure is how many standard errors another policy must be ahead of package cache in a sample
// to be named: one, as in the rule by which the simpler of two trees is kept [1].
//
// [1] Breiman, Friedman, Olshen, Stone (1984). "Classification and Regression Trees", 3.4.3.
const sure = 1

// Best returns the row to choose at a size, false if no policy was simulated at it that can
// be had. Of a whole trace that is the one with the most hits. Of a sample it is package
// cache's, if that was simulated, unless another's lead is more than the choice of keys
// explains: which of many policies is ahead in a small sample is mostly chance, and package
// cache is the one that is seldom far behind.
func (r *Report) Best(size int) (best Row, ok bool) {
	var own Row
	for _, row := range r.Rows {
		if row.Size != size || row.Offline {
			continue
		}
		if !ok || row.HitRatio > best.HitRatio {
			best, ok = row, true
		}
		if row.Policy == Whet.Name {
			own = row
		}
	}
	if own.Policy != "" && best.HitRatio-own.HitRatio <= sure*r.spread(best, own) {
		best = own
	}
	return best, ok
}
