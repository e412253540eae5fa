package monitor

import (
	"fmt"
	"math"
)

// What a cache's rules go by. The first three are those of cache.Advise.
const (
	enoughReferences = 5000 // of a curve, before anything is said
	worthwhile       = .02  // gain of hit ratio below which nothing is
	asGood           = .005 // loss of hit ratio that passes for none
	enoughLookups    = 1000 // in the recent time
	missesMuch       = .5   // hit ratio below which a cache without a curve is told to have one
)

// known returns the subjects that have a curve of enough traffic.
func (v *View) known() (all []Subject) {
	for _, s := range v.Subjects {
		if s.Curve != nil && s.Curve.References >= enoughReferences {
			all = append(all, s)
		}
	}
	return all
}

// checkLifetime finds caches in which entries expire that are asked for again: an LRU cache
// of the same capacity in which nothing expires would hit more.
func checkLifetime(v *View) (all []Advice) {
	for _, s := range v.known() {
		then, ok := s.Curve.At(s.Curve.Capacity)
		f := v.Of(s.Name)
		if !ok || !expires(f, then, s.Curve) {
			continue
		}
		all = append(all, Advice{
			Subject: s.Name,
			Text: fmt.Sprintf("entries expire that are asked for again: %s did %s; if they lived on, at least %s would hit, now it is %s",
				count(f["expirations"]), v.since(), percent(then), percent(s.Curve.Measured)),
			Do: "let entries live longer (Options.TTL), or delete them when what they were made of changes; Options.Refresh renews them before they expire",
			Evidence: []Evidence{
				measured(s), atCapacity(s, s.Curve.Capacity, then),
				{"entries that expired " + v.since(), s.Name + "/expirations:count", f["expirations"], "count"},
			},
		})
	}
	return all
}

// expires reports whether lifetimes are what a cache's misses are due to.
func expires(fields map[string]float64, then float64, c *Curve) bool {
	return fields["expirations"] > 0 && then-c.Measured >= worthwhile
}

// checkSmall finds caches that would hit more with two or four times the capacity.
func checkSmall(v *View) (all []Advice) {
	for _, s := range v.known() {
		f, c := v.Of(s.Name), s.Curve
		if now, ok := c.At(c.Capacity); ok && expires(f, now, c) {
			continue // the capacity is not what the misses are due to
		}
		best, times, then := 0., 0, 0.
		for _, n := range []int{2, 4} {
			ratio, ok := c.At(n * c.Capacity)
			if gain := (ratio - c.Measured) / float64(n-1); ok && ratio-c.Measured >= worthwhile && gain > best {
				best, times, then = gain, n, ratio
			}
		}
		if times == 0 {
			continue
		}
		a := Advice{
			Subject: s.Name,
			Text: fmt.Sprintf("it hits %s; %d × its capacity, %s, would hit at least %s",
				percent(c.Measured), times, count(float64(times*c.Capacity)), percent(then)),
			Do:       fmt.Sprintf("make its capacity %s, if memory allows", count(float64(times*c.Capacity))),
			Evidence: []Evidence{measured(s), atCapacity(s, times*c.Capacity, then)},
		}
		if lookups := f["hits"] + f["misses"]; lookups > 0 && v.Recent.Over > 0 {
			saved := (then - c.Measured) * lookups / v.Recent.Over.Seconds()
			a.Evidence = append(a.Evidence, Evidence{"misses that would be hits", s.Name + "/misses:count", saved, "count/s"})
			if f["loads"] > 0 && f["load-time"] > 0 {
				each := f["load-time"] / f["loads"]
				a.Evidence = append(a.Evidence, Evidence{"a load takes", s.Name + "/load-time:seconds", each, "seconds"})
			}
		}
		all = append(all, a)
	}
	return all
}

// checkLarge finds caches of which a half or less would do as well.
func checkLarge(v *View) (all []Advice) {
	for _, s := range v.known() {
		c := s.Curve
		if now, ok := c.At(c.Capacity); ok && expires(v.Of(s.Name), now, c) {
			continue
		}
		part, then := 0, 0.
		for _, n := range []int{2, 4, 8} {
			// Half of an odd capacity is the nearest that the curve was asked for.
			capacity := int(math.Round(float64(c.Capacity) / float64(n)))
			if ratio, ok := c.At(capacity); ok && c.Measured >= worthwhile && ratio >= c.Measured-asGood {
				part, then = n, ratio
			}
		}
		if part == 0 {
			continue
		}
		enough := int(math.Round(float64(c.Capacity) / float64(part)))
		all = append(all, Advice{
			Subject: s.Name,
			Text: fmt.Sprintf("1/%d of its capacity, %s, is enough: it would hit at least %s, now it is %s",
				part, count(float64(enough)), percent(then), percent(c.Measured)),
			Do:       fmt.Sprintf("make its capacity %s, and save the memory of the rest", count(float64(enough))),
			Evidence: []Evidence{measured(s), atCapacity(s, enough, then)},
		})
	}
	return all
}

// checkBlind finds caches that miss much and cannot say why.
func checkBlind(v *View) (all []Advice) {
	for _, s := range v.Subjects {
		f := v.Of(s.Name)
		lookups := f["hits"] + f["misses"]
		if s.Type != "cache" || s.Curve != nil || lookups < enoughLookups || f["hits"]/lookups >= missesMuch || f["evictions"] < f["misses"]/2 {
			continue
		}
		all = append(all, Advice{
			Subject: s.Name,
			Text:    fmt.Sprintf("it hits %s and evicts %s entries a second; whether a larger one would help is not known", percent(f["hits"]/lookups), count(f["evictions"]/v.Recent.Over.Seconds())),
			Do:      "set Options.Curve, which tells what other capacities would hit",
			Evidence: []Evidence{
				{"hit ratio " + v.since(), "", f["hits"] / lookups, "ratio"},
				{"evictions " + v.since(), s.Name + "/evictions:count", f["evictions"], "count"},
			},
		})
	}
	return all
}

// failsOften is the part of loads that fail above which something is wrong.
const failsOften = .05

// checkFailing finds caches whose loads fail.
func checkFailing(v *View) (all []Advice) {
	for _, s := range v.Subjects {
		f := v.Of(s.Name)
		loads, failures := f["loads"], f["load-failures"]
		metric := s.Name + "/load-failures:count"
		if s.Type == "memo" {
			loads, failures, metric = f["calls"], f["failures"], s.Name+"/failures:count"
		}
		if failures < 5 || failures < failsOften*loads {
			continue
		}
		a := Advice{
			Subject:  s.Name,
			Text:     fmt.Sprintf("%s of its %s loads failed %s", percent(failures/loads), count(loads), v.since()),
			Do:       "see why the source fails; Options.Stale gives out the old value meanwhile, Options.NotFound remembers what does not exist",
			Evidence: []Evidence{{"loads that failed " + v.since(), metric, failures, "count"}},
		}
		if f["stale"] > 0 {
			a.Evidence = append(a.Evidence, Evidence{"old values given out instead", s.Name + "/stale:count", f["stale"], "count"})
		}
		all = append(all, a)
	}
	return all
}

func measured(s Subject) Evidence {
	return Evidence{"hit ratio now", s.Name + "/hits:count", s.Curve.Measured, "ratio"}
}

func atCapacity(s Subject, capacity int, ratio float64) Evidence {
	return Evidence{"hit ratio at a capacity of " + count(float64(capacity)) + ", by the curve", s.Name, ratio, "ratio"}
}
