package keytrace

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// A Wish says what an advisor should look for. The zero value asks for the rest.
type Wish struct {
	// HitRatio is the hit ratio wanted, in (0,1); 0: none.
	HitRatio float64
	// Size is the size in use; 0: the middle one of the report.
	Size int
	// Policy is the name of the policy in use; empty: "lru".
	Policy string
}

// An Advice is one thing to know or to do.
type Advice struct {
	// Kind is "bound", "target", "policy", "size", "loop", "bytes" or "sample".
	Kind string `json:"kind"`
	Text string `json:"text"`
	// Numbers are those in the text, by what they are.
	Numbers []Number `json:"numbers"`
}

// A Number is a number behind an advice.
type Number struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"` // "ratio", "entries", "bytes", "requests", "keys"
}

// worthwhile is the gain of hit ratio below which nothing is advised: simulations of one
// trace do not tell smaller ones from chance.
const worthwhile = .01

// Advise says what follows from a report, the most important first. Only what was
// simulated is advised: with few sizes, answers are coarse. Without rows there is none.
func Advise(r *Report, w Wish) []Advice {
	a := newAdvisor(r, w)
	if len(a.sizes) == 0 {
		return nil
	}
	var all []Advice
	for _, say := range []func() (Advice, bool){a.target, a.policy, a.loop, a.grow, a.bytes, a.bound, a.sample} {
		if advice, ok := say(); ok {
			all = append(all, advice)
		}
	}
	return all
}

// An advisor has the rows of a report in order.
type advisor struct {
	r      *Report
	wish   Wish
	sizes  []int
	online map[int][]Row // by size
	bounds map[int]Row   // by size, the best offline policy
	unit   string
}

func newAdvisor(r *Report, w Wish) *advisor {
	a := &advisor{r: r, wish: w, online: make(map[int][]Row), bounds: make(map[int]Row), unit: "entries"}
	if r.Trace.Bytes {
		a.unit = "bytes"
	}
	for _, row := range r.Rows {
		if !row.Offline {
			a.online[row.Size] = append(a.online[row.Size], row)
		} else if row.HitRatio >= a.bounds[row.Size].HitRatio {
			a.bounds[row.Size] = row
		}
	}
	a.sizes = slices.Sorted(maps.Keys(a.online))
	if a.wish.Policy == "" {
		a.wish.Policy = "lru"
	}
	if a.wish.Size == 0 && len(a.sizes) > 0 {
		a.wish.Size = a.sizes[len(a.sizes)/2]
	}
	return a
}

// at returns the row of a policy at a size.
func (a *advisor) at(name string, size int) (Row, bool) {
	for _, row := range a.online[size] {
		if row.Policy == name {
			return row, true
		}
	}
	return Row{}, false
}

// best returns the row to choose at a size.
func (a *advisor) best(size int) Row {
	best, _ := a.r.Best(size)
	return best
}

// mine returns the row of the policy and size in use.
func (a *advisor) mine() (Row, bool) { return a.at(a.wish.Policy, a.wish.Size) }

// target names the smallest size that reaches the wanted hit ratio, and what the policy
// in use needs for it.
func (a *advisor) target() (Advice, bool) {
	want := a.wish.HitRatio
	if want <= 0 {
		return Advice{}, false
	}
	adv := Advice{Kind: "target", Numbers: []Number{{"wanted hit ratio", want, "ratio"}}}
	best, ok := a.smallest(want, func(size int) (Row, bool) { return a.best(size), true })
	if !ok {
		largest := a.best(a.sizes[len(a.sizes)-1])
		adv.Text = fmt.Sprintf("No simulated policy and size reaches %s: %s at %s hits %s.", percent(want), largest.Title, a.size(largest.Size), percent(largest.HitRatio))
		adv.Numbers = append(adv.Numbers, ratioOf(largest), a.sizeOf(largest))
		if most := a.most(); most < want {
			adv.Text += fmt.Sprintf(" No cache can: %s of the requests are the first for their key.", percent(1-most))
			adv.Numbers = append(adv.Numbers, Number{"hit ratio with room for all", most, "ratio"})
		}
		return adv, true
	}
	adv.Text = fmt.Sprintf("For %s hits, %s needs %s (%s)", percent(want), best.Title, a.size(best.Size), percent(best.HitRatio))
	adv.Numbers = append(adv.Numbers, ratioOf(best), a.sizeOf(best))
	mine, ok := a.smallest(want, func(size int) (Row, bool) { return a.at(a.wish.Policy, size) })
	switch {
	case ok && mine.Policy != best.Policy && mine.Size > best.Size:
		adv.Text += fmt.Sprintf(", %s needs %s", mine.Title, a.size(mine.Size))
		adv.Numbers = append(adv.Numbers, a.sizeOf(mine))
	case ok && mine.Policy != best.Policy:
		adv.Text += fmt.Sprintf("; %s reaches it there as well", mine.Title)
	}
	adv.Text += "."
	return adv, true
}

// smallest returns the row of the smallest size with at least the wanted hit ratio.
func (a *advisor) smallest(want float64, row func(size int) (Row, bool)) (Row, bool) {
	for _, size := range a.sizes {
		if r, ok := row(size); ok && r.HitRatio >= want {
			return r, true
		}
	}
	return Row{}, false
}

// policy compares the policy in use with the one to choose at the size in use.
func (a *advisor) policy() (Advice, bool) {
	mine, ok := a.mine()
	if !ok || len(a.online[a.wish.Size]) < 2 {
		return Advice{}, false
	}
	best := a.best(a.wish.Size)
	gain, doubt := best.HitRatio-mine.HitRatio, sure*a.r.spread(best, mine)
	adv := Advice{Kind: "policy", Numbers: []Number{ratioOf(mine), a.sizeOf(mine)}}
	switch {
	case gain < worthwhile:
		adv.Text = fmt.Sprintf("At %s, %s is as good as any policy simulated (%s).", a.size(mine.Size), mine.Title, percent(mine.HitRatio))
	case gain < doubt:
		adv.Text = fmt.Sprintf("At %s, the sample does not tell whether %s (%s) or %s (%s) hits more: they differ by %s, which may be wrong by %.1f.", a.size(mine.Size),
			best.Title, percent(best.HitRatio), mine.Title, percent(mine.HitRatio), points(gain), 100*doubt)
		adv.Numbers = append(adv.Numbers, ratioOf(best), Number{"gain", gain, "ratio"}, Number{"doubt", doubt, "ratio"})
	default:
		adv.Text = fmt.Sprintf("At %s, %s hits %s, %s more than %s (%s): %s fewer misses.", a.size(mine.Size), best.Title,
			percent(best.HitRatio), points(gain), mine.Title, percent(mine.HitRatio), percent(gain/(1-mine.HitRatio)))
		adv.Numbers = append(adv.Numbers, ratioOf(best), Number{"gain", gain, "ratio"})
	}
	if bound, ok := a.bounds[a.wish.Size]; ok {
		adv.Text += fmt.Sprintf(" With knowledge of the future it would be %s (%s).", percent(bound.HitRatio), bound.Title)
		adv.Numbers = append(adv.Numbers, ratioOf(bound))
	}
	return adv, true
}

// loop explains why a recency policy fails: it gets less than half of what can be had, and
// a policy with a memory of what it evicted gets much more.
func (a *advisor) loop() (Advice, bool) {
	lru, ok := a.at("lru", a.wish.Size)
	if !ok {
		return Advice{}, false
	}
	best := a.best(a.wish.Size)
	if best.HitRatio-lru.HitRatio < .1 || lru.HitRatio > best.HitRatio/2 {
		return Advice{}, false
	}
	return Advice{
		Kind: "loop",
		Text: fmt.Sprintf("LRU evicts what is needed next: the requests loop or scan over more than %s. It hits %s where %s hits %s.",
			a.size(lru.Size), percent(lru.HitRatio), best.Title, percent(best.HitRatio)),
		Numbers: []Number{ratioOf(lru), ratioOf(best), a.sizeOf(lru)},
	}, true
}

// grow says from which size on each doubling brings less than a point, for the best
// policy of each size.
func (a *advisor) grow() (Advice, bool) {
	if len(a.sizes) < 2 {
		return Advice{}, false
	}
	enough := len(a.sizes) - 1
	for enough > 0 && a.doubling(enough) < worthwhile {
		enough--
	}
	at := a.best(a.sizes[enough])
	adv := Advice{Kind: "size", Numbers: []Number{ratioOf(at), a.sizeOf(at)}}
	if enough == len(a.sizes)-1 {
		adv.Text = fmt.Sprintf("Growing pays up to the largest size simulated, %s (%s): there, a doubling brings %s.", a.size(at.Size), percent(at.HitRatio), points(a.doubling(enough)))
		adv.Numbers = append(adv.Numbers, Number{"gain of the last doubling", a.doubling(enough), "ratio"})
		return adv, true
	}
	last := a.best(a.sizes[len(a.sizes)-1])
	adv.Text = fmt.Sprintf("Growing stops paying at %s (%s): beyond it a doubling brings less than 1 point; %s hits %s.",
		a.size(at.Size), percent(at.HitRatio), a.size(last.Size), percent(last.HitRatio))
	adv.Numbers = append(adv.Numbers, ratioOf(last), a.sizeOf(last))
	return adv, true
}

// doubling returns what a doubling brings between the size before i and size i.
func (a *advisor) doubling(i int) float64 {
	from, to := a.best(a.sizes[i-1]), a.best(a.sizes[i])
	return (to.HitRatio - from.HitRatio) / math.Log2(float64(to.Size)/float64(from.Size))
}

// bytes says what the entries of the size in use take.
func (a *advisor) bytes() (Advice, bool) {
	mean := a.r.Trace.MeanSize
	if mean == 0 || a.r.Trace.Bytes {
		return Advice{}, false
	}
	total := mean * float64(min(a.wish.Size, a.r.Trace.Unique))
	return Advice{
		Kind:    "bytes",
		Text:    fmt.Sprintf("%s are about %s: the mean size of a key's value is %s.", a.size(a.wish.Size), memory(total), memory(mean)),
		Numbers: []Number{{"bytes", total, "bytes"}, {"mean size", mean, "bytes"}, {"size", float64(a.wish.Size), a.unit}},
	}, true
}

// most returns the hit ratio of a cache with room for all keys.
func (a *advisor) most() float64 {
	if a.r.Trace.Requests == 0 {
		return 0
	}
	return max(0, 1-float64(a.r.Trace.Unique)/float64(a.r.Trace.Requests))
}

// bound says how much of the trace no cache can hit.
func (a *advisor) bound() (Advice, bool) {
	return Advice{
		Kind: "bound",
		Text: fmt.Sprintf("%d requests for %d keys: %s are the first for their key, which no cache hits.",
			a.r.Trace.Requests, a.r.Trace.Unique, percent(1-a.most())),
		Numbers: []Number{{"requests", float64(a.r.Trace.Requests), "requests"}, {"keys", float64(a.r.Trace.Unique), "keys"}, {"first requests", 1 - a.most(), "ratio"}},
	}, true
}

// sample says that figures are estimates.
func (a *advisor) sample() (Advice, bool) {
	if a.r.Trace.Rate == 1 {
		return Advice{}, false
	}
	return Advice{
		Kind:    "sample",
		Text:    fmt.Sprintf("All figures are estimated from %s of the keys.", percent(a.r.Trace.Rate)),
		Numbers: []Number{{"rate", a.r.Trace.Rate, "ratio"}},
	}, true
}

func (a *advisor) size(n int) string {
	if a.unit == "bytes" {
		return memory(float64(n))
	}
	return fmt.Sprintf("%d entries", n)
}

func (a *advisor) sizeOf(r Row) Number {
	return Number{"size of " + r.Title, float64(r.Size), a.unit}
}

func ratioOf(r Row) Number { return Number{"hit ratio of " + r.Title, r.HitRatio, "ratio"} }

func percent(x float64) string { return fmt.Sprintf("%.3g %%", 100*x) }

func points(x float64) string { return fmt.Sprintf("%.1f points", 100*x) }

func memory(bytes float64) string {
	for _, unit := range []string{"B", "KiB", "MiB"} {
		if bytes < 1024 {
			return fmt.Sprintf("%.3g %s", bytes, unit)
		}
		bytes /= 1024
	}
	return fmt.Sprintf("%.3g GiB", bytes)
}
