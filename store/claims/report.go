package claims

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
)

// A Verdict says whether a claim holds.
type Verdict string

// The verdicts.
const (
	Held    Verdict = "held"
	NotHeld Verdict = "not held"
	Noise   Verdict = "within the noise"
)

// A Figure is what was measured of one subject. Lo and Hi are the ends of its interval, equal to Value
// where something was counted once.
type Figure struct {
	Subject string  `json:"subject"`
	Value   float64 `json:"value"`
	Lo      float64 `json:"lo"`
	Hi      float64 `json:"hi"`
	Unit    string  `json:"unit"`
}

// A Check is one claim about figures.
type Check struct {
	Claim   string  `json:"claim"`
	Found   string  `json:"found"`
	Verdict Verdict `json:"verdict"`
}

// A Row is one line of the table.
type Row struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	How     string   `json:"how"`
	Figures []Figure `json:"figures"`
	Checks  []Check  `json:"checks"`
}

// A Report is the whole table, and what it was measured on.
type Report struct {
	Schema string `json:"schema"` // whet/claims/1
	Go     string `json:"go"`
	System string `json:"system"`
	Cores  int    `json:"cores"`
	Quick  bool   `json:"quick"` // too few rounds to believe
	Rows   []Row  `json:"rows"`
}

// Options say how to measure. The zero Options measure all rows in full.
type Options struct {
	Quick    bool             // few rounds: to see that it works
	Rows     []string         // ids; none: all
	Progress func(row string) // told of each row before it is measured
}

// A measurement is a row to be filled.
type measurement struct {
	id, title, how string
	run            func(context.Context, *lab) ([]Figure, []Check, error)
}

// rows are all measurements, in the order of the document, and after that what it left out.
var rows = []measurement{
	{"creation", "First creation", "opens stores that were not there; ns an open", creation},
	{"access", "Later access", "opens a store that is there; ns an open", access},
	{"contention", "Contention of threads", "20 goroutines open a store that is there; ns an open of all", contention},
	{"memory", "Memory of a store", "live heap of idle stores, after a collection; B a store", memory},
	{"slots", "__slots__", "live heap of the same fields in a map and in a struct; B a store", slots},
	{"weak", "Weak references", "stores that were opened and forgotten, and are alive after a collection", weakly},
	{"calls", "Repeated calls", "500 bars of a CSV file, asked for again; ns a call", calls},
	{"hits", "Hit rate", "generated traces of 2,000 keys, room for 200; % of requests", hitRate},
	{"overhead", "Memory of the cache", "live heap of a full cache after 100,000 keys more, against before; %", overhead},
	{"ttl", "Expiry", "bars whose interval has ended: answers that are still the old one; entries that stay", expiry},
	{"misses", "Concurrent misses", "8 requests of 50 ms at once; ms until all are answered", misses},
	{"busy", "A hit during a miss", "a hit while 50 ms of another's request are under way; µs", busyHit},
	{"notes", "A note", "one note put, with nobody waiting; ns a note", noteCost},
	{"drops", "Nothing lost silently", "20 readers of one feed, one of them stalled; events that are neither delivered nor told to be dropped", accounting},
	{"orders", "No order event lost", "orders while the connection is cut; events that are missing, or come twice", orderEvents},
	{"reconnect", "Reconnecting", "a venue restarts; ms until the store is up again after it, and rows of the gap that are missing", reconnect},
}

// IDs returns the ids of all rows, in their order.
func IDs() []string {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	return ids
}

// Run measures. It is an error if a row can't be measured, or what it measures is wrong.
func Run(ctx context.Context, o Options) (*Report, error) {
	for _, id := range o.Rows {
		if !slices.Contains(IDs(), id) {
			return nil, fmt.Errorf("claims: there is no row %q", id)
		}
	}
	dir, err := os.MkdirTemp("", "whet-claims-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	l := newLab(dir, o.Quick)
	r := &Report{Schema: "whet/claims/1", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), Quick: o.Quick}
	for _, m := range rows {
		if len(o.Rows) > 0 && !slices.Contains(o.Rows, m.id) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(m.title)
		}
		figures, checks, err := m.run(ctx, l)
		if err != nil {
			return nil, fmt.Errorf("claims: %s: %w", m.id, err)
		}
		r.Rows = append(r.Rows, Row{m.id, m.title, m.how, figures, checks})
	}
	return r, nil
}
