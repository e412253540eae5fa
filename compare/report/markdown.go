package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/whetgo/whet/compare/measure"
	"github.com/whetgo/whet/compare/peers"
	"github.com/whetgo/whet/internal/robust"
)

// Markdown writes the results as a document. Its error is of w.
func Markdown(w io.Writer, r Results) error {
	d := &document{w: w}
	d.head(r)
	d.bars(r)
	d.peers(r)
	for _, row := range measure.Rows {
		d.speed(row, r.Speed)
		if row.Name == "get-ttl" {
			d.lifetime(r.Lifetime)
		}
	}
	d.latency(r.Latency)
	d.bound(r.Bound)
	d.memory(r.Memory)
	d.hitRatio(r.HitRatio)
	return d.err
}

// A document writes until the first error.
type document struct {
	w   io.Writer
	err error
}

func (d *document) printf(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.w, format, args...)
	}
}

// table writes a table whose first column is text and whose others are numbers.
func (d *document) table(head []string, rows [][]string) { d.aligned("--:|", head, rows) }

func (d *document) aligned(rule string, head []string, rows [][]string) {
	d.printf("\n| %s |\n|---|%s\n", strings.Join(head, " | "), strings.Repeat(rule, len(head)-1))
	for _, row := range rows {
		d.printf("| %s |\n", strings.Join(row, " | "))
	}
}

func (d *document) head(r Results) {
	d.printf(`# Go caches side by side

<!-- Written by the command below, in the folder compare. Change that, not this. -->

Measured on %s, %s on %s/%s, %s (%d cores), noise %s: %s.

    %s

writes this document again. The same in seconds, for two peers and one row:

`+"```sh\n$ go run -C compare . -quick -rows get -peers 'otter|golang-lru'\n```"+`

- All peers run in one process (memory: one each), interleaved: %d rounds or more in which each has a new cache, in an
  order that changes. A figure is the median of the rounds' samples of %v.
- ÷ is the ratio of the medians to the named peer's: below 1 is faster. In brackets its 95 %% interval, by
  the bootstrap over rounds. Where it holds 1, nothing is shown to differ.
- ns/op is wall time over the operations of all goroutines, so that what scales perfectly halves on two
  cores. Hits, bytes and sizes are counted in the samples themselves; hit %% is of the Gets or Loads.
- Keys are uint64 with uint64 values (u64), or strings of 24 bytes with []byte values of 64 (str). Loops call
  peers by their concrete types. "none" is what the measuring itself costs; it is not taken off.
- A sample in which the process waited for a core for more than 3 %% of the time is repeated, up to four
  times; wait %% is what remained, as a mean.
`, r.Time.Format("2 January 2006"), r.Machine.Go, r.Machine.OS, r.Machine.Arch, cmp.Or(r.CPU, "unknown processor"), r.Machine.Cores,
		r.Machine.Noise, r.Machine.Reason, r.Command, r.Rounds, r.Sample)
	if r.Scale > 1 {
		d.printf("\n**A quick run**: all sizes below are divided by %d, and nothing here should be quoted.\n", r.Scale)
	}
}

func (d *document) peers(r Results) {
	d.printf("\n## Peers\n")
	var rows [][]string
	add := func(name, module string, ttl, stats peers.When, bounded, flight bool, note string) {
		if slices.ContainsFunc(rows, func(row []string) bool { return row[0] == name }) || !r.has(name) {
			return
		}
		rows = append(rows, []string{name, strings.TrimSpace(module + " " + r.Versions[module]), yes(bounded), when(ttl), when(stats), yes(flight), note})
	}
	for _, p := range peers.U64() {
		add(p.Name, p.Module, p.TTL, p.Stats, p.Bounded, p.SingleFlight, p.Note)
	}
	for _, p := range peers.Str() {
		add(p.Name, p.Module, p.TTL, p.Stats, p.Bounded, p.SingleFlight, p.Note)
	}
	d.aligned("---|", []string{"peer", "module", "bound", "TTL", "statistics", "single flight", "note"}, rows)
	d.printf("\nA peer without single flight loads by a Get, the loader, and a Set.\n")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func when(w peers.When) string { return [...]string{"no", "yes", "always"}[w] }

// has reports whether there is a figure of the peer.
func (r Results) has(name string) bool {
	return slices.ContainsFunc(r.Speed, func(x measure.Speed) bool { return x.Peer == name }) ||
		slices.ContainsFunc(r.Latency, func(x measure.Latency) bool { return x.Peer == name }) ||
		slices.ContainsFunc(r.Bound, func(x measure.Bound) bool { return x.Peer == name }) ||
		slices.ContainsFunc(r.Memory, func(x measure.Memory) bool { return x.Peer == name }) ||
		slices.ContainsFunc(r.HitRatio, func(x measure.HitRatio) bool { return x.Peer == name })
}

// speed writes a table for each kind of key and GOMAXPROCS, the fastest peer first.
func (d *document) speed(row measure.Row, all []measure.Speed) {
	title := "\n## " + row.Title + "\n"
	for _, t := range groups(all, func(s measure.Speed) string { return s.Row + " " + s.Key + " " + strconv.Itoa(s.Procs) }) {
		if t[0].Row != row.Name {
			continue
		}
		d.printf("%s", title)
		title = ""
		slices.SortStableFunc(t, func(a, b measure.Speed) int { return cmp.Compare(robust.Median(a.Ns), robust.Median(b.Ns)) })
		head := []string{fmt.Sprintf("%s, GOMAXPROCS %d", t[0].Key, t[0].Procs), "ns/op"}
		for _, base := range row.Bases {
			head = append(head, "÷ "+base)
		}
		var rows [][]string
		for _, s := range t {
			cells := []string{s.Peer, digits(robust.Median(s.Ns))}
			for _, base := range row.Bases {
				cells = append(cells, ratio(s, base, t))
			}
			rows = append(rows, append(cells, digits(s.Bytes), percent(s.Hit), percent(s.Fill), percent(s.Delay)))
		}
		d.table(append(head, "B/op", "hit %", "size %", "wait %"), rows)
	}
}

// lifetime writes what a TTL adds to a hit.
func (d *document) lifetime(all []measure.Lifetime) {
	if len(all) == 0 {
		return
	}
	d.printf("\nHow much longer that takes than without a TTL: in each round two caches, one with and one without, sampled in turns with the same\n" +
		"keys, after every key has been asked for. The median of the rounds' medians, with its 95 %% interval.\n")
	var rows [][]string
	for _, l := range all {
		m := robust.MedianInterval(l.More)
		rows = append(rows, []string{l.Peer, l.Key, strconv.Itoa(l.Procs), fmt.Sprintf("%.2f [%.2f, %.2f]", m.Value, m.Lo, m.Hi)})
	}
	d.table([]string{"peer", "keys", "GOMAXPROCS", "ns more"}, rows)
}

// ratio compares a speed with that of a peer in the same table, "–" if that is not there.
func ratio(s measure.Speed, base string, t []measure.Speed) string {
	i := slices.IndexFunc(t, func(b measure.Speed) bool { return b.Peer == base })
	switch {
	case i < 0:
		return "–"
	case s.Peer == base:
		return "1"
	}
	x := robust.Ratio(s.Ns, t[i].Ns)
	return fmt.Sprintf("%.2f [%.2f, %.2f]", x.Value, x.Lo, x.Hi)
}

// groups returns the runs of elements of one name, in their order.
func groups[E any](all []E, name func(E) string) (groups [][]E) {
	for i, x := range all {
		if i == 0 || name(x) != name(all[i-1]) {
			groups = append(groups, nil)
		}
		last := &groups[len(groups)-1]
		*last = append(*last, x)
	}
	return groups
}

func (d *document) latency(all []measure.Latency) {
	if len(all) == 0 {
		return
	}
	d.printf("\n## Latency\n\nNanoseconds of single operations: two goroutines, three Gets to a Set, Zipf 0.99 over 1,000,000 uint64 keys,\n" +
		"capacity 100,000. The median of the rounds' quantiles. Reading the clock is in them: \"none\" shows what it costs.\n")
	var rows [][]string
	for i := 0; i < len(all); i += 2 {
		cells := []string{all[i].Peer}
		for _, l := range all[i : i+2] {
			for _, q := range l.Ns {
				cells = append(cells, digits(robust.Median(q)))
			}
		}
		rows = append(rows, cells)
	}
	d.table([]string{"peer", "Get p50", "p99", "p99.9", "p99.99", "Set p50", "p99", "p99.9", "p99.99"}, rows)
}

func (d *document) bound(all []measure.Bound) {
	if len(all) == 0 {
		return
	}
	d.printf("\n## Bound\n\nThe largest size, in per cent of the capacity (20,000), while two goroutines set new keys as fast as they can,\n" +
		"and after the background work was waited for. The largest of all rounds.\n")
	var rows [][]string
	for _, b := range all {
		rows = append(rows, []string{b.Peer, percent(b.Largest), percent(b.Settled)})
	}
	d.table([]string{"peer", "largest size %", "settled %"}, rows)
}

func (d *document) memory(all []measure.Memory) {
	if len(all) == 0 {
		return
	}
	d.printf("\n## Memory\n\nBytes of heap an entry beyond the payload (u64: 16 bytes; str: 24 + 64; headers count as overhead), after as many Sets\n" +
		"as the capacity, 1,000,000, and the time of a forced collection with nothing else alive (the median of up to 51; \"none\" is what it takes in an empty\n" +
		"process). What a peer does not hold it was not charged for.\n")
	for _, t := range groups(all, func(m measure.Memory) string { return m.Key }) {
		slices.SortStableFunc(t, func(a, b measure.Memory) int { return cmp.Compare(a.Overhead, b.Overhead) })
		var rows [][]string
		for _, m := range t {
			rows = append(rows, []string{m.Peer, digits(m.Overhead), strconv.Itoa(m.Entries), digits(m.GC)})
		}
		d.table([]string{t[0].Key, "B/entry", "entries held", "GC ms"}, rows)
	}
}

func (d *document) hitRatio(all []measure.HitRatio) {
	if len(all) == 0 {
		return
	}
	d.printf("\n## Hit ratio\n\nHits in per cent of the requests: one goroutine, a Get, and a Set after a miss. In brackets, for peers with background\n" +
		"work, with that waited for after every 64 requests. ‡: the size went above 105 %% of the capacity.\n")
	for _, t := range groups(all, func(h measure.HitRatio) string { return h.Trace }) {
		sizes := groups(t, func(h measure.HitRatio) string { return strconv.Itoa(h.Cap) })
		head := []string{fmt.Sprintf("%s, %d requests", t[0].Trace, t[0].Requests)}
		for _, s := range sizes {
			head = append(head, strconv.Itoa(s[0].Cap))
		}
		var rows [][]string
		for i, first := range sizes[0] {
			cells := []string{first.Peer}
			for _, s := range sizes {
				cells = append(cells, hit(s[i]))
			}
			rows = append(rows, cells)
		}
		d.table(head, rows)
	}
}

func hit(h measure.HitRatio) string {
	text := strconv.FormatFloat(h.Hit, 'f', 2, 64)
	if h.Largest > 105 {
		text += " ‡"
	}
	if h.Settled != h.Hit {
		text += fmt.Sprintf(" (%.2f)", h.Settled)
	}
	return text
}

// digits renders three digits, or all that are before the point.
func digits(x float64) string {
	switch a := math.Abs(x); {
	case a < 0.05:
		return "0"
	case a < 9.995:
		return strconv.FormatFloat(x, 'f', 2, 64)
	case a < 99.95:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}

func percent(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
