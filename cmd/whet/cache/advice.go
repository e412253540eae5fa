package cache

import (
	"fmt"
	"math"
	"time"

	"github.com/whetgo/whet/keytrace"
)

// middle returns the size that advice is about: the middle one.
func middle(r *keytrace.Report) int {
	var sizes []int
	for _, row := range r.Rows {
		if row.Policy == r.Rows[0].Policy {
			sizes = append(sizes, row.Size)
		}
	}
	return sizes[len(sizes)/2]
}

// at returns the row of a policy at a size.
func at(r *keytrace.Report, name string, size int) (keytrace.Row, bool) {
	for _, row := range r.Rows {
		if row.Policy == name && row.Size == size {
			return row, true
		}
	}
	return keytrace.Row{}, false
}

// ownAdvice says what package cache would do, where another one was named as the best.
func ownAdvice(r *keytrace.Report) (keytrace.Advice, bool) {
	if len(r.Rows) == 0 {
		return keytrace.Advice{}, false
	}
	size := middle(r)
	mine, ok := at(r, own.Name, size)
	if !ok {
		return keytrace.Advice{}, false
	}
	best, _ := r.Best(size)
	where := fmt.Sprintf("%d entries", size)
	if r.Trace.Bytes {
		where = memoryOf(float64(size))
	}
	text := fmt.Sprintf("Package cache hits %s at %s", percentOf(mine.HitRatio), where)
	switch {
	case best.Policy != mine.Policy:
		text += fmt.Sprintf(", %.1f points below the best simulated (%s)", 100*(best.HitRatio-mine.HitRatio), best.Title)
	case r.Trace.Rate < 1:
		text += ", and the sample shows none clearly ahead of it"
	default:
		text += ", the most of all simulated"
	}
	numbers := []keytrace.Number{{Name: "hit ratio of " + mine.Title, Value: mine.HitRatio, Unit: "ratio"}}
	if lru, ok := at(r, "lru", size); ok {
		text += fmt.Sprintf("; LRU hits %s", percentOf(lru.HitRatio))
		numbers = append(numbers, keytrace.Number{Name: "hit ratio of LRU", Value: lru.HitRatio, Unit: "ratio"})
	}
	return keytrace.Advice{Kind: "own", Text: text + ".", Numbers: numbers}, true
}

// entryAdvice says what the sizes of the table take.
func entryAdvice(r *keytrace.Report, entry float64) (keytrace.Advice, bool) {
	if entry == 0 || r.Trace.Bytes || len(r.Rows) == 0 {
		return keytrace.Advice{}, false
	}
	size := middle(r)
	total := entry * float64(size)
	return keytrace.Advice{
		Kind:    "bytes",
		Text:    fmt.Sprintf("At %s an entry, %d entries take %s, and all %d keys %s.", memoryOf(entry), size, memoryOf(total), r.Trace.Unique, memoryOf(entry*float64(r.Trace.Unique))),
		Numbers: []keytrace.Number{{Name: "bytes", Value: total, Unit: "bytes"}, {Name: "bytes of an entry", Value: entry, Unit: "bytes"}},
	}, true
}

// kept is the part of hits that a TTL must leave to be advised.
const kept = .99

// ttlAdvice says how short a TTL may be, or what the chosen one costs, in a cache with room
// for all keys: the least that a TTL costs in any.
func ttlAdvice(t *keytrace.Trace, chosen time.Duration) (keytrace.Advice, bool) {
	if t.Times == nil || t.Len() == t.Unique() {
		return keytrace.Advice{}, false
	}
	all := float64(t.Len() - t.Unique())
	if chosen > 0 {
		left := float64(hitsWithin(t, int64(max(1, chosen/tick(t))))) / all
		return keytrace.Advice{
			Kind:    "ttl",
			Text:    fmt.Sprintf("A TTL of %v leaves %s of the hits that a cache with room for all keys has without one.", chosen, percentOf(left)),
			Numbers: []keytrace.Number{{Name: "part of hits left", Value: left, Unit: "ratio"}},
		}, true
	}
	span := t.Times[t.Len()-1] - t.Times[0]
	ttl, left := span, 1.0
	for n := span / 2; n >= 1; n /= 2 {
		part := float64(hitsWithin(t, n)) / all
		if part < kept {
			break
		}
		ttl, left = n, part
	}
	if ttl == span {
		return keytrace.Advice{}, false
	}
	d := time.Duration(ttl) * tick(t)
	return keytrace.Advice{
		Kind:    "ttl",
		Text:    fmt.Sprintf("A TTL of %v would cost little: with room for all keys it leaves %s of the hits.", d, percentOf(left)),
		Numbers: []keytrace.Number{{Name: "TTL", Value: d.Seconds(), Unit: "sec"}, {Name: "part of hits left", Value: left, Unit: "ratio"}},
	}, true
}

// hitsWithin returns the hits of a cache with room for all keys and a TTL in ticks.
func hitsWithin(t *keytrace.Trace, ttl int64) (hits int) {
	ids, unique := t.IDs()
	loaded := make([]int64, unique)
	for i := range loaded {
		loaded[i] = math.MinInt64
	}
	for i, id := range ids {
		if now := t.Times[i]; loaded[id] != math.MinInt64 && now-loaded[id] < ttl {
			hits++
		} else {
			loaded[id] = now
		}
	}
	return hits
}

func percentOf(x float64) string { return fmt.Sprintf("%.3g %%", 100*x) }

func memoryOf(bytes float64) string {
	for _, unit := range []string{"B", "KiB", "MiB", "GiB"} {
		switch {
		case bytes < 999.5:
			return fmt.Sprintf("%.3g %s", bytes, unit)
		case bytes < 1024:
			return fmt.Sprintf("%.0f %s", bytes, unit)
		}
		bytes /= 1024
	}
	return fmt.Sprintf("%.3g TiB", bytes)
}
