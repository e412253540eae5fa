package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/whetgo/whet/compare/measure"
	"github.com/whetgo/whet/internal/robust"
)

// A bar is what this repository's caches set out to reach, and what they did.
type bar struct {
	what   string
	limit  float64
	unit   string
	figure float64
	note   string // the interval, or what the figure is of
	least  bool   // the figure must be at least the limit, not at most
	tried  []string
}

// bars returns those that the results have figures of.
func bars(r Results) (bs []bar) {
	add := func(b bar, ok bool) {
		if ok {
			bs = append(bs, b)
		}
	}
	ratio := func(what, row, key string, procs int, ours, base string, limit float64, tried []string) {
		x, y := find(r, row, key, procs, ours), find(r, row, key, procs, base)
		if x == nil || y == nil {
			return
		}
		c := robust.Ratio(x.Ns, y.Ns)
		add(bar{what: fmt.Sprintf("%s, %s, GOMAXPROCS %d", what, key, procs), limit: limit, unit: "× " + base, figure: c.Value,
			note: fmt.Sprintf("[%.2f, %.2f]", c.Lo, c.Hi), tried: tried}, true)
	}
	for procs := 1; procs <= 2; procs++ {
		pick := func(one, two float64) float64 { return []float64{one, two}[procs-1] }
		ratio("Get", "get", "u64", procs, "whet-cache", "otter", pick(.36, .5), triedGet)
		ratio("Get", "get", "u64", procs, "whet-cache", "floor-8way", 1.3, triedGet)
		ratio("Get", "get", "str", procs, "whet-cache", "otter", pick(.5, .6), triedString)
		ratio("3 Get : 1 Set", "mixed", "u64", procs, "whet-cache", "otter", pick(.28, .45), triedMixed)
		ratio("get or load, hits", "load-hit", "u64", procs, "whet-cache", "otter", pick(.36, .55), triedGet)
		ratio("get or load, misses", "load-miss", "u64", procs, "whet-cache", "otter", pick(.3, .5), triedMixed)
		ratio("lru, Get", "get", "u64", procs, "whet-lru", "golang-lru", .5, triedLRU)
		ratio("lru, Get", "get", "str", procs, "whet-lru", "golang-lru", .5, triedLRU)
		ratio("lru, 3 Get : 1 Set", "mixed", "u64", procs, "whet-lru", "golang-lru", .5, triedLRU)
		ratio("lru, 3 Get : 1 Set", "mixed", "str", procs, "whet-lru", "golang-lru", .5, triedLRU)
	}
	if one, two := find(r, "get", "u64", 1, "whet-cache"), find(r, "get", "u64", 2, "whet-cache"); one != nil && two != nil {
		add(bar{what: "Get, u64, from 1 to 2 processors", limit: 1.8, unit: "× as many", figure: robust.Median(one.Ns) / robust.Median(two.Ns), least: true}, true)
	}
	for _, l := range r.Lifetime {
		if l.Peer == "whet-cache" && l.Key == "u64" {
			m := robust.MedianInterval(l.More)
			add(bar{what: fmt.Sprintf("Get with a TTL, u64, GOMAXPROCS %d, more than without", l.Procs), limit: 2, unit: "ns", figure: m.Value,
				note: fmt.Sprintf("[%.2f, %.2f]", m.Lo, m.Hi), tried: triedTTL}, true)
		}
	}
	for _, m := range r.Memory {
		if m.Peer == "whet-cache" {
			add(bar{what: "memory over the payload, " + m.Key, limit: map[string]float64{"u64": 24, "str": 56}[m.Key], unit: "B an entry", figure: m.Overhead}, true)
		}
		if m.Peer == "whet-cache" && m.Key == "u64" {
			add(bar{what: "forced collection, u64", limit: .5, unit: "ms", figure: m.GC, tried: triedGC}, true)
		}
	}
	for _, b := range r.Bound {
		if b.Peer == "whet-cache" || b.Peer == "whet-lru" {
			add(bar{what: "size at most, " + b.Peer, limit: 100, unit: "% of the capacity", figure: b.Largest}, true)
		}
	}
	return append(bs, tails(r)...)
}

// find returns the speed of a peer, nil if it was not measured.
func find(r Results, row, key string, procs int, peer string) *measure.Speed {
	i := slices.IndexFunc(r.Speed, func(s measure.Speed) bool {
		return s.Row == row && s.Key == key && s.Procs == procs && s.Peer == peer
	})
	if i < 0 {
		return nil
	}
	return &r.Speed[i]
}

// tails returns the bars of latency: so many nanoseconds, or 0.9 of the best peer that has a
// bound.
func tails(r Results) (bs []bar) {
	for _, x := range []struct {
		op    string
		q     int
		name  string
		limit float64
	}{{"get", 1, "Get p99", 300}, {"get", 2, "Get p99.9", 600}, {"set", 2, "Set p99.9", 1000}} {
		ours, best := math.NaN(), math.Inf(1)
		for _, l := range r.Latency {
			switch {
			case l.Op != x.op:
			case l.Peer == "whet-cache":
				ours = robust.Median(l.Ns[x.q])
			case slices.Contains(rivals, l.Peer):
				best = min(best, robust.Median(l.Ns[x.q]))
			}
		}
		if math.IsNaN(ours) {
			continue
		}
		limit, unit := x.limit, "ns"
		if .9*best > limit && !math.IsInf(best, 1) {
			limit, unit = .9*best, "ns (0.9 × the best peer)"
		}
		bs = append(bs, bar{what: x.name + ", 3 Get : 1 Set, 2 goroutines", limit: limit, unit: unit, figure: ours, tried: triedTails})
	}
	return bs
}

// rivals are the bounded caches of others.
var rivals = []string{"otter", "theine", "ristretto", "ttlcache", "golang-lru", "golang-lru-2q", "golang-lru-arc"}

// held reports whether the figure is on the right side of the limit.
func (b bar) held() bool {
	if b.least {
		return b.figure >= b.limit
	}
	return b.figure <= b.limit
}

// bars writes what was aimed at, and of what was missed why.
func (d *document) bars(r Results) {
	bs := bars(r)
	if len(bs) == 0 {
		return
	}
	d.printf("\n## What was aimed at\n\nComputed from the figures below. A ratio's interval is in brackets.\n")
	var rows [][]string
	var tried [][]string
	for _, b := range bs {
		sign, verdict := "≤", "held"
		if b.least {
			sign = "≥"
		}
		if !b.held() {
			verdict = "missed"
			if b.tried != nil && !slices.ContainsFunc(tried, func(t []string) bool { return t[0] == b.tried[0] }) {
				tried = append(tried, b.tried)
			}
		}
		limit := strconv.FormatFloat(b.limit, 'f', -1, 64)
		if b.limit != math.Trunc(b.limit) {
			limit = digits(b.limit)
		}
		rows = append(rows, []string{b.what, sign + " " + limit + " " + b.unit, cmp.Or(digits(b.figure), "0") + space(b.note), verdict})
	}
	d.table([]string{"what", "aim", "figure", ""}, rows)
	d.printf("\nWhat counting adds to a hit (aim: 2 ns) has no row, since package cache always counts. This measures hits of which one in\n" +
		"sixteen is counted against the same hits of which none is, in turns, and reports the median difference in ns/count and its 95 %% interval in ns/low and ns/high:\n\n```sh\n$ go test -run - -bench Count -benchtime 50ms ./cache\n```\n")
	if len(tried) == 0 {
		return
	}
	d.printf("\nWhat is known of those that were missed:\n\n")
	for _, t := range tried {
		for i, line := range t {
			if i == 0 {
				d.printf("- %s", line)
			} else {
				d.printf(" %s", line)
			}
		}
		d.printf("\n")
	}
}

func space(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

// What is known of the bars that some machines miss: what was tried, and what limits them.
var (
	triedGet = []string{
		"Get, and get or load that hits: one probe of an index of half cache lines and one entry with key and value inside; no lock, no allocation, and no atomic write but for the first hit of an entry in an epoch.",
		"Four fifths of a hit are waiting for the bucket and then for the entry, so what counts is how many hits the processor has under way, and so how few instructions a hit is.",
		"Tried: epochs of 1/64, 1/32, 1/16, 1/8 and 1/4 of a turn of the cache (1/16 stayed); an atomic count of every hit (a quarter of the hit; counts are sampled instead, one in 16 of them); 8, 16, 32 and 64 shards; two calls in a Get instead of seven.",
		"Tried against that, in turns in one process on a loaded machine: one function with the hash in it, the rare work behind a branch, and nothing computed twice (0.81 to 0.87 of the time; stayed); a call for the rare work, the count of hits in it (0.89 to 0.92); the same without counting at all (0.72 to 0.75, the bound of what cheaper counting could give).",
		"What is left is two cache misses, one after the other, and in this table's row the first hit of each entry, which one Get in twelve is. The row floor-8way, a set-associative table without policy, deletion or lifetimes, has one, and is the limit on the same machine.",
	}
	triedString = []string{
		"Get of strings: as above, with a third cache miss for the key's bytes, which every peer has too, and a copy of key and value a word at a time. Tried: a loop over the words with a table of which are pointers (the first design); a copy that knows the common case, a pointer in front, and does not copy the value of another key; the two words of a string key compared where they are, without a call; the slice copied without a loop or a call, in the one function (0.82 of the time; stayed); strings of 17 to 32 bytes hashed by three multiplications in one call instead of five (0.95 of that; stayed). A plain map without bound or policy, which has the same three misses, is near: it is the limit.",
		"On two processors the threads of this row waited for a core for 3 to 5 % of the time, peers' for 0.5: that is the clock's timer, for without the clock it was 0.4 to 0.8. Its ticks are now eight times as seldom. The time itself hardly changed.",
	}
	triedMixed = []string{
		"3 Get : 1 Set, and get or load with misses: a Set of a key that is there, which most are, replaces a word without the shard's lock; any other takes the lock and moves entries in lists of 16-bit numbers.",
		"Tried: 8, 16, 32 and 64 shards; telling the policy of touches every 1/64, 1/32, 1/16, 1/8 and 1/4 of a turn (1/4 takes 4 to 14 % off a mixed operation, and leaves the policy a quarter of what it learns); a lock that spins before it parks (stayed).",
		"Replacing without the lock takes 12 to 28 % off a Set of a key that is there (stayed); plain stores where a release is enough, instead of a dozen locked instructions, about 4 % off a Set that evicts (stayed), which together is 10 % of a mixed operation at one processor and 4 % at two; to leave entries of the protected list where they are for 1/4 of a turn after they moved gained nothing that could be measured (not kept).",
		"A Set that evicts costs as much in a cache that fits the processor's as in this one: it is the instructions of two probes, two ghosts and four lists, not only cache misses. Three of four operations are Gets, so a Set without any cost would not hold the bar at one processor; floor-8way, which has no policy, is near the bar itself. At two, what one writes the other has to fetch. The bound is never exceeded, so each Set evicts for itself, which peers leave to a goroutine.",
	}
	triedLRU = []string{
		"lru: exact order has every hit move an entry under one lock.",
		"Tried: a map with a list of pointers; flat arrays with the order apart from the entries (half the time; stayed); trying the lock before parking, and padding it to a cache line (neither gained what could be measured).",
		"For strings most of what remains is hashing and comparing the key, and the map of golang-lru does both at the same price.",
	}
	triedTTL = []string{
		"Lifetimes: the deadline lies behind the value and is compared with a clock that costs an atomic load, and with the real clock only when it is near. Tried before: the real clock, which costs more than the rest of a hit; a coarse clock behind two calls.",
		"Tried in turns in one process on a loaded machine, as times of a hit without a TTL, at 1 and 2 processors (u64; str): the deadline in the entry (1.03, 1.04; 0.98, 1.01: stayed); no deadline read while the nearest of the shard is far (1.16, 1.21; 1.02, 0.99); four bytes in an array of their own (1.01, 1.08; 1.46, 1.39); eight bits of it in the entry's head, and the rest elsewhere (1.08, 1.09; 1.10, 0.92), which gains nothing that could be measured and needs all heads rewritten each minute.",
		"The entry is 8 bytes longer, so that fewer fit the processor's caches; that is the limit of keeping a deadline in the entry.",
	}
	triedGC = []string{
		"Forced collection: neither the index nor the entries have pointers, so none of it is looked at. Measured in turns on an idle machine it takes 0.13 to 0.30 ms, and in an empty process 0.11 to 0.25 (\"none\" in the table of memory); beyond that it is other programs' time.",
	}
	triedTails = []string{
		"Tails: on two virtual cores they are chiefly the time for which another goroutine holds a shard's lock, and clock readings, which \"none\" shows. Tried: 8 to 64 shards; a lock that spins before it parks (stayed); and, since most Sets need no lock, letting those tell the policy of what was read as soon as 6 entries wait (Set p99.9 1088 ns; with 16, 1344; left to the Sets that take the lock, 1920 to 2176: stayed at 6).",
	}
)
