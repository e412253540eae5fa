package cache

import "fmt"

// An Advice is something to change about a cache, and why.
type Advice struct {
	// Kind is "larger", "smaller", "lifetime" or "wait", if there was too little traffic.
	Kind string
	Text string // with the figures

	Capacity int     // to have, for "larger" and "smaller"
	Now      float64 // hit ratio of the cache, in [0,1]
	Then     float64 // hit ratio to expect at least
}

const (
	adviceReferences = 5000 // of sampled keys, before anything is said
	worthwhile       = .02  // gain of hit ratio below which nothing is
	asGood           = .005 // loss of hit ratio that passes for none
)

// Advise says what would better the cache, from what Curve has seen; nothing if
// Options.Curve is not set or all is well. What is expected of another capacity is what LRU
// would hit there, so the cache is likely to do better than it says.
func (c *Cache[K, V]) Advise() []Advice {
	if c.curve == nil {
		return nil
	}
	v := c.Curve()
	if v.References < adviceReferences {
		return []Advice{{Kind: "wait", Now: v.Measured, Text: fmt.Sprintf("too little traffic to advise: %d of %d references to sampled keys", v.References, adviceReferences)}}
	}
	var all []Advice
	if a, ok := v.lifetime(c.Cap(), c.Stats()); ok {
		return []Advice{a} // the capacity is not what the misses are due to
	}
	if a, ok := v.larger(c.Cap()); ok {
		all = append(all, a)
	}
	if a, ok := v.smaller(c.Cap()); ok {
		all = append(all, a)
	}
	return all
}

// larger looks for the capacity, of up to four times as much, that gains most for what it
// adds.
func (v Curve) larger(capacity int) (Advice, bool) {
	best := Advice{}
	for _, times := range []int{2, 4} {
		then := v.HitRatio(times * capacity)
		gain := (then - v.Measured) / float64(times-1)
		if times*capacity <= v.Reach && then-v.Measured >= worthwhile && (best.Kind == "" || gain > best.Then-best.Now) {
			best = Advice{
				Kind: "larger", Capacity: times * capacity, Now: v.Measured, Then: then,
				Text: fmt.Sprintf("%d × the capacity (%d) would hit at least %.1f %%; now it is %.1f %%", times, times*capacity, 100*then, 100*v.Measured),
			}
		}
	}
	return best, best.Kind != ""
}

// smaller looks for the smallest part of the capacity that is as good as all of it.
func (v Curve) smaller(capacity int) (best Advice, ok bool) {
	for _, part := range []int{2, 4, 8} {
		n := capacity / part
		if then := v.HitRatio(n); n > 0 && v.Measured >= worthwhile && then >= v.Measured-asGood {
			best, ok = Advice{
				Kind: "smaller", Capacity: n, Now: v.Measured, Then: then,
				Text: fmt.Sprintf("1/%d of the capacity (%d) is enough: it would hit at least %.1f %%; now it is %.1f %%", part, n, 100*then, 100*v.Measured),
			}, true
		}
	}
	return best, ok
}

// lifetime reports whether entries expire that would be asked for again.
func (v Curve) lifetime(capacity int, st Stats) (Advice, bool) {
	then := v.HitRatio(capacity)
	if st.Expirations == 0 || then-v.Measured < worthwhile {
		return Advice{}, false
	}
	return Advice{
		Kind: "lifetime", Now: v.Measured, Then: then,
		Text: fmt.Sprintf("entries expire that are asked for again: %d did; if they lived on, at least %.1f %% would hit; now it is %.1f %%", st.Expirations, 100*then, 100*v.Measured),
	}, true
}
